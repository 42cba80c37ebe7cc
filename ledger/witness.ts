/**
 * A witness (https://c2sp.org/tlog-witness): remembers, outside the log's own account, the newest checkpoint it saw of
 * each log, and cosigns one only if it continues that. Independent of how requests arrive.
 */

import { hash } from 'node:crypto';
import type { StateStore } from '../vault/store.ts';
import {
  type LogIdentity,
  openCheckpoint,
  parseCheckpointText,
  type SignedCheckpoint,
} from './checkpoint.ts';
import { splitCosignature } from './cosignature.ts';
import { fromBase64, parseCount, toBase64 } from './encoding.ts';
import { EMPTY_ROOT, HASH_BYTES, type Hash, sameHash } from './merkle.ts';
import { MAX_PROOF_HASHES, verifyConsistency } from './merkle-proof.ts';
import { parseNote, type Signer, signNote } from './note.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import { cosigner } from './signer.ts';
import { getIfPresent, hasCode } from './store.ts';

const MAX_REQUEST_BYTES = 1 << 20;

export interface AddCheckpoint {
  /** Size the log believes the witness to hold. */
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
}

/** The body of an `add-checkpoint` request. */
export const encodeAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array =>
  Buffer.concat([Buffer.from([`old ${oldSize}`, ...proof.map(toBase64), '', ''].join('\n')), checkpoint]);

export function parseAddCheckpoint(bytes: Uint8Array): Outcome<AddCheckpoint> {
  const malformed = (problem: string): Outcome<never> => refused('REQUEST_MALFORMED', problem);
  if (bytes.length > MAX_REQUEST_BYTES)
    return malformed(`${bytes.length} bytes, at most ${MAX_REQUEST_BYTES}`);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const blank = all.indexOf('\n\n');
  const [first, ...lines] = all.subarray(0, Math.max(blank, 0)).toString('latin1').split('\n');
  const oldSize = first?.startsWith('old ') ? parseCount(first.slice('old '.length)) : null;
  if (oldSize === null) return malformed('the first line is not "old <size>"');
  if (lines.length > MAX_PROOF_HASHES)
    return malformed(`${lines.length} hashes, at most ${MAX_PROOF_HASHES}`);
  const proof = lines.map(fromBase64);
  if (!proof.every((node) => node?.length === HASH_BYTES)) return malformed('a proof line is no hash');
  return accepted({ oldSize, proof: proof as Hash[], checkpoint: all.subarray(blank + 2) });
}

/** An answer in terms of HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422 | 500;
  readonly contentType: string;
  readonly body: string;
}

const answer = (
  status: WitnessAnswer['status'],
  body: string,
  contentType = 'text/plain',
): WitnessAnswer => ({
  status,
  contentType,
  body: `${body}\n`,
});

export interface WitnessSettings {
  /** Signs plain Ed25519; the time is added here. */
  readonly signer: Signer;
  readonly logs: readonly LogIdentity[];
  readonly store: Pick<StateStore, 'get' | 'putIfUnchanged'>;
  /** Where the newest checkpoint of a log is kept; `originHash` is 64 hex digits. */
  readonly keyOf: (originHash: string) => string;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

interface Seen {
  readonly size: number;
  readonly root: Hash;
  /** When it was cosigned, seconds since the epoch. */
  readonly time: number;
}

export const originHash = (origin: string): string => hash('sha256', origin, 'hex');

/** Answers the body of an `add-checkpoint` request. Comparing with what it holds and storing are one act. */
export async function addCheckpoint(settings: WitnessSettings, body: Uint8Array): Promise<WitnessAnswer> {
  const request = parseAddCheckpoint(body);
  if (!request.ok) return answer(400, request.problem);
  const { oldSize, proof } = request.value;
  const opened = openKnown(request.value.checkpoint, settings.logs);
  if ('status' in opened) return opened;
  const { size, root, origin } = opened;
  if (oldSize > size) return answer(400, `old size ${oldSize} is larger than the checkpoint's ${size}`);

  const key = settings.keyOf(originHash(origin));
  const stored = await getIfPresent(settings.store, key);
  const seen = stored === null ? { size: 0, root: EMPTY_ROOT, time: 0 } : readSeen(stored.body);
  if (seen === null) return answer(500, `what is stored under ${key} is no cosigned checkpoint`);
  if (seen.size !== oldSize) return conflictAt(seen.size);
  if (size === 0 && !sameHash(root, EMPTY_ROOT))
    return answer(422, 'a tree without entries has another root');
  if (!verifyConsistency(oldSize, size, proof, seen.root, root)) {
    return answer(422, 'the proof does not lead from the checkpoint held to this one');
  }
  const time = settings.now();
  if (time < seen.time) return answer(500, `the clock went back from ${seen.time} to ${time}`);

  const cosigned = await signNote(opened.text, [cosigner(settings.signer, () => time)]);
  try {
    await settings.store.putIfUnchanged(key, cosigned, stored?.version ?? null);
  } catch (error) {
    if (!hasCode(error, 'STORE_CHANGED')) throw error;
    const newer = await getIfPresent(settings.store, key);
    return conflictAt((newer && readSeen(newer.body)?.size) ?? 0);
  }
  // Stored: only now may the cosignature be seen.
  const lines = Buffer.from(cosigned)
    .subarray(Buffer.byteLength(opened.text) + 1)
    .toString();
  return answer(200, lines.trimEnd());
}

const conflictAt = (size: number): WitnessAnswer => answer(409, String(size), 'text/x.tlog.size');

/** The request's checkpoint if a known key of its log signed it. */
function openKnown(
  note: Uint8Array,
  logs: readonly LogIdentity[],
): (SignedCheckpoint & { readonly text: string }) | WitnessAnswer {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpointText(parsed.value.text) : parsed;
  if (!parsed.ok || !checkpoint.ok) return answer(400, checkpoint.ok ? '' : checkpoint.problem);
  const log = logs.find(({ origin }) => origin === checkpoint.value.origin);
  if (log === undefined)
    return answer(404, `no log ${JSON.stringify(checkpoint.value.origin)} is known here`);
  const opened = openCheckpoint(note, log);
  return opened.ok ? { ...opened.value, text: parsed.value.text } : answer(403, opened.problem);
}

/** Reads what this witness stored itself; null when somebody else wrote there. */
function readSeen(note: Uint8Array): Seen | null {
  const parsed = parseNote(note);
  if (!parsed.ok) return null;
  const checkpoint = parseCheckpointText(parsed.value.text);
  const time = splitCosignature(parsed.value.signatures[0]!.signature)?.time;
  return checkpoint.ok && time !== undefined ? { ...checkpoint.value, time } : null;
}
