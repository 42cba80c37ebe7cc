/** Ranges that lie near each other as one: a request costs more than the bytes of a small gap. */

import type { Part } from './sidecar.ts';

/** Some 15 ms of transfer, the shortest time in which a store answers. */
const MOST_GAP_BYTES = 256 * 1024;
/** Larger ones are fetched side by side. */
const MOST_RANGE_BYTES = 8 * 2 ** 20;

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Ascending, none beyond the range. */
  readonly parts: readonly Part[];
}

/** Few ranges that hold all the parts. */
export function coalesce(
  parts: readonly Part[],
  mostGap = MOST_GAP_BYTES,
  mostBytes = MOST_RANGE_BYTES,
): readonly Range[] {
  const ranges: { start: number; end: number; parts: Part[] }[] = [];
  for (const part of [...parts].sort((a, b) => a.offset - b.offset)) {
    const last = ranges.at(-1);
    const end = part.offset + part.length;
    if (last !== undefined && part.offset - last.end <= mostGap && end - last.start <= mostBytes) {
      last.end = Math.max(last.end, end);
      last.parts.push(part);
    } else ranges.push({ start: part.offset, end, parts: [part] });
  }
  return ranges;
}
