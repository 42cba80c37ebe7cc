/** Rows counted by source, account, region and UTC hour. */

import { hourOf } from '../ledger/coverage/hours.ts';

export interface HourCount {
  readonly source: string;
  readonly account: string | null;
  readonly region: string | null;
  /** Hours since 1970. */
  readonly hour: number;
  records: number;
}

interface Counted {
  readonly time: number | null;
  readonly source: string | null;
  readonly account: string | null;
  readonly region: string | null;
}

/** Names come from logs: no name of an account or region is as long as this. */
const LONGEST_NAME = 256;

export class HourTally {
  /** By source, account, region and hour: maps in maps, because a key made of all four costs ten times as much a row. */
  readonly #sources = new Map<string, Map<string | null, Map<string | null, Map<number, HourCount>>>>();

  /** Rows without a time are of no hour. */
  add(row: Counted, records = 1): void {
    if (row.time === null || !Number.isFinite(row.time)) return;
    const hour = hourOf(row.time);
    const source = name(row.source) ?? '';
    const account = name(row.account);
    const region = name(row.region);
    const hours = within(within(within(this.#sources, source), account), region);
    const count = hours.get(hour);
    if (count === undefined) hours.set(hour, { source, account, region, hour, records });
    else count.records += records;
  }

  counts(): HourCount[] {
    return [...this.#sources.values()]
      .flatMap((accounts) => [...accounts.values()])
      .flatMap((regions) => [...regions.values()])
      .flatMap((hours) => [...hours.values()]);
  }
}

/** The map at `key`, made when there is none. */
function within<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let found = map.get(key);
  if (found === undefined) {
    found = new Map();
    map.set(key, found);
  }
  return found;
}

/** As it is stored: text of bounded length and without half a surrogate pair. */
const name = (text: string | null): string | null =>
  text === null || (text.length <= LONGEST_NAME && text.isWellFormed())
    ? text
    : text.slice(0, LONGEST_NAME).toWellFormed();
