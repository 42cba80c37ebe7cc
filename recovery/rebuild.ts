/**
 * REBUILD: everything that is not in the vault made again from it, and what is gone of the vault's tables. Nothing in the
 * vault is ever replaced or removed. Killed anywhere and run again, it ends the same: until the head is back, which comes
 * last, nobody can write.
 */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { toHex } from '../ledger/encoding.ts';
import { AkashiError } from '../schema/error.ts';
import { collect } from '../stages/collect.ts';
import { settleHolds } from '../stages/hold.ts';
import { rebuildLakeIndex } from '../stages/lake-index.ts';
import { compareWithKnown } from '../stages/verify/known.ts';
import { readHead } from '../tables/head.ts';
import { NEEDLE_TABLES } from '../tables/needle/columns.ts';
import { manifestKey } from '../tables/needle/manifest.ts';
import { PREFIXES } from '../vault/keys.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { type DerivedAnew, deriveAnew } from './derive-anew.ts';
import { type HeadLeft, headLeft, headOf, publishTree, putHead } from './head.ts';
import { type History, readHistory } from './history.ts';
import { rebuildHolds, unnamedLists } from './holds.ts';
import { takeOrphans } from './orphans.ts';
import { laterGrowths, newestTree, type PassedOver, type SealedTree } from './sealed-tree.ts';
import { type RestoredTables, restoreTables } from './tables.ts';

export interface RebuildOptions {
  /** Head remembered outside the lake, as `akashi verify --known` keeps it. */
  readonly known?: Uint8Array;
  /** Hash every file of a table that is there. */
  readonly deep?: boolean;
  /** Microseconds. */
  readonly now?: number;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export interface Rebuilt {
  /** The tree that was found: what was sealed last, as far as the vault says. */
  readonly checkpoint: { readonly size: number; readonly root: string; readonly origin: string };
  /** What was left of the head; `same` and `newer` are left alone. */
  readonly head: HeadLeft;
  /** Cases that hold something, made again; null where the record was there. */
  readonly holds: number | null;
  /** Bodies put into the inbox again; null where the inbox was not lost. */
  readonly orphans: { readonly taken: number; readonly withOrigin: number } | null;
  readonly tables: Pick<
    RestoredTables,
    'missing' | 'restored' | 'bytes' | 'lostLive' | 'lostOld' | 'lostLists' | 'reasons'
  >;
  /** What could not be made again as it was sealed and is derived anew, on record; null where all could. */
  readonly derived: DerivedAnew | null;
  /** Files whose index was made anew; null where it was there. */
  readonly indexed: number | null;
  /** The ledger afterwards, when something was sealed: the index made anew, bodies that waited. */
  readonly sealed: { readonly size: number; readonly root: string } | null;
  /** What lies in the vault and was not believed. */
  readonly passedOver: readonly PassedOver[];
  /** What somebody should know or do, in sentences. */
  readonly notes: readonly string[];
  readonly seconds: { readonly state: number; readonly tables: number; readonly index: number };
}

/**
 * Throws REBUILD_NOTHING for a vault where nothing was sealed, KEY_MISSING, LEDGER_ROLLED_BACK and LEDGER_FORKED beside a
 * known head that says so, LEDGER_INCOMPLETE, LEDGER_DAMAGED, LAKE_LOCKED beside a writer, and what stores throw.
 */
export async function rebuild(
  lake: Lake,
  identity: LogIdentity,
  options: RebuildOptions = {},
): Promise<Rebuilt> {
  const { now = Date.now() * 1000, onProgress = () => {} } = options;
  const notes: string[] = [];
  const clock = stopwatch();
  const first = await withWriter(lake, () => rebuildStores(lake, identity, options, notes, clock));
  const { state } = lake;
  await settleHolds(lake, identity, now);
  let sealed: Rebuilt['sealed'] = null;
  let indexed: number | null = null;
  let derived: Rebuilt['derived'] = null;
  if (isIncomplete(first.tables)) {
    const { tree, history } = first;
    derived = await deriveAnew(lake, tree.reader, history, first.tables, now, (done, total) =>
      onProgress('bodies', done, total),
    );
    sealed = derived.checkpoint;
    notes.push(...lossesOf(derived));
  }
  if (derived !== null || (await indexIsGone(lake))) {
    const made = await rebuildLakeIndex(lake, (done, total) => onProgress('index', done, total));
    indexed = made.files - made.unread.length;
    sealed = made.checkpoint;
  }
  if (await hasAny(state.list(PREFIXES.pending))) {
    const { checkpoint } = await collect(lake, [], { now: () => Math.round(now / 1000) });
    if (checkpoint !== null && checkpoint.size > (sealed?.size ?? first.checkpoint.size)) sealed = checkpoint;
  }
  const cursors = await hasAny(state.list(PREFIXES.cursors));
  if (first.head === 'none' && !cursors)
    notes.push(
      'How far feeds were pulled is not known any more. The next pull asks again for what was there; what is held is not kept twice.',
    );
  const { tree: _, history: __, ...found } = first;
  const { missing, restored, bytes, lostLive, lostOld, lostLists, reasons } = found.tables;
  const tables = { missing, restored, bytes, lostLive, lostOld, lostLists, reasons };
  return { ...found, tables, derived, indexed, sealed, notes, seconds: { ...first.seconds, index: clock() } };
}

type Found = Omit<Rebuilt, 'derived' | 'indexed' | 'sealed' | 'notes' | 'tables'> & {
  readonly tables: RestoredTables;
  readonly tree: SealedTree;
  readonly history: History;
};

const isIncomplete = ({ lostLive, lostOld, lostLists }: Rebuilt['tables']): boolean =>
  lostLive.length + lostOld.length + lostLists.length > 0;

function lossesOf({ givenUp, withoutMetadata, withoutFacts }: DerivedAnew): string[] {
  const said: string[] = [];
  if (givenUp > 0)
    said.push(
      `${givenUp} files could not be made again as they were sealed; the ledger gives them up by name.`,
    );
  if (withoutMetadata > 0)
    said.push(`The object metadata of ${withoutMetadata} bodies is lost: the ledger has its hash alone.`);
  if (withoutFacts > 0)
    said.push(
      `Windows and declared logs of ${withoutFacts} seals are lost to coverage; records are counted anew.`,
    );
  return said;
}

async function rebuildStores(
  lake: Lake,
  identity: LogIdentity,
  { known, deep = false, now = Date.now() * 1000, onProgress = () => {} }: RebuildOptions,
  notes: string[],
  clock: () => number,
): Promise<Found> {
  const tree = await newestTree(lake, identity);
  if (tree === null)
    throw new AkashiError(
      'REBUILD_NOTHING',
      `"${lake.address}" has no sealed checkpoint of ${identity.origin} in its vault, so there is nothing to go by. ` +
        'Check the address and the key; what was preserved and never sealed is taken in by `akashi collect`.',
    );
  await refuseUnlikeKnown(known, tree);
  const history = await readHistory(tree.reader, tree.growth, (done, total) =>
    onProgress('ledger', done, total),
  );
  const { left, version } = await headLeft(lake, tree);
  const later = await laterGrowths(lake, tree.checkpoint.size);
  let holds: number | null = null;
  let orphans: Rebuilt['orphans'] = null;
  const passedOver = [...tree.passedOver];
  if (left !== 'newer') {
    await publishTree(lake, identity, tree);
    holds = await rebuildHolds(lake, history.claims.holds);
  }
  if (left === 'none' || left === 'unreadable' || left === 'older') {
    if (later.length > 0)
      notes.push(
        `${later.length} seals were under way, or lost to another writer, when the state store was last seen. What they were about to seal is taken in again.`,
      );
    for (const key of await unnamedLists(lake, history.claims.holds))
      notes.push(
        `"${key}" lists objects of a hold that no entry of the ledger names: its record was lost before it was sealed. The objects stay flagged; place the hold again with \`akashi hold\`.`,
      );
    const taken = await takeOrphans(lake, new Set(history.claims.evidence.keys()), later, now);
    orphans = { taken: taken.taken, withOrigin: taken.withOrigin };
    passedOver.push(...taken.passedOver);
    if (taken.taken > taken.withOrigin)
      notes.push(
        `${taken.taken - taken.withOrigin} bodies had been preserved and not sealed; where they came from was in the inbox, and is lost.`,
      );
    await putHead(lake, headOf(tree, history), version);
  }
  const state = clock();
  // A newer head is of a seal whose checkpoint is not in the vault yet: whoever writes next finishes it.
  const tables = await restoreTables(lake, tree.reader, history, {
    deep,
    onSeal: (done, total) => onProgress('tables', done, total),
  });
  const { size, root, origin } = tree.checkpoint;
  return {
    checkpoint: { size, root: toHex(root), origin },
    head: left,
    holds,
    orphans,
    tables,
    passedOver,
    seconds: { state, tables: clock(), index: 0 },
    tree,
    history,
  };
}

/** A roll-back looks like any other vault, but to who remembers. */
async function refuseUnlikeKnown(known: Uint8Array | undefined, tree: SealedTree): Promise<void> {
  if (known === undefined) return;
  const harm = await compareWithKnown(known, tree.checkpoint, async () => tree.reader);
  if (harm === null) return;
  throw new AkashiError(
    `LEDGER_${harm.code}`,
    `What the vault holds is not what was known: ${harm.detail}. Nothing was written. Find what is missing in a copy, ` +
      'a replica or the deleted versions of the bucket, and find out who could remove it.',
  );
}

/** Whether the head names lists of the needle index that are not there. */
async function indexIsGone(lake: Lake): Promise<boolean> {
  const { head } = await readHead(lake.state);
  for (const table of NEEDLE_TABLES) {
    const sha256 = head.index[table];
    if (sha256 !== undefined && (await lake.state.stat(manifestKey(table, sha256))) === null) return true;
  }
  return false;
}

async function hasAny(list: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of list) return true;
  return false;
}

/** Seconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const since = last;
    last = performance.now();
    return (last - since) / 1000;
  };
}
