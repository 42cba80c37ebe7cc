/**
 * Objects of CloudWatch Logs export tasks: each event on lines of its own, after the time CloudWatch gave it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
 */

import type { RecordSink, Splitter } from '../contract.ts';
import { BROKEN_RAW_BYTES } from './limits.ts';
import { lines } from './lines.ts';

const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
/** Characters, and bytes, of `2024-01-10T09:00:00.000Z `. */
const STAMP_LENGTH = 25;

/** Whether a body is an export of JSON events. */
export function isJsonExport(head: string): boolean {
  const start = head.replace(/^[\s\ufeff]+/, '');
  return STAMP.test(start) && start[STAMP_LENGTH] === '{';
}

/** What follows the stamp, or null for a line without one. */
export function afterStamp(line: string): { readonly stamp: string; readonly rest: string } | null {
  if (!STAMP.test(line)) return null;
  return { stamp: line.slice(0, STAMP_LENGTH - 1), rest: line.slice(STAMP_LENGTH) };
}

/** Hands over the JSON after each stamp as a record of its own bytes; lines that hold none are broken. */
export function jsonExport(sink: RecordSink): Splitter {
  return lines(sink, ({ raw, bytes, locator }) => {
    const stamped = afterStamp(raw);
    const json = stamped?.rest ?? raw;
    const at = stamped === null ? locator : shifted(locator, STAMP_LENGTH);
    try {
      const value = JSON.parse(json) as unknown;
      sink.record({
        raw: json,
        bytes: bytes?.subarray(raw.length - json.length) ?? null,
        value,
        locator: at,
      });
    } catch (error) {
      sink.broken({
        locator: at,
        code: 'invalid_json',
        path: '',
        problem: `not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`,
        raw: json.slice(0, BROKEN_RAW_BYTES),
      });
    }
  });
}

/** `bytes=10-90` moved on at its start; the stamp is ASCII, so characters are bytes. */
function shifted(locator: string, by: number): string {
  return locator.replace(/^bytes=(\d+)/, (_, start: string) => `bytes=${Number(start) + by}`);
}
