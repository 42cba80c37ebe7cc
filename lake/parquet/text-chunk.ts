/** Encodes a chunk of text: with a dictionary where that makes it smaller, else PLAIN. */

import { ByteBuffer } from './byte-buffer.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING, PAGE } from './format.ts';
import { type Levels, writeDataPages } from './pages.ts';
import { bitWidth, writeHybrid } from './rle.ts';
import type { TextIndex } from './text-index.ts';
import type { TextStore } from './text-store.ts';
import { compareValues, LENGTH_BYTES } from './text-values.ts';

/** A dictionary must save at least a tenth: reading through one has its cost too. */
const MAX_DICTIONARY_SHARE = 0.9;

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
  const { arena, index } = store;
  if (count === 0) {
    writeDataPages(chunk, levels, ENCODING.PLAIN, null, () => {});
    return NOTHING;
  }
  if (index === null) {
    writePlain(chunk, arena, levels, cells, count);
    return bounds ? { ...extremes(arena, cells, count), distinct: null } : NOTHING;
  }

  const { numbers, used } = numberByFirstUse(index, cells, count);
  const sizes = used.map((offset) => LENGTH_BYTES + arena.data.getUint32(offset, true));
  const dictionary = new ByteBuffer(1024);
  for (let entry = 0; entry < used.length; entry++) {
    dictionary.appendFrom(arena, used[entry]!, used[entry]! + sizes[entry]!);
  }
  let plainBytes = 0;
  for (let value = 0; value < count; value++) plainBytes += sizes[numbers[value]!]!;

  const width = bitWidth(used.length - 1);
  if (dictionary.length + (count * width) / 8 < plainBytes * MAX_DICTIONARY_SHARE) {
    chunk.page(PAGE.DICTIONARY, ENCODING.PLAIN, used.length, dictionary.view());
    writeDataPages(chunk, levels, ENCODING.RLE_DICTIONARY, null, (out, from, to) => {
      out.byte(width);
      writeHybrid(out, numbers, from, to, width);
    });
  } else {
    const offsets = new Uint32Array(count);
    for (let value = 0; value < count; value++) offsets[value] = used[numbers[value]!]!;
    writePlain(chunk, arena, levels, offsets, count);
  }
  return { ...(bounds ? extremes(arena, used, used.length) : NOTHING), distinct: used.length };
}

/** Dictionary numbers in order of first use in the chunk, so that they do not depend on the order of arrival. */
function numberByFirstUse(
  index: TextIndex,
  cells: Uint32Array,
  count: number,
): { numbers: Int32Array; used: Uint32Array } {
  const numberOf = new Int32Array(index.count).fill(-1);
  const used = new Uint32Array(Math.min(count, index.count));
  const numbers = new Int32Array(count);
  let next = 0;
  for (let value = 0; value < count; value++) {
    const entry = cells[value]!;
    let number = numberOf[entry]!;
    if (number < 0) {
      number = next++;
      numberOf[entry] = number;
      used[number] = index.offset(entry);
    }
    numbers[value] = number;
  }
  return { numbers, used: used.subarray(0, next) };
}

function extremes(arena: ByteBuffer, offsets: Uint32Array, count: number): { min: number; max: number } {
  let min = offsets[0]!;
  let max = min;
  for (let value = 1; value < count; value++) {
    const offset = offsets[value]!;
    if (compareValues(arena, offset, min) < 0) min = offset;
    else if (compareValues(arena, offset, max) > 0) max = offset;
  }
  return { min, max };
}

function writePlain(
  chunk: ChunkWriter,
  arena: ByteBuffer,
  levels: Levels,
  offsets: Uint32Array,
  count: number,
): void {
  const sizes = new Uint32Array(count);
  for (let value = 0; value < count; value++) {
    sizes[value] = LENGTH_BYTES + arena.data.getUint32(offsets[value]!, true);
  }
  writeDataPages(chunk, levels, ENCODING.PLAIN, sizes, (out, from, to) => {
    for (let value = from; value < to; value++) {
      const offset = offsets[value]!;
      out.appendFrom(arena, offset, offset + sizes[value]!);
    }
  });
}
