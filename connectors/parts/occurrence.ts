/** Tells identical records of one body apart by counting them, in bounded memory. */

/** Distinct records counted exactly; beyond it a filter of 32 MiB decides whether a record may have come before. */
const EXACT_LIMIT = 500_000;
const FILTER_BITS = 2 ** 28;

/**
 * Returns 1 for the first record with this fingerprint, 2 for the second, and so on. In a body of more than
 * EXACT_LIMIT distinct records a first one may, rarely (under 0.5 % at 20 million), be numbered 2; the numbering stays
 * the same for the same bytes, and no two records of a body ever share fingerprint and number.
 */
export class OccurrenceCounter {
  readonly #counts = new Map<number, number>();
  #filter: Uint32Array | null = null;

  /** `fingerprint` is an integer of up to 52 bits, evenly spread. */
  next(fingerprint: number): number {
    const seen = this.#counts.get(fingerprint);
    if (seen !== undefined) {
      this.#counts.set(fingerprint, seen + 1);
      return seen + 1;
    }
    if (this.#filter === null) {
      if (this.#counts.size < EXACT_LIMIT) {
        this.#counts.set(fingerprint, 1);
        return 1;
      }
      this.#filter = new Uint32Array(FILTER_BITS / 32);
    }
    if (!testAndSet(this.#filter, fingerprint)) return 1;
    this.#counts.set(fingerprint, 2);
    return 2;
  }
}

/** Sets four bits chosen by the fingerprint; true when all were set before. */
function testAndSet(filter: Uint32Array, fingerprint: number): boolean {
  const low = fingerprint % FILTER_BITS;
  const step = (Math.floor(fingerprint / FILTER_BITS) | 1) % FILTER_BITS;
  let all = true;
  for (let k = 0; k < 4; k++) {
    const bit = (low + k * step) % FILTER_BITS;
    const mask = 1 << (bit & 31);
    if ((filter[bit >>> 5]! & mask) === 0) {
      all = false;
      filter[bit >>> 5]! |= mask;
    }
  }
  return all;
}
