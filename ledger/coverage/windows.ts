/** Which hours a chain of windows covers without a break, and where it breaks. */

import type { Window } from './facts.ts';
import { HOUR_MICROS, startOf } from './hours.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface WindowCover {
  /** Begin and end of all of them, microseconds; null without windows. */
  readonly hull: Span | null;
  /** `covered`: fetched, and again or for the first time after the delay. `hole`: passed over. `unsure`: neither. */
  at(hour: number): 'covered' | 'hole' | 'unsure';
}

/** What was fetched before its delay had passed may lack late records, so it proves only what lies further back. */
export function windowCover(windows: readonly Window[], delay: number): WindowCover {
  const sound = windows.filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to) && from < to);
  if (sound.length === 0) return { hull: null, at: () => 'unsure' };
  const fetched = joined(sound);
  const settled = joined(
    sound
      .map(({ from, to, asOf }) => ({ from, to: Math.min(to, asOf - delay) }))
      .filter(({ from, to }) => from < to),
  );
  const hull = { from: fetched[0]!.from, to: fetched.at(-1)!.to };
  return {
    hull,
    at(hour) {
      const from = startOf(hour);
      const to = from + HOUR_MICROS;
      if (holds(settled, from, to)) return 'covered';
      const within = { from: Math.max(from, hull.from), to: Math.min(to, hull.to) };
      return within.from < within.to && !holds(fetched, within.from, within.to) ? 'hole' : 'unsure';
    },
  };
}

/** Spans joined where they meet, in order. */
export function joined(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** Whether one of the joined spans holds all of this time. */
export function holds(spans: readonly Span[], from: number, to: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.from <= from) low = middle + 1;
    else high = middle;
  }
  return low > 0 && spans[low - 1]!.to >= to;
}
