/** The custody record of a package: which export it was, who made it and when, and that it was this package and no other. */

import { type LogIdentity, openCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeEntry, encodeEntry } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { encodeProof } from '../../ledger/proof.ts';
import { openSealed } from '../../ledger/recover.ts';
import { custodyOf } from '../../stages/custody-rows.ts';
import { isRecord, readNotes } from '../../stages/notes.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import { type BagFile, textFile } from './bag.ts';

export const CUSTODY_RECORD = 'custody/record.json';
export const CUSTODY_PROOF = 'custody/record.tlog-proof';

export interface CustodyPart {
  readonly files: readonly BagFile[];
  readonly sealed: boolean;
}

/** The result that the record of an export has: it names the package by the hash of its payload manifest. */
export const packageText = (manifestSha256: string): string =>
  `package with manifest-sha256.txt of SHA-256 ${manifestSha256}`;

/**
 * Seals the record with this id and takes its ledger entry with the proof. Where it cannot be sealed now (another writer
 * is at work, the signing key is elsewhere), the record goes along as it waits, and `sealed` is false.
 */
export async function custodyPart(lake: Lake, identity: LogIdentity, id: string): Promise<CustodyPart> {
  // What keeps a seal from being made is no reason to give out nothing: the record is kept, and the next seal takes it.
  await sealWaiting(lake).catch(() => null);
  const sealed = await sealedRecord(lake, identity, id);
  if (sealed !== null) {
    const { entry, proof } = sealed;
    return { files: [textFile(CUSTODY_RECORD, entry), textFile(CUSTODY_PROOF, proof)], sealed: true };
  }
  const { notes } = await readNotes(lake.state);
  const own = notes.filter(isRecord).find(({ draft }) => draft.id === id);
  if (own === undefined) return { files: [], sealed: false };
  const bytes = encodeEntry({ ...custodyOf(own.draft), v: 1, previous: null });
  return { files: [textFile(CUSTODY_RECORD, bytes)], sealed: false };
}

async function sealedRecord(
  lake: Lake,
  identity: LogIdentity,
  id: string,
): Promise<{ entry: Uint8Array; proof: Uint8Array } | null> {
  const { head } = await readHead(lake.state);
  if (head.checkpoint === null) return null;
  const note = Buffer.from(head.checkpoint);
  const { size } = need(openCheckpoint(note, identity));
  const reader = await openSealed(lake, identity, note);
  // It was put there just now, so it is among the newest.
  for (let index: number | null = head.tails['custody'] ?? null; index !== null; ) {
    let previous: number | null = null;
    for await (const { bytes } of reader.readEntries(index, index + 1)) {
      const entry = need(decodeEntry(bytes));
      if (entry.kind !== 'custody') return null;
      if (entry.id === id) {
        const hashes = await reader.inclusionProof(index, size);
        return {
          entry: Uint8Array.from(bytes),
          proof: encodeProof({ index, hashes, checkpoint: note, extra: null }),
        };
      }
      previous = entry.previous;
    }
    index = previous;
  }
  return null;
}
