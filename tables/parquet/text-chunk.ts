/** Encodes a chunk of text: with a dictionary where that makes it smaller, else PLAIN. */

import { Prints } from '../needle/print.ts';
import { textBloomFilter } from './bloom-filter.ts';
import { lowerTextBound, upperTextBound } from './bounds.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { borrow, release } from './cell-array.ts';
import type { ChunkFacts, TextLayout } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING, PAGE } from './format.ts';
import { type Levels, writeDataPages } from './pages.ts';
import { bitWidth, writeHybrid } from './rle.ts';
import type { TextIndex } from './text-index.ts';
import type { TextStore } from './text-store.ts';
import { compareValues, LENGTH_BYTES } from './text-values.ts';

/** A dictionary must save at least a tenth: reading through one has its cost too. */
const MAX_DICTIONARY_SHARE = 0.9;

type TextFacts = Pick<ChunkFacts, 'min' | 'max' | 'distinct' | 'bloom' | 'prints'>;

const NO_FACTS: TextFacts = { min: null, max: null, distinct: null, bloom: null };

/** Writes a chunk whose values, in order, are `cells[0 … count)` as the store names them. */
export function writeTextChunk(
  chunk: ChunkWriter,
  store: TextStore,
  levels: Levels,
  cells: Uint32Array,
  count: number,
  layout: TextLayout,
): TextFacts {
  const { arena, index } = store;
  if (count === 0) {
    writeDataPages(chunk, levels, ENCODING.PLAIN, null, () => {});
    return NO_FACTS;
  }
  if (index === null) {
    writePlain(chunk, arena, levels, cells, count);
    return textFacts(arena, cells, count, null, layout);
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
    const offsets = borrow(Uint32Array, count);
    for (let value = 0; value < count; value++) offsets[value] = used[numbers[value]!]!;
    writePlain(chunk, arena, levels, offsets, count);
    release(Uint32Array, offsets);
  }
  release(Int32Array, numbers);
  dictionary.free();
  return textFacts(arena, used, used.length, used.length, layout);
}

/**
 * Dictionary numbers in order of first use in the chunk, so that they do not depend on the order of arrival; `numbers`
 * are borrowed.
 */
function numberByFirstUse(
  index: TextIndex,
  cells: Uint32Array,
  count: number,
): { numbers: Int32Array; used: Uint32Array } {
  const numberOf = new Int32Array(index.count).fill(-1);
  const used = new Uint32Array(Math.min(count, index.count));
  const numbers = borrow(Int32Array, count);
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

/** What is to be known of the values at `offsets`, among them every different value of the chunk. */
function textFacts(
  arena: ByteBuffer,
  offsets: Uint32Array,
  count: number,
  distinct: number | null,
  layout: TextLayout,
): TextFacts {
  const hasBloom = layout.bloom === 'all' || (layout.bloom === 'dictionaries' && distinct !== null);
  const facts = {
    ...NO_FACTS,
    distinct,
    bloom: hasBloom ? textBloomFilter(arena, offsets, count, distinct) : null,
    ...(layout.needle === null ? {} : { prints: printsOf(arena, offsets, count, layout.needle) }),
  };
  if (!layout.bounds) return facts;
  let min = offsets[0]!;
  let max = min;
  for (let value = 1; value < count; value++) {
    const offset = offsets[value]!;
    if (compareValues(arena, offset, min) < 0) min = offset;
    else if (compareValues(arena, offset, max) > 0) max = offset;
  }
  return { ...facts, min: lowerTextBound(arena, min), max: upperTextBound(arena, max) };
}

const prints = new Prints();

function printsOf(arena: ByteBuffer, offsets: Uint32Array, count: number, kind: number): Uint32Array {
  prints.addValues(arena, offsets, count, kind);
  return prints.take();
}

function writePlain(
  chunk: ChunkWriter,
  arena: ByteBuffer,
  levels: Levels,
  offsets: Uint32Array,
  count: number,
): void {
  const sizes = borrow(Uint32Array, count);
  for (let value = 0; value < count; value++) {
    sizes[value] = LENGTH_BYTES + arena.data.getUint32(offsets[value]!, true);
  }
  writeDataPages(chunk, levels, ENCODING.PLAIN, sizes, (out, from, to) => {
    for (let value = from; value < to; value++) {
      const offset = offsets[value]!;
      out.appendFrom(arena, offset, offset + sizes[value]!);
    }
  });
  release(Uint32Array, sizes);
}
