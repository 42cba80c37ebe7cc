/**
 * The appender. One seal is: `recover`, `prepare`, `stage`, then the caller swaps the head from the checkpoint it
 * recovered to the prepared one, then `replay`. Only the swap commits. Until it has happened nothing but a staging
 * bundle nobody will read was stored; once it has, whoever comes next finishes the rest.
 */

import { AkashiError } from '../schema/error.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { type Edge, grow } from './append.ts';
import { type LogIdentity, openCheckpoint, signCheckpoint, type TreeHead } from './checkpoint.ts';
import { checkEntryLength } from './entry.ts';
import { tileFiles } from './files.ts';
import type { Hash } from './merkle.ts';
import type { Signer } from './note.ts';
import { need } from './outcome.ts';
import { replayStaging } from './publish.ts';
import { type LedgerReader, openReader } from './reader.ts';
import { recoverTo } from './recover.ts';
import { encodeStaging } from './staging.ts';
import { hasCode, type LedgerStores, stagingKey } from './store.ts';

export interface LedgerSettings extends LedgerStores, LogIdentity {
  /** Its name is the origin, and its key is among the verifiers. */
  readonly signer: Signer;
  /** Keys that sign too: the old one while a new one is introduced. */
  readonly alsoSign?: readonly Signer[];
}

/** What a swap of the head commits. */
export interface Prepared {
  /** Leaf index of the first of the new entries. */
  readonly first: number;
  readonly size: number;
  readonly root: Hash;
  /** Goes into the head. It has a signature, so a writer whose swap failed throws it away. */
  readonly checkpointNote: Uint8Array;
  readonly stagingKey: string;
  readonly stagingBundle: Uint8Array;
}

/** The checkpoint now in the head, as bytes; null in a lake that was never sealed. Read anew at every call. */
export type ReadHead = () => Promise<Uint8Array | null>;

export interface Ledger {
  /**
   * Finishes what an earlier writer left and reads where the tree stands. To be called at every start, and after
   * any failure from `stage` on, an unclear answer to the swap above all: until then nothing more is signed. The
   * head to swap is the one the last call of `readHead` gave.
   * Throws LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_DAMAGED, LEDGER_MISSING.
   */
  recover(readHead: ReadHead): Promise<LedgerReader>;
  /** Builds, in memory, the tree with these entries at its end. Throws ENTRY_TOO_LONG, LEDGER_UNSETTLED. */
  prepare(entries: readonly Uint8Array[]): Promise<Prepared>;
  /** Stores the staging bundle; the head may be swapped once this resolves. */
  stage(prepared: Prepared): Promise<void>;
  /** After the swap: writes the tiles, publishes the checkpoint, and stands ready for the next seal. */
  replay(stagingBundle: Uint8Array, checkpointNote: Uint8Array): Promise<LedgerReader>;
}

/** Heads that keep moving while one recovers; more means another writer never rests. */
const MAX_MOVED_HEADS = 20;

/** Touches nothing until `recover`. Throws KEY_NOT_TRUSTED when nobody would believe what the signer signs. */
export function openLog(settings: LedgerSettings): Ledger {
  const { vault, state, origin, verifiers, signer, alsoSign = [] } = settings;
  const stores: LedgerStores = { vault, state };
  const log: LogIdentity = { origin, verifiers };
  if (signer.name !== origin || !verifiers.some(({ id, name }) => id === signer.keyId && name === origin)) {
    throw new AkashiError(
      'KEY_NOT_TRUSTED',
      `The signer is ${signer.name}, key ${signer.keyId.toString(16).padStart(8, '0')}; the log ${origin} is ` +
        'verified with other keys. Give the signer the origin as its name, and its key to the verifiers.',
    );
  }
  // Known only between a recovery or replay that went through and the next thing that might commit.
  let settled: Edge | null = null;

  async function settle(reader: LedgerReader): Promise<LedgerReader> {
    settled = await reader.edge();
    return reader;
  }

  return {
    async recover(readHead) {
      settled = null;
      for (let moved = 0; ; moved++) {
        const note = await readHead();
        try {
          return await settle(await recoverTo(stores, log, note));
        } catch (error) {
          // Another writer may have sealed since the head was read, which looks like a roll-back from here.
          if (moved === MAX_MOVED_HEADS || sameBytes(note, await readHead())) throw error;
        }
      }
    },

    async prepare(entries) {
      const edge = settled;
      if (edge === null) throw unsettled();
      if (entries.length === 0) throw new RangeError('a seal needs at least one entry');
      for (const entry of entries) checkEntryLength(entry);
      const growth = grow(edge, entries);
      const head: TreeHead = { size: growth.edge.size, root: growth.root };
      settled = null;
      const checkpointNote = await signCheckpoint(origin, head, [signer, ...alsoSign]);
      need(openCheckpoint(checkpointNote, log));
      return {
        ...head,
        first: edge.size,
        checkpointNote,
        stagingKey: stagingKey(head.size, head.root),
        stagingBundle: encodeStaging(edge.size, growth),
      };
    },

    async stage({ stagingKey: key, stagingBundle: body }) {
      const item = { key, body, kind: WRITE_KINDS.staging };
      try {
        await state.putManyIfAbsent([item]);
      } catch (error) {
        if (!hasCode(error, 'STORE_CONFLICT')) throw error;
        // The same tree, reached from a smaller one by a writer whose swap failed: nobody waits for that bundle.
        await state.remove(key);
        await state.putManyIfAbsent([item]);
      }
    },

    async replay(stagingBundle, checkpointNote) {
      settled = null;
      await replayStaging(stores, log, stagingBundle, checkpointNote);
      return settle(await openReader(tileFiles(stores), need(openCheckpoint(checkpointNote, log))));
    },
  };
}

const unsettled = (): AkashiError =>
  new AkashiError(
    'LEDGER_UNSETTLED',
    'Something was prepared and it is not known whether the head took it. Call recover() first: signing another ' +
      'checkpoint now could fork the ledger.',
  );

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
