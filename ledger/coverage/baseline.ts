/**
 * What a stream usually has in an hour, learned from its own past: median and median absolute deviation, which a few
 * outages or bursts do not move. Of the same hour of the week where four earlier weeks are known, else of all earlier
 * hours, at least a day of them. Silence is unusual where the median lies more than three deviations above zero and
 * hardly any hour was silent: with nights among the hours the first alone would be fooled. Deterministic.
 */

import { DAY_HOURS, WEEK_HOURS } from './hours.ts';

/** How far back the past counts. */
const WEEKS = 8;
export const MEMORY_HOURS = WEEKS * WEEK_HOURS;
const LEAST_WEEKS = 4;
const LEAST_HOURS = DAY_HOURS;
/** Makes the deviation comparable to a standard deviation. */
const SCALE = 1.4826;
const DEVIATIONS = 3;
/** Of this many hours one may be silent. */
const ONE_IN = 20;

export interface Expectation {
  readonly median: number;
  /** Whether an hour without any record is out of the ordinary. */
  readonly silenceIsUnusual: boolean;
}

export class Baseline {
  readonly #values = new Float64Array(MEMORY_HOURS);
  /** The hour of each value; -1 for none. */
  readonly #hours = new Int32Array(MEMORY_HOURS).fill(-1);
  readonly #sorted = new Float64Array(MEMORY_HOURS);
  #added = 0;
  #withRecords = 0;

  /** Forgets everything, for another stream. */
  reset(): void {
    if (this.#added > 0) this.#hours.fill(-1);
    this.#added = 0;
    this.#withRecords = 0;
  }

  /** An hour as it was. Hours come in order; those judged silent or with a gap are left out. */
  add(hour: number, records: number): void {
    const at = hour % MEMORY_HOURS;
    if (this.#hours[at]! >= 0 && this.#values[at]! > 0) this.#withRecords--;
    if (records > 0) this.#withRecords++;
    this.#values[at] = records;
    this.#hours[at] = hour;
    this.#added++;
  }

  /** What is usual in this hour; null when too little is known. A median of 0 where silence is not unusual. */
  expect(hour: number): Expectation | null {
    let samples = 0;
    let withRecords = 0;
    const oldest = hour - MEMORY_HOURS;
    for (let at = hour % WEEK_HOURS; at < MEMORY_HOURS; at += WEEK_HOURS) {
      if (this.#hours[at]! < oldest || this.#hours[at]! < 0) continue;
      this.#sorted[samples++] = this.#values[at]!;
      if (this.#values[at]! > 0) withRecords++;
    }
    if (samples >= LEAST_WEEKS)
      return withRecords < samples ? QUIET : robust(this.#sorted.subarray(0, samples));
    if (this.#added < LEAST_HOURS) return null;
    // A median above zero needs more hours with records than without.
    if (this.#withRecords * 2 <= LEAST_HOURS) return QUIET;
    samples = 0;
    for (let at = 0; at < MEMORY_HOURS; at++) {
      if (this.#hours[at]! < oldest || this.#hours[at]! < 0) continue;
      this.#sorted[samples++] = this.#values[at]!;
    }
    return samples < LEAST_HOURS ? null : robust(this.#sorted.subarray(0, samples));
  }
}

const QUIET: Expectation = { median: 0, silenceIsUnusual: false };

/** The expectation that some hours' numbers of records give. Sorts them in place. */
export function robust(values: Float64Array): Expectation {
  const middle = median(values.sort());
  const silent = values.findIndex((value) => value > 0);
  if (silent < 0 || silent * ONE_IN > values.length) return { median: middle, silenceIsUnusual: false };
  for (let at = 0; at < values.length; at++) values[at] = Math.abs(values[at]! - middle);
  const deviation = SCALE * median(values.sort());
  return { median: middle, silenceIsUnusual: middle - DEVIATIONS * deviation > 0 };
}

function median(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
