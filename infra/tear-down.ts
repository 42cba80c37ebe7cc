/**
 * Empties the buckets of a trial, so that `cdk destroy` can delete them: `npm run tear-down [audit-trail.json]`.
 * Whatever is no trial is refused, twice: by the configuration, and by the tag that each bucket itself carries.
 */

import { existsSync, readFileSync } from 'node:fs';
import {
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AkashiError } from '../schema/error.ts';
import { type Configuration, parseConfiguration } from './configuration.ts';
import { refused } from './members.ts';
import { type BucketKind, bucketName, TRIAL_TAG } from './names.ts';

/** Access logs last: emptying the others writes some. */
const ORDER: readonly BucketKind[] = ['vault', 'state', 'exports', 'trail', 'logs'];

export interface Emptied {
  readonly bucket: string;
  /** Versions and delete markers that were removed; null where there is no such bucket. */
  readonly versions: number | null;
}

/**
 * Removes every version in a trial's buckets. Throws TEAR_DOWN_KEPT for what is no trial, TEAR_DOWN_LEFT for what S3
 * would not give up.
 */
export async function emptyTrial(
  client: Pick<S3Client, 'send'>,
  configuration: Configuration,
  account: string,
): Promise<Emptied[]> {
  if (!configuration.trial)
    throw refused(
      'TEAR_DOWN_KEPT',
      configuration.name,
      'it is no trial, and what it holds is kept until its date',
      'Nobody can end it earlier; `cdk destroy` leaves buckets and keys where they are.',
    );
  const emptied: Emptied[] = [];
  for (const kind of ORDER) {
    const bucket = bucketName(configuration, kind, account);
    emptied.push({ bucket, versions: (await isTrial(client, bucket)) ? await empty(client, bucket) : null });
  }
  return emptied;
}

/** Whether the bucket is there. Throws TEAR_DOWN_KEPT for one that does not say itself that it is a trial's. */
async function isTrial(client: Pick<S3Client, 'send'>, bucket: string): Promise<boolean> {
  try {
    const { TagSet = [] } = await client.send(new GetBucketTaggingCommand({ Bucket: bucket }));
    if (TagSet.some(({ Key, Value }) => Key === TRIAL_TAG && Value === 'true')) return true;
  } catch (error) {
    const { name } = error as Error;
    if (name === 'NoSuchBucket') return false;
    if (name !== 'NoSuchTagSet') throw error;
  }
  throw refused(
    'TEAR_DOWN_KEPT',
    bucket,
    `it does not carry the tag ${TRIAL_TAG}=true, so it was not made by a trial`,
    'It was left as it is.',
  );
}

async function empty(client: Pick<S3Client, 'send'>, bucket: string): Promise<number> {
  let versions = 0;
  for (let page: ListObjectVersionsCommandOutput | null = null; ; ) {
    page = (await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        ...(page === null
          ? {}
          : { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }),
      }),
    )) as ListObjectVersionsCommandOutput;
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length > 0) {
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          BypassGovernanceRetention: true,
          Delete: { Quiet: true, Objects: found.map(({ Key, VersionId }) => ({ Key, VersionId })) },
        }),
      );
      const [left] = Errors;
      if (left !== undefined)
        throw refused(
          'TEAR_DOWN_LEFT',
          bucket,
          `S3 keeps ${left.Key} (${left.Code}: ${left.Message}), and ${Errors.length - 1} more`,
          'The right is s3:BypassGovernanceRetention, or wait until the day of the lock is over; then run it again.',
        );
      versions += found.length;
    }
    if (page.IsTruncated !== true) return versions;
  }
}

if (import.meta.main) {
  const path = process.argv[2] ?? 'audit-trail.json';
  try {
    if (!existsSync(path))
      throw refused('CONFIG_FILE', path, 'there is no such file', 'Name the configuration of the trial.');
    const configuration = parseConfiguration(readFileSync(path, 'utf8'), path);
    const { region } = configuration;
    const account =
      configuration.account ??
      (await new STSClient({ region }).send(new GetCallerIdentityCommand({}))).Account ??
      '';
    for (const { bucket, versions } of await emptyTrial(new S3Client({ region }), configuration, account))
      process.stdout.write(
        `${bucket}: ${versions === null ? 'not there' : `${versions} versions removed`}\n`,
      );
    process.stdout.write(`Now: npx cdk destroy ${configuration.name}\n`);
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
