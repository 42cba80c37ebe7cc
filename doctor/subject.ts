/** What is examined: the places of a configuration, and the deployment where it describes one. */

import { type ConfiguredFeed, configuredFeed, configuredFeeds } from '../connectors/configured.ts';
import { connectorById } from '../connectors/registry.ts';
import { type Configuration, OWN_TRAIL_ENTRY, parseConfiguration } from '../infra/configuration.ts';
import { bucketName } from '../infra/names.ts';
import { type Examination, type Finding, missing, ok } from './finding.ts';

export type Cloud = 'aws' | 'azure' | 'gcp';

/** An entry of `connectors`. */
export interface Place {
  readonly feed: ConfiguredFeed;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly cloud: string;
}

export interface Subject {
  readonly places: readonly Place[];
  /** Null where the file holds `connectors` alone, as `akashi pull` reads them. */
  readonly deployment: Configuration | null;
}

/** Throws as `parseConfiguration` and `configuredFeeds` do. */
export function subjectOf(text: string, where: string): Subject {
  if (!isDeployment(text)) {
    configuredFeeds(text, where);
    const { connectors } = JSON.parse(text) as { connectors: Record<string, unknown>[] };
    return {
      places: connectors.map((entry, at) => placeOf(entry, `${where}, connector ${at + 1}`)),
      deployment: null,
    };
  }
  const deployment = parseConfiguration(text, where);
  const entries = [...deployment.connectors.map(({ entry }) => entry), ...ownTrail(deployment)];
  return { places: entries.map((entry) => placeOf(entry, where)), deployment };
}

/** The trail that a deployment makes is collected without being named. */
const ownTrail = (deployment: Configuration): Readonly<Record<string, unknown>>[] =>
  deployment.trail === 'none' || deployment.account === undefined
    ? []
    : [
        {
          ...OWN_TRAIL_ENTRY.entry,
          bucket: bucketName(deployment, 'trail', deployment.account),
          bucketRegion: deployment.region,
        },
      ];

/** Whether it says more than which places to pull from. */
function isDeployment(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === 'object' && value !== null && Object.keys(value).some((name) => name !== 'connectors')
    );
  } catch {
    return false;
  }
}

function placeOf(entry: Readonly<Record<string, unknown>>, where: string): Place {
  const feed = configuredFeed(entry, where);
  return { feed, entry, cloud: connectorById(feed.source)?.cloud ?? '' };
}

/** The clouds that it reads from or is said to cover; AWS is always one of a deployment. */
export function cloudsOf({ places, deployment }: Subject): readonly Cloud[] {
  const named = new Set(places.map(({ cloud }) => cloud));
  if (deployment !== null) named.add('aws');
  if (deployment?.azure !== undefined) named.add('azure');
  if (deployment?.gcp !== undefined) named.add('gcp');
  return (['aws', 'azure', 'gcp'] as const).filter((cloud) => named.has(cloud));
}

const AREA = 'configuration';

/** What a configuration lacks that is known only after something was deployed elsewhere. */
export const configurationExamination = (subject: Subject, where: string): Examination => ({
  area: AREA,
  look: async () => {
    const { places, deployment } = subject;
    const findings: Finding[] = [
      ok(AREA, `${where} names ${places.length} place${places.length === 1 ? '' : 's'} to collect from`),
    ];
    if (deployment?.azure !== undefined && deployment.azure.application === undefined)
      findings.push(
        missing(
          AREA,
          'azure has no "application", so that functions have no credentials there',
          'Deploy what `akashi connect azure` writes, and put the application id that it prints into "azure".',
        ),
      );
    if (deployment?.gcp !== undefined && deployment.gcp.projectNumber === undefined)
      findings.push(
        missing(
          AREA,
          'gcp has no "projectNumber", so that functions have no credentials there',
          'Deploy what `akashi connect gcp` writes, and put the project number that it prints into "gcp".',
        ),
      );
    return findings;
  },
});
