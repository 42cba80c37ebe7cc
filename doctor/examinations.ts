/** Everything that is looked at, in the order it is told. SDKs are loaded only for clouds that a configuration names. */

import { AkashiError } from '../schema/error.ts';
import { type Examination, type Finding, missing } from './finding.ts';
import { heldRecently } from './held.ts';
import { lakeExamination } from './lake.ts';
import { sandboxExamination } from './sandbox.ts';
import { cloudsOf, configurationExamination, type Subject, subjectOf } from './subject.ts';

/** What names the deployment: a file's text and where it lies; null where there is none. */
export interface ConfigurationText {
  readonly text: string;
  readonly where: string;
}

/** `now` in milliseconds. */
export async function allExaminations(
  lake: string,
  configuration: ConfigurationText | null,
  now: number,
): Promise<readonly Examination[]> {
  const machine = [sandboxExamination(), lakeExamination(lake, now)];
  if (configuration === null) return machine;
  const { text, where } = configuration;
  let subject: Subject;
  try {
    subject = subjectOf(text, where);
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    const finding = missing('configuration', `it is refused [${error.code}]`, error.message);
    return [...machine, told(finding)];
  }
  return [
    ...machine,
    configurationExamination(subject, where),
    ...(await cloudExaminations(subject, lake, now)),
  ];
}

const told = (finding: Finding): Examination => ({ area: finding.area, look: async () => [finding] });

async function cloudExaminations(subject: Subject, lake: string, now: number): Promise<Examination[]> {
  const [{ signIn, onceSignedIn }, { placesExamination }] = await Promise.all([
    import('./credentials.ts'),
    import('./places.ts'),
  ]);
  const held = heldRecently(lake, now);
  const coverage = {
    aws: async () => (await import('./aws/coverage.ts')).awsExamination(subject, held),
    azure: async () => (await import('./azure.ts')).azureExamination(subject, held),
    gcp: async () => (await import('./gcp.ts')).gcpExamination(subject, held),
  };
  const each = await Promise.all(
    cloudsOf(subject).map(async (cloud) => {
      const signed = signIn(cloud, subject);
      const places = subject.places.filter((place) => place.cloud === cloud);
      const named = places.map(({ feed }) => feed.name).join(', ');
      return [
        { area: 'credentials', look: async () => (await signed).findings },
        ...(places.length === 0
          ? []
          : [onceSignedIn(signed, cloud, placesExamination(places, now), `${named}:`)]),
        onceSignedIn(signed, cloud, await coverage[cloud](), 'what there is and what is covered was'),
      ];
    }),
  );
  return each.flat();
}
