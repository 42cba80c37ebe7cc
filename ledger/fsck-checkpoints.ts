/** Every checkpoint that was sealed must still be there, be signed, and be the beginning of the sealed tree. */

import { hash } from 'node:crypto';
import { pooled } from '../vault/pool.ts';
import { type LogIdentity, openCheckpoint, type SignedCheckpoint, type TreeHead } from './checkpoint.ts';
import { decodeEntry } from './entry.ts';
import type { FsckNotes, Problem, SealedEntries } from './fsck-report.ts';
import { type Hash, sameHash } from './merkle.ts';
import {
  CHECKPOINT_PREFIX,
  checkpointKey,
  getIfPresent,
  type LedgerStores,
  PUBLISHED_KEY,
  parseCheckpointKey,
} from './store.ts';

const CONCURRENT_READS = 16;
const READ_BATCH = 1000;

/** Tells by its size, and by when the store took it where the store says so. */
export type ReadsCheckpoint = (size: number, storedAt: Date | undefined) => boolean;

/** A checkpoint found in a store that is signed and says it is of this log. */
interface FoundCheckpoint {
  readonly key: string;
  readonly checkpoint: SignedCheckpoint;
}

export interface FoundCheckpoints {
  /** Believable ones; the rest is among the problems already. */
  readonly found: readonly FoundCheckpoint[];
  /** SHA-256 by key of every sealed checkpoint that is there, believable or not. */
  readonly stored: ReadonlyMap<string, string>;
  /** Keys of those that are there and were not read. */
  readonly unread: ReadonlySet<string>;
  readonly published: SignedCheckpoint | null;
  /** Whether anything lies where the published one should. */
  readonly publishedIsThere: boolean;
}

/** Reads the sealed checkpoints that `reads` takes, and the published one. */
export async function findCheckpoints(
  { vault, state }: LedgerStores,
  log: LogIdentity,
  notes: FsckNotes,
  reads: ReadsCheckpoint = () => true,
): Promise<FoundCheckpoints> {
  const opened: { key: string; checkpoint: SignedCheckpoint | null }[] = [];
  const unread = new Set<string>();
  const stored = new Map<string, string>();
  const believed = (key: string, body: Uint8Array): SignedCheckpoint | null => {
    notes.checkpoints++;
    notes.bytes += body.length;
    const opened = openCheckpoint(body, log);
    if (!opened.ok) {
      notes.problems.push({ key, code: 'UNSIGNED', detail: `${opened.code}: ${opened.problem}` });
      return null;
    }
    const size = parseCheckpointKey(key);
    if (size !== null && size !== opened.value.size) {
      const detail = `it holds the checkpoint of ${opened.value.size} entries`;
      notes.problems.push({ key, code: 'ALTERED', detail });
      return null;
    }
    return opened.value;
  };
  let keys: string[] = [];
  const read = async (): Promise<void> => {
    const next = keys;
    keys = [];
    const bodies = await pooled(next, CONCURRENT_READS, async (key) => {
      const { body } = await vault.get(key);
      stored.set(key, hash('sha256', body, 'hex'));
      return { key, checkpoint: believed(key, body) };
    });
    opened.push(...bodies);
  };
  for await (const { key, storedAt } of vault.list(CHECKPOINT_PREFIX)) {
    const size = parseCheckpointKey(key);
    if (size === null) continue;
    if (reads(size, storedAt)) keys.push(key);
    else {
      unread.add(key);
      notes.unreadCheckpoints++;
    }
    // Read while the listing is fresh: what was listed just now need not be looked for.
    if (keys.length >= READ_BATCH) await read();
  }
  await read();
  const found = opened.filter((one): one is FoundCheckpoint => one.checkpoint !== null);
  const current = await getIfPresent(state, PUBLISHED_KEY);
  const published = current && believed(PUBLISHED_KEY, current.body);
  return {
    found: published ? [...found, { key: PUBLISHED_KEY, checkpoint: published }] : found,
    stored,
    unread,
    published,
    publishedIsThere: current !== null,
  };
}

/**
 * Compares checkpoints with the sealed tree. `roots` are the roots the tree had at the checkpoints' sizes; a size
 * that is not among them cannot be judged.
 */
export function judgeCheckpoints(
  found: readonly FoundCheckpoint[],
  head: TreeHead,
  roots: ReadonlyMap<number, Hash>,
  problems: Problem[],
): void {
  for (const { key, checkpoint } of found) {
    const { size, root } = checkpoint;
    const expected = size === head.size ? head.root : roots.get(size);
    if (size > head.size) {
      const detail = `it covers ${size} entries, the head only ${head.size}`;
      problems.push({ key, code: 'ROLLED_BACK', detail });
    } else if (expected !== undefined && !sameHash(expected, root)) {
      problems.push({ key, code: 'FORKED', detail: `the tree had another root when it had ${size} entries` });
    }
  }
}

/** Where a tree that does not lead to its head left the history that its checkpoints tell. */
export function lastFit(found: readonly FoundCheckpoint[], roots: ReadonlyMap<number, Hash>): string {
  const told = found.map(({ checkpoint }) => checkpoint).sort((a, b) => a.size - b.size);
  const fits = told.filter(({ size, root }) => roots.has(size) && sameHash(roots.get(size)!, root));
  const last = fits.at(-1)?.size ?? 0;
  const next = told.find(({ size }) => size > last)?.size;
  return next === undefined
    ? `all that is stored fits the checkpoint of ${last} entries`
    : `what is stored still fits the checkpoint of ${last} entries, and no longer that of ${next}`;
}

/** Gathers from the entries which checkpoints were sealed, and with which bytes. */
export function sealedCheckpoints(): {
  entry(index: number, bytes: Uint8Array): void;
  /** Says which of them are gone or hold other bytes. An entry that is not the sealed one is no witness. */
  judge(
    stored: ReadonlyMap<string, string>,
    unread: ReadonlySet<string>,
    entries: SealedEntries,
    problems: Problem[],
  ): void;
} {
  const sealed: { readonly index: number; readonly key: string; readonly sha256: string }[] = [];
  return {
    entry(index, bytes) {
      // Looked for before it is parsed: one entry in hundreds is of this kind.
      if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"kind":"seal"')) return;
      const decoded = decodeEntry(bytes);
      if (decoded.ok && decoded.value.kind === 'seal' && decoded.value.size > 0) {
        const { size, checkpointSha256 } = decoded.value;
        sealed.push({ index, key: checkpointKey(size), sha256: checkpointSha256 });
      }
    },
    judge(stored, unread, entries, problems) {
      for (const { index, key, sha256 } of sealed) {
        if (!entries.has(index) || unread.has(key)) continue;
        const found = stored.get(key);
        if (found === undefined) {
          problems.push({ key, code: 'MISSING', detail: 'the seal after it names it' });
        } else if (found !== sha256 && !problems.some((problem) => problem.key === key)) {
          problems.push({ key, code: 'ALTERED', detail: 'its bytes are not those the seal after it names' });
        }
      }
    },
  };
}
