/** Results as CloudTrail Lake saves them, signed with keys made here. */

import { createSign, hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { TrailSigner } from '../digests/parts/trail.ts';

export const COMPLETED = Date.parse('2026-03-02T10:06:30Z');
const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

/** A folder of results: names and bytes, the sign file among them. */
export function savedQuery(
  signer: TrailSigner,
  contents: readonly string[],
  change: (sign: Record<string, unknown>) => void = () => {},
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [at, content] of contents.entries()) files.set(`result_${at + 1}.csv.gz`, gzipSync(content));
  const listed = [...files].map(([fileName, bytes]) => ({ fileHashValue: sha256(bytes), fileName }));
  const text = listed.map(({ fileHashValue }) => fileHashValue).join(' ');
  const sign: Record<string, unknown> = {
    version: '1.0',
    region: 'us-east-1',
    files: listed,
    hashAlgorithm: 'SHA-256',
    signatureAlgorithm: 'SHA256withRSA',
    queryCompleteTime: new Date(COMPLETED).toISOString().replace('.000', ''),
    hashSignature: createSign('sha256').update(text).sign(signer.key, 'hex'),
    publicKeyFingerprint: signer.fingerprint,
  };
  change(sign);
  files.set('result_sign.json', Buffer.from(JSON.stringify(sign, null, 2)));
  return files;
}

export const csv = (...ids: string[]): string =>
  [
    'eventID,eventTime,eventName,eventSource',
    ...ids.map((id) => `${id},2026-03-01 09:00:00.000,ListUsers,iam.amazonaws.com`),
    '',
  ].join('\n');
