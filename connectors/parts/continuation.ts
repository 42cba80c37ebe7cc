/** Text logs whose messages may run over several lines. */

import type { RecordSink, Splitter } from '../contract.ts';
import { lines } from './lines.ts';
import { isObject } from './value.ts';

/** A line's context when it carries on the message of an earlier one: the beginning of that line. */
export interface Continuation {
  readonly continues: string;
}

/** Enough for any header. */
const HEADER_CHARS = 1024;

/**
 * Every line that is not blank becomes a record. `kindOf` says whether a line starts a message, continues the last one
 * (its record then has that one's beginning as its context), or stands alone.
 */
export function linesWithContinuations(
  sink: RecordSink,
  kindOf: (line: string) => 'starts' | 'continues' | 'alone',
): Splitter {
  let started: string | null = null;
  return lines(sink, ({ raw, bytes, locator }) => {
    const kind = kindOf(raw);
    if (kind === 'starts') started = raw.slice(0, HEADER_CHARS);
    const context = kind === 'continues' && started !== null ? { continues: started } : undefined;
    sink.record({ raw, bytes, value: undefined, locator, context });
  });
}

/** The beginning of the line that this one continues, or null. */
export function continuedLine(context: unknown): string | null {
  return isObject(context) && typeof context['continues'] === 'string' ? context['continues'] : null;
}
