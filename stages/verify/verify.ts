/**
 * VERIFY: reads storage again and trusts only the public key, and the head remembered outside the lake if there is one.
 * Writes nothing into the lake.
 */

import { hash } from 'node:crypto';
import { type LogIdentity, openCheckpoint, type SignedCheckpoint } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { fsck } from '../../ledger/fsck.ts';
import type { ReadsCheckpoint } from '../../ledger/fsck-checkpoints.ts';
import type { FsckReport } from '../../ledger/fsck-report.ts';
import { openSealed } from '../../ledger/recover.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Head, readHead } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Lake } from '../../vault/lake.ts';
import type { KeyVersions } from '../../vault/s3/versions.ts';
import type { Listed } from '../../vault/store.ts';
import { type Claims, claimReader } from './claims.ts';
import { checkCustodyHeads } from './custody-heads.ts';
import { checkCustodyRows } from './custody-rows.ts';
import { type Due, dueOf, SHARE_DAYS } from './due.ts';
import { checkEvidenceRows } from './evidence-rows.ts';
import { inspectFolder, withoutUnreadable } from './folder.ts';
import { claimNewestGrowth } from './growths.ts';
import { checkHolds } from './holds.ts';
import { checkIcebergTables } from './iceberg-tables.ts';
import { compareWithKnown, type Known, readKnown, writeKnown } from './known.ts';
import { lockCheck } from './locks.ts';
import { checkObjects } from './objects.ts';
import { rederive } from './rederive.ts';
import {
  type Harm,
  messageOf,
  newVerification,
  type StampTrust,
  type Verification,
  withoutRepeats,
} from './report.ts';
import { checkCopies } from './sealed-copies.ts';
import { checkTables, sizesOf, type Tables } from './tables.ts';
import { trustedIdentity } from './trust.ts';
import { judgeState, judgeVault, listVault, readWaiting, readWaitingNotes } from './unclaimed.ts';
import { checkVerdictRows } from './verdict-rows.ts';
import { compareKeys, inspectVersions, versionCheck } from './versions.ts';

export interface StoreOptions {
  /** Hash every byte. */
  readonly deep?: boolean;
  /** Derive every row again from evidence; hashes every byte first. */
  readonly rederive?: boolean;
  /** What is asked for one by one; everything unless given. */
  readonly due?: Due | null;
  /** Every key of the vault with all its versions, where the store has versions. */
  readonly versions?: () => AsyncIterable<KeyVersions>;
  /** Threads that hash; one per core unless given. */
  readonly threads?: number;
  /** Whose time-stamps to believe. */
  readonly stamps?: StampTrust;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export interface VerifyOptions extends StoreOptions {
  /** File with the verifier key to believe instead of the lake's own copy. */
  readonly publicKey?: string;
  /** File with the head remembered from the last verification; written when this one finds nothing wrong. */
  readonly known?: string;
  /**
   * On S3, and with a remembered head: until when the store keeps a body, and what a sealed checkpoint says, is asked only of
   * what came since that head and of the share whose turn it is today. Nothing else is passed over. Everything is asked of a
   * lake in a folder, where asking costs nothing, and when bytes are hashed.
   */
  readonly onlyDue?: boolean;
  /** Today, for `onlyDue`. */
  readonly now?: Date;
}

export async function verify(lake: Lake, options: VerifyOptions = {}): Promise<Verification> {
  const began = new Date();
  const deep = isDeep(options);
  const result = newVerification(deep ? 'bytes' : 'structure');
  const known = options.known === undefined ? null : await readKnown(options.known);
  const stores = await inspected(lake, deep, result);
  const head = await readHeadInto(stores, result.problems);
  if (head === null) {
    if (lake.remote !== undefined)
      await inspectVersions(lake.remote.versions, versionCheck(result), result.problems);
    return finished(result);
  }
  const identity = await trustedIdentity(lake.root, options.publicKey, head.head.checkpoint !== null, result);
  const due = dueIn(lake, known, options, options.now ?? began);
  const versions = lake.remote === undefined ? {} : { versions: lake.remote.versions };
  const note = await verifyStores(
    stores,
    identity,
    known?.note ?? null,
    { ...options, ...versions, due },
    result,
  );
  if (options.known !== undefined && result.problems.length === 0 && note !== null) {
    await writeKnown(options.known, note, began);
    if (known === null)
      result.caveats.push(`From now on this head is remembered in "${options.known}", for the next run.`);
  }
  return finished(result);
}

/** What is asked for one by one; null for everything. */
function dueIn({ remote }: Lake, known: Known | null, options: VerifyOptions, now: Date): Due | null {
  if (options.onlyDue !== true || remote === undefined || known === null || isDeep(options)) return null;
  // A clock was wrong, then or now: nobody can say what came since.
  if (known.at > now) return null;
  return dueOf(known.size, known.at, now);
}

/** What only the kind of store shows; the stores as they are safe to read. */
async function inspected(lake: Lake, deep: boolean, result: Verification): Promise<Stores> {
  if (lake.remote === undefined) return withoutUnreadable(lake, await inspectFolder(lake.root, deep, result));
  await compareKeys(lake.remote, lake.root, result.problems);
  return lake;
}

const isDeep = ({ deep, rederive }: StoreOptions): boolean => deep === true || rederive === true;

function finished(result: Verification): Verification {
  result.problems = withoutRepeats(result.problems);
  result.ok = result.problems.length === 0;
  return result;
}

interface SeenHead {
  readonly head: Head;
  readonly version: string | null;
}

/** Null for one that cannot be read, which is then a problem. Throws LAKE_NEWER. */
async function readHeadInto(stores: Stores, problems: Harm[]): Promise<SeenHead | null> {
  try {
    return await readHead(stores.state);
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'LAKE_NEWER') throw error;
    problems.push({ code: 'UNREADABLE', key: 'head', detail: messageOf(error) });
    return null;
  }
}

/**
 * Checks two stores against a key (null: none can be believed, so that only what needs no signature is looked at) and a
 * head remembered from before. Resolves to the checkpoint everything was checked against.
 */
export async function verifyStores(
  stores: Stores,
  identity: LogIdentity | null,
  known: Uint8Array | null,
  options: StoreOptions,
  result: Verification,
): Promise<Uint8Array | null> {
  const deep = isDeep(options);
  const progress = options.onProgress ?? (() => {});
  const due = options.due ?? null;
  const sealed = await checkSealed(stores, identity, due, progress);
  if (sealed === null) {
    await readHeadInto(stores, result.problems);
    if (options.versions !== undefined)
      await inspectVersions(options.versions, versionCheck(result), result.problems);
    return null;
  }
  const { claims, tables, checkpoint, staging } = sealed;
  result.problems.push(...sealed.problems);
  Object.assign(result.ledger, sealed.counts);
  result.bytes += sealed.bytes;
  if (checkpoint !== null) {
    const { size, root, origin } = checkpoint;
    result.checkpoint = { size, root: toHex(root), origin };
  }

  const locks = lockCheck(stores, claims, due);
  const versions =
    options.versions === undefined ? null : { all: options.versions, check: versionCheck(result) };
  // Without a head that is signed nothing is known of what should be there, and everything would look left over.
  if (checkpoint !== null || sealed.note === null) {
    const waiting = await readWaiting(stores, result.problems);
    const { stamps, lists } = await readWaitingNotes(stores);
    const replaced = new Set<string>();
    const onListed = async (found: Listed): Promise<void> => {
      await locks.listed(found);
      if (isReplaced(found, claims, due)) replaced.add(found.key);
    };
    const listing = await listVault(stores, result.problems, onListed, versions);
    claimNewestGrowth(sealed.growth, checkpoint?.size ?? 0, claims, listing, result.problems);
    await checkObjects(
      stores,
      claims,
      {
        deep,
        listing,
        replaced,
        sizes: sizesOf(tables),
        ...(options.threads === undefined ? {} : { threads: options.threads }),
        onObject: (done, total) => progress('objects', done, total),
      },
      result,
    );
    await judgeVault(stores, claims, { listing, waiting, stamps, lists }, deep, result);
    // Loaded on first use, with the libraries it needs.
    const { checkTimestamps } = await import('./timestamps.ts');
    await checkTimestamps(stores, claims, stamps, options.stamps ?? { roots: null, policies: [] }, result);
    await judgeState(stores, staging, result);
    versions?.check.finish();
  } else if (versions !== null) await inspectVersions(versions.all, versions.check, result.problems);
  if (deep && claims.complete) {
    await checkEvidenceRows(stores, claims, tables, result);
    await checkCustodyRows(stores, claims, tables, result);
    await checkVerdictRows(stores, claims, tables, result);
    await checkIcebergTables(stores, sealed.head, tables, result.problems);
  }
  const hasMoved = async () => {
    const now = (await readHeadInto(stores, []))?.head.checkpoint ?? null;
    return now !== (sealed.note === null ? null : Buffer.from(sealed.note).toString('utf8'));
  };
  const { note, ledgerIsWhole } = sealed;
  if (ledgerIsWhole && identity !== null && note !== null)
    await checkCustodyHeads(
      stores,
      claims,
      () => openSealed(stores, identity, note),
      hasMoved,
      result.problems,
    );
  const { problems: ofLocks, asked, promised } = await locks.finish();
  result.problems.push(...ofLocks);
  result.asked = {
    promised,
    locks: asked,
    unreadCheckpoints: sealed.unreadCheckpoints,
    withinDays: due === null ? null : SHARE_DAYS,
  };
  if (asked < promised || sealed.unreadCheckpoints > 0) result.caveats.push(notAsked(result.asked));
  await checkHolds(stores, claims, hasMoved, result);
  await checkAgainstKnown(stores, identity, known, sealed, result);
  if (options.rederive === true && result.problems.length === 0)
    await rederive(stores, claims, tables, result, (done, total) => progress('rows', done, total));
  return sealed.note;
}

/** Sealed before the remembered head, and taken by the store after it: what was found good then was something else. */
const isReplaced = ({ key, storedAt }: Listed, { objects }: Claims, due: Due | null): boolean =>
  due !== null &&
  storedAt !== undefined &&
  storedAt >= due.storedSince &&
  (objects.get(key)?.leaf ?? Infinity) < due.sealedBefore;

const notAsked = ({ promised, locks, unreadCheckpoints }: Verification['asked']): string =>
  `The store was asked until when it keeps ${locks} of ${promised} bodies: those that came since the remembered head, and the share ` +
  `whose turn it was; ${unreadCheckpoints} sealed checkpoints are there and were not read. Each has its turn within ${SHARE_DAYS} days.`;

/** What was sealed, as far as the ledger and the head can be believed. */
interface Sealed {
  readonly note: Uint8Array | null;
  readonly checkpoint: SignedCheckpoint | null;
  readonly claims: Claims;
  readonly head: Head;
  readonly tables: Tables;
  /** Key of what the newest seal left in the vault, as the head says. */
  readonly growth: string | null;
  /** Key of the head's own staging bundle, when it is there. */
  readonly staging: string | null;
  readonly counts: Verification['ledger'];
  readonly unreadCheckpoints: number;
  readonly bytes: number;
  readonly ledgerIsWhole: boolean;
  readonly problems: readonly Harm[];
}

/** Heads that keep moving while one verifies; more means that a writer never rests. */
const MAX_MOVED_HEADS = 20;

/** A writer that seals meanwhile makes the head look rolled back: what is wrong is believed once the head has rested. */
async function checkSealed(
  stores: Stores,
  identity: LogIdentity | null,
  due: Due | null,
  progress: NonNullable<StoreOptions['onProgress']>,
): Promise<Sealed | null> {
  for (let moved = 0; ; moved++) {
    const seen = await readHeadInto(stores, []);
    if (seen === null) return null;
    const sealed = await checkHead(stores, identity, seen.head, due, progress);
    if (sealed.problems.length === 0 || moved === MAX_MOVED_HEADS) return sealed;
    if ((await readHeadInto(stores, []))?.version === seen.version) return sealed;
  }
}

const NOBODY: LogIdentity = { origin: '', verifiers: [] };

async function checkHead(
  stores: Stores,
  believed: LogIdentity | null,
  head: Head,
  due: Due | null,
  progress: NonNullable<StoreOptions['onProgress']>,
): Promise<Sealed> {
  const problems: Harm[] = [];
  const note = head.checkpoint === null ? null : Buffer.from(head.checkpoint);
  const unread: Omit<Sealed, 'ledgerIsWhole' | 'problems'> = {
    note,
    checkpoint: null,
    claims: claimReader([], note === null).claims,
    head,
    tables: new Map(),
    growth: head.growth,
    staging: null,
    counts: { tiles: 0, bundles: 0, entries: 0, checkpoints: 0 },
    unreadCheckpoints: 0,
    bytes: 0,
  };
  if (believed === null && note !== null) return { ...unread, ledgerIsWhole: false, problems };
  // Without a head and without a key a lake was never sealed, or everything that says otherwise shows.
  const identity = believed ?? NOBODY;
  const opened = note === null ? null : openCheckpoint(note, identity);
  const checkpoint = opened?.ok ? opened.value : null;
  try {
    const { report, claims } = await readLedger(stores, identity, note, due, problems, progress);
    const staging = checkpoint === null ? null : await checkCopies(stores, checkpoint, problems);
    // A head that nobody signed says nothing that could be compared.
    const tables = opened?.ok === false ? new Map() : await checkTables(stores, head, claims, problems);
    const { bytes, unreadCheckpoints, ...counts } = report.checked;
    const { growth } = head;
    return {
      note,
      checkpoint,
      claims,
      head,
      tables,
      growth,
      staging,
      counts,
      unreadCheckpoints,
      bytes,
      ledgerIsWhole: report.ok,
      problems,
    };
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: 'ledger', detail: messageOf(error) });
    return { ...unread, checkpoint, ledgerIsWhole: false, problems };
  }
}

/** Checks the ledger and gathers what its entries claim: all of them, or those of a damaged one that were sealed. */
async function readLedger(
  stores: Stores,
  identity: LogIdentity,
  note: Uint8Array | null,
  due: Due | null,
  problems: Harm[],
  progress: NonNullable<StoreOptions['onProgress']>,
): Promise<{ report: FsckReport; claims: Claims }> {
  const faults: Harm[] = [];
  const reader = claimReader(faults);
  const reads = due === null ? {} : { reads: readsCheckpoint(due) };
  const report = await fsck(stores, identity, note, {
    ...reads,
    onEntry: (index, bytes) => reader.take(index, bytes),
    onProgress: (done, total) => progress('ledger', done, total),
  });
  problems.push(...report.problems);
  if (report.entries.all) {
    problems.push(...faults);
    return { report, claims: reader.claims };
  }
  // Read once more: an altered entry is named as such, and must not accuse anything else.
  const careful = claimReader(problems, false);
  await fsck(stores, identity, note, {
    ...reads,
    onEntry: (index, bytes) => {
      if (report.entries.has(index)) careful.take(index, bytes);
    },
  });
  return { report, claims: careful.claims };
}

const readsCheckpoint =
  ({ sealedBefore, storedSince, hasTurn }: Due): ReadsCheckpoint =>
  (size, storedAt) =>
    size >= sealedBefore ||
    storedAt === undefined ||
    storedAt >= storedSince ||
    hasTurn(hash('sha256', String(size), 'hex'));

async function checkAgainstKnown(
  stores: Stores,
  identity: LogIdentity | null,
  known: Uint8Array | null,
  { note, checkpoint, ledgerIsWhole }: Sealed,
  result: Verification,
): Promise<void> {
  if (known === null) {
    result.caveats.push(
      'No earlier head is known, so it cannot be excluded that the whole lake was put back to an earlier state, or ' +
        'written anew by whoever holds its signing key. Keep one outside the lake with --known.',
    );
    return;
  }
  // Unsigned: named already, and its size is anybody's claim.
  if (note !== null && checkpoint === null) return;
  try {
    const openLog = async () =>
      identity === null || note === null || !ledgerIsWhole ? null : await openSealed(stores, identity, note);
    const harm = await compareWithKnown(known, checkpoint, openLog);
    if (harm !== null) result.problems.push(harm);
  } catch (error) {
    result.problems.push({ code: 'UNREADABLE', key: 'ledger', detail: messageOf(error) });
  }
}
