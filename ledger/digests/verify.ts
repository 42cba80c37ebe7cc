/**
 * Verifies CloudTrail's digest chains over what is held of them, wherever the copies lie. More strictly than
 * `aws cloudtrail validate-logs`: it also compares what digests say of one another, asks whether the newest are
 * there, and looks at logs that none of them names.
 */

import { followSeries, Held, type Series } from './chain.ts';
import type { HeldDigest, HeldLog, JudgedDigest } from './held.ts';
import { judgeDigest } from './judge.ts';
import type { TrailKeys } from './keys.ts';
import { judgeListed } from './logs.ts';
import { claimOf, locationText } from './names.ts';
import { type ParsedDigest, parseDigest } from './parse.ts';
import { type DigestReport, reportOf } from './report.ts';
import { type DigestMetadata, readMetadata } from './signature.ts';
import { missingTail } from './tail.ts';
import { unlistedJudge } from './unlisted.ts';

export interface DigestCase {
  readonly digests: Iterable<HeldDigest> | AsyncIterable<HeldDigest>;
  readonly logs: readonly HeldLog[];
  readonly keys: TrailKeys;
  /** Milliseconds since the epoch; decides only what is too young to be expected. */
  readonly now: number;
  /** The oldest digest held may begin here, milliseconds; left out, all of a chain is wanted. */
  readonly since?: number;
  /** Digests must cover what was delivered until then, milliseconds. */
  readonly until?: number;
  /** Until when digests of a series must reach, by `seriesName`: what a trail's status says. */
  readonly through?: ReadonlyMap<string, number>;
  readonly onProgress?: (stage: 'digests' | 'logs', done: number, total: number | null) => void;
}

/** Total: whatever lies in the bytes becomes a verdict. Throws only what listing the digests throws. */
export async function verifyDigests(given: DigestCase): Promise<DigestReport> {
  const { since = null, until = null, through = new Map(), now } = given;
  const progress = given.onProgress ?? (() => {});
  const judged = await judgeAll(given, (done) => progress('digests', done, null));
  const { series, unassigned } = followSeries(judged, new Held(judged), since);
  const listed = await judgeListed(given.logs, series, (done, total) => progress('logs', done, total));
  const judgeUnlisted = unlistedJudge(series, now);
  const unlisted = listed.unlisted.map((log) => ({ log, verdict: judgeUnlisted(log) }));
  const overdue = Map.groupBy(
    unlisted.filter(({ verdict }) => verdict.overdue),
    ({ verdict }) => verdict.series,
  );
  const whole = series.map((one): Series => {
    const tail = missingTail(
      one,
      series,
      (overdue.get(one.name) ?? []).map(({ log }) => log),
      { now, until, through },
    );
    return tail === null ? one : { ...one, missing: [...one.missing, tail] };
  });
  return reportOf({ series: whole, unassigned, listed, unlisted, logs: given.logs });
}

interface Read {
  readonly held: HeldDigest;
  readonly metadata: DigestMetadata;
  readonly parsed: ParsedDigest | null;
  readonly problem: string;
}

/** Reads all, so that each can be judged with the signature that its successor carries. */
async function judgeAll(
  { digests, keys }: DigestCase,
  onDigest: (done: number) => void,
): Promise<JudgedDigest[]> {
  const read: Read[] = [];
  const carried = new Map<string, Set<string>>();
  for await (const held of digests) {
    const one = await readDigest(held);
    read.push(one);
    onDigest(read.length);
    const previous = one.parsed?.previous;
    if (previous === null || previous === undefined) continue;
    const place = locationText(previous);
    const signatures = carried.get(place) ?? new Set();
    carried.set(place, signatures.add(previous.signature));
  }
  return read.map(({ held: { id, origin }, metadata, parsed, problem }): JudgedDigest => {
    const claim = claimOf(origin);
    const facts = { id, origin, claim, parsed, metadata };
    if (parsed === null)
      return { ...facts, authentic: false, findings: [{ state: 'INVALID_FORMAT', detail: problem }] };
    const signatures = [...(carried.get(locationText(parsed.location)) ?? [])];
    return { ...facts, ...judgeDigest(parsed, claim, metadata, keys, signatures) };
  });
}

async function readDigest(held: HeldDigest): Promise<Read> {
  const metadata = readMetadata(held.metadata);
  try {
    const parsed = parseDigest(await held.read());
    return parsed.ok
      ? { held, metadata, parsed: parsed.value, problem: '' }
      : { held, metadata, parsed: null, problem: parsed.problem };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { held, metadata, parsed: null, problem };
  }
}
