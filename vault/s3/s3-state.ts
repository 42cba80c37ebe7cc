/** The state store in a bucket: replaceable objects swapped by ETag, write-once ones that may be removed. */

import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { hashOf, sizeOf } from '../body.ts';
import { removeFile } from '../durable-file.ts';
import { checkKey, checkPrefix } from '../key-syntax.ts';
import { pooled } from '../pool.ts';
import type { Listed, StateStore, WriteItem, WriteOutcome } from '../store.ts';
import { changed, checkRange, conflict, emptyBody, missing } from '../store-error.ts';
import { ask, type Bucket, named } from './client.ts';
import { head, readBody, readRange, readWhole } from './download.ts';
import { answerOf, s3Error } from './s3-error.ts';
import { holdsBytes } from './stored-bytes.ts';
import { PART_SIZES, upload } from './upload.ts';

const WRITE_CONCURRENCY = 32;
/** Content type of what is put without a kind: readers know what lies under each key. */
const REPLACED = { contentType: 'application/octet-stream' };

export function s3State(bucket: Bucket): StateStore {
  const { name } = bucket;

  const storeOne = async ({ key, body, kind }: WriteItem): Promise<WriteOutcome> => {
    // Goes round again only when what was in the way has been removed meanwhile (`pending/` is).
    for (;;) {
      const result = await upload(bucket, { key, body, kind, lock: null, onlyIf: 'absent' }, PART_SIZES);
      if (result.done) return 'created';
      const stored = await head(bucket, key, null);
      if (stored === null) continue;
      if (stored.writeId === result.writeId) return 'created';
      if (!(await holdsBytes(bucket, key, stored, sizeOf(body), hashOf(body)))) throw conflict(key, name);
      return 'exists';
    }
  };

  const putManyIfAbsent = async (items: readonly WriteItem[]): Promise<WriteOutcome[]> => {
    for (const { key, body, kind } of items) {
      checkKey(key);
      if (sizeOf(body) === 0 && !kind.mayBeEmpty) throw emptyBody(key);
    }
    return pooled(items, WRITE_CONCURRENCY, (item) =>
      named(`storing "${item.key}" in ${name}`, async () => {
        const outcome = await storeOne(item);
        if (!(item.body instanceof Uint8Array) && item.body.disposable) removeFile(item.body.path);
        return outcome;
      }),
    );
  };

  const reading = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    checkKey(key);
    try {
      return await work();
    } catch (error) {
      throw readError(name, key, error);
    }
  };

  return {
    name,
    putManyIfAbsent,
    putIfAbsent: async (key, body, kind) => (await putManyIfAbsent([{ key, body, kind }]))[0]!,

    get: (key) =>
      reading(key, async () => {
        const { body, facts } = await readWhole(bucket, key, null);
        return { body, version: facts.etag };
      }),

    getRange: (key, start, end) =>
      reading(key, async () => {
        const facts = await head(bucket, key, null);
        if (facts === null) throw missing(key, name);
        checkRange(key, start, end, facts.size);
        return readRange(bucket, key, null, start, end);
      }),

    stat: (key) =>
      reading(key, async () => {
        const facts = await head(bucket, key, null);
        return facts && { size: facts.size, version: facts.etag };
      }),

    async *list(prefix) {
      checkPrefix(prefix);
      yield* listObjects(bucket, prefix);
    },

    async *openRead(key) {
      checkKey(key);
      try {
        yield* readBody(bucket, key, null);
      } catch (error) {
        throw readError(name, key, error);
      }
    },

    put: (key, body) =>
      named(`replacing "${key}" in ${name}`, async () => {
        checkKey(key);
        if (body.length === 0) throw emptyBody(key);
        await upload(bucket, { key, body, kind: REPLACED, lock: null, onlyIf: null }, PART_SIZES);
      }),

    putIfUnchanged: (key, body, expected) =>
      named(`replacing "${key}" in ${name}`, async () => {
        checkKey(key);
        if (body.length === 0) throw emptyBody(key);
        const onlyIf = expected === null ? 'absent' : { etag: expected };
        const result = await upload(bucket, { key, body, kind: REPLACED, lock: null, onlyIf }, PART_SIZES);
        if (result.done) return result.etag;
        const stored = await head(bucket, key, null);
        // Our own try, whose answer was lost.
        if (stored?.writeId === result.writeId) return stored.etag;
        throw changed(key, name, expected, stored?.etag ?? null);
      }),

    remove: (key) =>
      named(`removing "${key}" in ${name}`, async () => {
        checkKey(key);
        await ask(bucket, () =>
          bucket.client.send(new DeleteObjectCommand({ ...bucket.base, Key: bucket.place.prefix + key })),
        );
      }),
  };
}

const readError = (name: string, key: string, error: unknown) =>
  answerOf(error) === 'missing' ? missing(key, name, error) : s3Error(error, `reading "${key}" in ${name}`);

async function* listObjects(bucket: Bucket, prefix: string): AsyncGenerator<Listed> {
  const own = bucket.place.prefix;
  let after: { ContinuationToken?: string } = {};
  for (;;) {
    const page: ListObjectsV2CommandOutput = await named(`listing "${prefix}" in ${bucket.name}`, () =>
      ask(bucket, () =>
        bucket.client.send(new ListObjectsV2Command({ ...bucket.base, Prefix: own + prefix, ...after })),
      ),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? [])
      yield { key: Key.slice(own.length), size: Size };
    if (page.IsTruncated !== true || page.NextContinuationToken === undefined) return;
    after = { ContinuationToken: page.NextContinuationToken };
  }
}
