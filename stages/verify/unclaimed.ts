/** What lies in the stores and no ledger entry claims: what waits to be sealed, what an interrupted run left, what was added. */

import type { DraftOf } from '../../ledger/entry.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { drainPending, type Stores } from '../../vault/evidence.ts';
import { isKey } from '../../vault/key-syntax.ts';
import { classOf, evidenceKey, makeKey, PREFIXES, parseKey } from '../../vault/keys.ts';
import type { KeyVersions } from '../../vault/s3/versions.ts';
import type { Listed } from '../../vault/store.ts';
import { isStamp, readNotes } from '../notes.ts';
import { stampParts } from '../stamp-keys.ts';
import { readWindows } from '../windows.ts';
import type { Claims } from './claims.ts';
import { hashObjects } from './hashing.ts';
import type { Listing } from './objects.ts';
import { type Harm, messageOf, type Verification } from './report.ts';
import type { VersionCheck } from './versions.ts';

/** What lies beside the ledger and is no part of its tree. */
const OTHERS = [PREFIXES.timestamps, PREFIXES.growth];

/** A body in the inbox: preserved, and not sealed yet. */
export interface Waiting {
  readonly sha256: string;
  readonly size: number;
  /** The manifest that promises it. */
  readonly pendingKey: string;
}

/** Bodies in the inbox by their key in the vault. To be read before the vault is listed: a body comes before its manifest. */
export async function readWaiting(stores: Stores, problems: Harm[]): Promise<Map<string, Waiting>> {
  const waiting = new Map<string, Waiting>();
  for await (const item of drainPending(stores.state)) {
    if ('manifest' in item) {
      const { source, sha256, size } = item.manifest;
      const key = evidenceKeyOf(source, sha256);
      if (key !== null) waiting.set(key, { sha256, size, pendingKey: item.key });
      continue;
    }
    if (item.newer === true) continue;
    const named = parseKey(item.key);
    // Other names are told by the listing of the state store.
    if (named?.class === 'pending')
      problems.push(await faultOfManifest(stores, item.key, named.manifest, item.problem));
  }
  return waiting;
}

/** Time-stamps in the inbox, and the keys of the lists of holds there. */
export async function readWaitingNotes({
  state,
}: Stores): Promise<{ stamps: DraftOf<'timestamp'>[]; lists: string[] }> {
  const { notes } = await readNotes(state);
  const lists = notes.flatMap(({ draft }) =>
    draft.kind === 'hold' ? [makeKey('holdList', { sha256: draft.objectsSha256 })] : [],
  );
  return { stamps: notes.filter(isStamp).map(({ draft }) => draft), lists };
}

function evidenceKeyOf(source: string, sha256: string): string | null {
  try {
    return evidenceKey(source, sha256);
  } catch {
    // A source that no key can name: nothing can be stored under it.
    return null;
  }
}

async function faultOfManifest(
  { state }: Stores,
  key: string,
  hashInName: string,
  problem: string,
): Promise<Harm> {
  const altered = await state.get(key).then(
    ({ body }) => hashBytes(body).slice(0, 16) !== hashInName,
    () => false,
  );
  return altered
    ? { code: 'ALTERED', key, detail: 'its bytes are not those its name was made from' }
    : { code: 'UNREADABLE', key, detail: problem };
}

/**
 * Everything in a vault by key; names that are no keys are problems. `onListed` hears of each as it comes, `versions` of all
 * that lies on each where the store has versions: one listing tells both.
 */
export async function listVault(
  { vault }: Stores,
  problems: Harm[],
  onListed: (found: Listed) => Promise<void>,
  versions: VersionListing | null,
): Promise<Map<string, number>> {
  const listing = new Map<string, number>();
  try {
    for await (const found of versions === null ? vault.list('') : listedOf(versions)) {
      const { key, size } = found;
      if (isKey(key)) {
        listing.set(key, size);
        await onListed(found);
      } else problems.push(added(key, 'no part of a lake has such a name'));
    }
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: 'vault', detail: messageOf(error) });
  }
  return listing;
}

/** The keys of a store with versions, and who hears of what lies on each. */
export interface VersionListing {
  readonly all: () => AsyncIterable<KeyVersions>;
  readonly check: VersionCheck;
}

/** What counts of each key, as any listing has it. */
export async function* listedOf({ all, check }: VersionListing): AsyncGenerator<Listed> {
  for await (const found of all()) {
    check.see(found);
    if (found.oldest === null) continue;
    const { size, storedAt } = found.oldest;
    yield { key: found.key, size, ...(storedAt === undefined ? {} : { storedAt }) };
  }
}

/** What the vault holds beside what is claimed. `deep` compares bodies with the hash in their name. */
export async function judgeVault(
  { vault }: Stores,
  { objects, complete }: Claims,
  found: {
    readonly listing: Listing;
    readonly waiting: ReadonlyMap<string, Waiting>;
    readonly stamps: readonly DraftOf<'timestamp'>[];
    /** Keys of the lists of holds whose records wait to be sealed. */
    readonly lists: readonly string[];
  },
  deep: boolean,
  result: Verification,
): Promise<void> {
  const { problems } = result;
  const { listing, waiting } = found;
  const waitingLists = new Set(found.lists);
  const stamps = new Set(found.stamps.flatMap(stampParts).map(({ key }) => key));
  // What a damaged ledger does not name may have been sealed all the same.
  const orphan = (key: string) => {
    if (complete) result.orphans.push(key);
  };
  for (const [key, { size, pendingKey }] of waiting) {
    if (objects.has(key)) continue;
    const stored = listing.get(key);
    if (stored === undefined) {
      problems.push({
        code: 'MISSING',
        key,
        detail: `${pendingKey} says that it was preserved; it is not sealed yet`,
      });
    } else if (stored !== size) {
      const code = stored < size ? 'TRUNCATED' : 'ALTERED';
      problems.push({ code, key, detail: `it has ${stored} bytes, and had ${size} when it was preserved` });
    }
  }
  const bodies: { key: string; size: number }[] = [];
  for (const [key, size] of listing) {
    if (objects.has(key) || stamps.has(key)) continue;
    const home = classOf(key);
    if (home === null) problems.push(added(key, 'no part of a lake has such a name'));
    else if (home.home !== 'vault') problems.push(added(key, 'its place is in the state store'));
    else if (home.name === 'evidence') {
      bodies.push({ key, size });
      if (!waiting.has(key)) orphan(key);
    } else if (home.name === 'holdList') {
      bodies.push({ key, size });
      // Of a hold that was never placed after all.
      if (!waitingLists.has(key)) orphan(key);
    }
    // Tiles, bundles and checkpoints are the ledger's checker's business.
    else if (OTHERS.some((prefix) => key.startsWith(prefix)) || !key.startsWith('ledger/')) orphan(key);
  }
  if (!deep) return;
  const unsealed = 'its bytes are not those its name was made from; it is not sealed yet';
  await hashObjects(vault, bodies, 1, (key, hashed) => {
    const named = parseKey(key);
    if ('problem' in hashed) problems.push({ code: 'UNREADABLE', key, detail: hashed.problem });
    else if ((named?.class === 'evidence' || named?.class === 'holdList') && hashed.sha256 !== named.sha256)
      problems.push({ code: 'ALTERED', key, detail: unsealed });
  });
}

/** What the state store holds that no lake has there. `staging` is the bundle of the head, if it is there. */
export async function judgeState(
  { state }: Stores,
  staging: string | null,
  result: Verification,
): Promise<void> {
  const { problems } = result;
  try {
    for await (const { key } of state.list('')) {
      const home = classOf(key);
      if (home === null) problems.push(added(key, 'no part of a lake has such a name'));
      else if (home.home !== 'state') problems.push(added(key, 'its place is in the vault'));
      else if (home.name === 'staging' && key !== staging) result.orphans.push(key);
    }
    // What a newer version put there, that one will take up.
    for (const { key, code, problem } of (await readNotes(state)).problems)
      if (code !== 'NEWER') problems.push({ code, key, detail: problem });
    for (const { key, newer } of (await readWindows(state)).problems)
      if (newer !== true)
        problems.push({ code: 'ALTERED', key, detail: 'it holds no windows as its name promises' });
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: 'state', detail: messageOf(error) });
  }
}

const added = (key: string, detail: string): Harm => ({ code: 'ADDED', key, detail });
