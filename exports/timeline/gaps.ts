/** What coverage says of the hours of a timeline: gaps as lines, and what else is not known of those hours. */

import { HOUR_MICROS, startOf } from '../../ledger/coverage/hours.ts';
import type { Unit } from '../../ledger/coverage/units.ts';
import { type LakeCoverage, lakeCoverage } from '../../stages/lake-coverage.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { GapLine, Unknown } from './model.ts';
import { clockText, dayText, durationText, streamText } from './words.ts';

export interface HourSpan {
  readonly from: number;
  readonly to: number;
}

export interface HourFacts {
  readonly gaps: readonly GapLine[];
  readonly unknowns: readonly Unknown[];
  readonly head: LakeCoverage['head'];
}

/** Streams named in one sentence. */
const MOST_NAMED = 4;

/** Gaps and unknown hours of every stream of the lake that touch the span, which is whole hours. */
export async function hourFacts(stores: Stores, span: HourSpan, asOf: number): Promise<HourFacts> {
  const gaps: GapLine[] = [];
  const hours = { unknown: new Map<string, number>(), pending: new Map<string, number>() };
  let presumed = 0;
  let complete = 0;
  const result = await lakeCoverage(stores, asOf, span, (unit) => {
    const within = clipped(unit, span);
    const count = (within.end - within.time) / HOUR_MICROS;
    const { verdict } = unit;
    if (verdict === 'gap' || verdict === 'silent') join(gaps, gapOf(unit, verdict, within));
    else if (verdict === 'presumed') presumed += count;
    else if (verdict === 'complete') complete += count;
    else {
      const name = streamText(unit.stream);
      hours[verdict].set(name, (hours[verdict].get(name) ?? 0) + count);
    }
  });
  const unknowns: Unknown[] = [];
  const told = (kind: keyof typeof hours, text: string) => {
    if (hours[kind].size > 0) unknowns.push({ grave: false, text: `${text}: ${named(hours[kind])}` });
  };
  told('unknown', 'nothing held, and nothing says whether there should be');
  told('pending', "too early to say: the vendor's delay has not passed");
  if (presumed > 0)
    unknowns.push({
      grave: false,
      text:
        `${presumed.toLocaleString('en-US')} of ${(presumed + complete).toLocaleString('en-US')} stream hours held are presumed whole: ` +
        'nothing is out of the ordinary, and no proof of the provider says so',
    });
  unknowns.push(...untold(result, span));
  return { gaps: gaps.sort((a, b) => a.time - b.time), unknowns, head: result.head };
}

function named(streams: ReadonlyMap<string, number>): string {
  const names = [...streams].map(([name, hours]) => `${name} (${hours} h)`);
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function clipped({ hour, hours }: Unit, span: HourSpan): { time: number; end: number } {
  return { time: Math.max(startOf(hour), span.from), end: Math.min(startOf(hour + hours), span.to) };
}

const gapOf = (
  { stream, problem, detail, expected, held }: Unit,
  verdict: GapLine['verdict'],
  span: { readonly time: number; readonly end: number },
): GapLine => ({ kind: 'gap', ...span, ...stream, verdict, problem, detail, expected, held });

/** Hours on end of one stream and one kind are one line. Units of a stream come one after the other. */
function join(gaps: GapLine[], gap: GapLine): void {
  const last = gaps.at(-1);
  const continues =
    last !== undefined &&
    last.end === gap.time &&
    last.verdict === gap.verdict &&
    last.problem === gap.problem &&
    (['source', 'account', 'region'] as const).every((name) => last[name] === gap[name]);
  if (!continues) {
    gaps.push(gap);
    return;
  }
  const sum = (a: number | null, b: number | null) => (a === null && b === null ? null : (a ?? 0) + (b ?? 0));
  const details = [...new Set([last.detail, gap.detail].filter((detail) => detail !== null))];
  gaps[gaps.length - 1] = {
    ...last,
    end: gap.end,
    expected: sum(last.expected, gap.expected),
    held: sum(last.held, gap.held),
    detail: details.length === 0 ? null : details.join(', '),
  };
}

/** Sources of which nothing at all is held in a part of the span: no stream speaks of those hours. */
function untold({ watermarks }: LakeCoverage, span: HourSpan): Unknown[] {
  const short = watermarks.filter(
    ({ until, because }) => because === null && until !== null && until < span.to,
  );
  if (short.length === 0) return [];
  const first = Math.min(...short.map(({ until }) => until!));
  const names = short.map(({ source }) => source);
  const shown =
    names.slice(0, MOST_NAMED).join(', ') +
    (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '');
  return [
    {
      grave: false,
      text: `nothing is claimed of the last ${durationText(span.to - Math.max(first, span.from))}, after ${dayText(first)} ${clockText(first).slice(0, 5)}: ${shown} end there`,
    },
  ];
}
