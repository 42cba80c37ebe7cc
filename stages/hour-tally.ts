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
  readonly #counts = new Map<string, HourCount>();
  #last: HourCount | null = null;
  #lastRow: Counted | null = null;

  /** Rows without a time are of no hour. */
  add(row: Counted, records = 1): void {
    if (row.time === null || !Number.isFinite(row.time)) return;
    const hour = hourOf(row.time);
    const last = this.#lastRow;
    // Most rows are of the same hour and place as the one before.
    if (
      last !== null &&
      this.#last!.hour === hour &&
      last.source === row.source &&
      last.account === row.account &&
      last.region === row.region
    ) {
      this.#last!.records += records;
      return;
    }
    const source = name(row.source) ?? '';
    const account = name(row.account);
    const region = name(row.region);
    const key = JSON.stringify([source, account, region, hour]);
    let count = this.#counts.get(key);
    if (count === undefined) {
      count = { source, account, region, hour, records: 0 };
      this.#counts.set(key, count);
    }
    count.records += records;
    this.#last = count;
    this.#lastRow = { time: row.time, source: row.source, account: row.account, region: row.region };
  }

  counts(): HourCount[] {
    return [...this.#counts.values()];
  }
}

/** As it is stored: text of bounded length and without half a surrogate pair. */
const name = (text: string | null): string | null =>
  text === null ? null : text.slice(0, LONGEST_NAME).toWellFormed();
