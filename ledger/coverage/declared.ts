/** What CloudTrail's digests say of each hour: which logs there must be, and whether all of its deliveries are vouched for. */

import type { SeriesProof } from '../digests/report.ts';
import { LOG_STATES, type LogState } from '../digests/states.ts';
import { type Declared, UNCOVERED } from './facts.ts';
import { HOUR_MICROS, hourOf } from './hours.ts';
import { holds } from './windows.ts';

const MICROS = 1000;
/** A log holds minutes. One that claims more counts for the first hours of it. */
const LONGEST_HOURS = 48;
/** Names in a detail. */
const NAMED = 3;
/** S3 allows keys of 1,024 bytes; with the bucket before it. */
const LONGEST_NAME = 1100;

interface HourLogs {
  expected: number;
  held: number;
  worst: LogState | null;
  names: string[];
}

/** `delay`: how long after its hour a record may be delivered, microseconds. Units of one series, in the order of time. */
export function declaredHours(proof: SeriesProof, source: string, delay: number, asOf: number): Declared[] {
  const { facts, name: series } = proof;
  const stream = { source, account: facts.account, region: facts.region };
  const logs = logsByHour(proof);
  const hours = new Set(logs.keys());
  const micros = (millis: number) => millis * MICROS;
  const toMicros = ({ from, to }: { from: number; to: number }) => ({ from: micros(from), to: micros(to) });
  const spans = facts.kind === 'hourly' ? proof.spans.map(toMicros) : [];
  const broken = proof.broken.map((one) => ({ ...one, ...toMicros(one) }));
  if (spans.length > 0) {
    const ends = [spans.at(-1)!.to, ...broken.map(({ to }) => to)];
    // Nobody can be held to hours that are yet to come, whatever a forged name says.
    const last = Math.min(hourOf(ends.reduce((a, b) => Math.max(a, b)) - 1), hourOf(asOf));
    for (let hour = hourOf(spans[0]!.from); hour <= last; hour++) hours.add(hour);
  }
  return [...hours]
    .sort((a, b) => a - b)
    .map((hour): Declared => {
      const { expected, held, worst, names } = logs.get(hour) ?? NONE;
      const detail = names.length === 0 ? null : names.join(' ');
      const problem = worst ?? faultOfSpan(hour, spans, broken, delay);
      return { stream, series, hour, expected, held, problem, detail, asOf };
    });
}

const NONE: HourLogs = { expected: 0, held: 0, worst: null, names: [] };

function logsByHour({ logs }: SeriesProof): Map<number, HourLogs> {
  const byHour = new Map<number, HourLogs>();
  for (const { location, state, from, to } of logs) {
    const first = hourOf(from * MICROS);
    const last = Math.min(hourOf(to * MICROS), first + LONGEST_HOURS);
    for (let hour = first; hour <= last; hour++) {
      const own = byHour.get(hour) ?? { expected: 0, held: 0, worst: null, names: [] };
      byHour.set(hour, own);
      own.expected++;
      if (LOG_STATES[state].level !== 'invalid') {
        own.held++;
        continue;
      }
      own.worst ??= state;
      if (own.names.length < NAMED) own.names.push(location.slice(0, LONGEST_NAME));
    }
  }
  return byHour;
}

/** What keeps the digests from vouching for all that was delivered of an hour; null when nothing does. */
function faultOfSpan(
  hour: number,
  spans: readonly { readonly from: number; readonly to: number }[],
  broken: readonly { readonly from: number; readonly to: number; readonly state: string }[],
  delay: number,
): string | null {
  const from = hour * HOUR_MICROS;
  const to = from + HOUR_MICROS + delay;
  if (holds(spans, from, to)) return null;
  const fault = broken.find((one) => one.from < to && from < one.to);
  if (fault !== undefined) return fault.state === 'UNKNOWN_TRAIL_RESTART' ? UNCOVERED : fault.state;
  const [first, last] = [spans[0], spans.at(-1)];
  const within = first !== undefined && first.from <= from && to <= last!.to;
  return within ? 'TIME_GAP' : UNCOVERED;
}
