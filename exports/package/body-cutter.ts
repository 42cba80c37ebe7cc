/** Cuts byte ranges out of an expanded body of any size, in one pass: ranges are asked for by ascending start. */

import { MAX_RECORD_BYTES } from '../../connectors/parts/limits.ts';
import { EXPANSION_LIMITS, expand, type StoredBody } from '../../stages/expand.ts';

export interface BodyCutter {
  /** Bytes `start` to `end` (exclusive); null when the body does not reach that far. Valid until the next call. */
  cut(start: number, end: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

export const bodyCutter = (body: StoredBody): BodyCutter =>
  cutterOf(expand(body, EXPANSION_LIMITS, () => {}));

/** The same over bytes that are taken as they come. */
/** No record is longer; what claims to be is none. Bytes. */
const LONGEST = 2 * MAX_RECORD_BYTES;

/** The same over bytes that are taken as they come. */
export function cutterOf(chunks: AsyncGenerator<Uint8Array>): BodyCutter {
  /** What was read and is not passed yet; its first byte is number `base` of the body. */
  let held: Buffer = Buffer.alloc(0);
  let base = 0;
  let ended = false;
  return {
    async cut(start, end) {
      if (start < base || end < start || end - start > LONGEST) return null;
      const kept: Buffer[] = [];
      let length = held.length;
      while (base + length < end && !ended) {
        // A copy of what is still needed: the chunk's memory may be used again by the next one.
        const passed = kept.length > 0 ? 0 : Math.min(held.length, start - base);
        if (held.length > passed) kept.push(Buffer.from(held.subarray(passed)));
        base += passed;
        const { value, done } = await chunks.next();
        if (done) ended = true;
        held = done ? Buffer.alloc(0) : Buffer.from(value.buffer, value.byteOffset, value.length);
        length += held.length - passed;
      }
      if (kept.length > 0) held = Buffer.concat([...kept, held]);
      return base + held.length < end ? null : held.subarray(start - base, end - base);
    },
    async close() {
      await chunks.return(undefined);
    },
  };
}
