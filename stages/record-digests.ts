/**
 * Puts on record what CloudTrail's digests prove: the verdict on each body, and what is declared and held of each hour.
 * Only what differs from the last record goes in, as new rows and new ledger entries; nothing that was sealed changes.
 */

import { declaredHours } from '../ledger/coverage/declared.ts';
import { type Declared, streamKey, UNCOVERED } from '../ledger/coverage/facts.ts';
import { startOf } from '../ledger/coverage/hours.ts';
import type { DigestReport, ObjectVerdict } from '../ledger/digests/report.ts';
import type { Draft, DraftOf } from '../ledger/entry.ts';
import type { Row } from '../schema/columns.ts';
import { type Head, readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { declaredRow, delayOf, readFacts } from './coverage-facts.ts';
import { openLedger } from './ledger.ts';
import { readRows } from './parquet-rows.ts';
import { seal } from './seal.ts';

const SOURCE = 'aws.cloudtrail';
export const PROOF = 'cloudtrail.digest';
/** Hashes in one ledger entry: 34 KB of the 64 that it may have. */
const BODIES = 500;

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

type VerdictRow = Row<'verdicts'>;

/** `at`: when the judgement was made, microseconds. Throws as `seal` and `withWriter` do. */
export async function recordDigests(lake: Lake, report: DigestReport, at: number): Promise<RecordedDigests> {
  return withWriter(lake, async () => {
    const { head } = await readHead(lake.state);
    const known = await newestVerdicts(lake, head);
    const verdicts = [...report.verdicts].flatMap(([evidence, verdict]) =>
      NO_JUDGEMENT.has(verdict.state) || known.get(evidence) === verdict.state
        ? []
        : [verdictRow(evidence, verdict, at)],
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
    const drafts: Draft[] = [...verdictDrafts(verdicts, at), ...gaps];
    const { checkpoint } = await seal(lake, await openLedger(lake), [], [], {
      asOf: at,
      facts,
      verdicts,
      drafts,
    });
    return { ...counts, checkpoint };
  });
}

/** By SHA-256 of the body: the state that was judged last. */
async function newestVerdicts({ vault }: Stores, head: Head): Promise<ReadonlyMap<string, string>> {
  const newest = new Map<string, { verdict: string; at: number }>();
  for (const { key } of (await readTable(vault, head, 'verdicts')).files)
    for (const row of await readRows((await vault.get(key)).body)) {
      const [evidence, at] = [String(row['evidence']), Number(row['judged_at'])];
      const last = newest.get(evidence);
      if (last === undefined || last.at <= at) newest.set(evidence, { verdict: String(row['verdict']), at });
    }
  return new Map([...newest].map(([evidence, { verdict }]) => [evidence, verdict]));
}

const verdictRow = (evidence: string, { state, level }: ObjectVerdict, at: number): VerdictRow => ({
  evidence,
  source: SOURCE,
  proof: PROOF,
  verdict: state,
  level,
  judged_at: at,
});

/** One entry for many bodies of which the same is said: its inclusion proof is the proof of each. */
function verdictDrafts(rows: readonly VerdictRow[], at: number): DraftOf<'verdict'>[] {
  const drafts: DraftOf<'verdict'>[] = [];
  for (const [verdict, same] of Map.groupBy(rows, (row) => row.verdict!)) {
    const bodies = same.map(({ evidence }) => evidence!).sort();
    const level = same[0]!.level as DraftOf<'verdict'>['level'];
    for (let from = 0; from < bodies.length; from += BODIES)
      drafts.push({
        kind: 'verdict',
        source: SOURCE,
        proof: PROOF,
        verdict,
        level,
        bodies: bodies.slice(from, from + BODIES),
        at,
      });
  }
  return drafts;
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
