/** Judges logs by the digests that name them, and those that no digest names by the time of their delivery. */

import { pooled } from '../../vault/pool.ts';
import type { Series } from './chain.ts';
import type { LogHashes } from './gzip.ts';
import type { HeldLog } from './held.ts';
import {
  baseName,
  type Claim,
  claimOf,
  type LogName,
  locationText,
  mayBe,
  parseLogName,
  plainName,
} from './names.ts';
import type { LogListing, ParsedDigest } from './parse.ts';
import { betterLog, graverLog, LOG_STATES, type LogState } from './states.ts';

export interface LogVerdict {
  readonly state: LogState;
  readonly detail: string;
  /** Name of the series that vouches for it, or should; null where there is none. */
  readonly series: string | null;
}

/** A log that a signed digest names and that is not held. */
export interface MissingLog {
  readonly location: string;
  readonly series: string;
  /** Name of the digest that names it, without folders. */
  readonly digest: string;
}

/** A held log that no signed digest names. */
export interface UnlistedLog {
  readonly id: string;
  readonly origin: string;
  readonly name: LogName;
  readonly claim: Claim;
}

interface Held extends HeldLog {
  readonly claim: Claim;
  readonly name: LogName | null;
}

const HASHED_AT_ONCE = 4;
export type OnLog = (done: number, total: number) => void;

/** What became of a log that a signed digest names. */
export interface DeclaredLog {
  readonly location: string;
  readonly state: LogState;
  /** Times of its events as the digest gives them, milliseconds; of its delivery, where it does not. */
  readonly from: number;
  readonly to: number;
}

export interface JudgedLogs {
  /** By the name of the series. */
  readonly declared: ReadonlyMap<string, readonly DeclaredLog[]>;
  readonly verdicts: Map<string, LogVerdict>;
  readonly missing: readonly MissingLog[];
  readonly unlisted: readonly UnlistedLog[];
}

interface Listing {
  readonly listing: LogListing;
  readonly digest: ParsedDigest;
  readonly series: Series;
  /** The digest cannot prove the log; a log that is not as it says is invalid all the same. */
  readonly doubtful: boolean;
  readonly candidates: readonly Held[];
}

/** Compares every log that a signed digest names with what is held of it. */
export async function judgeListed(
  logs: readonly HeldLog[],
  series: readonly Series[],
  onLog: OnLog = () => {},
): Promise<JudgedLogs> {
  const held = logs.map((log): Held => {
    const claim = claimOf(log.origin);
    return { ...log, hashes: () => log.hashes(), claim, name: parseLogName(claim.base) };
  });
  const listings = gather(held, series);
  const hashes = await hashAll(held, listings, onLog);
  const renamed = byContent(held, hashes);

  const verdicts = new Map<string, LogVerdict>();
  const missing: MissingLog[] = [];
  const declared = new Map<string, DeclaredLog[]>();
  for (const { listing, digest, series, doubtful, candidates } of listings) {
    const found = candidates.length > 0 ? candidates : (renamed.get(listing.hash) ?? []);
    const by = baseName(digest.location.key);
    if (found.length === 0)
      missing.push({ location: locationText(listing), series: series.name, digest: by });
    const first = firstSight(found, listing, hashes);
    let best: LogState = found.length === 0 ? 'NOT_FOUND' : 'HASH_MISMATCH';
    for (const log of found) {
      const [state, detail] = compare(log, listing, hashes.get(log.id)!, first);
      best = betterLog(best, state);
      if (doubtful && LOG_STATES[state].level !== 'invalid') continue;
      const proven = state === 'VALID' && series.facts.kind === 'backfill' ? 'BACKFILLED' : state;
      const verdict = {
        state: proven,
        detail: detail === '' ? `named by ${by}` : detail,
        series: series.name,
      };
      const before = verdicts.get(log.id);
      if (before === undefined || graverLog(before.state, proven) !== before.state)
        verdicts.set(log.id, verdict);
    }
    // Signed with a key that was not valid then: what is missing is missing, what is held is not proven by it.
    if (doubtful && LOG_STATES[best].level !== 'invalid') continue;
    const own = declared.get(series.name) ?? [];
    declared.set(series.name, own);
    own.push({
      location: locationText(listing),
      state: best,
      from: listing.oldest ?? digest.start,
      to: Math.max(listing.newest ?? digest.end, listing.oldest ?? digest.start),
    });
  }
  const unlisted = held.flatMap(({ id, origin, claim, name }) =>
    name === null || verdicts.has(id) ? [] : [{ id, origin, claim, name }],
  );
  return { declared, verdicts, missing, unlisted };
}

function gather(held: readonly Held[], series: readonly Series[]): Listing[] {
  const byName = new Map<string, Held[]>();
  for (const log of held) {
    if (log.name === null) continue;
    const name = plainName(log.claim.base);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [log]);
    else same.push(log);
  }
  const listings = (one: Series, digest: ParsedDigest, doubtful: boolean): Listing[] =>
    digest.logs.map((listing) => {
      const named = byName.get(plainName(baseName(listing.key))) ?? [];
      const candidates = named.filter(({ claim }) => mayBe(claim, listing));
      return { listing, digest, series: one, doubtful, candidates };
    });
  return series.flatMap((one) => [
    ...one.authentic.flatMap((digest) => listings(one, digest, false)),
    ...one.doubtful.flatMap((digest) => listings(one, digest, true)),
  ]);
}

/** Hashes the logs that digests name, and where one of those is not there by name, copies that were renamed. */
async function hashAll(
  held: readonly Held[],
  listings: readonly Listing[],
  onLog: OnLog,
): Promise<Map<string, LogHashes>> {
  const wanted = new Set(listings.flatMap(({ candidates }) => candidates));
  if (listings.some(({ candidates }) => candidates.length === 0)) {
    for (const log of held) if (isRenamed(log)) wanted.add(log);
  }
  const hashes = new Map<string, LogHashes>();
  let done = 0;
  await pooled([...wanted], HASHED_AT_ONCE, async (log) => {
    hashes.set(log.id, await hashesOf(log));
    onLog(++done, wanted.size);
  });
  return hashes;
}

async function hashesOf(log: HeldLog): Promise<LogHashes> {
  try {
    return await log.hashes();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { stored: '', content: null, gzip: false, problem };
  }
}

/** A copy whose name says nothing may be any log; an object in a bucket is what its key says. */
const isRenamed = ({ name, claim }: Held): boolean => name === null && claim.s3 === null;

function byContent(
  held: readonly Held[],
  hashes: ReadonlyMap<string, LogHashes>,
): ReadonlyMap<string, Held[]> {
  const found = new Map<string, Held[]>();
  for (const log of held) {
    const content = isRenamed(log) ? hashes.get(log.id)?.content : null;
    if (content === null || content === undefined) continue;
    const same = found.get(content);
    if (same === undefined) found.set(content, [log]);
    else same.push(log);
  }
  return found;
}

/** Hash of the stored bytes of the copy that was received first, of those with the right content as gzip. */
function firstSight(
  found: readonly Held[],
  listing: LogListing,
  hashes: ReadonlyMap<string, LogHashes>,
): string | null {
  let first: Held | null = null;
  for (const log of found) {
    const { content, gzip } = hashes.get(log.id)!;
    if (!gzip || content !== listing.hash) continue;
    if (first === null || log.receivedAt < first.receivedAt) first = log;
  }
  return first === null ? null : hashes.get(first.id)!.stored;
}

function compare(
  { claim }: Held,
  listing: LogListing,
  { content, stored, gzip, problem }: LogHashes,
  first: string | null,
): [LogState, string] {
  if (content === null) return ['INVALID_FORMAT', problem ?? ''];
  if (!gzip && claim.s3 !== null && claim.base.endsWith('.gz'))
    return ['INVALID_FORMAT', 'it is no gzip file'];
  if (content !== listing.hash)
    return ['HASH_MISMATCH', `its content has the SHA-256 ${content}, and had ${listing.hash}`];
  if (!gzip) return ['VALID_CONTENT', 'it was decompressed'];
  return stored === first ? ['VALID', ''] : ['VALID_CONTENT', 'it was compressed again'];
}
