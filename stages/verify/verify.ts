/**
 * VERIFY: reads storage again and trusts only the public key, and the head remembered outside the lake if there is one.
 * Writes nothing into the lake.
 */

import { type LogIdentity, openCheckpoint, type SignedCheckpoint } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { fsck } from '../../ledger/fsck.ts';
import type { FsckReport } from '../../ledger/fsck-report.ts';
import { openSealed } from '../../ledger/recover.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Head, readHead } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Lake } from '../../vault/lake.ts';
import { type Claims, claimReader } from './claims.ts';
import { checkCustodyHeads } from './custody-heads.ts';
import { checkCustodyRows } from './custody-rows.ts';
import { checkEvidenceRows } from './evidence-rows.ts';
import { inspectFolder, withoutUnreadable } from './folder.ts';
import { claimNewestGrowth } from './growths.ts';
import { checkHolds } from './holds.ts';
import { checkIcebergTables } from './iceberg-tables.ts';
import { compareWithKnown, readKnown, writeKnown } from './known.ts';
import { checkLocks } from './locks.ts';
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
import { inspectVersions } from './versions.ts';

export interface StoreOptions {
  /** Hash every byte. */
  readonly deep?: boolean;
  /** Derive every row again from evidence; hashes every byte first. */
  readonly rederive?: boolean;
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
}

export async function verify(lake: Lake, options: VerifyOptions = {}): Promise<Verification> {
  const deep = isDeep(options);
  const result = newVerification(deep ? 'bytes' : 'structure');
  const known = options.known === undefined ? null : await readKnown(options.known);
  const stores = await inspected(lake, deep, result);
  const head = await readHeadInto(stores, result.problems);
  if (head === null) return finished(result);
  const identity = await trustedIdentity(lake.root, options.publicKey, head.head.checkpoint !== null, result);
  const note = await verifyStores(stores, identity, known, options, result);
  if (options.known !== undefined && result.problems.length === 0 && note !== null) {
    await writeKnown(options.known, note);
    if (known === null)
      result.caveats.push(`From now on this head is remembered in "${options.known}", for the next run.`);
  }
  return finished(result);
}

/** What only the kind of store shows; the stores as they are safe to read. */
async function inspected(lake: Lake, deep: boolean, result: Verification): Promise<Stores> {
  if (lake.remote === undefined) return withoutUnreadable(lake, await inspectFolder(lake.root, deep, result));
  await inspectVersions(lake.remote, lake.root, result);
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
  const sealed = await checkSealed(stores, identity, progress);
  if (sealed === null) {
    await readHeadInto(stores, result.problems);
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

  // Without a head that is signed nothing is known of what should be there, and everything would look left over.
  if (checkpoint !== null || sealed.note === null) {
    const waiting = await readWaiting(stores, result.problems);
    const { stamps, lists } = await readWaitingNotes(stores);
    const listing = await listVault(stores, result.problems);
    claimNewestGrowth(sealed.growth, checkpoint?.size ?? 0, claims, listing, result.problems);
    await checkObjects(
      stores,
      claims,
      {
        deep,
        listing,
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
  }
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
  await checkLocks(stores, claims, result);
  await checkHolds(stores, claims, hasMoved, result);
  await checkAgainstKnown(stores, identity, known, sealed, result);
  if (options.rederive === true && result.problems.length === 0)
    await rederive(stores, claims, tables, result, (done, total) => progress('rows', done, total));
  return sealed.note;
}

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
  progress: NonNullable<StoreOptions['onProgress']>,
): Promise<Sealed | null> {
  for (let moved = 0; ; moved++) {
    const seen = await readHeadInto(stores, []);
    if (seen === null) return null;
    const sealed = await checkHead(stores, identity, seen.head, progress);
    if (sealed.problems.length === 0 || moved === MAX_MOVED_HEADS) return sealed;
    if ((await readHeadInto(stores, []))?.version === seen.version) return sealed;
  }
}

const NOBODY: LogIdentity = { origin: '', verifiers: [] };

async function checkHead(
  stores: Stores,
  believed: LogIdentity | null,
  head: Head,
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
    bytes: 0,
  };
  if (believed === null && note !== null) return { ...unread, ledgerIsWhole: false, problems };
  // Without a head and without a key a lake was never sealed, or everything that says otherwise shows.
  const identity = believed ?? NOBODY;
  const opened = note === null ? null : openCheckpoint(note, identity);
  const checkpoint = opened?.ok ? opened.value : null;
  try {
    const { report, claims } = await readLedger(stores, identity, note, problems, progress);
    const staging = checkpoint === null ? null : await checkCopies(stores, checkpoint, problems);
    // A head that nobody signed says nothing that could be compared.
    const tables = opened?.ok === false ? new Map() : await checkTables(stores, head, claims, problems);
    const { bytes, ...counts } = report.checked;
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
  problems: Harm[],
  progress: NonNullable<StoreOptions['onProgress']>,
): Promise<{ report: FsckReport; claims: Claims }> {
  const faults: Harm[] = [];
  const reader = claimReader(faults);
  const report = await fsck(stores, identity, note, {
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
    onEntry: (index, bytes) => {
      if (report.entries.has(index)) careful.take(index, bytes);
    },
  });
  return { report, claims: careful.claims };
}

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
