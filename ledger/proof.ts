/**
 * Proof files (https://c2sp.org/tlog-proof, `.tlog-proof`): an entry's index, its inclusion proof and the checkpoint,
 * in one text that anyone can check without the log.
 */

import type { SignedCheckpoint } from './checkpoint.ts';
import { fromBase64, parseCount, toBase64 } from './encoding.ts';
import { HASH_BYTES, type Hash, leafHash } from './merkle.ts';
import { MAX_PROOF_HASHES, verifyInclusion } from './merkle-proof.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import { openByPolicy, type Policy } from './policy.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** Room for the hashes and for extra data beside the checkpoint, bytes. */
const MAX_PROOF_BYTES = MAX_NOTE_BYTES + (1 << 20);

export interface ProofBundle {
  readonly index: number;
  /** Sibling of the leaf first. */
  readonly hashes: readonly Hash[];
  /** The signed note, byte for byte. */
  readonly checkpoint: Uint8Array;
  /** Whatever an application wants to send along. Nothing vouches for it. */
  readonly extra: Uint8Array | null;
}

export function encodeProof({ index, hashes, checkpoint, extra }: ProofBundle): Uint8Array {
  const lines = [
    FIRST_LINE,
    ...(extra === null ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(lines.join('\n')), checkpoint]);
}

/** Reads the form of a proof file; `verifyProof` says whether it proves anything. */
export function parseProof(bytes: Uint8Array): Outcome<ProofBundle> {
  const malformed = (problem: string): Outcome<never> => refused('PROOF_MALFORMED', problem);
  if (bytes.length > MAX_PROOF_BYTES) return malformed(`${bytes.length} bytes, at most ${MAX_PROOF_BYTES}`);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const blank = all.indexOf('\n\n');
  if (blank < 0) return malformed('no blank line before the checkpoint');
  const lines = all.subarray(0, blank).toString('latin1').split('\n');
  if (lines.shift() !== FIRST_LINE) return malformed(`does not begin with ${FIRST_LINE}`);
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift()! : null;
  const extra = extraLine === null ? null : fromBase64(extraLine.slice('extra '.length));
  if (extraLine !== null && extra === null) return malformed('the extra line is not base64');
  const [, indexText] = /^index (.+)$/.exec(lines.shift() ?? '') ?? [];
  const index = indexText === undefined ? null : parseCount(indexText);
  if (index === null) return malformed('no index line');
  if (lines.length > MAX_PROOF_HASHES)
    return malformed(`${lines.length} hashes, at most ${MAX_PROOF_HASHES}`);
  const hashes = lines.map(fromBase64);
  if (!hashes.every((hash) => hash?.length === HASH_BYTES))
    return malformed('a hash is not the base64 of 32 bytes');
  return accepted({ index, hashes: hashes as Hash[], checkpoint: all.subarray(blank + 2), extra });
}

export interface Proven {
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
}

/** Whether a proof file shows that a log the policy trusts holds exactly this entry. */
export function verifyProof(bytes: Uint8Array, entry: Uint8Array, policy: Policy): Outcome<Proven> {
  const parsed = parseProof(bytes);
  if (!parsed.ok) return parsed;
  const { index, hashes } = parsed.value;
  const checkpoint = openByPolicy(parsed.value.checkpoint, policy);
  if (!checkpoint.ok) return checkpoint;
  const { size, root } = checkpoint.value;
  return verifyInclusion(leafHash(entry), index, size, hashes, root)
    ? accepted({ index, checkpoint: checkpoint.value })
    : refused('PROOF_NOT_INCLUDED', `this entry is not number ${index} of the ${size} the checkpoint covers`);
}
