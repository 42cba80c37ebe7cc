import { ByteBuffer } from './byte-buffer.ts';
import { borrow, grow, release } from './cell-array.ts';
import { type Cells, type ChunkFacts, textOf } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING } from './format.ts';
import { writeDataPages } from './pages.ts';
import { LENGTH_BYTES, roomFor, writeText } from './text-values.ts';

/**
 * Memory of a block. One arena of all values would be copied each time it grows, and giving tens of megabytes back and
 * taking them anew makes V8 collect garbage for them.
 */
const BLOCK_BYTES = 1 << 20;
const FIRST_BLOCK_BYTES = 256;

/** Offset 0 of a block is no value, so that 0 can stand for null. */
const FIRST_OFFSET = LENGTH_BYTES;

/** A column of whole documents, most of what a table holds: no dictionary, no bounds, no filter. */
export class BlobCells implements Cells {
  /** Values lie in these as PLAIN writes them; a value larger than a block has one of its own. */
  #blocks: ByteBuffer[] = [];
  #last: ByteBuffer | null = null;
  /** For each row its block and the offset there, 0 for null. */
  #blockOf = new Uint32Array(0);
  #offsets = new Uint32Array(0);
  /** Of all values with their lengths. */
  #valueBytes = 0;

  get bytes(): number {
    return FIRST_OFFSET + this.#valueBytes;
  }

  put(row: number, value: unknown): void {
    const text = textOf(value);
    const block = this.#place(row, roomFor(text));
    const length = writeText(block.bytes, block.length + LENGTH_BYTES, text);
    this.#end(block, length);
  }

  /** Sets a cell from UTF-8 bytes, which are copied. */
  putBytes(row: number, utf8: Uint8Array): void {
    const block = this.#place(row, utf8.length);
    block.bytes.set(utf8, block.length + LENGTH_BYTES);
    this.#end(block, utf8.length);
  }

  /** Orders by the values' bytes; documents are no sort key of ours, but the order is total. */
  compare(a: number, b: number): number {
    const valueA = this.#value(a);
    const valueB = this.#value(b);
    if (valueA === null || valueB === null) return Number(valueA === null) - Number(valueB === null);
    return Buffer.compare(valueA, valueB);
  }

  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts {
    const slots = rows.length;
    const definition = borrow(Uint8Array, slots);
    const sizes = borrow(Uint32Array, slots);
    const filled = borrow(Uint32Array, slots);
    const offsets = this.#offsets;
    let count = 0;
    for (let slot = 0; slot < slots; slot++) {
      const row = rows[slot]!;
      const offset = row < offsets.length ? offsets[row]! : 0;
      definition[slot] = offset === 0 ? 0 : 1;
      if (offset === 0) continue;
      sizes[count] = LENGTH_BYTES + this.#blocks[this.#blockOf[row]!]!.data.getUint32(offset, true);
      filled[count++] = row;
    }
    const levels = {
      slots,
      definition: count === slots ? null : definition,
      maxDefinition: 1,
      repetition: null,
    };
    writeDataPages(chunk, levels, ENCODING.PLAIN, sizes, (out, from, to) => {
      for (let value = from; value < to; value++) {
        const row = filled[value]!;
        const offset = offsets[row]!;
        out.appendFrom(this.#blocks[this.#blockOf[row]!]!, offset, offset + sizes[value]!);
      }
    });
    release(Uint8Array, definition);
    release(Uint32Array, sizes);
    release(Uint32Array, filled);
    return { values: slots, nulls: slots - count, min: null, max: null, distinct: null, bloom: null };
  }

  reset(): void {
    for (const block of this.#blocks) block.free();
    this.#blocks = [];
    this.#last = null;
    this.#blockOf = release(Uint32Array, this.#blockOf);
    this.#offsets = release(Uint32Array, this.#offsets);
    this.#valueBytes = 0;
  }

  /** The block that the row's value of at most `room` bytes goes into, with room for it at its end. */
  #place(row: number, room: number): ByteBuffer {
    if (row >= this.#offsets.length) {
      this.#offsets = grow(Uint32Array, this.#offsets, row);
      this.#blockOf = grow(Uint32Array, this.#blockOf, row);
    }
    const needed = LENGTH_BYTES + room;
    let block = this.#last;
    if (block === null || (block.length + needed > BLOCK_BYTES && block.length > FIRST_OFFSET)) {
      block = this.#last = new ByteBuffer(this.#last === null ? FIRST_BLOCK_BYTES : BLOCK_BYTES);
      block.length = FIRST_OFFSET;
      this.#blocks.push(block);
    }
    block.reserve(needed);
    this.#blockOf[row] = this.#blocks.length - 1;
    this.#offsets[row] = block.length;
    return block;
  }

  #end(block: ByteBuffer, length: number): void {
    block.data.setUint32(block.length, length, true);
    block.length += LENGTH_BYTES + length;
    this.#valueBytes += LENGTH_BYTES + length;
  }

  #value(row: number): Uint8Array | null {
    const offset = row < this.#offsets.length ? this.#offsets[row]! : 0;
    if (offset === 0) return null;
    const { bytes, data } = this.#blocks[this.#blockOf[row]!]!;
    return bytes.subarray(offset + LENGTH_BYTES, offset + LENGTH_BYTES + data.getUint32(offset, true));
  }
}
