/** Judges one stream hour by hour. Pure: facts and an instant in, units out. */

import { type Baseline, type Expectation, MEMORY_HOURS, robust } from './baseline.ts';
import { type Declared, type Stream, UNCOVERED } from './facts.ts';
import { DAY_HOURS, HOUR_MICROS, startOf, WEEK_HOURS } from './hours.ts';
import type { Basis, UnitState, UnitVerdict } from './states.ts';
import type { HeldHour, StreamFacts } from './stream.ts';
import { type WindowCover, windowCover } from './windows.ts';

/** One hour of a stream, or several hours on end that hold nothing and of which the same is said. */
export interface Unit {
  readonly stream: Stream;
  /** First hour, since 1970. */
  readonly hour: number;
  hours: number;
  readonly state: UnitState;
  readonly verdict: UnitVerdict;
  readonly basis: Basis;
  /** In what `basis` counts: log files that digests declare, or records that the stream usually has. Null where nothing is. */
  expected: number | null;
  /** Of those. Null where nothing is expected. */
  held: number | null;
  /** Records held. */
  readonly records: number;
  readonly late: number;
  readonly reopenedAt: number | null;
  readonly problem: string | null;
  readonly detail: string | null;
}

const NOTHING: HeldHour = { records: 0, late: 0, reopenedAt: null };

interface Judgement {
  readonly verdict: UnitVerdict;
  readonly basis: Basis;
  readonly expected: number | null;
  readonly held: number | null;
  readonly problem: string | null;
  readonly detail: string | null;
}

const said = (
  verdict: UnitVerdict,
  basis: Basis,
  more: Partial<Omit<Judgement, 'verdict' | 'basis'>> = {},
): Judgement => ({ verdict, basis, expected: null, held: null, problem: null, detail: null, ...more });

const PENDING = said('pending', 'delay');
const UNKNOWN = said('unknown', 'none');
const HELD = said('presumed', 'delay');
const IMPORTED = said('unknown', 'import');
const USUAL_SILENCE = said('presumed', 'silence', { expected: 0, held: 0 });

/**
 * Hands over the stream's units in the order of time. `baseline` is scratch space that is used again. Of an `imported`
 * stream nothing is claimed and nothing missed: what its store left out is not known.
 */
export function judgeStream(
  facts: StreamFacts,
  delay: number,
  asOf: number,
  baseline: Baseline,
  emit: (unit: Unit) => void,
  imported = false,
): void {
  const { stream, held, heldHours, declared, from, to } = facts;
  const windows = windowCover(facts.windows, delay);
  const firstWeek = expectationOfFirstWeek(facts, delay, asOf);
  baseline.reset();
  let pending: Unit | null = null;
  const flush = () => {
    if (pending !== null) emit(pending);
    pending = null;
  };
  let next = 0;
  let lastHeld = -Infinity;
  for (let hour = from; hour < to; ) {
    while (next < heldHours.length && heldHours[next]! <= hour) lastHeld = heldHours[next++]!;
    const found = held.get(hour) ?? NOTHING;
    const state = stateOf(hour, found, delay, asOf);
    const proof = declared.get(hour);
    const judgement = imported
      ? IMPORTED
      : proof === undefined && found.records === 0 && hour - lastHeld > MEMORY_HOURS && windows.hull === null
        ? forgotten(state)
        : judge(hour, found.records, state, proof, windows, baseline, firstWeek, hour - from);
    const { verdict, basis } = judgement;
    // Outages are no part of what is usual.
    const learns = state !== 'open' && state !== 'settling' && verdict !== 'gap' && verdict !== 'silent';
    if (learns && hour - lastHeld <= MEMORY_HOURS) baseline.add(hour, found.records);
    let hours = 1;
    // Nothing can change before the next fact: a stretch of years must not cost its hours.
    if (
      judgement === UNKNOWN &&
      hour - lastHeld > MEMORY_HOURS &&
      declared.size === 0 &&
      windows.hull === null
    )
      hours = Math.max(1, Math.min(heldHours[next] ?? Infinity, to, settledBefore(delay, asOf)) - hour);
    const unit: Unit = {
      stream,
      hour,
      hours,
      state,
      verdict,
      basis,
      expected: judgement.expected,
      held: judgement.held,
      records: found.records,
      late: found.late,
      reopenedAt: found.reopenedAt,
      problem: judgement.problem,
      detail: judgement.detail,
    };
    if (pending !== null && continues(pending, unit)) extend(pending, unit);
    else {
      flush();
      pending = unit;
    }
    hour += hours;
  }
  flush();
}

const forgotten = (state: UnitState): Judgement =>
  state === 'open' || state === 'settling' ? PENDING : UNKNOWN;

/** Hours before this one are over and their delay has passed. */
const settledBefore = (delay: number, asOf: number): number => Math.floor((asOf - delay) / HOUR_MICROS);

function stateOf(hour: number, { reopenedAt }: HeldHour, delay: number, asOf: number): UnitState {
  const end = startOf(hour + 1);
  if (asOf < end) return 'open';
  if (asOf < end + delay) return 'settling';
  return reopenedAt !== null && asOf < reopenedAt + delay ? 'reopened' : 'sealed';
}

function judge(
  hour: number,
  records: number,
  state: UnitState,
  proofs: readonly Declared[] | undefined,
  windows: WindowCover,
  baseline: Baseline,
  firstWeek: Expectation | null,
  age: number,
): Judgement {
  let expected = 0;
  let held = 0;
  let whole = proofs !== undefined && proofs.length > 0;
  for (const proof of proofs ?? []) {
    expected += proof.expected;
    held += proof.held;
    if (proof.problem === UNCOVERED) whole = false;
  }
  const broken = proofs?.find(({ problem }) => problem !== null && problem !== UNCOVERED);
  if (broken !== undefined)
    return said('gap', 'digest', { expected, held, problem: broken.problem, detail: broken.detail });
  const covered = windows.at(hour);
  if (covered === 'hole') return said('gap', 'window', { problem: 'WINDOW_GAP' });
  if (state === 'open' || state === 'settling') return PENDING;
  if (whole) return said('complete', 'digest', { expected, held });
  if (covered === 'covered') return said('complete', 'window');
  if (records > 0) return HELD;
  // The first day has no past: it is measured by the first week.
  const usual = baseline.expect(hour) ?? (age < DAY_HOURS ? firstWeek : null);
  if (usual === null) return UNKNOWN;
  return usual.silenceIsUnusual
    ? said('silent', 'silence', { expected: Math.round(usual.median), held: 0 })
    : USUAL_SILENCE;
}

/** Null when less than a day of it can be judged. */
function expectationOfFirstWeek(
  { held, from, to }: StreamFacts,
  delay: number,
  asOf: number,
): Expectation | null {
  const hours = Math.min(WEEK_HOURS, Math.min(to, settledBefore(delay, asOf)) - from);
  if (hours < DAY_HOURS) return null;
  return robust(Float64Array.from({ length: hours }, (_, at) => held.get(from + at)?.records ?? 0));
}

const continues = (before: Unit, unit: Unit): boolean =>
  before.records === 0 &&
  unit.records === 0 &&
  before.state === unit.state &&
  before.verdict === unit.verdict &&
  before.basis === unit.basis &&
  before.problem === unit.problem &&
  before.detail === unit.detail;

function extend(before: Unit, unit: Unit): void {
  before.hours += unit.hours;
  if (unit.expected !== null) before.expected = (before.expected ?? 0) + unit.expected;
  if (unit.held !== null) before.held = (before.held ?? 0) + unit.held;
}
