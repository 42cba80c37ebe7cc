/**
 * The vault in a bucket with Object Lock.
 *
 * Every write names a checksum, and for what is locked a mode and a date; what is locked is looked at once more before
 * it is called stored. Reads go by the id of a key's oldest version, so that neither a later version nor a delete marker
 * changes what is read. It deletes nothing but data files that others took the place of, and never asks for a lock to be
 * bypassed.
 */

import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { AkashiError } from '../../schema/error.ts';
import { hashOf, sizeOf } from '../body.ts';
import { removeFile } from '../durable-file.ts';
import { checkKey, checkPrefix } from '../key-syntax.ts';
import { isReplaceableKey } from '../keys.ts';
import { pooled } from '../pool.ts';
import type { Body, ObjectStat, VaultStore, WriteItem, WriteOutcome } from '../store.ts';
import { checkRange, conflict, emptyBody, missing, notReplaceable } from '../store-error.ts';
import { ask, type Bucket, named } from './client.ts';
import { type Facts, head, readBody, readRange, readWhole } from './download.ts';
import { extendRetention, setHold } from './lock.ts';
import { bucketUrl, presignedGet } from './presign.ts';
import { holdsBytes, type Stored } from './stored-bytes.ts';
import { type Lock, PART_SIZES, type PartSizes, upload } from './upload.ts';
import { type KeyVersions, listVersions, versionsFrom, versionsOf } from './versions.ts';

/** Requests in flight at once. */
const WRITE_CONCURRENCY = 32;
/** Ids of oldest versions remembered: they never change. */
const MOST_REMEMBERED = 100_000;
/** Keys of which whoever reads one reads many, by folder: a page of a listing then tells of all of them. */
const IN_ORDER = /^(?:ledger\/(?:tile|checkpoints)|tables\/[^/]+\/data)\//;
/** From here on it is worth asking whether the key is in use before sending the body. */
const ASK_FIRST_BYTES = 8 * 2 ** 20;

export interface S3Vault extends VaultStore {
  /** What a key names now, or bytes `start` to `end` (exclusive) of it. Throws STORE_MISSING. */
  newest(key: string, range: { readonly start: number; readonly end: number } | null): Promise<Uint8Array>;
  /**
   * As `stat`, in one request where the newest version is kept as long as one stored just now would be: then the one that
   * counts cannot have been promised less. What is said of any other is asked of the one that counts.
   */
  statLately(key: string): Promise<ObjectStat | null>;
  /** A link to what is stored under the key, by the id of its oldest version. Throws STORE_MISSING. */
  link(key: string, seconds: number): Promise<string>;
  /** Everything on each key, later versions and delete markers too. */
  versions(prefix: string): AsyncIterable<KeyVersions>;
  /** What S3 says of the version that is read; null when there is none. */
  facts(key: string): Promise<Facts | null>;
  /** Removes what is stored under the key of a data file or a list of them. S3 itself refuses while it is locked or held. */
  removeReplaced(key: string): Promise<void>;
  /** Sets or clears the legal hold of what is stored under the key. Throws STORE_MISSING. */
  setLegalHold(key: string, held: boolean): Promise<void>;
}

export interface S3VaultOptions {
  /** The lock for a key that is stored now; asked for kinds that are locked. */
  readonly lockFor: (key: string) => Lock;
  readonly sizes?: PartSizes;
}

export function s3Vault(bucket: Bucket, options: S3VaultOptions): S3Vault {
  const { name } = bucket;
  const sizes = options.sizes ?? PART_SIZES;
  const remembered = new Map<string, string>();

  const remember = (key: string, versionId: string): void => {
    if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    remembered.set(key, versionId);
  };

  /** Id of the version that counts; null when there is none. */
  const versionIdOf = async (key: string): Promise<string | null> => {
    checkKey(key);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    if (bucket.dialect === 'aws' && IN_ORDER.test(key)) {
      const found = await versionsFrom(bucket, key);
      for (const one of found) if (one.oldest !== null) remember(one.key, one.oldest.versionId);
      const own = found.find((one) => one.key === key);
      // That it is not there is asked of the key itself: servers differ in where a page begins.
      if (own !== undefined) return own.oldest?.versionId ?? null;
    }
    const oldest = (await versionsOf(bucket, key))?.oldest ?? null;
    if (oldest !== null) remember(key, oldest.versionId);
    return oldest?.versionId ?? null;
  };

  const needVersion = async (key: string): Promise<string> => {
    const versionId = await versionIdOf(key);
    if (versionId === null) throw missing(key, name);
    return versionId;
  };

  /** Null when nothing is stored; throws STORE_CONFLICT for other bytes. */
  const found = async (key: string, body: Body): Promise<Stored | null> => {
    const versionId = await versionIdOf(key);
    if (versionId === null) return null;
    const stored = await head(bucket, key, versionId);
    if (stored === null) return null;
    if (!(await holdsBytes(bucket, key, stored, sizeOf(body), hashOf(body)))) throw conflict(key, name);
    return { versionId, facts: stored };
  };

  const storeOne = async ({ key, body, kind }: WriteItem): Promise<WriteOutcome> => {
    const isSure = bucket.dialect === 'aws';
    if ((!isSure || sizeOf(body) >= ASK_FIRST_BYTES) && (await found(key, body)) !== null) return 'exists';
    const lock = kind.locked ? options.lockFor(key) : null;
    const result = await upload(bucket, { key, body, kind, lock, onlyIf: 'absent' }, sizes);
    if (!result.done) {
      const stored = await found(key, body);
      // Refused, and yet nothing is there: only what is no object of ours can be in the way.
      if (stored === null) throw conflict(key, name);
      return stored.facts.writeId === result.writeId ? 'created' : 'exists';
    }
    if (result.versionId === null)
      throw new AkashiError(
        'BUCKET_UNVERSIONED',
        `${name} gave no version id for "${key}": versioning is off, and nothing there is safe from being replaced. ` +
          'Switch versioning and Object Lock on (docs/s3.md), then run the command again.',
      );
    await checkStored(bucket, key, result.versionId, body, lock);
    if (isSure) remember(key, result.versionId);
    // Where the condition is ignored another writer may have been first; the oldest version is the one that counts.
    else if ((await versionIdOf(key)) !== result.versionId) {
      await found(key, body);
      return 'exists';
    }
    return 'created';
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

  const reading = <T>(key: string, work: () => Promise<T>): Promise<T> =>
    named(`reading "${key}" in ${name}`, work);

  const stat = (key: string): Promise<ObjectStat | null> =>
    named(`looking at "${key}" in ${name}`, async () => {
      const version = await versionIdOf(key);
      const facts = version === null ? null : await head(bucket, key, version);
      return facts && statOf({ ...facts, versionId: version });
    });

  return {
    name,
    location: `s3://${bucket.place.bucket}/${bucket.place.prefix}`.replace(/\/$/, ''),
    putManyIfAbsent,
    putIfAbsent: async (key, body, kind) => (await putManyIfAbsent([{ key, body, kind }]))[0]!,

    get: (key) =>
      reading(key, async () => {
        const version = await needVersion(key);
        return { body: (await readWhole(bucket, key, version)).body, version };
      }),

    getRange: (key, start, end) =>
      reading(key, async () => {
        const version = await needVersion(key);
        const facts = await head(bucket, key, version);
        if (facts === null) throw missing(key, name);
        checkRange(key, start, end, facts.size);
        return readRange(bucket, key, version, start, end);
      }),

    stat,
    statLately: (key) =>
      named(`looking at "${key}" in ${name}`, async () => {
        checkKey(key);
        const facts = await head(bucket, key, remembered.get(key) ?? null);
        return facts !== null && isFullyLocked(facts, options.lockFor(key)) ? statOf(facts) : stat(key);
      }),

    async *list(prefix) {
      checkPrefix(prefix);
      for await (const { key, oldest } of versionsIn(bucket, prefix)) {
        if (oldest === null) continue;
        remember(key, oldest.versionId);
        const { size, storedAt } = oldest;
        yield { key, size, ...(storedAt === undefined ? {} : { storedAt }) };
      }
    },

    async *openRead(key) {
      const version = await reading(key, () => needVersion(key));
      yield* inOurWords(`reading "${key}" in ${name}`, readBody(bucket, key, version));
    },

    newest: (key, range) =>
      reading(key, async () => {
        checkKey(key);
        return range === null
          ? (await readWhole(bucket, key, null)).body
          : readRange(bucket, key, null, range.start, range.end);
      }),
    link: (key, seconds) =>
      named(`linking to "${key}" in ${name}`, async () => {
        const versionId = await needVersion(key);
        const { client, place, base, endpoint } = bucket;
        const region = await client.config.region();
        const to = {
          base: bucketUrl(place.bucket, region, endpoint),
          key: place.prefix + key,
          region,
          versionId,
          ...(base.ExpectedBucketOwner === undefined ? {} : { owner: base.ExpectedBucketOwner }),
        };
        return presignedGet(to, await client.config.credentials(), seconds);
      }),
    async *versions(prefix) {
      for await (const found of versionsIn(bucket, prefix)) {
        if (found.oldest !== null) remember(found.key, found.oldest.versionId);
        yield found;
      }
    },
    facts: (key) =>
      named(`looking at "${key}" in ${name}`, async () => {
        const version = await versionIdOf(key);
        return version === null ? null : head(bucket, key, version);
      }),
    removeReplaced: (key) =>
      named(`removing "${key}" from ${name}`, async () => {
        if (!isReplaceableKey(key)) throw notReplaceable(key);
        const VersionId = await needVersion(key);
        await ask(bucket, () =>
          bucket.client.send(
            new DeleteObjectCommand({ ...bucket.base, Key: bucket.place.prefix + key, VersionId }),
          ),
        );
        remembered.delete(key);
      }),
    setLegalHold: (key, held) =>
      named(`${held ? 'holding' : 'releasing'} "${key}" in ${name}`, async () =>
        setHold(bucket, key, await needVersion(key), held),
      ),
  };
}

const statOf = ({ size, versionId, lock, held }: Facts): ObjectStat => ({
  size,
  version: versionId ?? '',
  ...(lock && { lock }),
  held,
});

/** Dates are kept to the second, and clocks differ by some. */
const CLOCKS_MILLIS = 60_000;

/** Whether it is kept, from when it was stored, for as long as `now`: the lock of what would be stored at this moment. */
function isFullyLocked({ lock, lastModified }: Facts, now: Lock): boolean {
  if (lock === null || lastModified === null || lock.mode !== now.mode) return false;
  const promised = now.retainUntil.getTime() - Date.now();
  return lock.retainUntil.getTime() >= lastModified.getTime() + promised - CLOCKS_MILLIS;
}

async function* versionsIn(bucket: Bucket, prefix: string): AsyncGenerator<KeyVersions> {
  yield* inOurWords(`listing "${prefix}" in ${bucket.name}`, listVersions(bucket, prefix));
}

async function* inOurWords<T>(what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await named(what, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** What is locked is called stored once the server says that it holds these bytes under this lock. */
async function checkStored(
  bucket: Bucket,
  key: string,
  versionId: string,
  body: Body,
  lock: Lock | null,
): Promise<void> {
  if (lock === null) return;
  let facts = await head(bucket, key, versionId);
  if (facts?.lock === null && bucket.dialect === 'ceph') {
    // Ceph drops the lock of an upload in parts. Not stored before it is set.
    await extendRetention(bucket, key, versionId, lock);
    facts = await head(bucket, key, versionId);
  }
  if (facts === null || facts.size !== sizeOf(body) || (facts.sha256 ?? '') !== hashOf(body))
    throw new AkashiError(
      'STORE_CORRUPT',
      `${bucket.name} says that it stored "${key}" and does not hold the bytes that were sent. It is not counted as ` +
        'preserved; look at what stands between this machine and the store, and run the command again.',
    );
  const kept = facts.lock;
  // S3 keeps dates to the second.
  if (kept?.mode === lock.mode && kept.retainUntil.getTime() >= lock.retainUntil.getTime() - 1000) return;
  throw new AkashiError(
    'STORE_UNLOCKED',
    `${bucket.name} stored "${key}" ${kept ? `under ${kept.mode} until ${kept.retainUntil.toISOString()}` : 'without a lock'}, ` +
      `and was asked for ${lock.mode} until ${lock.retainUntil.toISOString()}. Use a server that keeps Object Lock.`,
  );
}
