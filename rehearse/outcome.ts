/** What a rehearsal comes to: its lag, its alarms, what its functions took. */

import type { Made } from './checks.ts';
import type { Invocation } from './lambda/function.ts';
import { QUIET_SHARE } from './machine.ts';
import { type Alarm, firedAt, type Point, type Watched } from './metrics.ts';
import type { Scenario } from './scenarios.ts';
import type { Lag } from './watch.ts';

export interface FunctionSummary {
  readonly name: string;
  readonly invocations: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly p50Millis: number;
  readonly p95Millis: number;
  readonly peakMegabytes: number;
  /** Seconds of processor, all invocations together. */
  readonly cpuSeconds: number;
}

const shown = (seconds: number | null): string => (seconds === null ? '-' : `${seconds.toFixed(1)} s`);

/** Speed is judged where the machine was this rehearsal's own; that everything was seen, always. */
export function lagCheck(whole: Lag, end: Lag, target: number, others: number): Made {
  const isJudged = others < QUIET_SHARE;
  const isSeen = end.unseen.length === 0 && whole.unseen.length === 0;
  return {
    ok: isSeen && (!isJudged || (end.p95 ?? 0) <= target),
    said:
      `p50 ${shown(end.p50)}, p95 ${shown(end.p95)}, most ${shown(end.most)}; of the whole hour p95 ${shown(whole.p95)}, ` +
      `most ${shown(whole.most)}${isSeen ? '' : `; never seen ${whole.unseen.slice(0, 3).join(', ')}`}` +
      (isJudged ? '' : `; not judged, as others took ${Math.round(others * 100)} % of the processors`),
  };
}

/** Which fired, and whether those are the right ones. */
export function alarmCheck(
  { alarms = [], quiet = [], isFlawless = false, isTamperedWith = false }: Scenario,
  defined: readonly Alarm[],
  points: readonly Point[],
  watched: Watched,
): Made & { readonly fired: readonly string[] } {
  const fired = namesOf(defined.filter((alarm) => firedAt(alarm, points, watched) !== null));
  const due = [...alarms, ...(isFlawless ? [] : [['Gaps']]), ...(isTamperedWith ? [['Problems']] : [])];
  const mute = due.filter((any) => !any.some((name) => fired.includes(name)));
  const isWrong = (name: string) =>
    isFlawless || quiet.includes(name) || (name === 'Problems' && !isTamperedWith);
  const loud = fired.filter(isWrong);
  return {
    fired,
    ok: mute.length + loud.length === 0,
    said:
      `of ${namesOf(defined).length} fired: ${fired.join(', ') || 'none'}` +
      (mute.length === 0 ? '' : `; none of ${mute.map((any) => any.join(' or ')).join('; none of ')}`) +
      (loud.length === 0 ? '' : `; should not have: ${loud.join(', ')}`),
  };
}

/** In the alarms' own time: no day passes within a rehearsal, so that days of silence are added to it. */
const SILENT_SECONDS = 3 * 86_400;

export function silenceCheck(defined: readonly Alarm[], points: readonly Point[], watched: Watched): Made {
  const watchful = defined.filter(({ missing }) => missing === 'breaching');
  const until = watched.until + (SILENT_SECONDS * 1000) / watched.scale;
  const deaf = watchful.filter((alarm) => firedAt(alarm, points, { ...watched, until }) === null);
  return {
    ok: watchful.length > 0 && deaf.length === 0,
    said:
      deaf.length === 0
        ? namesOf(watchful).join(', ')
        : `nobody would be told by ${namesOf(deaf).join(', ')}`,
  };
}

const namesOf = (alarms: readonly Alarm[]): string[] => [...new Set(alarms.map(({ name }) => name))];

/** How long invocations of a function usually take, from those that ended well. */
export class Usual {
  of(name: string, invocations: readonly Invocation[]): number {
    const own = invocations.filter(({ functionName, outcome }) => functionName === name && outcome === 'ok');
    return own.length === 0
      ? 3000
      : own.slice(-9).reduce((sum, { millis }) => sum + millis, 0) / Math.min(9, own.length);
  }
}

export function summaries(invocations: readonly Invocation[]): FunctionSummary[] {
  return [...new Set(invocations.map(({ functionName }) => functionName))].sort().map((name) => {
    const own = invocations.filter(({ functionName }) => functionName === name);
    const millis = own.map((one) => one.millis).sort((a, b) => a - b);
    const outcomes: Record<string, number> = {};
    for (const { outcome } of own) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return {
      name,
      invocations: own.length,
      outcomes,
      p50Millis: Math.round(millis[Math.floor(millis.length / 2)]!),
      p95Millis: Math.round(millis[Math.floor(millis.length * 0.95)]!),
      cpuSeconds: own.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0) / 1000,
      peakMegabytes: Math.round(Math.max(...own.map(({ peakBytes }) => peakBytes)) / 2 ** 20),
    };
  });
}
