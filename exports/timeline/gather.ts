/** GATHER a timeline: select, follow, order, then say what is proven of each line and what is not known. */

import { HOUR_MICROS } from '../../ledger/coverage/hours.ts';
import { headFacts } from '../../stages/custody.ts';
import { readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import { lakeFacts } from './facts.ts';
import { type Followed, follow } from './follow.ts';
import { hourFacts } from './gaps.ts';
import { leadsOf } from './leads.ts';
import { directLinks } from './links.ts';
import type {
  Link,
  RecordLine,
  RecordRow,
  Selectors,
  Span,
  TimelineData,
  TimelineLine,
  Unknown,
} from './model.ts';
import { compareLines } from './order.ts';
import { bodyKey, type ProofOptions, proofStates } from './proof-states.ts';
import { countOf, numberOf, recordKey, recordsOf, type TimelineBase, textOf } from './records.ts';
import { selecting } from './selection.ts';
import { lakeUnknowns, recordUnknowns } from './unknowns.ts';

export interface TimelineRequest {
  readonly selectors: Selectors;
  readonly span: Span;
  /** Events and flows altogether; gaps are not counted. */
  readonly most: number;
  /** Whether what the lines made is followed, and who made what they used. */
  readonly follow: boolean;
  /** Microseconds. */
  readonly asOf: number;
  readonly proof: ProofOptions;
}

interface Found {
  readonly kind: 'event' | 'flow';
  readonly row: RecordRow;
  readonly links: Link[];
}

/** Throws as `runQuery` does. The same lake and request give the same timeline, in whatever order it was collected. */
export async function gatherTimeline(
  lake: Lake,
  base: TimelineBase,
  request: TimelineRequest,
): Promise<TimelineData> {
  const { selectors, span, most, asOf } = request;
  const found = new Map<string, Found>();
  const add = (kind: 'event' | 'flow', row: RecordRow, links: readonly Link[]): boolean => {
    const key = recordKey(kind, row);
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { kind, row, links: [...links] });
      return true;
    }
    for (const link of links)
      if (!known.links.some(({ because }) => because === link.because)) known.links.push(link);
    return false;
  };
  const wanted = { event: selecting('events', selectors), flow: selecting('flows', selectors) };
  for (const row of await recordsOf(base, wanted, span, most))
    add(row['kind'] === 'flow' ? 'flow' : 'event', row, directLinks(selectors, row));
  const take = ({ row, link }: Followed) => add('event', row, [link]);
  const events = [...found.values()].filter(({ kind }) => kind === 'event').map(({ row }) => row);
  const followed = request.follow
    ? await follow(base, events, span, most, take)
    : { found: [], unmade: [], stopped: false };

  const ordered = [...found.values()]
    .map((record): RecordLine => ({ ...record, time: numberOf(record.row['micros']), proof: NO_PROOF }))
    .sort(compareLines);
  const kept = ordered.slice(0, most);
  const cut =
    ordered.length <= most
      ? null
      : { shown: most, found: Math.max(await countOf(base, wanted, span), ordered.length) };
  const hours = spanOf(
    kept.map(({ time }) => time),
    span,
  );
  const [facts, coverage] = await Promise.all([
    lakeFacts(base, hours, kept),
    hours === null ? null : hourFacts(lake, hours, asOf),
  ]);
  const states = await proofStates(lake, facts.bodies, request.proof);
  const records = kept.map((line): RecordLine => {
    const of = bodyKey(textOf(line.row['source']) ?? '', textOf(line.row['evidence']) ?? '');
    return { ...line, proof: states.get(of) ?? NO_PROOF };
  });
  const lines: TimelineLine[] = [...records, ...(coverage?.gaps ?? [])].sort(compareLines);
  const unknowns: Unknown[] = [
    ...lakeUnknowns(facts),
    ...(coverage?.unknowns ?? []),
    ...recordUnknowns(records, followed),
  ];
  const { headSize, headRoot } = headFacts(coverage?.head ?? (await readHead(lake.state)).head);
  return {
    selectors,
    asked: span,
    span: hours,
    lines,
    cut,
    unknowns: unknowns.sort((a, b) => Number(b.grave) - Number(a.grave)),
    leads: leadsOf(facts.of('pair'), records, selectors),
    head: { name: base.snapshot.head, size: headSize, root: headRoot },
    asOf,
  };
}

const NO_PROOF: RecordLine['proof'] = {
  held: 'missing',
  index: null,
  checkpoint: null,
  stamped: null,
  provider: null,
  problem: 'the lake has no row for its evidence',
};

/** The whole hours that are asked about: as said, else from the first line to the last. */
function spanOf(times: readonly (number | null)[], { from, to }: Span): { from: number; to: number } | null {
  let [first, last] = [Infinity, -Infinity];
  for (const time of times) {
    if (time === null) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  const begin = from ?? first;
  const end = to ?? last + 1;
  if (!Number.isFinite(begin) || !Number.isFinite(end) || end <= begin) return null;
  return {
    from: Math.floor(begin / HOUR_MICROS) * HOUR_MICROS,
    to: Math.ceil(end / HOUR_MICROS) * HOUR_MICROS,
  };
}
