/** Sorts text values by their UTF-8 bytes, a byte at a time: names share long beginnings, which comparing reads each time. */

import type { ByteBuffer } from './byte-buffer.ts';
import { borrow, release } from './cell-array.ts';
import { compareValues, LENGTH_BYTES } from './text-values.ts';

/** Below this many, counting bytes costs more than comparing. */
const LEAST_COUNTED = 24;

/** A place for the end of a value, before those for each byte. */
const PLACES = 257;

interface Group {
  readonly from: number;
  readonly to: number;
  /** All values of the group begin with the same bytes, at least so many. */
  readonly depth: number;
}

/** Sorts `rows` and, with them, the arena offsets of their values; equal values stay in order. */
export function sortTexts(arena: ByteBuffer, rows: Uint32Array, offsets: Uint32Array): void {
  const count = rows.length;
  const sparedRows = borrow(Uint32Array, count);
  const sparedOffsets = borrow(Uint32Array, count);
  const places = borrow(Uint16Array, count);
  const starts = new Uint32Array(PLACES + 1);
  const groups: Group[] = [{ from: 0, to: count, depth: 0 }];
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const { from, to } = group;
    if (to - from < LEAST_COUNTED) {
      insertionSort(arena, rows, offsets, from, to);
      continue;
    }
    const depth = sharedDepth(arena, offsets, group);
    if (depth < 0) continue;
    starts.fill(0);
    for (let at = from; at < to; at++) {
      const place = placeOf(arena, offsets[at]!, depth);
      places[at] = place;
      starts[place + 1]!++;
    }
    for (let place = 1; place <= PLACES; place++) {
      const size = starts[place]!;
      starts[place] = starts[place - 1]! + size;
      // Values that end here are equal.
      if (size > 1 && place > 1)
        groups.push({ from: from + starts[place - 1]!, to: from + starts[place]!, depth: depth + 1 });
    }
    for (let at = from; at < to; at++) {
      const target = starts[places[at]!]!++;
      sparedRows[target] = rows[at]!;
      sparedOffsets[target] = offsets[at]!;
    }
    rows.set(sparedRows.subarray(0, to - from), from);
    offsets.set(sparedOffsets.subarray(0, to - from), from);
  }
  release(Uint32Array, sparedRows);
  release(Uint32Array, sparedOffsets);
  release(Uint16Array, places);
}

/** 0 where the value has ended, else one more than its byte at `depth`. */
function placeOf({ bytes, data }: ByteBuffer, offset: number, depth: number): number {
  return depth < data.getUint32(offset, true) ? bytes[offset + LENGTH_BYTES + depth]! + 1 : 0;
}

/** The first byte in which values of the group differ; -1 where all are equal. */
function sharedDepth(arena: ByteBuffer, offsets: Uint32Array, { from, to, depth }: Group): number {
  const first = offsets[from]!;
  let at = from + 1;
  while (at < to && offsets[at] === first) at++;
  if (at === to) return -1;
  for (let shared = depth; ; shared++) {
    const place = placeOf(arena, first, shared);
    for (at = from + 1; at < to; at++) if (placeOf(arena, offsets[at]!, shared) !== place) return shared;
    if (place === 0) return -1;
  }
}

function insertionSort(
  arena: ByteBuffer,
  rows: Uint32Array,
  offsets: Uint32Array,
  from: number,
  to: number,
): void {
  for (let at = from + 1; at < to; at++) {
    const row = rows[at]!;
    const offset = offsets[at]!;
    let before = at - 1;
    for (; before >= from && compareValues(arena, offsets[before]!, offset) > 0; before--) {
      rows[before + 1] = rows[before]!;
      offsets[before + 1] = offsets[before]!;
    }
    rows[before + 1] = row;
    offsets[before + 1] = offset;
  }
}
