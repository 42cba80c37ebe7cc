/** A lake's two stores in memory, and a caller that seals into them the way the ledger asks for. */

import type { LogIdentity } from '../../../ledger/checkpoint.ts';
import { encodeEntry } from '../../../ledger/entry.ts';
import { fsck } from '../../../ledger/fsck.ts';
import type { FsckReport } from '../../../ledger/fsck-report.ts';
import { type Ledger, openLog } from '../../../ledger/log.ts';
import type { Signer } from '../../../ledger/note.ts';
import type { LedgerReader } from '../../../ledger/reader.ts';
import { getIfPresent, type LedgerStores } from '../../../ledger/store.ts';
import { type MemoryObjects, memoryState, memoryVault } from '../../../vault/memory-store.ts';
import { testSigner, testVerifier } from './keys.ts';

export const ORIGIN = 'example.com/lake';
export const SIGNER: Signer = testSigner(ORIGIN);
export const LOG: LogIdentity = { origin: ORIGIN, verifiers: [testVerifier(SIGNER)] };

export interface World extends LedgerStores {
  readonly inVault: MemoryObjects;
  readonly inState: MemoryObjects;
}

export function newWorld(inVault: MemoryObjects = new Map(), inState: MemoryObjects = new Map()): World {
  return { inVault, inState, vault: memoryVault(inVault), state: memoryState(inState) };
}

/** A copy that can be damaged without harm to the original. */
export const copyOf = ({ inVault, inState }: World): World => newWorld(new Map(inVault), new Map(inState));

export const testLog = ({ vault, state }: LedgerStores, signer: Signer = SIGNER): Ledger =>
  openLog({ vault, state, signer, ...LOG });

const made = new Map<string, Uint8Array>();

/** Entry number `index` of a test log. */
export function entryBytes(index: number, mark = ''): Uint8Array {
  const key = `k/${index}`;
  let bytes = made.get(mark + key);
  if (bytes === undefined) {
    bytes = encodeEntry({
      kind: 'metadata',
      table: `t${mark}`,
      key,
      sha256: 'ab'.repeat(32),
      v: 1,
      previous: null,
    });
    made.set(mark + key, bytes);
  }
  return bytes;
}

/** `count` entries, the first of them standing at leaf `first`. */
export const someEntries = (first: number, count: number, mark = ''): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => entryBytes(first + at, mark));

/** One writer: knows how to seal, and remembers what it was told is sealed. */
export class Writer {
  readonly ledger: Ledger;
  readonly #stores: LedgerStores;
  #version: string | null = null;

  constructor(stores: LedgerStores, signer: Signer = SIGNER) {
    this.#stores = stores;
    this.ledger = testLog(stores, signer);
  }

  recover(): Promise<LedgerReader> {
    return this.ledger.recover(async () => {
      const found = await getIfPresent(this.#stores.state, 'head');
      this.#version = found?.version ?? null;
      return found?.body ?? null;
    });
  }

  /** `onSealed` is called at the moment the swap has succeeded, before anything that may still fail. */
  async seal(entries: readonly Uint8Array[], onSealed: (first: number) => void = () => {}): Promise<void> {
    const prepared = await this.ledger.prepare(entries);
    await this.ledger.stage(prepared);
    this.#version = await this.#stores.state.putIfUnchanged('head', prepared.checkpointNote, this.#version);
    onSealed(prepared.first);
    await this.ledger.replay(prepared.stagingBundle, prepared.checkpointNote);
  }
}

/** Seals batches of these sizes one after the other. */
export async function grownWorld(...batches: readonly number[]): Promise<World> {
  const world = newWorld();
  const writer = new Writer(world);
  let { size } = await writer.recover();
  for (const count of batches) {
    await writer.seal(someEntries(size, count));
    size += count;
  }
  return world;
}

export const headOf = async (stores: LedgerStores): Promise<Uint8Array | null> =>
  (await getIfPresent(stores.state, 'head'))?.body ?? null;

export const check = async (stores: LedgerStores): Promise<FsckReport> =>
  fsck(stores, LOG, await headOf(stores));
