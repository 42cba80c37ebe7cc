/** For bodies whose first bytes decide how the rest is read. */

import type { Splitter } from '../contract.ts';

/** Bytes a choice may rest on. */
export const HEAD_BYTES = 64 * 1024;

/**
 * A splitter that is chosen by the body's first HEAD_BYTES (all of it when shorter) and then gets the whole body. The
 * choice is the same however the body is cut into chunks.
 */
export function afterHead(choose: (head: Buffer) => Splitter): Splitter {
  let waiting: Buffer[] = [];
  let size = 0;
  let chosen: Splitter | null = null;

  const decide = (): Splitter => {
    const all = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
    waiting = [];
    const splitter = choose(all.subarray(0, HEAD_BYTES));
    splitter.push(all);
    return splitter;
  };

  return {
    push(chunk) {
      if (chosen !== null) {
        chosen.push(chunk);
        return;
      }
      size += chunk.length;
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      // A chunk that has to wait is copied: it is only ours during the call.
      waiting.push(size >= HEAD_BYTES ? view : Buffer.from(view));
      if (size >= HEAD_BYTES) chosen = decide();
    },
    end() {
      chosen ??= decide();
      return chosen.end();
    },
  };
}

/** Whether a body starts as JSON records do, rather than as a line of text that happens to open a bracket. */
export function startsAsJson(text: string): boolean {
  return /^[\s\ufeff\x1e]*(?:\[\s*(?:[[{\]]|$)|\{\s*(?:["}]|$))/.test(text.slice(0, 4096));
}
