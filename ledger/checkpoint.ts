/**
 * Checkpoints (https://c2sp.org/tlog-checkpoint): a signed note whose text is the log's origin, its size, and the
 * base64 of its root, one a line, then lines nobody audits.
 */

import { fromBase64, parseCount, toBase64 } from './encoding.ts';
import { HASH_BYTES, type Hash } from './merkle.ts';
import { openNote, type Signer, signNote } from './note.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import type { Verifier } from './vkey.ts';

export interface TreeHead {
  /** Leaves. */
  readonly size: number;
  readonly root: Hash;
}

export interface Checkpoint extends TreeHead {
  /** Names the log for good; a URL without its scheme by custom. */
  readonly origin: string;
  readonly extensions: readonly string[];
}

export const checkpointText = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, size, toBase64(root), ...extensions, ''].join('\n');

/** Reads the text of a note; refuses sizes beyond 2^53 - 1. */
export function parseCheckpointText(text: string): Outcome<Checkpoint> {
  const malformed = (problem: string): Outcome<never> => refused('CHECKPOINT_MALFORMED', problem);
  const lines = text.split('\n');
  if (lines.pop() !== '') return malformed('the last line does not end');
  const [origin, sizeText, rootText, ...extensions] = lines;
  if (origin === undefined || sizeText === undefined || rootText === undefined)
    return malformed('fewer than 3 lines');
  if (origin === '' || extensions.includes('')) return malformed('holds an empty line');
  const size = parseCount(sizeText);
  if (size === null) return malformed(`${JSON.stringify(sizeText.slice(0, 30))} is no tree size`);
  const root = fromBase64(rootText);
  if (root?.length !== HASH_BYTES) return malformed('the third line is not the base64 of 32 bytes');
  return accepted({ origin, size, root, extensions });
}

export interface SignedCheckpoint extends Checkpoint {
  readonly verified: readonly Verifier[];
  /** The note as it was read. */
  readonly note: Uint8Array;
}

/** Whose checkpoints are believed. */
export interface LogIdentity {
  readonly origin: string;
  readonly verifiers: readonly Verifier[];
}

/**
 * Reads and verifies a checkpoint of one log. Only a key named like the origin speaks for the log: a witness's
 * signature alone, or that of another log's key, gives CHECKPOINT_UNSIGNED.
 */
export function openCheckpoint(note: Uint8Array, log: LogIdentity): Outcome<SignedCheckpoint> {
  const opened = openNote(note, log.verifiers);
  if (!opened.ok) return opened;
  const parsed = parseCheckpointText(opened.value.text);
  if (!parsed.ok) return parsed;
  const { verified } = opened.value;
  if (parsed.value.origin !== log.origin) {
    return refused(
      'CHECKPOINT_OTHER_ORIGIN',
      `it is of the log ${JSON.stringify(parsed.value.origin)}, not of ${JSON.stringify(log.origin)}`,
    );
  }
  if (!verified.some(({ name, type }) => name === log.origin && type === 'ed25519')) {
    return refused('CHECKPOINT_UNSIGNED', `no key of the log ${log.origin} signed it`);
  }
  return accepted({ ...parsed.value, verified, note });
}

/** Signs a head. The signer's name should be the origin. */
export const signCheckpoint = (
  origin: string,
  { size, root }: TreeHead,
  signers: readonly Signer[],
): Promise<Uint8Array> => signNote(checkpointText({ origin, size, root, extensions: [] }), signers);
