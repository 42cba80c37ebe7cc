/** Numbers and truth values of a chunk in given rows. */

import { damagedChunk, levelsOf, pagesOf } from './pages.ts';

const WIDTH = { time: 64, long: 64, int: 32, bool: 1 } as const;

/** What stands in these rows (ascending), or null. Times are microseconds. Throws DATA_ALTERED. */
export function numbersAt(
  chunk: Buffer,
  type: keyof typeof WIDTH,
  wanted: readonly number[],
): (number | boolean | null)[] {
  const bits = WIDTH[type];
  const found: (number | boolean | null)[] = wanted.map(() => null);
  let first = 0;
  let next = 0;
  for (const page of pagesOf(chunk)) {
    const { definition, valuesAt } = levelsOf(page, false);
    const { body } = page;
    let value = 0;
    for (let slot = 0; slot < definition.length && next < wanted.length; slot++) {
      while (next < wanted.length && wanted[next]! < first + slot) next++;
      if (definition[slot] !== 1) continue;
      const at = valuesAt + Math.floor((value * bits) / 8);
      if (wanted[next] === first + slot) {
        if (at + Math.ceil(bits / 8) > body.length) throw damagedChunk('a page ends early');
        if (bits === 1) found[next] = ((body[at]! >>> (value % 8)) & 1) === 1;
        else found[next] = bits === 32 ? body.readInt32LE(at) : Number(body.readBigInt64LE(at));
      }
      value++;
    }
    first += definition.length;
    if (next >= wanted.length) break;
  }
  return found;
}
