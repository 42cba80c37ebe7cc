/** GET and HEAD, checked against the hash that was stored with the object. */

import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { AkashiError } from '../../schema/error.ts';
import type { ObjectLock } from '../store.ts';
import { ask, type Bucket } from './client.ts';
import { answerOf, isPassing } from './s3-error.ts';
import { SHA256_META, unquoted, WRITE_META } from './upload.ts';

/** What is known of a stored object without its bytes. */
export interface Facts {
  readonly size: number;
  readonly etag: string;
  readonly versionId: string | null;
  /** Hex; null when neither S3 nor the object's metadata says it. */
  readonly sha256: string | null;
  /** `server`: S3 computed it over the whole body. `metadata`: the word of whoever wrote the object. */
  readonly sha256From: 'server' | 'metadata' | null;
  readonly writeId: string | null;
  readonly lock: ObjectLock | null;
  readonly held: boolean;
  readonly lastModified: Date | null;
}

/** Null when there is no such key or version. */
export async function head(bucket: Bucket, key: string, versionId: string | null): Promise<Facts | null> {
  try {
    const answer = await ask(bucket, () =>
      bucket.client.send(
        new HeadObjectCommand({ ...target(bucket, key, versionId), ChecksumMode: 'ENABLED' }),
      ),
    );
    return factsOf(answer, answer.ContentLength ?? 0);
  } catch (error) {
    if (answerOf(error) === 'missing') return null;
    throw error;
  }
}

const target = ({ base, place }: Bucket, key: string, versionId: string | null) => ({
  ...base,
  Key: place.prefix + key,
  ...(versionId === null ? {} : { VersionId: versionId }),
});

function factsOf(answer: GetObjectCommandOutput | HeadObjectCommandOutput, size: number): Facts {
  const {
    ChecksumSHA256: sum,
    Metadata: meta = {},
    ObjectLockMode: mode,
    ObjectLockRetainUntilDate: until,
  } = answer;
  // Of an object that was stored in parts it is made of the parts' hashes, which its ETag tells on every server.
  const inParts = answer.ChecksumType === 'COMPOSITE' || /-\d+$/.test(unquoted(answer.ETag));
  const whole = sum !== undefined && !inParts && /^[A-Za-z0-9+/]{43}=$/.test(sum);
  const claimed = meta[SHA256_META];
  return {
    size,
    etag: unquoted(answer.ETag),
    versionId: answer.VersionId ?? null,
    sha256: whole ? Buffer.from(sum, 'base64').toString('hex') : (claimed ?? null),
    sha256From: whole ? 'server' : claimed === undefined ? null : 'metadata',
    writeId: meta[WRITE_META] ?? null,
    lock:
      mode === undefined || until === undefined
        ? null
        : { mode: mode === 'COMPLIANCE' ? 'compliance' : 'governance', retainUntil: until },
    held: answer.ObjectLockLegalHoldStatus === 'ON',
    lastModified: answer.LastModified ?? null,
  };
}

/**
 * A body in chunks. A connection that breaks is taken up again where it broke. At the end size and hash are compared:
 * throws STORE_CORRUPT after the last chunk when the bytes are not those that were stored. Memory stays flat.
 */
export async function* readBody(
  bucket: Bucket,
  key: string,
  versionId: string | null,
  onFacts: (facts: Facts) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let facts: Facts | null = null;
  let done = 0;
  for (let failures = 0; ; ) {
    // The checksum that S3 keeps is not asked for: the SDK would then compare it with pieces, too.
    const rest = facts === null ? {} : { Range: `bytes=${done}-`, IfMatch: quotedFor(bucket, facts.etag) };
    const answer: GetObjectCommandOutput = await ask(bucket, () =>
      bucket.client.send(new GetObjectCommand({ ...target(bucket, key, versionId), ...rest })),
    );
    if (facts === null) {
      facts = factsOf(answer, answer.ContentLength ?? 0);
      onFacts(facts);
    }
    const stream = answer.Body as Readable;
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        done += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (done >= facts.size) break;
      throw Object.assign(new Error('the body ended early'), { code: 'ECONNRESET' });
    } catch (error) {
      if (!isPassing(answerOf(error)) || ++failures >= bucket.patience.attempts) throw error;
      if (done >= facts.size) break;
    } finally {
      stream.destroy();
    }
  }
  checkWhole(bucket, key, facts, hash, done);
}

const quotedFor = ({ dialect }: Bucket, etag: string): string => (dialect === 'ceph' ? etag : `"${etag}"`);

function checkWhole({ name }: Bucket, key: string, { size, sha256 }: Facts, hash: Hash, done: number): void {
  const found = hash.digest('hex');
  if (done === size && (sha256 === null || found === sha256)) return;
  throw new AkashiError(
    'STORE_CORRUPT',
    `"${key}" came from ${name} with ${done} bytes of SHA-256 ${found}, and was stored with ${size} of ` +
      `${sha256 ?? 'unknown hash'}. Read it again; if it stays so, the store does not hold what was put into it.`,
  );
}

/** A whole body in memory, and what is known of it. Bytes that arrive damaged are asked for once more. */
export async function readWhole(
  bucket: Bucket,
  key: string,
  versionId: string | null,
): Promise<{ body: Uint8Array; facts: Facts }> {
  for (let attempt = 1; ; attempt++) {
    try {
      let facts: Facts | null = null;
      const chunks: Uint8Array[] = [];
      for await (const chunk of readBody(bucket, key, versionId, (found) => {
        facts = found;
      }))
        chunks.push(chunk);
      return { body: Buffer.concat(chunks), facts: facts! };
    } catch (error) {
      if (!(error instanceof AkashiError) || error.code !== 'STORE_CORRUPT' || attempt > 1) throw error;
    }
  }
}

/** Bytes `start` to `end` (exclusive); what answers is at least that long. */
export async function readRange(
  bucket: Bucket,
  key: string,
  versionId: string | null,
  start: number,
  end: number,
): Promise<Uint8Array> {
  return ask(bucket, async () => {
    const answer = await bucket.client.send(
      new GetObjectCommand({ ...target(bucket, key, versionId), Range: `bytes=${start}-${end - 1}` }),
    );
    const bytes = await (
      answer.Body as { transformToByteArray(): Promise<Uint8Array> }
    ).transformToByteArray();
    if (bytes.length === end - start) return bytes;
    throw Object.assign(new Error(`${bytes.length} bytes came`), { code: 'ECONNRESET' });
  });
}
