/** PROVE: from one row back to the bytes it was made of, and to the signed checkpoint that covers them. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { openCheckpoint } from '../ledger/checkpoint.ts';
import { decodeEntry } from '../ledger/entry.ts';
import { leafHash } from '../ledger/merkle.ts';
import { verifyInclusion } from '../ledger/merkle-proof.ts';
import { need } from '../ledger/outcome.ts';
import { encodeProof } from '../ledger/proof.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { getIfPresent } from '../ledger/store.ts';
import { TILE_WIDTH, tileKey } from '../ledger/tiles.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey, PREFIXES, parseKey } from '../vault/keys.ts';
import { SYNC_STORED } from './expand.ts';
import { type ImportedBody, importedBody } from './imported.ts';
import { cutBody, followPointers, parseLocator } from './locator.ts';
import { hashObject } from './verify/hashing.ts';

/** What a row says of where it came from. */
export interface RowOrigin {
  readonly table: 'events' | 'flows';
  readonly uid: string;
  readonly source: string;
  /** SHA-256 of the body. */
  readonly evidence: string;
  readonly locator: string;
  /** The record's text as the row has it. */
  readonly raw: string | null;
}

/** How the record comes out of the evidence: as it lies there, decoded from JSON text, or written anew from a row. */
export type RecordForm = 'bytes' | 'decoded' | 'rebuilt';

export interface Proof {
  readonly origin: RowOrigin;
  readonly form: RecordForm;
  readonly record: Uint8Array;
  /** The bytes that hold the record, where they are more than the record itself; null where there is no such range. */
  readonly enclosing: Uint8Array | null;
  readonly evidence: { readonly key: string; readonly sha256: string; readonly size: number };
  readonly entry: { readonly index: number; readonly bytes: Uint8Array };
  /** `.tlog-proof`: shows that the checkpoint covers the entry. */
  readonly proof: Uint8Array;
  readonly checkpoint: Uint8Array;
  /** Text of the verifier key. */
  readonly vkey: string;
  /** RFC 3161 token over the checkpoint, where there is one. */
  readonly timestamp: StampProof | null;
  /** What is known of the body's past where it was taken out of another tool's store; null elsewhere. */
  readonly imported: (ImportedBody & { readonly receivedAt: number }) | null;
}

export interface StampProof {
  readonly reply: Uint8Array;
  /** Microseconds since the epoch, as the authority states. */
  readonly time: number;
  readonly authority: string;
  /** DER of what issuers had revoked when it was made. */
  readonly crls: readonly Uint8Array[];
}

/**
 * Gathers the proof of one row and checks every part of it before giving it out. Throws LEDGER_MISSING, LEDGER_DAMAGED
 * and PROOF_BROKEN, which names what does not fit, rather than hand out a proof that would not hold.
 */
export async function proveRow(stores: Stores, identity: LogIdentity, origin: RowOrigin): Promise<Proof> {
  const { head } = await readHead(stores.state);
  if (head.checkpoint === null) throw broken(origin, 'nothing was ever sealed in this lake');
  const note = Buffer.from(head.checkpoint);
  const reader = await openSealed(stores, identity, note);
  const entry = await findEntry(stores, reader, origin);
  const evidence = await checkEvidence(stores, origin);
  const covering = (await stampedCheckpoint(stores, identity, entry.index, reader.size)) ?? {
    note,
    timestamp: null,
  };
  const { size, root } = need(openCheckpoint(covering.note, identity));
  const hashes = await reader.inclusionProof(entry.index, size);
  if (!verifyInclusion(leafHash(entry.bytes), entry.index, size, hashes, root))
    throw broken(origin, `the checkpoint of ${size} entries does not cover entry ${entry.index}`);
  const imported = await importedBody(stores, head, origin);
  return {
    origin,
    ...(await cutRecord(stores, origin, evidence)),
    evidence,
    entry,
    proof: encodeProof({ index: entry.index, hashes, checkpoint: covering.note, extra: null }),
    checkpoint: covering.note,
    vkey: identity.verifiers[0]!.vkey,
    timestamp: covering.timestamp,
    imported: imported === null ? null : { ...imported, receivedAt: receiptOf(entry.bytes) },
  };
}

/** When the body was received, as its entry says, microseconds. */
function receiptOf(bytes: Uint8Array): number {
  const entry = need(decodeEntry(bytes));
  return entry.kind === 'evidence' ? entry.receivedAt : 0;
}

/** The ledger's entry for the row's body. Bundles are searched as they lie; the one found is read again and verified. */
async function findEntry(
  stores: Stores,
  reader: LedgerReader,
  origin: RowOrigin,
): Promise<{ index: number; bytes: Uint8Array }> {
  for (let from = 0; from < reader.size; from += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, reader.size - from);
    const key = tileKey({ level: 'entries', index: from / TILE_WIDTH, width });
    const stored = await getIfPresent(width === TILE_WIDTH ? stores.vault : stores.state, key);
    // One that is not where it should be may still lie in a staging bundle, where the reader looks.
    if (stored !== null && !Buffer.from(stored.body).includes(origin.evidence)) continue;
    for await (const { index, bytes } of reader.readEntries(from, from + width)) {
      const entry = need(decodeEntry(bytes));
      if (entry.kind === 'evidence' && entry.sha256 === origin.evidence && entry.source === origin.source)
        return { index, bytes };
    }
  }
  throw broken(origin, `the ledger has no entry for its evidence ${origin.evidence}`);
}

async function checkEvidence({ vault }: Stores, origin: RowOrigin): Promise<Proof['evidence']> {
  const key = evidenceKey(origin.source, origin.evidence);
  const found = await hashObject(vault, key);
  if ('problem' in found) throw broken(origin, found.problem);
  if (found.sha256 !== origin.evidence)
    throw broken(origin, `${key} holds other bytes than were sealed: their SHA-256 is ${found.sha256}`);
  return { key, sha256: found.sha256, size: found.size };
}

async function cutRecord(
  { vault }: Stores,
  origin: RowOrigin,
  { key, size }: Proof['evidence'],
): Promise<Pick<Proof, 'form' | 'record' | 'enclosing'>> {
  const locator = parseLocator(origin.locator);
  if (locator === null) throw broken(origin, `its locator ${JSON.stringify(origin.locator)} is none`);
  const body = size <= SYNC_STORED ? (await vault.get(key)).body : () => vault.openRead(key);
  const bytes = locator.range === null ? null : await cutBody(body, locator.range);
  if (locator.range !== null && bytes === null)
    throw broken(origin, `${key} has no bytes ${locator.range.start} to ${locator.range.end}`);
  const raw = origin.raw ?? '';
  if (locator.rebuilt || bytes === null)
    return { form: 'rebuilt', record: Buffer.from(raw), enclosing: bytes };
  const text = followPointers(Buffer.from(bytes).toString('utf8'), locator.pointers)?.toWellFormed();
  // Lines that a wrapper carried may have kept their line end, which is no part of the record.
  if (text === undefined || !text.startsWith(raw) || text.slice(raw.length).trim() !== '')
    throw broken(origin, `${key} says something else at ${origin.locator}`);
  return locator.pointers.length === 0
    ? { form: 'bytes', record: bytes, enclosing: null }
    : { form: 'decoded', record: Buffer.from(raw), enclosing: bytes };
}

/**
 * The smallest checkpoint that covers the entry and has a time-stamp: it shows the earliest time. One that is not to be
 * believed is passed over; `verify` names it.
 */
async function stampedCheckpoint(
  stores: Stores,
  identity: LogIdentity,
  index: number,
  newest: number,
): Promise<{ note: Uint8Array; timestamp: StampProof } | null> {
  const sizes: number[] = [];
  for await (const { key } of stores.vault.list(PREFIXES.timestamps)) {
    const parts = parseKey(key);
    if (parts?.class === 'timestamp' && parts.size > index && parts.size <= newest) sizes.push(parts.size);
  }
  if (sizes.length === 0) return null;
  // Loaded on first use, with the libraries it needs.
  const { checkKept, readFrom, readStamp } = await import('./kept-stamp.ts');
  for (const size of sizes.sort((a, b) => a - b)) {
    const kept = await readStamp(readFrom(stores), size);
    if (!kept?.ok || !openCheckpoint(kept.value.note, identity).ok) continue;
    const { note, reply, crls } = kept.value;
    const stamp = checkKept(kept.value, { roots: null, policies: [] });
    if (!stamp.ok) continue;
    const { time, authority } = stamp.value;
    return { note, timestamp: { reply, time, authority, crls } };
  }
  return null;
}

const broken = ({ uid }: RowOrigin, what: string): AkashiError =>
  new AkashiError(
    'PROOF_BROKEN',
    `${JSON.stringify(uid)} cannot be proven: ${what}. Run \`akashi verify --deep --rederive\` to see everything that is wrong.`,
  );
