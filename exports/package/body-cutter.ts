/** Cuts byte ranges out of an expanded body of any size, in one pass: ranges are asked for by ascending start. */

import { EXPANSION_LIMITS, expand, type StoredBody } from '../../stages/expand.ts';

export interface BodyCutter {
  /** Bytes `start` to `end` (exclusive); null when the body does not reach that far. Valid until the next call. */
  cut(start: number, end: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

export const bodyCutter = (body: StoredBody): BodyCutter =>
  cutterOf(expand(body, EXPANSION_LIMITS, () => {}));

/** The same over bytes that are taken as they come. */
export function cutterOf(chunks: AsyncGenerator<Uint8Array>): BodyCutter {
  /** What was read and is not passed yet; its first byte is number `base` of the body. */
  let held: Buffer = Buffer.alloc(0);
  let base = 0;
  let ended = false;
  return {
    async cut(start, end) {
      if (start < base || end < start) return null;
      while (base + held.length < end && !ended) {
        // A copy of what is still needed: the chunk's memory may be used again by the next one.
        const kept = Buffer.from(held.subarray(Math.min(held.length, Math.max(0, start - base))));
        base += held.length - kept.length;
        const { value, done } = await chunks.next();
        if (done) ended = true;
        else if (kept.length === 0) held = Buffer.from(value.buffer, value.byteOffset, value.length);
        else held = Buffer.concat([kept, value]);
        if (done) held = kept;
      }
      if (base + held.length < end) return null;
      return held.subarray(start - base, end - base);
    },
    async close() {
      await chunks.return(undefined);
    },
  };
}
