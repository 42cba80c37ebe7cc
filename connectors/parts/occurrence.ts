/** Tells identical records of one body apart by counting them, in bounded memory. */

/** Distinct records counted exactly; beyond it a filter of 32 MiB decides whether a record may have come before. */
const EXACT_LIMIT = 500_000;
const FILTER_BITS = 2 ** 28;

/** Places of a new table; a power of two. */
const FIRST_PLACES = 1024;

/**
 * Returns 1 for the first record with this fingerprint, 2 for the second, and so on. In a body of more than
 * EXACT_LIMIT distinct records a first one may, rarely (under 0.5 % at 20 million), be numbered 2; the numbering stays
 * the same for the same bytes, and no two records of a body ever share fingerprint and number.
 */
export class OccurrenceCounter {
  /** Fingerprints plus one by their lower bits, 0 where free; at most half full. A Map takes twice as long. */
  #seen = new Float64Array(FIRST_PLACES);
  #distinct = 0;
  /** How many came so far, of those that came more than once. */
  readonly #repeated = new Map<number, number>();
  #filter: Uint32Array | null = null;

  /** `fingerprint` is an integer of up to 52 bits, evenly spread. */
  next(fingerprint: number): number {
    const place = placeOf(this.#seen, fingerprint + 1);
    if (this.#seen[place] !== 0) return this.#again(fingerprint);
    if (this.#distinct < EXACT_LIMIT) {
      this.#seen[place] = fingerprint + 1;
      this.#distinct++;
      if (this.#distinct * 2 > this.#seen.length) this.#grow();
      return 1;
    }
    this.#filter ??= new Uint32Array(FILTER_BITS / 32);
    return this.#repeated.has(fingerprint) || testAndSet(this.#filter, fingerprint)
      ? this.#again(fingerprint)
      : 1;
  }

  #again(fingerprint: number): number {
    const count = (this.#repeated.get(fingerprint) ?? 1) + 1;
    this.#repeated.set(fingerprint, count);
    return count;
  }

  #grow(): void {
    const grown = new Float64Array(this.#seen.length * 4);
    for (const value of this.#seen) if (value !== 0) grown[placeOf(grown, value)] = value;
    this.#seen = grown;
  }
}

/** Where the value stands in the table, or the free place where it would. */
function placeOf(table: Float64Array, value: number): number {
  const mask = table.length - 1;
  let place = (value >>> 0) & mask;
  while (table[place] !== 0 && table[place] !== value) place = (place + 1) & mask;
  return place;
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
