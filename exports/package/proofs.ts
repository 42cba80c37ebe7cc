/** The ledger's part of a package: entries of its bodies, the proofs that the signed checkpoint covers them, and when it was. */

import { type LogIdentity, openCheckpoint } from '../../ledger/checkpoint.ts';
import { toBase64 } from '../../ledger/encoding.ts';
import { decodeEntry, type EntryOf } from '../../ledger/entry.ts';
import { leafHash } from '../../ledger/merkle.ts';
import { verifyConsistency, verifyInclusion } from '../../ledger/merkle-proof.ts';
import { need } from '../../ledger/outcome.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { openSealed } from '../../ledger/recover.ts';
import { encodeContext } from '../../ledger/timestamps/context.ts';
import { AkashiError } from '../../schema/error.ts';
import { sizesUnder, TIMESTAMP_PREFIX } from '../../stages/hold-proofs.ts';
import { readHead } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import { type BagFile, textFile } from './bag.ts';
import type { BodyTaken } from './records.ts';
import type { Staging } from './staging.ts';

export const PROOF_FILES = {
  checkpoint: 'proofs/checkpoint',
  vkey: 'proofs/ledger.vkey',
  entries: 'proofs/entries.jsonl',
  stamped: 'proofs/stamped-checkpoint',
  stamp: 'proofs/timestamp.tsr',
  stampContext: 'proofs/timestamp.json',
  crls: 'proofs/timestamp.crl.pem',
  consistency: 'proofs/stamped-checkpoint.consistency',
} as const;

export interface ProvenBody {
  readonly entry: EntryOf<'evidence'>;
  readonly index: number;
  /** Records of it in the package. */
  readonly rows: number;
}

export interface LedgerProofs {
  readonly files: readonly BagFile[];
  readonly origin: string;
  readonly size: number;
  /** 64 hex digits. */
  readonly root: string;
  readonly vkey: string;
  /** By source and hash. */
  readonly bodies: readonly ProvenBody[];
  readonly stamp: {
    /** Microseconds since the epoch, as the authority states. */
    readonly time: number;
    readonly authority: string;
    /** Entries that the stamped checkpoint covers. */
    readonly size: number;
  } | null;
}

/** Throws PROOF_BROKEN for a body that the ledger does not have, LEDGER_DAMAGED and LEDGER_MISSING. */
export async function proveBodies(
  stores: Stores,
  identity: LogIdentity,
  bodies: readonly BodyTaken[],
  staging: Staging,
  onEntry: (done: number, total: number) => void,
): Promise<LedgerProofs> {
  const { head } = await readHead(stores.state);
  const note = Buffer.from(head.checkpoint ?? '');
  const { origin, size, root } = need(openCheckpoint(note, identity));
  const reader = await openSealed(stores, identity, note);
  const found = bodies.length === 0 ? new Map<string, Found>() : await findEntries(reader, bodies, onEntry);
  const file = await staging.create(PROOF_FILES.entries);
  const proven: ProvenBody[] = [];
  for (const { source, sha256, rows } of bodies) {
    const at = found.get(`${source} ${sha256}`);
    if (at === undefined) throw broken(`the ledger has no entry for the evidence ${sha256} of ${source}`);
    const hashes = await reader.inclusionProof(at.index, size);
    if (!verifyInclusion(leafHash(at.bytes), at.index, size, hashes, root))
      throw broken(`the checkpoint of ${size} entries does not cover entry ${at.index}`);
    const line = {
      index: at.index,
      entry: Buffer.from(at.bytes).toString('utf8'),
      proof: hashes.map(toBase64),
    };
    await file.write(`${JSON.stringify(line)}\n`);
    proven.push({ entry: at.entry, index: at.index, rows });
  }
  const vkey = identity.verifiers[0]!.vkey;
  const last = Math.max(-1, ...proven.map(({ index }) => index));
  const stamp = await stampOver(stores, identity, reader, last);
  return {
    files: [
      textFile(PROOF_FILES.checkpoint, note),
      textFile(PROOF_FILES.vkey, `${vkey}\n`),
      ...(bodies.length === 0 ? [] : [await file.finish()]),
      ...(stamp?.files ?? []),
    ],
    origin,
    size,
    root: Buffer.from(root).toString('hex'),
    vkey,
    bodies: proven,
    stamp: stamp === null ? null : { time: stamp.time, authority: stamp.authority, size: stamp.size },
  };
}

interface Found {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly entry: EntryOf<'evidence'>;
}

async function findEntries(
  reader: LedgerReader,
  bodies: readonly BodyTaken[],
  onEntry: (done: number, total: number) => void,
): Promise<Map<string, Found>> {
  const wanted = new Set(bodies.map(({ source, sha256 }) => `${source} ${sha256}`));
  const found = new Map<string, Found>();
  for await (const { index, bytes } of reader.readEntries(0, reader.size)) {
    if (index % 1000 === 0) onEntry(index, reader.size);
    const entry = need(decodeEntry(bytes));
    if (entry.kind !== 'evidence') continue;
    const key = `${entry.source} ${entry.sha256}`;
    if (!wanted.has(key) || found.has(key)) continue;
    found.set(key, { index, bytes: Uint8Array.from(bytes), entry: entry as EntryOf<'evidence'> });
    if (found.size === wanted.size) break;
  }
  return found;
}

/**
 * The smallest time-stamped checkpoint that covers entry `last`, since it shows the earliest time; else the largest there
 * is. One that is not to be believed is passed over; `akashi verify` names it.
 */
async function stampOver(
  stores: Stores,
  identity: LogIdentity,
  reader: LedgerReader,
  last: number,
): Promise<{ files: BagFile[]; time: number; authority: string; size: number } | null> {
  const sizes = (await sizesUnder(stores, TIMESTAMP_PREFIX)).filter((size) => size <= reader.size);
  if (sizes.length === 0) return null;
  const { checkKept, readFrom, readStamp } = await import('../../stages/kept-stamp.ts');
  const covering = sizes.filter((size) => size > last);
  for (const size of [...covering, ...sizes.filter((one) => one <= last).reverse()]) {
    const kept = await readStamp(readFrom(stores), size);
    if (!kept?.ok) continue;
    const opened = openCheckpoint(kept.value.note, identity);
    const checked = checkKept(kept.value, { roots: null, policies: [] });
    if (!opened.ok || !checked.ok || opened.value.size !== size) continue;
    const hashes = await reader.consistencyProof(size);
    if (!verifyConsistency(size, reader.size, hashes, opened.value.root, reader.root)) continue;
    const { note, reply, crls, context } = kept.value;
    const files = [
      textFile(PROOF_FILES.stamped, note),
      textFile(PROOF_FILES.stamp, reply),
      textFile(PROOF_FILES.stampContext, encodeContext(context)),
      textFile(PROOF_FILES.consistency, hashes.map((hash) => `${toBase64(hash)}\n`).join('')),
      ...(crls.length === 0 ? [] : [textFile(PROOF_FILES.crls, crls.map(pemOf).join(''))]),
    ];
    return { files, time: checked.value.time, authority: checked.value.authority, size };
  }
  return null;
}

/** Revocation lists in PEM, since that is how openssl takes several. */
function pemOf(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}

const broken = (what: string): AkashiError =>
  new AkashiError(
    'PROOF_BROKEN',
    `The package cannot be proven: ${what}. Run \`akashi verify --deep\` to see everything that is wrong.`,
  );
