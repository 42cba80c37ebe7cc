/** What must be true of a vault's bucket before anything is put into it. */

import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { AkashiError } from '../../schema/error.ts';
import { ask, type Bucket, named } from './client.ts';

/**
 * Asks S3 itself. Throws BUCKET_UNVERSIONED and BUCKET_UNLOCKED, with the command that puts it right, and what the
 * stores throw when the bucket cannot be asked.
 */
export async function checkVaultBucket(bucket: Bucket): Promise<void> {
  const { client, base, name, place } = bucket;
  const what = `asking whether ${name} has versioning and Object Lock`;
  await named(what, async () => {
    const { Status } = await ask(bucket, () => client.send(new GetBucketVersioningCommand(base)));
    if (Status !== 'Enabled')
      throw new AkashiError(
        'BUCKET_UNVERSIONED',
        `Versioning of the bucket "${place.bucket}" is ${Status ?? 'off'}, and must be on before evidence is put into it. ` +
          `Switch it on: aws s3api put-bucket-versioning --bucket ${place.bucket} --versioning-configuration Status=Enabled`,
      );
    if (await hasLock(bucket)) return;
    throw new AkashiError(
      'BUCKET_UNLOCKED',
      `The bucket "${place.bucket}" has no Object Lock, so that whoever may delete objects could delete evidence. Switch ` +
        `it on: aws s3api put-object-lock-configuration --bucket ${place.bucket} ` +
        '--object-lock-configuration \'{"ObjectLockEnabled":"Enabled"}\'; or make a new bucket with it (docs/s3.md).',
    );
  });
}

async function hasLock(bucket: Bucket): Promise<boolean> {
  try {
    const answer = await ask(bucket, () =>
      bucket.client.send(new GetObjectLockConfigurationCommand(bucket.base)),
    );
    return answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled';
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === 'ObjectLockConfigurationNotFoundError' || name === 'InvalidRequest') return false;
    throw error;
  }
}
