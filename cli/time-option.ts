/** Options that are instants. */

import { type Invocation, textOption } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Milliseconds since the epoch; undefined when the option was not given. */
export function timeOption(invocation: Invocation, name: string, now: number): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  if (text === 'now') return now;
  // A time without a zone would be taken for local time.
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(
    `--${name} must be a day, a time in ISO 8601 with its zone, or now, and is "${text}". ` +
      'Write it like 2026-03-01 or 2026-03-01T14:00:00Z.',
  );
}
