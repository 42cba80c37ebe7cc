/** `--at`: commands that read a snapshot read an older one. */

import { type Moment, storesAt } from '../stages/at.ts';
import { readVkey } from '../stages/ledger.ts';
import { type Lake, openLakeForReading } from '../vault/lake.ts';
import { type Invocation, type Options, textOption } from './command.ts';
import { timeOption } from './time-option.ts';
import { UsageError } from './usage-error.ts';

export const AT_OPTIONS = {
  at: {
    type: 'string',
    value: 'snapshot',
    help: "Read the lake as it was: a snapshot's number or a time, e.g. 1412 or 2026-03-01T14:00:00Z",
  },
} as const satisfies Options;

/** Opens the invocation's lake for reading, as of `--at` where it is given. Throws as `openLakeForReading` and `storesAt` do. */
export async function openToRead(invocation: Invocation): Promise<Lake> {
  const moment = momentOf(invocation);
  const lake = await openLakeForReading(invocation.lake);
  return moment === null ? lake : storesAt(lake, await readVkey(lake.root), moment);
}

/** Null without the option. */
export function momentOf(invocation: Invocation): Moment | null {
  const text = textOption(invocation, 'at');
  if (text === undefined) return null;
  if (/^[1-9]\d{0,14}$/.test(text)) return { sequence: Number(text) };
  if (!text.includes('-'))
    throw new UsageError(`--at takes a snapshot's number or a time in ISO 8601, but "${text}" was given.`);
  return { time: timeOption(invocation, 'at', Date.now())! * 1000 };
}
