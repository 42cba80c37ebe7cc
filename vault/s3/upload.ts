/** PUT, in one request or in parts, with checksum, lock, encryption and a condition. */

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { hashOf } from '../body.ts';
import { hashBytes } from '../durable-file.ts';
import { pooled } from '../pool.ts';
import type { Body, FileBody } from '../store.ts';
import { bodyChanged } from '../store-error.ts';
import type { WriteKind } from '../write-kind.ts';
import { checkedChunks, type Piece, piecesOf, wholeOf } from './checked-file.ts';
import { ask, type Bucket } from './client.ts';
import { md5Base64 } from './md5.ts';
import { answerOf } from './s3-error.ts';
import type { LockMode } from './settings.ts';

export interface Lock {
  readonly mode: LockMode;
  readonly retainUntil: Date;
}

export interface Upload {
  readonly key: string;
  readonly body: Body;
  readonly kind: Pick<WriteKind, 'contentType'>;
  readonly lock: Lock | null;
  /** `absent`: only if the key is not in use; an ETag: only while it holds that; null: whatever is there. */
  readonly onlyIf: 'absent' | { readonly etag: string } | null;
}

/**
 * `refused`: the condition did not hold when the answer came. That may be our own doing, when an earlier try was carried
 * out and its answer lost: `writeId` in the stored metadata tells.
 */
export type Uploaded =
  | { readonly done: true; readonly versionId: string | null; readonly etag: string }
  | { readonly done: false; readonly writeId: string };

/** Names of user metadata. */
export const SHA256_META = 'akashi-sha256';
export const WRITE_META = 'akashi-write';

export interface PartSizes {
  /** Up to here a body goes in one request, and S3 itself compares the hash of all of it. At most 5 GiB. */
  readonly singleBytes: number;
  /** Bytes of a part; at least 5 MiB on S3. */
  readonly partBytes: number;
}

export const PART_SIZES: PartSizes = { singleBytes: 256 * 2 ** 20, partBytes: 64 * 2 ** 20 };
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
/** A file up to here is read whole: one pass, and its hash is known before anything is sent. */
const SMALL_FILE_BYTES = 256 << 10;

export const toBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/** Throws what S3 answers, and STORE_BODY_CHANGED. */
export async function upload(bucket: Bucket, what: Upload, sizes: PartSizes): Promise<Uploaded> {
  const writeId = randomUUID();
  const body = await inMemoryIfSmall(what.body, what.key);
  const request = { ...what, body, sha256: hashOf(body), writeId };
  if (body instanceof Uint8Array) return putBytes(bucket, request, body);
  if (body.size <= sizes.singleBytes) return putFile(bucket, request, body);
  return putParts(bucket, request, body, sizes);
}

interface Request extends Upload {
  readonly sha256: string;
  readonly writeId: string;
}

async function inMemoryIfSmall(body: Body, key: string): Promise<Body> {
  if (body instanceof Uint8Array || body.size > SMALL_FILE_BYTES) return body;
  const bytes = await readFile(body.path);
  if (hashBytes(bytes) !== body.sha256 || bytes.length !== body.size) throw bodyChanged(body.path, key);
  return bytes;
}

async function putBytes(bucket: Bucket, request: Request, bytes: Uint8Array): Promise<Uploaded> {
  const md5 = bucket.dialect === 'ceph' ? { ContentMD5: md5Base64(bytes) } : {};
  return put(bucket, request, () => ({ input: { Body: bytes, ContentLength: bytes.length, ...md5 } }));
}

async function putFile(bucket: Bucket, request: Request, body: FileBody): Promise<Uploaded> {
  const isCeph = bucket.dialect === 'ceph';
  const piece = isCeph ? (await piecesOf(body, body.size, true, request.key))[0]! : wholeOf(body);
  return put(bucket, request, () => {
    const sent = streamed(body, piece, request.key);
    return { input: { Body: sent.stream, ...lengthAndMd5(piece) }, sent };
  });
}

const lengthAndMd5 = ({ start, end, md5 }: Piece) => ({
  ContentLength: end - start,
  ...(md5 === undefined ? {} : { ContentMD5: toBase64(md5) }),
});

/** One PUT; `make` gives the body of each try. */
async function put(
  bucket: Bucket,
  request: Request,
  make: () => { input: Pick<PutObjectCommandInput, 'Body' | 'ContentLength' | 'ContentMD5'>; sent?: Sent },
): Promise<Uploaded> {
  return settled(request, () =>
    ask(bucket, async () => {
      const { input, sent } = make();
      const command = new PutObjectCommand({
        ...bucket.base,
        ...headersOf(bucket, request),
        ...conditionOf(bucket, request),
        ...input,
        ChecksumAlgorithm: 'SHA256',
        ChecksumSHA256: toBase64(request.sha256),
      });
      const answer = await sending(sent, (abortSignal) => bucket.client.send(command, { abortSignal }));
      return { versionId: answer.VersionId ?? null, etag: unquoted(answer.ETag) };
    }),
  );
}

async function putParts(
  bucket: Bucket,
  request: Request,
  body: FileBody,
  sizes: PartSizes,
): Promise<Uploaded> {
  const partBytes = Math.max(sizes.partBytes, Math.ceil(body.size / MOST_PARTS));
  const pieces = await piecesOf(body, partBytes, bucket.dialect === 'ceph', request.key);
  const { client, base } = bucket;
  const Key = bucket.place.prefix + request.key;
  const { UploadId } = await ask(bucket, () =>
    client.send(
      new CreateMultipartUploadCommand({
        ...base,
        ...headersOf(bucket, request),
        ChecksumAlgorithm: 'SHA256',
      }),
    ),
  );
  let done = false;
  try {
    const numbered = pieces.map((piece, at) => ({ piece, PartNumber: at + 1 }));
    const parts = await pooled(numbered, PARTS_AT_ONCE, ({ piece, PartNumber }) =>
      ask(bucket, async () => {
        const sent = streamed(body, piece, request.key);
        const ChecksumSHA256 = toBase64(piece.sha256);
        const command = new UploadPartCommand({
          ...base,
          Key,
          UploadId,
          PartNumber,
          Body: sent.stream,
          ...lengthAndMd5(piece),
          ChecksumAlgorithm: 'SHA256',
          ChecksumSHA256,
        });
        const { ETag } = await sending(sent, (abortSignal) => client.send(command, { abortSignal }));
        return { PartNumber, ETag, ChecksumSHA256 };
      }),
    );
    const result = await settled(request, () =>
      ask(bucket, async (unclear) => {
        try {
          const answer = await client.send(
            new CompleteMultipartUploadCommand({
              ...base,
              Key,
              UploadId,
              MultipartUpload: { Parts: parts },
              ...conditionOf(bucket, request),
            }),
          );
          return { versionId: answer.VersionId ?? null, etag: unquoted(answer.ETag) };
        } catch (error) {
          // Completed by an earlier try whose answer was lost: the upload is gone then.
          if (unclear && (error as { name?: string }).name === 'NoSuchUpload') throw new EarlierTry();
          throw error;
        }
      }),
    );
    done = result.done;
    return result;
  } finally {
    // Parts of an upload that will not be completed are paid for until they are removed.
    if (!done) await client.send(new AbortMultipartUploadCommand({ ...base, Key, UploadId })).catch(() => {});
  }
}

class EarlierTry extends Error {}

/** Turns a refused condition into an outcome. */
async function settled(
  { writeId, onlyIf }: Request,
  work: () => Promise<{ versionId: string | null; etag: string }>,
): Promise<Uploaded> {
  try {
    return { done: true, ...(await work()) };
  } catch (error) {
    const answer = answerOf(error);
    // With If-Match, a key that holds nothing is answered 404.
    const gone = answer === 'missing' && typeof onlyIf === 'object' && onlyIf !== null;
    if (answer === 'precondition' || gone || error instanceof EarlierTry) return { done: false, writeId };
    throw error;
  }
}

function headersOf({ place, kmsKey }: Bucket, { key, kind, lock, sha256, writeId }: Request) {
  return {
    Key: place.prefix + key,
    ContentType: kind.contentType,
    Metadata: { [SHA256_META]: sha256, [WRITE_META]: writeId },
    ...(lock === null
      ? {}
      : {
          ObjectLockMode: lock.mode === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const),
          ObjectLockRetainUntilDate: lock.retainUntil,
        }),
    ...(kmsKey === null
      ? {}
      : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey, BucketKeyEnabled: true }),
  };
}

function conditionOf({ dialect }: Bucket, { onlyIf }: Request) {
  if (onlyIf === null) return {};
  if (onlyIf === 'absent') return { IfNoneMatch: '*' };
  // Ceph compares the quotes, too, and its own ETags have none.
  return { IfMatch: dialect === 'ceph' ? onlyIf.etag : `"${onlyIf.etag}"` };
}

export const unquoted = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '');

interface Sent {
  readonly stream: Readable;
  /** What made the stream stop. */
  failure: unknown;
}

function streamed(body: FileBody, piece: Piece, key: string): Sent {
  const sent: Sent = {
    stream: Readable.from(checkedChunks(body, piece, key), { objectMode: false }),
    failure: null,
  };
  return sent;
}

/** A stream that fails would leave its request waiting for the rest: it is ended, and the stream's error is thrown. */
async function sending<T>(sent: Sent | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  sent?.stream.once('error', (error) => {
    sent.failure = error;
    abort.abort();
  });
  try {
    return await send(abort.signal);
  } catch (error) {
    throw sent?.failure ?? error;
  } finally {
    sent?.stream.destroy();
  }
}
