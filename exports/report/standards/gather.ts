/** Everything that a standard's rows show, asked in as few runs of the engine as can be. */

import type { Answer, Ask, ReportContext } from '../context.ts';
import type { PeriodCoverage } from '../coverage.ts';
import type { Population } from '../populations.ts';
import type { SampleRow } from '../samples.ts';
import { type StampFacts, stampFacts } from '../stamp-facts.ts';
import { type Evidence, requirementsOf, type Standard } from './requirement.ts';

export interface Gathered {
  readonly coverage: PeriodCoverage;
  readonly stamps: StampFacts;
  /** By the key of what is shown. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly populations: ReadonlyMap<string, Population>;
  readonly samples: ReadonlyMap<string, readonly SampleRow[]>;
}

type Asked = Exclude<Evidence, { kind: 'facts' }>;

/**
 * What tells one thing asked from another. The same question is asked once for its rows and once for their number only where both
 * are shown.
 */
export const keyOf = ({ kind, question, parameters = {} }: Asked): string =>
  [question, kind, ...Object.entries(parameters).map(([name, value]) => `${name}-${value}`)]
    .join('-')
    .replace(/[^A-Za-z0-9-]+/g, '-');

export async function gather(context: ReportContext, standard: Standard): Promise<Gathered> {
  const asked = new Map<string, Asked>();
  for (const { evidence } of requirementsOf(standard))
    for (const one of evidence) if (one.kind !== 'facts') asked.set(keyOf(one), one);
  const all = [...asked.values()];
  const counted = all.filter(({ kind }) => kind === 'population');
  const populations = await context.populations(
    counted.map(({ question, parameters }) => ({
      question,
      ...(parameters === undefined ? {} : { parameters }),
    })),
  );
  const samples = await context.samples(populations);
  const others = all.filter(({ kind }) => kind !== 'population');
  const answers = await context.ask(
    others.map(
      (one): Ask => ({
        id: keyOf(one),
        question: one.question,
        ...(one.parameters === undefined ? {} : { parameters: one.parameters }),
        ...(one.kind === 'count' ? { countOnly: true } : {}),
      }),
    ),
  );
  const coverage = await context.coverage(context.period);
  const stamps = await stampFacts(context.lake, context.state.ledger.stamps, context.period);
  return { coverage, stamps, answers, populations, samples };
}
