/** The part of a streamed body that a splitter still needs, addressable by absolute offset. */

import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Bytes are valid until the next `append`. The first chunk is used in place, so a body that comes as one chunk is never
 * copied; later ones join what `keepFrom` left over in a buffer that doubles.
 */
export class BodyWindow {
  bytes: Buffer = Buffer.alloc(0);
  /** Bytes of `bytes` in use. */
  length = 0;
  /** Offset of `bytes[0]` in the body. */
  base = 0;
  #owned = false;
  #ascii: boolean | null = null;
  #text: string | null = null;

  /** Adds a chunk after dropping everything before `keepFrom` (an index into `bytes`). */
  append(chunk: Uint8Array, keepFrom: number): void {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const kept = this.length - keepFrom;
    this.base += keepFrom;
    this.#ascii = null;
    this.#text = null;
    if (kept === 0) {
      this.bytes = view;
      this.length = view.length;
      this.#owned = false;
      return;
    }
    const needed = kept + view.length;
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
   * Text of `bytes[start, end)`. Where the window is pure ASCII (nearly always) it is one Latin-1 string cut in place,
   * about half the cost of decoding each piece as UTF-8. Broken UTF-8 becomes U+FFFD.
   */
  text(start: number, end: number): string {
    this.#ascii ??= isAscii(this.bytes.subarray(0, this.length));
    if (!this.#ascii) return this.bytes.toString('utf8', start, end);
    this.#text ??= this.bytes.toString('latin1', 0, this.length);
    return this.#text.substring(start, end);
  }

  /** The bytes themselves when `text` says exactly the same, else null. */
  exact(start: number, end: number): Uint8Array | null {
    const slice = this.bytes.subarray(start, end);
    return this.#ascii === true || isUtf8(slice) ? slice : null;
  }
}
