/**
 * `result_sign.json`, which CloudTrail Lake writes beside the results that it saves.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-validation-sign-file-structure.html
 *
 * Its signature is over the hashes of the files alone, in their order: names, region and time are not proven by it.
 */

import { constants, type KeyObject, verify } from 'node:crypto';
import { accepted, type Outcome, refused } from '../outcome.ts';

export interface SignFile {
  readonly region: string;
  readonly files: readonly SignedFile[];
  /** When the query was completed, as the file says, milliseconds since the epoch. */
  readonly completed: number;
  /** Hex as written. */
  readonly signature: string;
  readonly fingerprint: string;
}

export interface SignedFile {
  readonly name: string;
  /** SHA-256 of the file as delivered, still gzipped; lower-case hex. */
  readonly sha256: string;
  /** The same as written: what was signed. */
  readonly written: string;
}

/** More files than any query saves. */
const MOST_FILES = 100_000;

/** Total: any bytes are a sign file or a sentence on why they are none. */
export function parseSignFile(bytes: Uint8Array): Outcome<SignFile> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return no('it is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no('it is no JSON object');
  const members = value as Record<string, unknown>;
  if (members['hashAlgorithm'] !== 'SHA-256') return no('its "hashAlgorithm" is not SHA-256');
  if (members['signatureAlgorithm'] !== 'SHA256withRSA')
    return no('its "signatureAlgorithm" is not SHA256withRSA');
  for (const name of ['region', 'queryCompleteTime', 'hashSignature', 'publicKeyFingerprint'])
    if (typeof members[name] !== 'string' || members[name] === '') return no(`its "${name}" is missing`);
  const completed = Date.parse(members['queryCompleteTime'] as string);
  if (Number.isNaN(completed)) return no('its "queryCompleteTime" is no time');
  const signature = members['hashSignature'] as string;
  if (!/^(?:[0-9a-fA-F]{2}){1,1024}$/.test(signature)) return no('its "hashSignature" is not hex');
  const files = filesOf(members['files']);
  if (files === null)
    return no('its "files" is no list of names and SHA-256 hashes, each name once and without a folder');
  const [region, fingerprint] = [members['region'] as string, members['publicKeyFingerprint'] as string];
  return accepted({ region, files, completed, signature, fingerprint });
}

const no = (problem: string) => refused('INVALID_FORMAT', problem);

function filesOf(list: unknown): SignedFile[] | null {
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_FILES) return null;
  const names = new Set<string>();
  const files: SignedFile[] = [];
  for (const one of list as readonly unknown[]) {
    const { fileName: name, fileHashValue: written } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '' || /[/\\]/.test(name) || names.has(name)) return null;
    if (typeof written !== 'string' || !/^[0-9a-fA-F]{64}$/.test(written)) return null;
    names.add(name);
    files.push({ name, written, sha256: written.toLowerCase() });
  }
  return files;
}

/**
 * What Lake signs: the hashes as the file lists them, separated by single blanks.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-custom-validation.html
 */
export const signedText = ({ files }: Pick<SignFile, 'files'>): string =>
  files.map(({ written }) => written).join(' ');

/** Whether the signature is that key's over the hashes: RSA PKCS #1 v1.5 with SHA-256. Total. */
export const signatureFits = (file: SignFile, key: KeyObject): boolean =>
  verify(
    'sha256',
    Buffer.from(signedText(file)),
    { key, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(file.signature, 'hex'),
  );
