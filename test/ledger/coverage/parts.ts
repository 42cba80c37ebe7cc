/** Facts by hand: hours are counted from a Monday midnight, runs are hours too. */

import { coverage } from '../../../ledger/coverage/coverage.ts';
import type { Brought, CoverageFacts, Declared, Stream, Window } from '../../../ledger/coverage/facts.ts';
import { HOUR_MICROS, hourOf, MINUTE_MICROS } from '../../../ledger/coverage/hours.ts';
import type { Unit } from '../../../ledger/coverage/units.ts';

export const MONDAY = hourOf(Date.UTC(2026, 0, 5) * 1000);
export const STREAM: Stream = { source: 'aws.cloudtrail', account: '123456789012', region: 'eu-west-1' };
export const DELAY = 15 * MINUTE_MICROS;

/** An instant: hours after Monday midnight. */
export const at = (hours: number): number => (MONDAY + hours) * HOUR_MICROS;

export const brought = (hour: number, records: number, run: number, stream = STREAM): Brought => ({
  stream,
  hour: MONDAY + hour,
  records,
  asOf: at(run),
});

export const declared = (hour: number, more: Partial<Declared> = {}, run = hour + 3): Declared => ({
  stream: STREAM,
  series: 'trail',
  hour: MONDAY + hour,
  expected: 2,
  held: 2,
  problem: null,
  detail: null,
  asOf: at(run),
  ...more,
});

export const window = (from: number, to: number, run: number, stream = STREAM): Window => ({
  stream,
  from: at(from),
  to: at(to),
  asOf: at(run),
});

export const facts = (some: Partial<CoverageFacts>): CoverageFacts => ({
  brought: [],
  declared: [],
  windows: [],
  ...some,
});

export function judged(some: Partial<CoverageFacts>, now: number) {
  const units: Unit[] = [];
  const result = coverage(
    facts(some),
    () => DELAY,
    at(now),
    (unit) => units.push(unit),
  );
  return { units, ...result };
}

/** `0+3 sealed presumed delay` of each unit. */
export const lines = (some: Partial<CoverageFacts>, now: number): string[] =>
  judged(some, now).units.map(
    ({ hour, hours, state, verdict, basis }) =>
      `${hour - MONDAY}${hours > 1 ? `+${hours}` : ''} ${state} ${verdict} ${basis}`,
  );
