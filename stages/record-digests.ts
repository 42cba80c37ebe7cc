/**
 * Puts on record what CloudTrail's digests prove: the verdict on each body, and what is declared and held of each hour.
 * Only what differs from the last record goes in, as new rows and new ledger entries; nothing that was sealed changes.
 */

import { declaredHours } from '../ledger/coverage/declared.ts';
import { type Declared, streamKey, UNCOVERED } from '../ledger/coverage/facts.ts';
import { startOf } from '../ledger/coverage/hours.ts';
import type { DigestReport } from '../ledger/digests/report.ts';
import type { Draft, DraftOf } from '../ledger/entry.ts';
import { readHead } from '../tables/head.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { declaredRow, delayOf, readFacts } from './coverage-facts.ts';
import { openLedger } from './ledger.ts';
import { seal } from './seal.ts';
import { newestVerdicts, verdictDrafts, verdictRow } from './verdicts.ts';

const SOURCE = 'aws.cloudtrail';
export const PROOF = 'cloudtrail.digest';

/** Verdicts that only say what was not given: they are no judgement, and must not take the place of one. */
const NO_JUDGEMENT: ReadonlySet<string> = new Set(['KEY_NOT_FOUND', 'KEY_UNUSABLE', 'UNPROVEN', 'PENDING']);

export interface RecordedDigests {
  /** Bodies whose verdict is new or another than before. */
  readonly verdicts: number;
  /** Hours of which something new is said. */
  readonly hours: number;
  /** Hours that became gaps, and that closed. */
  readonly opened: number;
  readonly closed: number;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
}

/** `at`: when the judgement was made, microseconds. Throws as `seal` and `withWriter` do. */
export async function recordDigests(lake: Lake, report: DigestReport, at: number): Promise<RecordedDigests> {
  return withWriter(lake, async () => {
    const { head } = await readHead(lake.state);
    const known = await newestVerdicts(lake, head, PROOF);
    const verdicts = [...report.verdicts].flatMap(([evidence, verdict]) =>
      NO_JUDGEMENT.has(verdict.state) || known.get(evidence) === verdict.state
        ? []
        : [verdictRow({ source: SOURCE, proof: PROOF }, evidence, verdict, at)],
    );
    const before = newestDeclared((await readFacts(lake, head)).declared);
    const declared = report.proofs
      .flatMap((proof) => declaredHours(proof, SOURCE, delayOf(SOURCE), at))
      .filter((one) => !saysSame(one, before.get(unitKey(one))));
    const gaps = gapDrafts(declared, before, at);
    const sum = (state: string) =>
      gaps.reduce((hours, gap) => hours + (gap.state === state ? (gap.to - gap.from) / startOf(1) : 0), 0);
    const facts = declared.map(declaredRow);
    const counts = {
      verdicts: verdicts.length,
      hours: facts.length,
      opened: sum('missing'),
      closed: sum('closed'),
    };
    if (verdicts.length + facts.length === 0) return { ...counts, checkpoint: null };
    const drafts: Draft[] = [...verdictDrafts(verdicts), ...gaps];
    const { checkpoint } = await seal(lake, await openLedger(lake), [], [], {
      asOf: at,
      facts,
      verdicts,
      drafts,
    });
    return { ...counts, checkpoint };
  });
}

const unitKey = ({ stream, series, hour }: Declared): string => `${streamKey(stream)} ${hour} ${series}`;

function newestDeclared(all: readonly Declared[]): ReadonlyMap<string, Declared> {
  const newest = new Map<string, Declared>();
  for (const one of all) {
    const key = unitKey(one);
    const last = newest.get(key);
    if (last === undefined || last.asOf <= one.asOf) newest.set(key, one);
  }
  return newest;
}

const saysSame = (a: Declared, b: Declared | undefined): boolean =>
  b !== undefined &&
  a.expected === b.expected &&
  a.held === b.held &&
  a.problem === b.problem &&
  a.detail === b.detail;

const isGap = (one: Declared | undefined): boolean =>
  one !== undefined && one.problem !== null && one.problem !== UNCOVERED;

/** An entry for each stretch of hours that became a gap or are none any more. */
function gapDrafts(
  declared: readonly Declared[],
  before: ReadonlyMap<string, Declared>,
  at: number,
): DraftOf<'gap'>[] {
  const stretches: { first: Declared; state: string; to: number; expected: number; held: number }[] = [];
  for (const one of declared) {
    const was = isGap(before.get(unitKey(one)));
    if (was === isGap(one)) continue;
    const state = was ? 'closed' : 'missing';
    const last = stretches.at(-1);
    const continues =
      last !== undefined &&
      last.state === state &&
      last.to === one.hour &&
      last.first.problem === one.problem &&
      last.first.detail === one.detail &&
      last.first.series === one.series;
    if (!continues) {
      stretches.push({ first: one, state, to: one.hour + 1, expected: one.expected, held: one.held });
      continue;
    }
    last.to++;
    last.expected += one.expected;
    last.held += one.held;
  }
  return stretches.map(({ first: { stream, hour, series, problem, detail }, state, to, expected, held }) => ({
    kind: 'gap',
    ...stream,
    from: startOf(hour),
    to: startOf(to),
    state,
    expected,
    held,
    detail: [problem, series, detail].filter((part) => part !== null).join(' '),
    at,
  }));
}
