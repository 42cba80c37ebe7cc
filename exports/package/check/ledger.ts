/** The ledger's part: the signed checkpoint, the bodies' entries under it, its time-stamp, and the custody record. */

import { type LogIdentity, openCheckpoint, type SignedCheckpoint } from '../../../ledger/checkpoint.ts';
import { fromBase64, toHex } from '../../../ledger/encoding.ts';
import { decodeEntry, type EntryOf } from '../../../ledger/entry.ts';
import { leafHash } from '../../../ledger/merkle.ts';
import { verifyConsistency, verifyInclusion } from '../../../ledger/merkle-proof.ts';
import { parseProof } from '../../../ledger/proof.ts';
import { decodeContext } from '../../../ledger/timestamps/context.ts';
import { checkKept } from '../../../stages/kept-stamp.ts';
import { isoMicros } from '../../../stages/lake-coverage.ts';
import type { StampTrust } from '../../../stages/verify/report.ts';
import { hashBytes } from '../../../vault/durable-file.ts';
import { CUSTODY_PROOF, CUSTODY_RECORD, packageText } from '../custody.ts';
import { PROOF_FILES } from '../proofs.ts';
import type { Listed } from './lists.ts';
import { linesOf, type PackageReader, readWhole } from './reader.ts';
import { type PackageVerification, tell } from './report.ts';

export type Bodies = ReadonlyMap<string, EntryOf<'evidence'>>;

/** How a body is named here. */
export const bodyKey = (source: string, sha256: string): string => `${source}/${sha256}`;

export async function checkCheckpoint(
  reader: PackageReader,
  identity: LogIdentity,
  report: PackageVerification,
): Promise<SignedCheckpoint | null> {
  const note = await readWhole(reader, PROOF_FILES.checkpoint);
  if (note === null) return null;
  const opened = openCheckpoint(note, identity);
  if (!opened.ok) {
    tell(report, 'UNSIGNED', PROOF_FILES.checkpoint, opened.problem);
    return null;
  }
  const { size, root, origin } = opened.value;
  report.checkpoint = { size, root: toHex(root), origin };
  return opened.value;
}

/** The bodies whose entries the checkpoint covers; each object of evidence must be one of them, whole. */
export async function checkEntries(
  reader: PackageReader,
  checkpoint: SignedCheckpoint,
  listed: ReadonlyMap<string, Listed>,
  report: PackageVerification,
): Promise<Bodies> {
  const bodies = new Map<string, EntryOf<'evidence'>>();
  const name = PROOF_FILES.entries;
  let number = 0;
  for await (const line of listed.has(name) ? linesOf(reader, name) : []) {
    number++;
    const found = entryOf(line, checkpoint);
    if (typeof found === 'string') tell(report, 'ROOT_MISMATCH', name, `line ${number}: ${found}`);
    else bodies.set(bodyKey(found.source, found.sha256), found);
  }
  const objects = [...listed.keys()].filter((one) => one.startsWith('data/evidence/'));
  for (const object of objects) {
    const [, , source = '', sha256 = ''] = object.split('/');
    const entry = bodies.get(bodyKey(source, sha256));
    const { sha256: found, size } = listed.get(object)!;
    if (entry === undefined) tell(report, 'ADDED', object, 'no ledger entry here is of it');
    else if (found !== sha256 || size !== entry.size)
      tell(report, 'ALTERED', object, 'it is not what the log received');
  }
  if (objects.length > 0)
    for (const key of bodies.keys())
      if (!listed.has(`data/evidence/${key}`))
        tell(report, 'MISSING', `data/evidence/${key}`, 'its ledger entry is here');
  report.records.bodies = bodies.size;
  return bodies;
}

/** The entry of a line, or what is wrong with it. */
function entryOf(line: string, { size, root }: SignedCheckpoint): EntryOf<'evidence'> | string {
  let said: { index?: unknown; entry?: unknown; proof?: unknown };
  try {
    said = JSON.parse(line) as typeof said;
  } catch {
    return 'it is no JSON';
  }
  const { index, entry: text, proof } = said ?? {};
  if (typeof index !== 'number' || typeof text !== 'string' || !Array.isArray(proof))
    return 'it has no index, entry and proof';
  const bytes = Buffer.from(text);
  const hashes = proof.map((one) => (typeof one === 'string' ? fromBase64(one) : null));
  if (!hashes.every((hash) => hash !== null)) return 'a hash is no base64';
  if (!verifyInclusion(leafHash(bytes), index, size, hashes, root))
    return 'the checkpoint does not cover this entry';
  const entry = decodeEntry(bytes);
  if (!entry.ok || entry.value.kind !== 'evidence') return 'it is no entry of evidence';
  return entry.value as EntryOf<'evidence'>;
}

/** A time-stamp that is there must hold; without roots, whom it is from is not looked at. */
export async function checkStamp(
  reader: PackageReader,
  identity: LogIdentity,
  checkpoint: SignedCheckpoint,
  trust: StampTrust,
  report: PackageVerification,
): Promise<void> {
  const reply = await readWhole(reader, PROOF_FILES.stamp);
  if (reply === null) return;
  const bad = (detail: string) => tell(report, 'BAD_TIMESTAMP', PROOF_FILES.stamp, detail);
  const note = await readWhole(reader, PROOF_FILES.stamped);
  const asked = await readWhole(reader, PROOF_FILES.stampContext);
  const steps = await readWhole(reader, PROOF_FILES.consistency);
  if (note === null || asked === null || steps === null) return bad('what belongs to it is missing');
  const opened = openCheckpoint(note, identity);
  if (!opened.ok) return tell(report, 'UNSIGNED', PROOF_FILES.stamped, opened.problem);
  const { size, root } = opened.value;
  const hashes = steps.toString('latin1').split('\n').slice(0, -1).map(fromBase64);
  const grows =
    hashes.every((hash) => hash !== null) &&
    verifyConsistency(size, checkpoint.size, hashes, root, checkpoint.root);
  if (!grows)
    return tell(report, 'FORKED', PROOF_FILES.stamped, 'the ledger of the checkpoint did not grow from it');
  const context = decodeContext(asked);
  if (!context.ok) return bad(context.problem);
  const pem = (await readWhole(reader, PROOF_FILES.crls))?.toString('latin1') ?? '';
  const crls = [...pem.matchAll(/-----BEGIN X509 CRL-----([^-]*)-----END/g)].map(([, text]) =>
    Buffer.from(text!, 'base64'),
  );
  const stamp = checkKept({ size, key: PROOF_FILES.stamp, reply, context: context.value, crls, note }, trust);
  if (!stamp.ok) return bad(stamp.problem);
  const { time, authority, policy } = stamp.value;
  report.timestamp = { time: isoMicros(time), authority, policy, size, trusted: trust.roots !== null };
}

/** Whether the log itself has it that this package, and no other, left it. */
export async function checkCustody(
  reader: PackageReader,
  identity: LogIdentity,
  report: PackageVerification,
): Promise<void> {
  const bytes = await readWhole(reader, CUSTODY_RECORD);
  if (bytes === null) return;
  const entry = decodeEntry(bytes);
  if (!entry.ok || entry.value.kind !== 'custody' || entry.value.action !== 'export')
    return tell(report, 'UNREADABLE', CUSTODY_RECORD, 'it is no custody record of an export');
  const { result, actor, case: name, at } = entry.value;
  report.custody = { sealed: false, actor, case: name, at: isoMicros(at) };
  if (report.manifestSha256 === null || result !== packageText(report.manifestSha256))
    return tell(
      report,
      'ALTERED',
      'manifest-sha256.txt',
      'the custody record is of a package with another manifest',
    );
  const text = await readWhole(reader, CUSTODY_PROOF);
  if (text === null) return;
  const proof = parseProof(text);
  const checkpoint = proof.ok ? openCheckpoint(proof.value.checkpoint, identity) : proof;
  if (!proof.ok || !checkpoint.ok)
    return tell(report, 'UNSIGNED', CUSTODY_PROOF, checkpoint.ok ? 'it is no proof' : checkpoint.problem);
  const { index, hashes } = proof.value;
  const { size, root } = checkpoint.value;
  if (!verifyInclusion(leafHash(bytes), index, size, hashes, root))
    return tell(report, 'ROOT_MISMATCH', CUSTODY_PROOF, `entry ${index} of its ledger is not this record`);
  report.custody.sealed = true;
  report.vouched = true;
}

/** SHA-256 of a text in UTF-8, hex. */
export const textHash = (text: string): string => hashBytes(Buffer.from(text));
