/** Follows each series of digests from one to the next: who names whom, and whether both say the same. */

import type { Finding, JudgedDigest } from './held.ts';
import {
  baseName,
  type DigestSeries,
  type Location,
  locationText,
  mayBe,
  parseDigestName,
  plainName,
  seriesName,
} from './names.ts';
import type { ParsedDigest, PreviousDigest } from './parse.ts';

/** Milliseconds since the epoch; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A digest that must exist and is not held. */
export interface MissingDigest {
  readonly state: 'MISSING_DIGEST' | 'NOT_FOUND' | 'TRUNCATED_TAIL';
  /** Null where only its time is known. */
  readonly location: Location | null;
  /** The time nothing vouches for; null where it is open towards the past. */
  readonly from: number | null;
  readonly to: number;
  readonly detail: string;
}

/** One series with all that is held of it. */
export interface Series {
  readonly name: string;
  readonly facts: DigestSeries;
  readonly digests: readonly JudgedDigest[];
  /** Those that CloudTrail signed, by the end of their time; one for each location. */
  readonly authentic: readonly ParsedDigest[];
  /** Those signed with a key that was not valid then: what they name must be there, and is not proven by it. */
  readonly doubtful: readonly ParsedDigest[];
  /** Times the authentic ones cover, joined where they meet. */
  readonly spans: readonly Span[];
  /** End of the newest one held, believed or not; null when none tells its time. */
  readonly newestEnd: number | null;
  readonly missing: readonly MissingDigest[];
}

/** Which series a digest belongs to: by its own word, or where it has none, by its place. */
export function seriesOf({ parsed, claim }: JudgedDigest): DigestSeries | null {
  return parsed?.name ?? parseDigestName(claim.base);
}

/** When it ends, by its own word or its place's; null when neither tells. */
const endOf = ({ parsed, claim }: JudgedDigest): number | null =>
  parsed?.end ?? parseDigestName(claim.base)?.end ?? null;

/** Every held digest by the place it says it belongs to; what cannot be read, by the name it lies under. */
export class Held {
  readonly #byLocation = new Map<string, JudgedDigest[]>();
  readonly #unreadable = new Map<string, JudgedDigest[]>();

  constructor(digests: Iterable<JudgedDigest>) {
    for (const digest of digests) {
      if (digest.findings.some(({ state }) => state === 'MOVED')) continue;
      if (digest.parsed !== null) push(this.#byLocation, locationText(digest.parsed.location), digest);
      else push(this.#unreadable, plainName(digest.claim.base), digest);
    }
  }

  at(location: Location): readonly JudgedDigest[] {
    const readable = this.#byLocation.get(locationText(location));
    if (readable !== undefined) return readable;
    const base = plainName(baseName(location.key));
    return (this.#unreadable.get(base) ?? []).filter(({ claim }) => mayBe(claim, location));
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** `since`: what is held need not go back further than this, milliseconds; null when all of it is wanted. */
export function followSeries(
  digests: readonly JudgedDigest[],
  held: Held,
  since: number | null,
): { series: Series[]; unassigned: JudgedDigest[] } {
  const groups = new Map<string, { facts: DigestSeries; digests: JudgedDigest[] }>();
  const unassigned: JudgedDigest[] = [];
  for (const digest of digests) {
    const facts = seriesOf(digest);
    if (facts === null) {
      unassigned.push(digest);
      continue;
    }
    const name = seriesName(facts);
    const group = groups.get(name) ?? { facts, digests: [] };
    groups.set(name, group);
    group.digests.push(digest);
  }
  const series = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => follow(name, group.facts, group.digests, held, since));
  return { series, unassigned };
}

function follow(
  name: string,
  facts: DigestSeries,
  digests: readonly JudgedDigest[],
  held: Held,
  since: number | null,
): Series {
  const ends = digests
    .map(endOf)
    .filter((end) => end !== null)
    .sort((a, b) => a - b);
  const believed = digests.filter(({ authentic }) => authentic).sort(byTime);
  const missing: MissingDigest[] = [];
  const linked = new Map<JudgedDigest, Finding[]>();
  for (const digest of believed) {
    const parsed = digest.parsed!;
    const { previous } = parsed;
    const older = newestBefore(ends, parsed);
    const findings =
      previous === null ? beginning(facts, parsed, older) : compare(previous, held.at(previous));
    linked.set(digest, findings);
    if (previous === null || held.at(previous).length > 0) continue;
    if (older === null && since !== null && parsed.start <= since) continue;
    missing.push({
      state: older === null ? 'NOT_FOUND' : 'MISSING_DIGEST',
      location: previous,
      from: older,
      to: parsed.start,
      detail: `named by ${baseName(parsed.location.key)}`,
    });
  }
  const order = oneForEachLocation(believed);
  if (facts.kind === 'hourly') compareTimes(order, linked);
  const authentic = order.map(({ parsed }) => parsed!);
  return {
    name,
    facts,
    digests: digests.map((digest) => ({
      ...digest,
      findings: [...digest.findings, ...(linked.get(digest) ?? [])],
    })),
    authentic,
    doubtful: digests.filter(isDoubtful).map(({ parsed }) => parsed!),
    spans: joined(authentic),
    newestEnd: ends.at(-1) ?? null,
    missing,
  };
}

const isDoubtful = ({ findings }: JudgedDigest): boolean =>
  findings.some(({ state }) => state === 'KEY_OUT_OF_WINDOW');

const byTime = ({ parsed: a }: JudgedDigest, { parsed: b }: JudgedDigest): number =>
  a!.end - b!.end || a!.start - b!.start || (locationText(a!.location) < locationText(b!.location) ? -1 : 1);

/** End of the newest digest that ends before this one begins, or within it. */
function newestBefore(sortedEnds: readonly number[], { end }: ParsedDigest): number | null {
  let low = 0;
  let high = sortedEnds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sortedEnds[middle]! < end) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : sortedEnds[low - 1]!;
}

/** Backfill digests are written when there is need, so that one without a predecessor says nothing. */
function beginning({ kind }: DigestSeries, { start }: ParsedDigest, older: number | null): Finding[] {
  if (older === null || kind === 'backfill') return [];
  return [{ state: 'UNKNOWN_TRAIL_RESTART', detail: `nothing is vouched for ${spanText(older, start)}` }];
}

/** What is wrong between a digest and the one it names; nothing where that one is itself not to be believed. */
function compare(previous: PreviousDigest, held: readonly JudgedDigest[]): Finding[] {
  const believed = held.filter(({ authentic }) => authentic);
  if (believed.length === 0) return [];
  const place = locationText(previous);
  const findings: Finding[] = [];
  const same = believed.find(({ parsed }) => parsed!.sha256 === previous.hash);
  if (same === undefined) findings.push({ state: 'CHAIN_HASH_MISMATCH', detail: place });
  // Where the other's own metadata is lost, this very signature was checked against its content instead.
  const signed = believed.filter(({ metadata }) => metadata.signature !== null);
  const wanted = previous.signature.toLowerCase();
  if (signed.length > 0 && !signed.some(({ metadata }) => metadata.signature!.toLowerCase() === wanted))
    findings.push({ state: 'CHAIN_SIGNATURE_MISMATCH', detail: place });
  return findings;
}

/** Copies of one digest count once. */
function oneForEachLocation(sorted: readonly JudgedDigest[]): JudgedDigest[] {
  const seen = new Set<string>();
  return sorted.filter(({ parsed }) => {
    const place = locationText(parsed!.location);
    return !seen.has(place) && seen.add(place) !== undefined;
  });
}

function compareTimes(order: readonly JudgedDigest[], linked: Map<JudgedDigest, Finding[]>): void {
  for (const [at, digest] of order.entries()) {
    const before = order[at - 1]?.parsed;
    if (before === undefined || before === null) continue;
    const { start, previous } = digest.parsed!;
    if (start < before.end)
      linked.get(digest)!.push({ state: 'OVERLAP', detail: `with ${locationText(before.location)}` });
    // Where it names another, or none, that is told already.
    else if (start > before.end && previous !== null && sameLocation(previous, before.location))
      linked.get(digest)!.push({
        state: 'TIME_GAP',
        detail: `nothing is vouched for ${spanText(before.end, start)}`,
      });
  }
}

const sameLocation = (a: Location, b: Location): boolean => a.bucket === b.bucket && a.key === b.key;

function joined(sorted: readonly ParsedDigest[]): Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const { start, end } of [...sorted].sort((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last !== undefined && start <= last.to) last.to = Math.max(last.to, end);
    else spans.push({ from: start, to: end });
  }
  return spans;
}

export const spanText = (from: number | null, to: number): string =>
  from === null
    ? `before ${new Date(to).toISOString()}`
    : `between ${new Date(from).toISOString()} and ${new Date(to).toISOString()}`;
