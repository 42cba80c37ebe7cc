/** Cuts one column chunk into data pages and writes their levels. */

import { ByteBuffer, putUint32 } from './byte-buffer.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { type Encoding, PAGE } from './format.ts';
import { bitWidth, writeHybrid } from './rle.ts';

const MAX_PAGE_SLOTS = 20_000;
/** A page is closed once its values reach this size, so it may be larger by one value. */
const MAX_PAGE_BYTES = 1 << 20;

/** The shape of a chunk: for every slot whether it holds a value. Arrays may be longer than `slots`. */
export interface Levels {
  readonly slots: number;
  readonly definition: Uint8Array;
  /** A slot holds a value when its definition level is this. */
  readonly maxDefinition: number;
  /** For lists: 0 where a slot begins a row. Null for flat columns. */
  readonly repetition: Uint8Array | null;
}

/** Page bodies are built here, one at a time. */
const body = new ByteBuffer(1 << 16);

/**
 * Writes all data pages of a chunk. `writeValues` appends values [from, to) as `encoding` says; `sizeOf` gives a value's
 * size in bytes, or is null where no page of MAX_PAGE_SLOTS can grow too large. Pages begin at row boundaries.
 */
export function writeDataPages(
  chunk: ChunkWriter,
  levels: Levels,
  encoding: Encoding,
  sizeOf: ((value: number) => number) | null,
  writeValues: (out: ByteBuffer, from: number, to: number) => void,
): void {
  const { slots, definition, maxDefinition, repetition } = levels;
  let slot = 0;
  let value = 0;
  while (slot < slots) {
    const firstSlot = slot;
    const firstValue = value;
    let bytes = 0;
    while (slot < slots) {
      const full = slot - firstSlot >= MAX_PAGE_SLOTS || bytes >= MAX_PAGE_BYTES;
      if (full && (repetition === null || repetition[slot] === 0)) break;
      if (definition[slot] === maxDefinition) {
        if (sizeOf !== null) bytes += sizeOf(value);
        value++;
      }
      slot++;
    }
    body.length = 0;
    if (repetition !== null) writeLevels(repetition, firstSlot, slot, 1);
    writeLevels(definition, firstSlot, slot, maxDefinition);
    writeValues(body, firstValue, value);
    chunk.page(PAGE.DATA, encoding, slot - firstSlot, body.view());
  }
}

/** Version 1 pages put four bytes of length before each kind of level. */
function writeLevels(levels: Uint8Array, from: number, to: number, max: number): void {
  const start = body.length;
  body.uint32(0);
  writeHybrid(body, levels, from, to, bitWidth(max));
  putUint32(body.bytes, start, body.length - start - 4);
}
