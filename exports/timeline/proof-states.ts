/** The proof state of bodies: read again, found in the ledger, covered by its signed checkpoint, time-stamped. */

import { openCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeEntry } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { openSealed } from '../../ledger/recover.ts';
import { AkashiError } from '../../schema/error.ts';
import { type EntryProofs, proofsOf } from '../../stages/custody-proofs.ts';
import { readVkey } from '../../stages/ledger.ts';
import { hashObjects } from '../../stages/verify/hashing.ts';
import { readHead } from '../../tables/head.ts';
import { evidenceKey } from '../../vault/keys.ts';
import type { Lake } from '../../vault/lake.ts';
import type { ProofState } from './model.ts';

export interface Body {
  readonly source: string;
  readonly sha256: string;
  readonly size: number;
  /** The provider's verdict on it. */
  readonly provider: string | null;
}

export interface ProofOptions {
  /** Whether bodies are read again and hashed. */
  readonly read: boolean;
  readonly threads: number;
  /** Bodies read, of how many. */
  readonly onProgress: (done: number, total: number) => void;
}

export const bodyKey = (source: string, sha256: string): string => `${source} ${sha256}`;

/** One state for each body, by `bodyKey`. What is wrong with the ledger or a body is part of the answer, never thrown. */
export async function proofStates(
  lake: Lake,
  bodies: readonly Body[],
  { read, threads, onProgress }: ProofOptions,
): Promise<Map<string, ProofState>> {
  const ledger = await openLedger(lake);
  const indexes = ledger.reader === null ? new Map<string, number>() : await indexesOf(ledger.reader, bodies);
  const held = read ? await readAgain(lake, bodies, threads, onProgress) : new Map<string, Held>();
  const states = new Map<string, ProofState>();
  for (const body of bodies) {
    const key = bodyKey(body.source, body.sha256);
    const index = indexes.get(key) ?? null;
    const own = held.get(evidenceKey(body.source, body.sha256)) ?? { held: 'unread', problem: null };
    const problem =
      own.problem ?? ledger.problem ?? (index === null ? 'the ledger has no entry for its evidence' : null);
    states.set(key, {
      held: own.held,
      index,
      checkpoint: index === null ? null : ledger.reader!.size,
      stamped: index === null ? null : await ledger.stampOver(index),
      provider: body.provider,
      problem,
    });
  }
  return states;
}

interface OpenLedger {
  readonly reader: LedgerReader | null;
  readonly problem: string | null;
  stampOver(index: number): Promise<ProofState['stamped']>;
}

async function openLedger(lake: Lake): Promise<OpenLedger> {
  const without = (problem: string): OpenLedger => ({ reader: null, problem, stampOver: async () => null });
  try {
    const { head } = await readHead(lake.state);
    const identity = await readVkey(lake.root);
    if (head.checkpoint === null) return without('nothing was ever sealed in this lake');
    if (identity === null) return without('the lake has no ledger.vkey');
    const note = Buffer.from(head.checkpoint);
    need(openCheckpoint(note, identity));
    const reader = await openSealed(lake, identity, note);
    const proofs = await proofsOf(lake, identity, reader);
    return { reader, problem: null, stampOver: stampTimes(lake, proofs) };
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    return without(error.message);
  }
}

/** The first time-stamp that stands over an entry. Each token is read once. */
function stampTimes(lake: Lake, proofs: EntryProofs): OpenLedger['stampOver'] {
  const known = new Map<number, Promise<ProofState['stamped']>>();
  const timeOf = async (size: number): Promise<ProofState['stamped']> => {
    const { checkKept, readFrom, readStamp } = await import('../../stages/kept-stamp.ts');
    const kept = await readStamp(readFrom(lake), size);
    if (!kept?.ok) return null;
    const stamp = checkKept(kept.value, { roots: null, policies: [] });
    return stamp.ok ? { time: stamp.value.time, authority: stamp.value.authority } : null;
  };
  return async (index) => {
    const size = await proofs.stampOver(index);
    if (size === null) return null;
    const found = known.get(size) ?? timeOf(size);
    known.set(size, found);
    return found;
  };
}

/** Numbers of the bodies' entries. The reader gives out nothing that does not lead to the sealed root. */
async function indexesOf(reader: LedgerReader, bodies: readonly Body[]): Promise<Map<string, number>> {
  const wanted = new Set(bodies.map(({ sha256 }) => sha256));
  const left = new Set(bodies.map(({ source, sha256 }) => bodyKey(source, sha256)));
  const indexes = new Map<string, number>();
  if (left.size === 0) return indexes;
  for await (const { index, bytes } of reader.readEntries(0, reader.size)) {
    const sha256 = /"sha256":"([0-9a-f]{64})"/.exec(Buffer.from(bytes).toString('latin1'))?.[1];
    if (sha256 === undefined || !wanted.has(sha256)) continue;
    const entry = decodeEntry(bytes);
    if (!entry.ok || entry.value.kind !== 'evidence') continue;
    const key = bodyKey(entry.value.source, entry.value.sha256);
    if (!left.delete(key)) continue;
    indexes.set(key, index);
    if (left.size === 0) break;
  }
  return indexes;
}

type Held = Pick<ProofState, 'held' | 'problem'>;

async function readAgain(
  { vault }: Lake,
  bodies: readonly Body[],
  threads: number,
  onProgress: ProofOptions['onProgress'],
): Promise<Map<string, Held>> {
  const held = new Map<string, Held>();
  const objects = bodies.map(({ source, sha256, size }) => ({ key: evidenceKey(source, sha256), size }));
  const expected = new Map(bodies.map(({ source, sha256 }) => [evidenceKey(source, sha256), sha256]));
  await hashObjects(vault, objects, threads, (key, found) => {
    if ('problem' in found) held.set(key, { held: 'missing', problem: found.problem });
    else if (found.sha256 !== expected.get(key))
      held.set(key, {
        held: 'altered',
        problem: `its bytes are others than were sealed (SHA-256 ${found.sha256})`,
      });
    else held.set(key, { held: 'whole', problem: null });
    onProgress(held.size, objects.length);
  });
  return held;
}
