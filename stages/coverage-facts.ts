/** The facts that coverage is derived from, as rows of the lake: written by seals and judgements, read by whoever asks. */

import { connectorById } from '../connectors/registry.ts';
import {
  type Brought,
  type CoverageFacts,
  type Declared,
  type Stream,
  streamKey,
  type Window,
} from '../ledger/coverage/facts.ts';
import { dayOf, HOUR_MICROS, hourOf, MINUTE_MICROS, startOf } from '../ledger/coverage/hours.ts';
import { isLate } from '../ledger/coverage/stream.ts';
import type { DraftOf } from '../ledger/entry.ts';
import type { Row } from '../schema/columns.ts';
import type { Head } from '../tables/head.ts';
import { type DataFileEntry, filesIn, readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { type HourCount, HourTally } from './hour-tally.ts';
import { readRows, type StoredRow } from './parquet-rows.ts';

export type FactRow = Row<'coverage_facts'>;

/** What is assumed of a source that this version does not know. */
const USUAL_DELAY_MINUTES = 60;

/** Longest time the vendor says a record may trail its event, microseconds. */
export const delayOf = (source: string): number =>
  (connectorById(source)?.delay.minutes ?? USUAL_DELAY_MINUTES) * MINUTE_MICROS;

const EMPTY = { series: null, records: null, expected: null, held: null, problem: null, detail: null };

/** What a run brought, one row for each hour of each stream. */
export function broughtRows(tallies: readonly (readonly HourCount[])[], asOf: number): FactRow[] {
  const all = new HourTally();
  for (const tally of tallies)
    for (const { hour, records, ...stream } of tally) all.add({ ...stream, time: startOf(hour) }, records);
  return all.counts().map(({ hour, records, ...stream }) => ({
    ...place('records', stream, startOf(hour), startOf(hour + 1)),
    ...EMPTY,
    records,
    as_of: asOf,
  }));
}

export const declaredRow = ({
  stream,
  series,
  hour,
  expected,
  held,
  problem,
  detail,
  asOf,
}: Declared): FactRow => ({
  ...place('digest', stream, startOf(hour), startOf(hour + 1)),
  ...EMPTY,
  series,
  expected,
  held,
  problem,
  detail,
  as_of: asOf,
});

export const windowRow = ({ stream, from, to, asOf }: Window): FactRow => ({
  ...place('window', stream, from, to),
  ...EMPTY,
  as_of: asOf,
});

const place = (basis: string, { source, account, region }: Stream, time: number, end: number) => ({
  time,
  end_time: end,
  basis,
  source,
  account,
  region,
});

/** All facts that the head commits to. */
export async function readFacts(stores: Stores, head: Head): Promise<CoverageFacts> {
  const facts = { brought: [] as Brought[], declared: [] as Declared[], windows: [] as Window[] };
  const { files } = await readTable(stores.vault, head, 'coverage_facts');
  const streams = new Map<string, Stream>();
  for (const file of files) for (const row of await rowsOf(stores, file)) take(row, facts, streams);
  return { ...facts, brought: withoutTakenBack(facts.brought) };
}

/** A later mapping takes rows back from hours by negative counts; an hour with nothing left was never brought. */
function withoutTakenBack(brought: Brought[]): Brought[] {
  if (!brought.some(({ records }) => records < 0)) return brought;
  const left = new Map<string, number>();
  const name = ({ stream, hour }: Brought): string => `${streamKey(stream)} ${hour}`;
  for (const one of brought) left.set(name(one), (left.get(name(one)) ?? 0) + one.records);
  return brought.filter((one) => left.get(name(one)) !== 0);
}

async function rowsOf({ vault }: Stores, { key }: DataFileEntry): Promise<readonly StoredRow[]> {
  return readRows((await vault.get(key)).body);
}

function take(
  row: StoredRow,
  { brought, declared, windows }: { brought: Brought[]; declared: Declared[]; windows: Window[] },
  streams: Map<string, Stream>,
): void {
  const stream = shared(row, streams);
  const [time, end, asOf] = [Number(row['time']), Number(row['end_time']), Number(row['as_of'])];
  switch (row['basis']) {
    case 'records':
      brought.push({ stream, hour: hourOf(time), records: Number(row['records']), asOf });
      return;
    case 'digest':
      declared.push({
        stream,
        series: String(row['series']),
        hour: hourOf(time),
        expected: Number(row['expected']),
        held: Number(row['held']),
        problem: textOf(row['problem']),
        detail: textOf(row['detail']),
        asOf,
      });
      return;
    case 'window':
      windows.push({ stream, from: time, to: end, asOf });
      return;
    default:
    // Of a newer version: it adds to what is known, and nothing here relies on its absence.
  }
}

/** One object for each stream: most rows name one of a few. */
function shared(row: StoredRow, streams: Map<string, Stream>): Stream {
  const stream = {
    source: String(row['source']),
    account: textOf(row['account']),
    region: textOf(row['region']),
  };
  const key = streamKey(stream);
  const known = streams.get(key);
  if (known !== undefined) return known;
  streams.set(key, stream);
  return stream;
}

const textOf = (cell: unknown): string | null => (typeof cell === 'string' ? cell : null);

/**
 * A ledger entry for each stretch of hours that this seal reopens: an earlier run had told them, after their delay, and
 * more of them comes now. Only facts of the days concerned are read, and only where hours are past their delay.
 */
export async function lateArrivals(
  stores: Stores,
  head: Head,
  fresh: readonly FactRow[],
): Promise<DraftOf<'gap'>[]> {
  const settled = fresh.filter(
    ({ basis, source, end_time, as_of }) => basis === 'records' && end_time! + delayOf(source!) <= as_of!,
  );
  if (settled.length === 0) return [];
  const days = new Set(settled.map(({ time }) => dayOf(hourOf(time!))));
  const [first, last] = [...days].reduce(
    ([low, high], day) => [Math.min(low, day), Math.max(high, day)],
    [Infinity, -Infinity],
  ) as [number, number];
  const reaches = ({ minTime, maxTime }: Pick<DataFileEntry, 'minTime' | 'maxTime'>): boolean =>
    dayOf(hourOf(maxTime!)) >= first && dayOf(hourOf(minTime!)) <= last;
  const files = await filesIn(
    stores.vault,
    head,
    'coverage_facts',
    (part) => part.minTime === null || part.maxTime === null || reaches(part),
  );
  const runs = new Map<string, Set<number>>();
  for (const file of files) {
    if (!reaches(file)) continue;
    for (const row of await rowsOf(stores, file)) {
      const day = dayOf(hourOf(Number(row['time'])));
      if (row['basis'] !== 'records' || !days.has(day)) continue;
      const key = runKey(row as unknown as FactRow);
      const own = runs.get(key) ?? new Set();
      runs.set(key, own);
      own.add(Number(row['as_of']));
    }
  }
  const late = settled.filter((row) =>
    isLate(hourOf(row.time!), row.as_of!, runs.get(runKey(row)) ?? [], delayOf(row.source!)),
  );
  return stretches(late).map(({ row, to, records }) => ({
    kind: 'gap',
    source: row.source!,
    account: row.account,
    region: row.region,
    from: row.time!,
    to,
    state: 'reopened',
    expected: null,
    held: records,
    detail: 'records came after a run had told these hours',
    at: row.as_of!,
  }));
}

const runKey = ({ source, account, region, time }: FactRow): string =>
  JSON.stringify([source, account, region, dayOf(hourOf(Number(time)))]);

interface Stretch {
  readonly row: FactRow;
  to: number;
  records: number;
}

/** Hours on end of one stream, joined. */
function stretches(rows: readonly FactRow[]): Stretch[] {
  const name = (row: FactRow) => streamKey(row as Stream);
  const sorted = rows
    .map((row) => ({ row, key: name(row) }))
    .sort((a, b) => (a.key !== b.key ? (a.key < b.key ? -1 : 1) : a.row.time! - b.row.time!));
  const result: (Stretch & { key: string })[] = [];
  for (const { row, key } of sorted) {
    const last = result.at(-1);
    if (last?.key === key && last.to === row.time) {
      last.to += HOUR_MICROS;
      last.records += row.records ?? 0;
    } else result.push({ row, key, to: row.time! + HOUR_MICROS, records: row.records ?? 0 });
  }
  return result;
}
