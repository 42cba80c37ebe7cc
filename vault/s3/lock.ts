/** Locks and legal holds of versions that are stored already. */

import { PutObjectLegalHoldCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { ask, type Bucket } from './client.ts';
import { retentionDaysOf, type S3Settings } from './settings.ts';
import type { Lock } from './upload.ts';

const DAY_MILLIS = 24 * 3600 * 1000;

/** The lock that the settings promise for a key stored now; whole seconds, as S3 keeps them. */
export function lockFor(settings: S3Settings, key: string, now = Date.now()): Lock {
  const until = now + retentionDaysOf(settings, key) * DAY_MILLIS;
  return { mode: settings.mode, retainUntil: new Date(Math.ceil(until / 1000) * 1000) };
}

/** A legal hold has no date: it keeps a version, whatever its retention, until it is cleared. */
export async function setHold(bucket: Bucket, key: string, versionId: string, held: boolean): Promise<void> {
  await ask(bucket, () =>
    bucket.client.send(
      new PutObjectLegalHoldCommand({
        ...bucket.base,
        Key: bucket.place.prefix + key,
        VersionId: versionId,
        LegalHold: { Status: held ? 'ON' : 'OFF' },
        // S3 wants a checksum of requests about locks; the SDK adds one.
        ChecksumAlgorithm: 'SHA256',
      }),
    ),
  );
}

/** Keeps a version longer. S3 itself refuses an earlier date under compliance, and without a bypass under governance. */
export async function extendRetention(
  bucket: Bucket,
  key: string,
  versionId: string,
  lock: Lock,
): Promise<void> {
  await ask(bucket, () =>
    bucket.client.send(
      new PutObjectRetentionCommand({
        ...bucket.base,
        Key: bucket.place.prefix + key,
        VersionId: versionId,
        Retention: {
          Mode: lock.mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
          RetainUntilDate: lock.retainUntil,
        },
        ChecksumAlgorithm: 'SHA256',
      }),
    ),
  );
}
