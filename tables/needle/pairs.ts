/** Pairs of fingerprint and row group, gathered and then sorted by fingerprint, each once. */

/** What has been sorted; valid until more is gathered. */
export interface SortedPairs {
  readonly prints: Uint32Array;
  readonly groups: Uint32Array;
  readonly count: number;
}

const RADIX_BITS = 11;

export class Pairs {
  #prints = new Uint32Array(1024);
  #groups = new Uint32Array(1024);
  #otherPrints = new Uint32Array(0);
  #otherGroups = new Uint32Array(0);
  #count = 0;
  #isSorted = true;

  /** Groups of one fingerprint must come in ascending order. */
  add(print: number, group: number): void {
    const at = this.#count;
    if (at === this.#prints.length) {
      this.#prints = grown(this.#prints);
      this.#groups = grown(this.#groups);
    }
    if (at > 0 && print < this.#prints[at - 1]!) this.#isSorted = false;
    this.#prints[at] = print;
    this.#groups[at] = group;
    this.#count = at + 1;
  }

  /** Those in `[from, from + span)`, which must be all; none is left. */
  takeSorted(from: number, span: number): SortedPairs {
    if (!this.#isSorted) this.#sort(from, span);
    const prints = this.#prints;
    const groups = this.#groups;
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      if (kept > 0 && prints[at] === prints[kept - 1] && groups[at] === groups[kept - 1]) continue;
      prints[kept] = prints[at]!;
      groups[kept++] = groups[at]!;
    }
    this.#count = 0;
    this.#isSorted = true;
    return { prints, groups, count: kept };
  }

  /** By counting passes, which keep the order of what is equal: that of the groups. */
  #sort(from: number, span: number): void {
    if (this.#otherPrints.length < this.#count) {
      this.#otherPrints = new Uint32Array(this.#prints.length);
      this.#otherGroups = new Uint32Array(this.#prints.length);
    }
    const mask = (1 << RADIX_BITS) - 1;
    const starts = new Uint32Array(mask + 2);
    for (let shift = 0; 2 ** shift < span; shift += RADIX_BITS) {
      const [prints, groups] = [this.#prints, this.#groups];
      const [toPrints, toGroups] = [this.#otherPrints, this.#otherGroups];
      starts.fill(0);
      for (let at = 0; at < this.#count; at++) starts[(((prints[at]! - from) >>> shift) & mask) + 1]!++;
      for (let digit = 0; digit < mask; digit++) starts[digit + 1]! += starts[digit]!;
      for (let at = 0; at < this.#count; at++) {
        const place = starts[((prints[at]! - from) >>> shift) & mask]!++;
        toPrints[place] = prints[at]!;
        toGroups[place] = groups[at]!;
      }
      [this.#prints, this.#groups] = [toPrints, toGroups];
      [this.#otherPrints, this.#otherGroups] = [prints, groups];
    }
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
