/** Options by which every export says what it takes. */

import { type Invocation, textOption } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** A time in UTC unless it says otherwise; null where none is given. Throws UsageError. */
export function timeOption(invocation: Invocation, name: string): Date | null {
  const text = textOption(invocation, name);
  if (text === undefined) return null;
  const time = new Date(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(
    `--${name} takes a time such as 2024-01-31 or 2024-01-31T09:00:00Z, but "${text}" was given.`,
  );
}

/** Values by name, from `name=value`. Throws UsageError. */
export function givenParameters(list: readonly string[]): Map<string, string> {
  return new Map(
    list.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0) throw new UsageError(`--param takes name=value, but "${text}" was given.`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
