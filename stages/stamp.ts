/** STAMP: has the newest sealed checkpoint time-stamped. Takes no lock and never holds up a seal. */

import { type LogIdentity, openCheckpoint } from '../ledger/checkpoint.ts';
import type { DraftOf } from '../ledger/entry.ts';
import { need, type Outcome, type Refusal } from '../ledger/outcome.ts';
import { openSealed } from '../ledger/recover.ts';
import { checkpointKey, getIfPresent } from '../ledger/store.ts';
import { type Certificate, nameOf } from '../ledger/timestamps/certificate.ts';
import { checkTimestamp, idOf, type Timestamp } from '../ledger/timestamps/check.ts';
import { encodeContext, type StampContext } from '../ledger/timestamps/context.ts';
import { encodeRequest, newNonce } from '../ledger/timestamps/request.ts';
import { readRevocationList } from '../ledger/timestamps/revocation.ts';
import { askAuthority, fetchList, type Limits } from '../ledger/timestamps/transport.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import { hashBytes } from '../vault/durable-file.ts';
import type { Stores } from '../vault/evidence.ts';
import { makeKey, PREFIXES, parseKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { checkKept, type KeptStamp, readFrom, readStamp } from './kept-stamp.ts';
import { putNote } from './notes.ts';
import { contextKey, listKey } from './stamp-keys.ts';
import { sealedStamps } from './stamp-notes.ts';

export interface StampOptions {
  /** Where the time-stamping authority answers. */
  readonly url: string;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** Null: nobody said whom to believe; everything else is checked. */
  readonly roots: readonly Certificate[] | null;
  /** Policies that are accepted; empty accepts any. */
  readonly policies: readonly string[];
  readonly limits?: Limits;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Stamped {
  /** Entries that the stamped checkpoint covers. */
  readonly size: number;
  /** Microseconds since the epoch, as the authority states. */
  readonly time: number;
  /** Microseconds either side; null where the authority states none. */
  readonly accuracy: number | null;
  readonly authority: string;
  readonly policy: string;
  /** Where the token lies in the vault. */
  readonly key: string;
  /** Whether a pinned root vouches for the authority; false where no roots were given. */
  readonly trusted: boolean;
  readonly revocation: Timestamp['revocation'];
  /** What could not be learned of revoked certificates, in sentences. */
  readonly notes: readonly string[];
}

export type StampResult =
  | { readonly outcome: 'stamped'; readonly stamp: Stamped }
  /** The checkpoint has a time-stamp, sealed or waiting to be. */
  | { readonly outcome: 'nothing new'; readonly size: number }
  | { readonly outcome: 'never sealed' };

/**
 * Throws what `askAuthority` throws, a code of `points.ts` for a token that is not to be believed, and
 * STAMP_UNPUBLISHED while an interrupted seal waits to be finished. Nothing is stored then, and it can be tried again.
 */
export async function stampNewest(
  stores: Stores,
  identity: LogIdentity,
  options: StampOptions,
): Promise<StampResult> {
  const { vault } = stores;
  const { head } = await readHead(stores.state);
  if (head.checkpoint === null) return { outcome: 'never sealed' };
  const log = await openSealed(stores, identity, Buffer.from(head.checkpoint));
  const { size } = log;
  for await (const newest of sealedStamps(log, head)) {
    if (newest.size >= size) return { outcome: 'nothing new', size };
    break;
  }
  const note = (await getIfPresent(vault, checkpointKey(size)))?.body;
  if (note === undefined)
    throw new AkashiError(
      'STAMP_UNPUBLISHED',
      `The checkpoint of ${size} entries is sealed and not published yet: a seal was interrupted. The next ` +
        '`akashi collect` finishes it; then stamp again.',
    );
  need(openCheckpoint(note, identity));
  const key = makeKey('timestamp', { size });
  const left = await readStamp(readFrom(stores), size);
  // Stored and perhaps not yet in the inbox: by a run that was killed, or one that is at it now.
  if (left !== null) {
    await finishLeft(stores, left, size, options);
    return { outcome: 'nothing new', size };
  }
  const asked = await ask(stores, note, options);
  const { reply, context, lists, stamp } = asked;
  await vault.putManyIfAbsent([
    ...lists.map((body) => ({
      key: listKey(hashBytes(body)),
      body,
      kind: WRITE_KINDS.revocationList,
    })),
    {
      key: contextKey(size, hashBytes(reply)),
      body: encodeContext(context),
      kind: WRITE_KINDS.timestampContext,
    },
  ]);
  // The context comes first: whoever finds a token can check it, and finish what was begun.
  await vault.putIfAbsent(key, reply, WRITE_KINDS.timestamp);
  // Durable and in no seal. A crash before the next line leaves a token that the next run puts into the inbox.
  await putNote(stores.state, draftOf({ size, key, note, reply, context }, stamp));
  return {
    outcome: 'stamped',
    stamp: {
      size,
      key,
      time: stamp.time,
      accuracy: stamp.accuracy,
      authority: stamp.authority,
      policy: stamp.policy,
      trusted: stamp.chain !== null,
      revocation: stamp.revocation,
      notes: asked.notes,
    },
  };
}

const draftOf = (
  { size, key, note, reply, context }: Omit<KeptStamp, 'crls'>,
  { authority, time }: Timestamp,
): DraftOf<'timestamp'> => ({
  kind: 'timestamp',
  size,
  checkpointSha256: hashBytes(note),
  key,
  tokenSha256: hashBytes(reply),
  authority,
  time,
  contextSha256: hashBytes(encodeContext(context)),
  crls: context.crls,
});

interface Answer {
  readonly reply: Uint8Array;
  readonly context: StampContext;
  /** DER of the revocation lists that were fetched. */
  readonly lists: readonly Uint8Array[];
  readonly stamp: Timestamp;
  readonly notes: readonly string[];
}

async function ask({ vault }: Stores, data: Uint8Array, options: StampOptions): Promise<Answer> {
  const { url, roots, policies, now = Date.now } = options;
  const nonce = newNonce();
  const sentAt = Math.round(now() * 1000);
  const reply = await askAuthority({
    url,
    request: encodeRequest(data, nonce),
    ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const receivedAt = Math.round(now() * 1000);
  const seen = await seenIds(vault);
  const check = (crls: readonly Uint8Array[]) =>
    need(
      checkTimestamp(
        reply,
        { data, nonce, sentAt, receivedAt },
        { roots, policies, crls, isSeen: (id) => seen.has(id) },
      ),
    );
  const first = check([]);
  const { lists, notes } = await fetchLists(first.chain ?? []);
  const stamp = lists.length === 0 ? first : check(lists);
  const crls = [...new Set(lists.map(hashBytes))].sort();
  return { reply, context: { url, nonce, sentAt, receivedAt, crls }, lists, stamp, notes };
}

/** Tokens read at once. */
const CONCURRENT_READS = 16;

/** Authority and serial number of every token in the vault. */
async function seenIds(vault: Stores['vault']): Promise<ReadonlySet<string>> {
  const keys: string[] = [];
  for await (const { key } of vault.list(PREFIXES.timestamps))
    if (parseKey(key)?.class === 'timestamp') keys.push(key);
  const ids = await pooled(keys, CONCURRENT_READS, async (key) => idOf((await vault.get(key)).body));
  return new Set(ids.filter((id) => id !== null));
}

/**
 * What the issuers of a chain say was revoked. Only a chain that a pinned root vouches for is asked about: the
 * addresses are its own. A list that cannot be had is told, and is no reason to do without a time-stamp.
 */
async function fetchLists(
  chain: readonly Certificate[],
): Promise<{ lists: readonly Uint8Array[]; notes: readonly string[] }> {
  const lists: Uint8Array[] = [];
  const notes: string[] = [];
  for (const [at, certificate] of chain.slice(0, -1).entries()) {
    const name = JSON.stringify(nameOf(certificate));
    if (certificate.crlUrls.length === 0) notes.push(`The issuer of ${name} names no revocation list.`);
    const problems: string[] = [];
    for (const url of certificate.crlUrls) {
      try {
        const list = await fetchList(url);
        need(readRevocationList(list, chain[at + 1]!));
        lists.push(list);
        problems.length = 0;
        break;
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
    notes.push(...problems.map((problem) => `Whether ${name} was revoked is not known: ${problem}`));
  }
  return { lists, notes };
}

/** Puts a token that lies in the vault into the inbox, once more than needed rather than never. */
async function finishLeft(
  stores: Stores,
  left: Outcome<KeptStamp>,
  size: number,
  { roots, policies }: StampOptions,
): Promise<void> {
  const stamp = left.ok ? checkKept(left.value, { roots, policies }) : left;
  if (left.ok && stamp.ok) {
    await putNote(stores.state, draftOf(left.value, stamp.value));
    return;
  }
  const { code, problem } = stamp as Refusal;
  throw new AkashiError(
    'STAMP_LEFT_UNUSABLE',
    `${makeKey('timestamp', { size })} was left by an earlier run and cannot be used: ${code}: ${problem}. It is in ` +
      'no seal and harms nothing; the next checkpoint that is sealed can be stamped.',
  );
}
