/** Checks every time-stamp there is, also those that wait to be sealed: its parts unaltered, and the fourteen points. */

import type { DraftOf } from '../../ledger/entry.ts';
import { checkpointKey, getIfPresent } from '../../ledger/store.ts';
import type { Trust } from '../../ledger/timestamps/check.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { checkKept, readStamp } from '../kept-stamp.ts';
import { stampParts } from '../stamp-keys.ts';
import type { Claims } from './claims.ts';
import type { StampTrust } from './report.ts';
import { messageOf, type Verification } from './report.ts';

type Entry = DraftOf<'timestamp'>;

export async function checkTimestamps(
  stores: Stores,
  claims: Claims,
  waiting: readonly Entry[],
  trust: StampTrust,
  result: Verification,
): Promise<void> {
  const seen = new Set<string>();
  // One that is sealed and still in the inbox is one.
  const entries = new Map([...waiting, ...claims.timestamps].map((entry) => [entry.key, entry]));
  let unknown = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.size - b.size)) {
    const good = await checkOne(stores, entry, { ...trust, isSeen: (id) => seen.has(id) }, result);
    if (good === null) continue;
    seen.add(good.id);
    if (good.revocation === 'unknown') unknown++;
    const { size, authority } = entry;
    result.timestamps.good++;
    result.timestamps.newest = {
      size,
      time: new Date(good.time / 1000).toISOString(),
      authority,
      policy: good.policy,
    };
  }
  result.timestamps.trusted = trust.roots !== null && result.timestamps.good > 0;
  result.caveats.push(...caveats(entries.size, unknown, trust, result));
}

async function checkOne(
  stores: Stores,
  entry: Entry,
  trust: Omit<Trust, 'crls'>,
  { problems, timestamps }: Verification,
) {
  const bad = (problem: Verification['problems'][number]): null => {
    problems.push(problem);
    if (!timestamps.bad.includes(entry.key)) timestamps.bad.push(entry.key);
    return null;
  };
  try {
    const whole = await areWhole(stores, entry, problems);
    if (!whole) return null;
    const kept = await readStamp(stores, entry.size);
    if (kept === null) return null;
    const stamp = kept.ok ? checkKept(kept.value, trust) : kept;
    if (!stamp.ok)
      return bad({ code: 'BAD_TIMESTAMP', key: entry.key, detail: `${stamp.code}: ${stamp.problem}` });
    const { time, authority } = stamp.value;
    if (time === entry.time && authority === entry.authority) return stamp.value;
    const detail = 'the ledger names another time or authority than the token does';
    return bad({ code: 'BAD_TIMESTAMP', key: entry.key, detail });
  } catch (error) {
    return bad({ code: 'UNREADABLE', key: entry.key, detail: messageOf(error) });
  }
}

/** Whether token and what lies beside it are as they were; whatever is not is named, and proves nothing either way. */
async function areWhole(
  { vault }: Stores,
  entry: Entry,
  problems: Verification['problems'],
): Promise<boolean> {
  const before = problems.length;
  for (const { key, sha256 } of stampParts(entry)) {
    const stored = await getIfPresent(vault, key);
    if (stored === null) {
      problems.push({ code: 'MISSING', key, detail: 'the ledger names it and storage does not hold it' });
    } else if (hashBytes(stored.body) !== sha256) {
      const found = hashBytes(stored.body);
      problems.push({
        code: 'ALTERED',
        key,
        detail: `its SHA-256 is ${found}, and was ${sha256} when stamped`,
      });
    }
  }
  // An altered or missing checkpoint is named by the check of the ledger.
  const note = await getIfPresent(vault, checkpointKey(entry.size));
  return problems.length === before && note !== null && hashBytes(note.body) === entry.checkpointSha256;
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
    : [`Of ${unknown} time-stamps it is not known whether a certificate of theirs was revoked.`];
}
