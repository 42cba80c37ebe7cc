/**
 * Signatures of digests: RSA PKCS #1 v1.5 with SHA-256 over a text of four lines.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
 */

import { constants, type KeyObject, verify } from 'node:crypto';
import type { ParsedDigest } from './parse.ts';

/** The object metadata a digest came with, as far as it matters. */
export interface DigestMetadata {
  /** Hex as written; null where it is lost. */
  readonly signature: string | null;
  readonly algorithm: string | null;
  /** When a backfill digest was written, as written. */
  readonly backfillGenerated: string | null;
}

/** Reads object metadata as S3's API gives it (`signature`) or as its headers name it (`x-amz-meta-signature`). */
export function readMetadata(metadata: Readonly<Record<string, string>>): DigestMetadata {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(metadata))
    if (value !== '') found.set(name.toLowerCase().replace(/^x-amz-meta-/, ''), value);
  return {
    signature: found.get('signature') ?? null,
    algorithm: found.get('signature-algorithm') ?? null,
    backfillGenerated: found.get('backfill-generation-timestamp') ?? null,
  };
}

/** What CloudTrail signs: end time, place, hash of the content, signature of the digest before or `null`. */
export const stringToSign = ({ endText, location, sha256, previous }: ParsedDigest): string =>
  [endText, `${location.bucket}/${location.key}`, sha256, previous?.signature ?? 'null'].join('\n');

/** Whether the signature, in hex, is that key's over the digest. Total. */
export function signatureFits(digest: ParsedDigest, signatureHex: string, key: KeyObject): boolean {
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(signatureHex)) return false;
  return verify(
    'sha256',
    Buffer.from(stringToSign(digest)),
    { key, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(signatureHex, 'hex'),
  );
}
