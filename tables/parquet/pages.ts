/** Cuts one column chunk into data pages and writes their levels. */

import { ByteBuffer } from './byte-buffer.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { type Encoding, PAGE } from './format.ts';
import { bitWidth, writeHybrid, writeRun } from './rle.ts';

const MAX_PAGE_SLOTS = 20_000;
/** A page is closed once its values reach this size, so it may be larger by one value. */
const MAX_PAGE_BYTES = 1 << 20;

/** The shape of a chunk: for every slot whether it holds a value. Arrays may be longer than `slots`. */
export interface Levels {
  readonly slots: number;
  /** A slot holds a value when its level is `maxDefinition`; null when all do. */
  readonly definition: Uint8Array | null;
  readonly maxDefinition: number;
  /** For lists: 0 where a slot begins a row. Null for flat columns. */
  readonly repetition: Uint8Array | null;
}

const IDLE_BODY_BYTES = 4 << 20;

/** Page bodies are built here, one at a time. */
const body = new ByteBuffer(1 << 16);

/**
 * Writes all data pages of a chunk, each beginning with a row. `writeValues` appends values [from, to) as `encoding`
 * says. `sizes` are the values' sizes in bytes, or null where MAX_PAGE_SLOTS of them are never too large for a page.
 */
export function writeDataPages(
  chunk: ChunkWriter,
  levels: Levels,
  encoding: Encoding,
  sizes: Uint32Array | null,
  writeValues: (out: ByteBuffer, from: number, to: number) => void,
): void {
  const { slots, definition, maxDefinition, repetition } = levels;
  let slot = 0;
  let value = 0;
  while (slot < slots) {
    const firstSlot = slot;
    const firstValue = value;
    if (definition === null && repetition === null && sizes === null) {
      slot = Math.min(slot + MAX_PAGE_SLOTS, slots);
      value = slot;
    } else {
      let bytes = 0;
      for (; slot < slots; slot++) {
        const full = slot - firstSlot >= MAX_PAGE_SLOTS || bytes >= MAX_PAGE_BYTES;
        if (full && (repetition === null || repetition[slot] === 0)) break;
        if (definition === null || definition[slot] === maxDefinition) {
          if (sizes !== null) bytes += sizes[value]!;
          value++;
        }
      }
    }
    body.length = 0;
    if (repetition !== null) writeLevels(repetition, firstSlot, slot, 1);
    writeLevels(definition, firstSlot, slot, maxDefinition);
    writeValues(body, firstValue, value);
    chunk.page(PAGE.DATA, encoding, slot - firstSlot, body.view());
  }
  body.release(IDLE_BODY_BYTES);
}

/** Version 1 pages put four bytes of length before each kind of level. */
function writeLevels(levels: Uint8Array | null, from: number, to: number, max: number): void {
  const start = body.length;
  body.uint32(0);
  if (levels === null) writeRun(body, max, to - from, bitWidth(max));
  else writeHybrid(body, levels, from, to, bitWidth(max));
  body.data.setUint32(start, body.length - start - 4, true);
}
