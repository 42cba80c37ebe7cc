/** Judges what is held of CloudTrail Lake's results by the sign files that are held with them. Pure. */

import type { TrailKeys } from '../digests/keys.ts';
import type { Level } from '../digests/states.ts';
import type { Outcome } from '../outcome.ts';
import { type SignFile, signatureFits } from './sign-file.ts';
import { gravestSign, RESULT_STATES, type ResultState, SIGN_STATES, type SignState } from './states.ts';

export interface HeldSign {
  /** SHA-256 of the file. */
  readonly id: string;
  readonly origin: string;
  readonly file: Outcome<SignFile>;
}

export interface HeldResult {
  /** SHA-256 of the file as received. */
  readonly id: string;
  readonly origin: string;
}

export interface ResultVerdict {
  readonly id: string;
  readonly origin: string;
  readonly of: 'sign' | 'result';
  readonly state: SignState | ResultState;
  readonly level: Level;
  readonly detail: string;
}

/** A file of results as Lake names it; others that came from Lake were never signed. */
const RESULT_NAME = /^result_\d+\.csv(\.gz)?$/;

/** A query may be signed long after it was completed: the AWS CLI looks for keys of the twenty days after. */
const SIGNED_WITHIN = 20 * 86_400_000;

/** One verdict on each file, in the order given. Files are told by their hashes wherever they lie. */
export function judgeResults(
  signs: readonly HeldSign[],
  results: readonly HeldResult[],
  keys: TrailKeys,
): ResultVerdict[] {
  const held = new Set(results.map(({ id }) => id));
  const byPlace = new Map(results.map(({ origin, id }) => [origin, id]));
  const folders = new Map<string, SignFile[]>();
  /** Hashes that sign files list; true where a signature proves it. */
  const listed = new Map<string, boolean>();
  const verdicts: ResultVerdict[] = [];
  for (const sign of signs) {
    const { state, detail, proven } = judgeSign(sign, keys, held, byPlace);
    verdicts.push({
      id: sign.id,
      origin: sign.origin,
      of: 'sign',
      state,
      level: SIGN_STATES[state].level,
      detail,
    });
    if (!sign.file.ok) continue;
    const folder = folderOf(sign.origin);
    folders.set(folder, [...(folders.get(folder) ?? []), sign.file.value]);
    for (const { sha256 } of sign.file.value.files)
      listed.set(sha256, (listed.get(sha256) ?? false) || proven);
  }
  for (const { id, origin } of results) {
    const { state, detail } = judgeResult(id, origin, folders.get(folderOf(origin)) ?? [], listed);
    verdicts.push({ id, origin, of: 'result', state, level: RESULT_STATES[state].level, detail });
  }
  return verdicts;
}

interface SignJudgement {
  readonly state: SignState;
  readonly detail: string;
  /** Whether a key that was valid signed it. */
  readonly proven: boolean;
}

function judgeSign(
  { origin, file }: HeldSign,
  keys: TrailKeys,
  held: ReadonlySet<string>,
  byPlace: ReadonlyMap<string, string>,
): SignJudgement {
  if (!file.ok) return { state: 'INVALID_FORMAT', detail: file.problem, proven: false };
  const findings: [SignState, string][] = [];
  const signature = judgeSignature(file.value, keys);
  if (signature !== null) findings.push(signature);
  const folder = folderOf(origin);
  for (const { name, sha256 } of file.value.files) {
    if (held.has(sha256)) continue;
    const altered = byPlace.has(`${folder}${name}`);
    findings.push([altered ? 'FILE_ALTERED' : 'FILE_MISSING', name]);
  }
  const state = gravestSign(findings.map(([one]) => one));
  const details = findings.filter(([one]) => one === state).map(([, detail]) => detail);
  const shown = details.slice(0, 5).join(', ');
  return {
    state,
    detail: details.length > 5 ? `${shown} and ${details.length - 5} more` : shown,
    proven: signature === null,
  };
}

/** Null when a key that was given, and was valid then, signed it. */
function judgeSignature(file: SignFile, keys: TrailKeys): [SignState, string] | null {
  const { fingerprint, region, completed } = file;
  const given = (keys.get(fingerprint) ?? []).filter((key) => key.region === null || key.region === region);
  if (given.length === 0) return ['KEY_NOT_FOUND', `no key with fingerprint ${fingerprint} for ${region}`];
  const usable = given.filter(({ problem }) => problem === null);
  if (usable.length === 0) return ['KEY_UNUSABLE', `key ${fingerprint}: ${given[0]!.problem}`];
  const fitting = usable.filter(({ key }) => signatureFits(file, key!));
  if (fitting.length === 0) return ['SIGNATURE_INVALID', `checked with key ${fingerprint}`];
  const valid = fitting.some(
    ({ window }) => window !== null && window.from <= completed + SIGNED_WITHIN && window.to >= completed,
  );
  return valid ? null : ['KEY_OUT_OF_WINDOW', `key ${fingerprint}`];
}

function judgeResult(
  id: string,
  origin: string,
  signs: readonly SignFile[],
  listed: ReadonlyMap<string, boolean>,
): { state: ResultState; detail: string } {
  const proven = listed.get(id);
  if (proven !== undefined) return { state: proven ? 'VALID' : 'UNPROVEN', detail: '' };
  const name = origin.slice(folderOf(origin).length);
  if (signs.length === 0 || !RESULT_NAME.test(name)) return { state: 'UNSIGNED', detail: '' };
  const names = new Set(signs.flatMap(({ files }) => files.map((file) => file.name)));
  if (names.has(name)) return { state: 'HASH_MISMATCH', detail: `its SHA-256 is ${id}` };
  return { state: names.has(`${name}.gz`) ? 'UNPACKED' : 'FILE_EXTRA', detail: '' };
}

/** Up to and with the last slash. */
export const folderOf = (origin: string): string => origin.slice(0, origin.lastIndexOf('/') + 1);
