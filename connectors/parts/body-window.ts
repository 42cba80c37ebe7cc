/** The part of a streamed body that a splitter still needs, addressable by absolute offset. */

import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Text is decoded in blocks of this many bytes: one string for each record costs more calls, and one for the whole
 * window is memory outside the heap, which makes V8 collect garbage all the time.
 */
const BLOCK_BYTES = 32 << 10;

/**
 * Bytes are valid until the next `append`. Chunks that lie side by side in memory are used in place, so a body that is in
 * memory as a whole is never copied; others join what `keepFrom` left over in a buffer that doubles.
 */
export class BodyWindow {
  bytes: Buffer = Buffer.alloc(0);
  /** Bytes of `bytes` in use. */
  length = 0;
  /** Offset of `bytes[0]` in the body. */
  base = 0;
  #owned = false;
  #ascii: boolean | null = null;
  /** The text of `bytes` from `#blockStart` on, if they are ASCII. */
  #block = '';
  #blockStart = 0;

  /** Adds a chunk after dropping everything before `keepFrom` (an index into `bytes`). */
  append(chunk: Uint8Array, keepFrom: number): void {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const kept = this.length - keepFrom;
    this.base += keepFrom;
    this.#ascii = null;
    this.#block = '';
    if (kept === 0) {
      this.bytes = view;
      this.length = view.length;
      this.#owned = false;
      return;
    }
    const needed = kept + view.length;
    // Pieces of one body in memory lie side by side: nothing has to be copied to have them together.
    if (!this.#owned && follows(this.bytes, this.length, view)) {
      this.bytes = Buffer.from(view.buffer, this.bytes.byteOffset + keepFrom, needed);
      this.length = needed;
      return;
    }
    if (this.#owned && this.bytes.length >= needed) {
      this.bytes.copyWithin(0, keepFrom, this.length);
    } else {
      const grown = Buffer.allocUnsafe(Math.max(needed, kept * 2));
      this.bytes.copy(grown, 0, keepFrom, this.length);
      this.bytes = grown;
      this.#owned = true;
    }
    view.copy(this.bytes, kept);
    this.length = needed;
  }

  /**
   * Text of `bytes[start, end)`. Where the window is pure ASCII (nearly always) it is cut from a larger Latin-1 string,
   * about half the cost of decoding each piece as UTF-8. Broken UTF-8 becomes U+FFFD.
   */
  text(start: number, end: number): string {
    this.#ascii ??= isAscii(this.bytes.subarray(0, this.length));
    if (!this.#ascii) return this.bytes.toString('utf8', start, end);
    if (start < this.#blockStart || end > this.#blockStart + this.#block.length) {
      this.#blockStart = start;
      this.#block = this.bytes.toString(
        'latin1',
        start,
        Math.min(this.length, Math.max(end, start + BLOCK_BYTES)),
      );
    }
    return this.#block.substring(start - this.#blockStart, end - this.#blockStart);
  }

  /** The bytes themselves when `text` says exactly the same, else null. */
  exact(start: number, end: number): Uint8Array | null {
    const slice = this.bytes.subarray(start, end);
    return this.#ascii === true || isUtf8(slice) ? slice : null;
  }
}

const follows = (bytes: Buffer, length: number, next: Buffer): boolean =>
  bytes.buffer === next.buffer && bytes.byteOffset + length === next.byteOffset;
