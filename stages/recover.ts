/** What a run finds of earlier ones: bodies sealed already, and manifests still in the inbox. */

import type { Row } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { filesOf } from '../tables/file-list.ts';
import { type Head, readHead } from '../tables/head.ts';
import { type DataFileEntry, openTable, readTable } from '../tables/table-metadata.ts';
import { drainPending, type PendingItem, type Stores } from '../vault/evidence.ts';
import type { Manifest, ManifestProblem } from '../vault/manifest.ts';
import type { StateStore } from '../vault/store.ts';
import { readRows } from './parquet-rows.ts';

interface SealedBody {
  readonly sha256: string;
  readonly source: string;
}

/** Rows of data files read before, for processes that seal time and again. */
const read = new WeakMap<StateStore, Map<string, readonly SealedBody[]>>();

/** Hash and source of every body the head commits to. */
export async function readEvidenceRows(stores: Stores): Promise<SealedBody[]> {
  const { head } = await readHead(stores.state);
  const { files } = await readTable(stores.vault, head, 'evidence');
  const before = read.get(stores.state);
  const after = new Map<string, readonly SealedBody[]>();
  for (const file of files) after.set(file.key, before?.get(file.key) ?? (await rowsOf(stores, [file])));
  read.set(stores.state, after);
  noteSealed(stores.state, files);
  return [...after.values()].flat();
}

async function rowsOf({ vault }: Stores, files: readonly DataFileEntry[]): Promise<SealedBody[]> {
  const found: SealedBody[] = [];
  for (const { key } of files) {
    const rows = await readRows((await vault.get(key)).body, ['sha256', 'source']);
    for (const row of rows) found.push({ sha256: String(row['sha256']), source: String(row['source']) });
  }
  return found;
}

/** SHA-256 of every body the head commits to. */
export async function sealedEvidence(stores: Stores): Promise<Set<string>> {
  return new Set((await readEvidenceRows(stores)).map(({ sha256 }) => sha256));
}

/** Files of the evidence table whose bodies this process knows of, and hashes of whole parts of its list, by store. */
const known = new WeakMap<StateStore, Set<string>>();

/** Remembers files of the evidence table as read, or as sealed by this process itself. */
export function noteSealed(state: StateStore, files: readonly DataFileEntry[]): void {
  const keys = known.get(state) ?? new Set();
  for (const { key } of files) keys.add(key);
  known.set(state, keys);
}

/**
 * Throws LAKE_CHANGED when one of the bodies is sealed already, by a writer this process did not know of when it took
 * the body for new. Only what was sealed since then is read.
 */
export async function refuseSealed(
  stores: Stores,
  head: Head,
  bodies: readonly Row<'evidence'>[],
): Promise<void> {
  const read = known.get(stores.state) ?? new Set();
  const { list } = await openTable(stores.vault, head, 'evidence');
  const files = await filesOf(stores.vault, 'evidence', list, ({ sha256 }) => !read.has(sha256));
  const unread = files.filter(({ key }) => !read.has(key));
  if (unread.length === 0) {
    // Whole parts of the list that are known are not gone through again.
    for (const { sha256 } of list.parts) read.add(sha256);
    known.set(stores.state, read);
    return;
  }
  const sealed = new Set((await rowsOf(stores, unread)).map(({ sha256 }) => sha256));
  const twice = bodies.find(({ sha256 }) => sealed.has(sha256 ?? ''));
  if (twice === undefined) return;
  throw sealedMeanwhile(twice);
}

/** What a seal is refused with when another writer was first with one of its bodies. */
export const sealedMeanwhile = ({ sha256, origin }: Row<'evidence'>): AkashiError =>
  new AkashiError(
    'LAKE_CHANGED',
    `Another writer sealed ${sha256} (${origin}) meanwhile. Nothing was sealed twice and nothing is lost: run the command again.`,
  );

export interface Inbox {
  /** One manifest per body that is not sealed yet. */
  readonly manifests: readonly Manifest[];
  /** Every key of the inbox that is done with once those bodies are sealed. */
  readonly keys: readonly string[];
  /** Those of them that promise one body, by its hash: of bodies in `manifests`, and of bodies sealed before. */
  readonly keysOf: ReadonlyMap<string, readonly string[]>;
  /** What lies in the inbox and is no manifest: left where it is, and told. */
  readonly problems: readonly ({ readonly key: string } & ManifestProblem)[];
}

/** Everything that waits to be sealed. */
export async function readInbox(stores: Stores, sealed: ReadonlySet<string>): Promise<Inbox> {
  const items: PendingItem[] = [];
  for await (const item of drainPending(stores.state)) items.push(item);
  return inboxOf(items, sealed);
}

/** The same of what was read. */
export function inboxOf(items: readonly PendingItem[], sealed: ReadonlySet<string>): Inbox {
  const manifests = new Map<string, Manifest>();
  const keys: string[] = [];
  const keysOf = new Map<string, string[]>();
  const problems: ({ key: string } & ManifestProblem)[] = [];
  for (const item of items) {
    if ('problem' in item) {
      problems.push(item);
      continue;
    }
    keys.push(item.key);
    const own = keysOf.get(item.manifest.sha256) ?? [];
    own.push(item.key);
    keysOf.set(item.manifest.sha256, own);
    // Of several manifests for one body the first by key decides; the ledger keeps them all.
    if (!sealed.has(item.manifest.sha256) && !manifests.has(item.manifest.sha256)) {
      manifests.set(item.manifest.sha256, item.manifest);
    }
  }
  return { manifests: [...manifests.values()], keys, keysOf, problems };
}
