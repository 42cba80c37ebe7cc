/** Splits a text body into lines with byte ranges, streaming. LF, CRLF and a missing last line end are all normal. */

import type { RecordSink, Splitter } from '../contract.ts';
import { BodyWindow } from './body-window.ts';
import { BROKEN_RAW_BYTES, MAX_RECORD_BYTES } from './limits.ts';

export interface Line {
  /** Without its line end; U+FFFD where the bytes are not UTF-8. */
  readonly raw: string;
  /** The same as bytes, null where they are not UTF-8. Valid during the call only. */
  readonly bytes: Uint8Array | null;
  readonly locator: string;
  /** 0 for the first line of the body. */
  readonly index: number;
}

/** Calls `onLine` for every line that is not blank. A line longer than MAX_RECORD_BYTES is reported as broken. */
export function lines(sink: RecordSink, onLine: (line: Line) => void): Splitter {
  const window = new BodyWindow();
  let at = 0;
  let searched = 0;
  let index = 0;
  let tooLongFrom = -1;

  const emit = (start: number, newline: number): void => {
    const line = index++;
    if (tooLongFrom >= 0) {
      tooLong(newline);
      return;
    }
    let end = newline;
    if (end > start && window.bytes[end - 1] === 0x0d) end--;
    let from = start;
    if (
      line === 0 &&
      window.bytes[from] === 0xef &&
      window.bytes[from + 1] === 0xbb &&
      window.bytes[from + 2] === 0xbf
    ) {
      from += 3;
    }
    const raw = window.text(from, end);
    if (raw.trim() === '') return;
    const bytes = window.exact(from, end);
    const locator = `bytes=${window.base + from}-${window.base + end}`;
    onLine({ raw, bytes, locator: bytes === null ? `${locator};rebuilt` : locator, index: line });
  };

  const tooLong = (end: number): void => {
    sink.broken({
      locator: `bytes=${tooLongFrom}-${window.base + end}`,
      code: 'record_too_large',
      path: '',
      problem: `the line is longer than ${MAX_RECORD_BYTES} bytes, the most that is read as one`,
      raw: window.text(at, Math.min(end, at + BROKEN_RAW_BYTES)),
    });
    tooLongFrom = -1;
  };

  return {
    push(chunk) {
      searched = window.length - at;
      window.append(chunk, at);
      at = 0;
      for (;;) {
        const newline = window.bytes.subarray(0, window.length).indexOf(0x0a, Math.max(at, searched));
        if (newline < 0) break;
        emit(at, newline);
        at = newline + 1;
        searched = at;
      }
      if (window.length - at > MAX_RECORD_BYTES) {
        if (tooLongFrom < 0) tooLongFrom = window.base + at;
        at = window.length;
      }
    },
    end() {
      if (at < window.length || tooLongFrom >= 0) emit(at, window.length);
      at = window.length;
    },
  };
}
