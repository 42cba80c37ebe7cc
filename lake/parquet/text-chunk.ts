/** Encodes a chunk of text: with a dictionary where that makes it smaller, else PLAIN. */

import { ByteBuffer, getUint32 } from './byte-buffer.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING, PAGE } from './format.ts';
import { type Levels, writeDataPages } from './pages.ts';
import { bitWidth, writeHybrid } from './rle.ts';
import { compareValues, type TextStore } from './text-store.ts';

export interface TextFacts {
  /** Arena offsets of the least and greatest value, 0 when there is none or none was looked for. */
  readonly min: number;
  readonly max: number;
  /** Different values, where that is known. */
  readonly distinct: number | null;
}

const NOTHING: TextFacts = { min: 0, max: 0, distinct: null };

/**
 * `cells[0 … count)` are the chunk's values in order, as the store names them. With `bounds` the least and greatest are
 * looked for.
 */
export function writeTextChunk(
  chunk: ChunkWriter,
  store: TextStore,
  levels: Levels,
  cells: Uint32Array,
  count: number,
  bounds: boolean,
): TextFacts {
  if (count === 0) {
    writeDataPages(chunk, levels, ENCODING.PLAIN, null, () => {});
    return NOTHING;
  }
  if (!store.isDictionary) {
    writePlain(chunk, store.arena, levels, cells);
    return bounds ? { ...extremes(store.arena, cells, count), distinct: null } : NOTHING;
  }

  const { arena } = store;
  const { indices, used } = numberByFirstUse(store, cells, count);
  const facts = { ...(bounds ? extremes(arena, used, used.length) : NOTHING), distinct: used.length };
  let plainBytes = 0;
  const sizes = used.map((offset) => 4 + getUint32(arena, offset));
  for (let value = 0; value < count; value++) plainBytes += sizes[indices[value]!]!;
  const dictionary = new ByteBuffer(1024);
  for (const offset of used) dictionary.append(arena, offset, offset + 4 + getUint32(arena, offset));

  const width = bitWidth(used.length - 1);
  if (dictionary.length + (count * width) / 8 < plainBytes * 0.9) {
    chunk.page(PAGE.DICTIONARY, ENCODING.PLAIN, used.length, dictionary.view());
    writeDataPages(chunk, levels, ENCODING.RLE_DICTIONARY, null, (out, from, to) => {
      out.byte(width);
      writeHybrid(out, indices, from, to, width);
    });
  } else {
    const offsets = new Uint32Array(count);
    for (let value = 0; value < count; value++) offsets[value] = used[indices[value]!]!;
    writePlain(chunk, arena, levels, offsets);
  }
  return facts;
}

/** Dictionary numbers in order of first use in the chunk, so that they do not depend on the order of arrival. */
function numberByFirstUse(
  store: TextStore,
  cells: Uint32Array,
  count: number,
): { indices: Int32Array; used: Uint32Array } {
  const numbers = new Int32Array(store.entryCount).fill(-1);
  const used = new Uint32Array(Math.min(count, store.entryCount));
  const indices = new Int32Array(count);
  let next = 0;
  for (let value = 0; value < count; value++) {
    const cell = cells[value]!;
    let number = numbers[cell]!;
    if (number < 0) {
      number = next++;
      numbers[cell] = number;
      used[number] = store.offset(cell);
    }
    indices[value] = number;
  }
  return { indices, used: used.subarray(0, next) };
}

function extremes(arena: Uint8Array, offsets: Uint32Array, count: number): { min: number; max: number } {
  let min = offsets[0]!;
  let max = min;
  for (let index = 1; index < count; index++) {
    const offset = offsets[index]!;
    if (compareValues(arena, offset, min) < 0) min = offset;
    else if (compareValues(arena, offset, max) > 0) max = offset;
  }
  return { min, max };
}

function writePlain(chunk: ChunkWriter, arena: Buffer, levels: Levels, offsets: Uint32Array): void {
  const sizeOf = (value: number) => 4 + getUint32(arena, offsets[value]!);
  writeDataPages(chunk, levels, ENCODING.PLAIN, sizeOf, (out, from, to) => {
    // Values that lie one after another in the arena are copied as one.
    let start = 0;
    let end = 0;
    for (let value = from; value < to; value++) {
      const offset = offsets[value]!;
      if (offset !== end) {
        out.append(arena, start, end);
        start = offset;
      }
      end = offset + 4 + getUint32(arena, offset);
    }
    out.append(arena, start, end);
  });
}
