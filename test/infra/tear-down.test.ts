import { DeleteObjectsCommand, GetBucketTaggingCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../infra/configuration.ts';
import { emptyTrial } from '../../infra/tear-down.ts';
import { LEAST, TRIAL } from './synthesised.ts';

const ACCOUNT = '111122223333';
type Version = { Key: string; VersionId: string };

/** Buckets with versions in them, two to a page; only those of a trial carry the tag. */
class Buckets {
  readonly held = new Map<string, Version[]>();
  readonly untagged = new Set<string>();
  locked: string | null = null;

  send = async (command: unknown): Promise<unknown> => {
    const { Bucket } = (command as { input: { Bucket: string } }).input;
    const versions = this.held.get(Bucket);
    if (versions === undefined) throw Object.assign(new Error('no'), { name: 'NoSuchBucket' });
    if (command instanceof GetBucketTaggingCommand) {
      if (this.untagged.has(Bucket)) throw Object.assign(new Error('no'), { name: 'NoSuchTagSet' });
      return { TagSet: [{ Key: 'akashi:trial', Value: 'true' }] };
    }
    if (command instanceof ListObjectVersionsCommand)
      return {
        Versions: versions.slice(0, 1),
        DeleteMarkers: versions.slice(1, 2),
        IsTruncated: versions.length > 2,
      };
    if (command instanceof DeleteObjectsCommand) {
      const { Delete, BypassGovernanceRetention } = command.input;
      expect(BypassGovernanceRetention).toBe(true);
      const gone = new Set(
        Delete!.Objects!.map(({ VersionId }) => VersionId).filter((id) => id !== this.locked),
      );
      this.held.set(
        Bucket,
        versions.filter(({ VersionId }) => !gone.has(VersionId)),
      );
      return this.locked === null ? {} : { Errors: [{ Key: 'k', Code: 'AccessDenied', Message: 'locked' }] };
    }
    throw new Error('unexpected');
  };
}

const versions = (count: number): Version[] =>
  Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, VersionId: `v${at}` }));
const trial = readConfiguration(TRIAL, 'trial');
const bucket = (kind: string) => `akashi-${kind}-${ACCOUNT}-eu-central-1`;

function some(): Buckets {
  const buckets = new Buckets();
  for (const kind of ['vault', 'state', 'exports', 'logs']) buckets.held.set(bucket(kind), versions(5));
  return buckets;
}

test('every version of a trial goes, page by page; a bucket that was not made is passed over', async () => {
  const buckets = some();
  expect(await emptyTrial(buckets, trial, ACCOUNT)).toEqual([
    ...['vault', 'state', 'exports'].map((kind) => ({ bucket: bucket(kind), versions: 5 })),
    { bucket: bucket('trail'), versions: null },
    { bucket: bucket('logs'), versions: 5 },
  ]);
  expect([...buckets.held.values()].flat()).toEqual([]);
});

test('what is no trial is refused by its configuration', async () => {
  const buckets = some();
  await expect(emptyTrial(buckets, readConfiguration(LEAST, 'c'), ACCOUNT)).rejects.toMatchObject({
    code: 'TEAR_DOWN_KEPT',
  });
  expect([...buckets.held.values()].flat()).toHaveLength(20);
});

test('a bucket that does not call itself a trial’s is refused, whatever the configuration says', async () => {
  const buckets = some();
  buckets.untagged.add(bucket('vault'));
  await expect(emptyTrial(buckets, trial, ACCOUNT)).rejects.toMatchObject({ code: 'TEAR_DOWN_KEPT' });
  expect([...buckets.held.values()].flat()).toHaveLength(20);
});

test('what S3 will not give up is told', async () => {
  const buckets = some();
  buckets.locked = 'v0';
  await expect(emptyTrial(buckets, trial, ACCOUNT)).rejects.toMatchObject({
    code: 'TEAR_DOWN_LEFT',
    message: expect.stringContaining('s3:BypassGovernanceRetention'),
  });
});
