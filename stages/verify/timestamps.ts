/** Checks every time-stamp there is, also those that wait to be sealed: its parts unaltered, and the fourteen points. */

import type { DraftOf } from '../../ledger/entry.ts';
import type { Outcome } from '../../ledger/outcome.ts';
import { checkpointKey } from '../../ledger/store.ts';
import type { Timestamp, Trust } from '../../ledger/timestamps/check.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { makeKey, parseKey } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import { checkKept, type KeptStamp, type ReadPart, readFrom, readStamp } from '../kept-stamp.ts';
import { stampParts } from '../stamp-keys.ts';
import type { Claims } from './claims.ts';
import { type Harm, messageOf, type StampTrust, type Verification } from './report.ts';

type Entry = DraftOf<'timestamp'>;

/** Time-stamps read at once; of each a few small objects. */
const AT_ONCE = 16;

export async function checkTimestamps(
  stores: Stores,
  claims: Claims,
  waiting: readonly Entry[],
  trust: StampTrust,
  result: Verification,
): Promise<void> {
  const seen = new Set<string>();
  // One that is sealed and still in the inbox is one.
  const entries = [
    ...new Map([...waiting, ...claims.timestamps].map((entry) => [entry.key, entry])).values(),
  ];
  entries.sort((a, b) => a.size - b.size);
  const read = sharedLists(readFrom(stores));
  let unknown = 0;
  for (let from = 0; from < entries.length; from += AT_ONCE) {
    const batch = entries.slice(from, from + AT_ONCE);
    const loaded = await pooled(batch, AT_ONCE, (entry) => load(read, entry));
    for (const [at, { kept, problems }] of loaded.entries()) {
      const entry = batch[at]!;
      const judged = kept === null ? null : judge(kept, entry, { ...trust, isSeen: (id) => seen.has(id) });
      const harm = judged !== null && 'code' in judged ? [judged] : [];
      result.problems.push(...problems, ...harm);
      const isBad = [...problems, ...harm].some(({ key }) => key === entry.key);
      if (isBad && !result.timestamps.bad.includes(entry.key)) result.timestamps.bad.push(entry.key);
      if (judged === null || 'code' in judged) continue;
      seen.add(judged.id);
      if (judged.revocation === 'unknown') unknown++;
      const { time, authority, policy } = judged;
      result.timestamps.good++;
      result.timestamps.newest = {
        size: entry.size,
        time: new Date(time / 1000).toISOString(),
        authority,
        policy,
      };
    }
  }
  result.timestamps.trusted = trust.roots !== null && result.timestamps.good > 0;
  result.caveats.push(...caveats(entries.length, unknown, trust, result));
}

/** Lists of revocation serve many tokens: each is read once. */
function sharedLists(read: ReadPart): ReadPart {
  const lists = new Map<string, Promise<Uint8Array | null>>();
  return (key) => {
    if (parseKey(key)?.class !== 'revocationList') return read(key);
    const known = lists.get(key) ?? read(key);
    lists.set(key, known);
    return known;
  };
}

interface Loaded {
  /** Null where a part is not as it was: that is named, and proves nothing either way. */
  readonly kept: Outcome<KeptStamp> | null;
  readonly problems: readonly Harm[];
}

async function load(read: ReadPart, entry: Entry): Promise<Loaded> {
  const bodies = new Map<string, Uint8Array | null>();
  const once: ReadPart = async (key) => {
    if (!bodies.has(key)) bodies.set(key, await read(key));
    return bodies.get(key)!;
  };
  const problems: Harm[] = [];
  if (entry.key !== makeKey('timestamp', { size: entry.size })) {
    const detail = `the ledger names it for the checkpoint of ${entry.size} entries, which is another's place`;
    return { kept: null, problems: [{ code: 'BAD_TIMESTAMP', key: entry.key, detail }] };
  }
  try {
    for (const { key, sha256 } of stampParts(entry)) {
      const stored = await once(key);
      const found = stored === null ? null : hashBytes(stored);
      if (found === null)
        problems.push({ code: 'MISSING', key, detail: 'the ledger names it and storage does not hold it' });
      else if (found !== sha256)
        problems.push({
          code: 'ALTERED',
          key,
          detail: `its SHA-256 is ${found}, and was ${sha256} when stamped`,
        });
    }
    // An altered or missing checkpoint is named by the check of the ledger.
    const note = await once(checkpointKey(entry.size));
    const isWhole = problems.length === 0 && note !== null && hashBytes(note) === entry.checkpointSha256;
    return { kept: isWhole ? await readStamp(once, entry.size) : null, problems };
  } catch (error) {
    return { kept: null, problems: [{ code: 'UNREADABLE', key: entry.key, detail: messageOf(error) }] };
  }
}

/** The time-stamp, or why it proves nothing. */
function judge(kept: Outcome<KeptStamp>, entry: Entry, trust: Omit<Trust, 'crls'>): Timestamp | Harm {
  const stamp = kept.ok ? checkKept(kept.value, trust) : kept;
  const bad = (detail: string): Harm => ({ code: 'BAD_TIMESTAMP', key: entry.key, detail });
  if (!stamp.ok) return bad(`${stamp.code}: ${stamp.problem}`);
  const { time, authority } = stamp.value;
  return time === entry.time && authority === entry.authority
    ? stamp.value
    : bad('the ledger names another time or authority than the token does');
}

function caveats(
  found: number,
  unknown: number,
  { roots }: StampTrust,
  { checkpoint, timestamps }: Verification,
): string[] {
  if (checkpoint === null) return [];
  if (found === 0)
    return [
      'No time-stamp covers anything here: when it was sealed rests on the word of whoever holds the signing key. ' +
        '`akashi stamp --tsa <url>` asks an authority for one.',
    ];
  if (timestamps.good === 0) return [];
  if (roots === null)
    return [
      'Nobody said whose time-stamps to believe, so they were checked in all but that: name the root certificates of ' +
        'the authority with --tsa-roots.',
    ];
  return unknown === 0
    ? []
    : [
        `Of ${unknown} of the time-stamps it is not known whether a certificate behind them was revoked: no revocation list could be had.`,
      ];
}
