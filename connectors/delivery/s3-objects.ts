/** Lists and fetches a bucket's objects, bytes as they are. */

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { awsError, CLIENT, isGone, judgeAws } from './aws.ts';
import { ETAG } from './etag.ts';
import type { PullRequest } from './feed.ts';
import type { ObjectSource } from './object-source.ts';
import { askAgain } from './retry.ts';

export interface BucketPlace {
  readonly bucket: string;
  /** AWS account that must own it; requests to anybody else's bucket are refused by S3. */
  readonly owner?: string | undefined;
  readonly region?: string | undefined;
  /** URL of an S3-compatible server. */
  readonly endpoint?: string | undefined;
}

/** What a pull needs of `request` to ask again and to put bodies away. */
type Means = Pick<PullRequest<unknown>, 'signal' | 'spool'>;

export function objectSource(place: BucketPlace, { signal, spool }: Means): ObjectSource {
  const { bucket, owner, region, endpoint } = place;
  const client = new S3Client({
    ...CLIENT,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: endpoint === undefined,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(region === undefined ? (endpoint === undefined ? {} : { region: 'us-east-1' }) : { region }),
  });
  const base = { Bucket: bucket, ...(owner === undefined ? {} : { ExpectedBucketOwner: owner }) };
  const origin = (key: string) => `s3://${bucket}/${key}`;

  async function* list(prefix: string, delimiter?: string) {
    let token: string | undefined;
    do {
      const request = {
        ...base,
        Prefix: prefix,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await askAgain(
        () => client.send(new ListObjectsV2Command(request)),
        judgeAws,
        signal,
      ).catch((error: unknown) => {
        throw awsError(error, `listing ${origin(prefix)}`, 's3:ListBucket');
      });
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  return {
    async *objects(prefix) {
      for await (const { Contents = [] } of list(prefix)) {
        for (const { Key, ETag = '', Size = 0 } of Contents)
          if (Key !== undefined && !Key.endsWith('/')) yield { key: Key, etag: unquoted(ETag), size: Size };
      }
    },
    async folders(prefix) {
      const names: string[] = [];
      for await (const { CommonPrefixes = [] } of list(prefix, '/'))
        for (const { Prefix } of CommonPrefixes)
          if (Prefix !== undefined) names.push(Prefix.slice(prefix.length));
      return names;
    },
    async fetch(key, role, versionId) {
      const what = `reading ${origin(key)}`;
      try {
        return await askAgain(
          async () => {
            const answer = await client.send(
              new GetObjectCommand({
                ...base,
                Key: key,
                ...(versionId === undefined ? {} : { VersionId: versionId }),
              }),
              { abortSignal: signal },
            );
            const body = await spool(exactly(answer.Body as AsyncIterable<Uint8Array>, answer.ContentLength));
            return {
              kind: 'arrival' as const,
              role,
              body,
              origin: origin(key),
              // Without versioning S3 says "null".
              versionId:
                answer.VersionId === undefined || answer.VersionId === 'null' ? null : answer.VersionId,
              metadata: {
                ...answer.Metadata,
                ...(answer.ETag === undefined ? {} : { [ETAG]: unquoted(answer.ETag) }),
              },
              modified: answer.LastModified === undefined ? null : answer.LastModified.getTime() * 1000,
            };
          },
          judgeAws,
          signal,
        );
      } catch (error) {
        if (isGone(error))
          return {
            kind: 'missed',
            origin: origin(key),
            code: 'PULL_OBJECT_GONE',
            problem: `it is gone from ${bucket}`,
          };
        const { code, message } = awsError(
          error,
          what,
          's3:GetObject, and kms:Decrypt on the key it is encrypted with',
        );
        // One object under a key we may not use is no reason to leave the others.
        if (code === 'PULL_DENIED' || code === 'PULL_FAILED')
          return { kind: 'missed', origin: origin(key), code, problem: message };
        throw awsError(error, what, 's3:GetObject');
      }
    },
    origin,
    close: () => client.destroy(),
  };
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '');

/** Throws when a stream ends before its stated length: a body that broke off must be asked for again. */
async function* exactly(
  chunks: AsyncIterable<Uint8Array>,
  length: number | undefined,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    yield chunk;
  }
  if (length !== undefined && size !== length)
    throw new Error(`the body ended early, after ${size} of ${length} bytes`);
}
