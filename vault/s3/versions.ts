/**
 * Versions of a vault's keys. The oldest version of a key is what was stored under it: a lock keeps it there, and
 * whatever came later, a second version or a delete marker, cannot change which one that is. So a vault is read by the
 * oldest version's id, and listed with what else lies on a key.
 */

import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { AkashiError } from '../../schema/error.ts';
import { ask, type Bucket } from './client.ts';

export interface KeyVersions {
  readonly key: string;
  /** Of the oldest version; null when only delete markers are left. */
  readonly oldest: {
    readonly versionId: string;
    readonly size: number;
    readonly etag: string;
    readonly storedAt?: Date;
  } | null;
  /** ETags of later versions, newest first. */
  readonly later: readonly string[];
  readonly deleteMarkers: number;
}

interface Entry {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly etag: string;
  readonly isMarker: boolean;
  readonly storedAt?: Date;
}

/** Enough for a key that nobody tampered with, and little to carry when many keys begin alike. */
const FEW = 10;
const FULL_PAGE = 1000;

/** Every key below the bucket's own prefix that starts with `prefix`, ordered by bytes. `pageSize`: at most 1,000. */
export async function* listVersions(
  bucket: Bucket,
  prefix: string,
  pageSize = FULL_PAGE,
): AsyncGenerator<KeyVersions> {
  let group: Entry[] = [];
  for await (const entry of entriesOf(bucket, prefix, pageSize)) {
    if (group.length > 0 && group[0]!.key !== entry.key) {
      yield grouped(group);
      group = [];
    }
    group.push(entry);
  }
  if (group.length > 0) yield grouped(group);
}

/** What lies on one key; null when it was never used. */
export async function versionsOf(bucket: Bucket, key: string): Promise<KeyVersions | null> {
  const { entries, next } = await pageOf(bucket, key, FEW, {});
  const own = entries.filter((entry) => entry.key === key);
  if (next === null || own.length < entries.length) return own.length === 0 ? null : grouped(own);
  for await (const found of listVersions(bucket, key)) return found.key === key ? found : null;
  return null;
}

/**
 * What lies on a key and on those after it in its folder, up to a full page, in one request: for keys that are read one after the
 * other.
 */
export async function versionsFrom(bucket: Bucket, key: string): Promise<readonly KeyVersions[]> {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const { entries, next } = await pageOf(bucket, folder, FULL_PAGE, {
    KeyMarker: bucket.place.prefix + justBefore(key),
  });
  const groups = [...Map.groupBy(entries, (entry) => entry.key).values()].map(grouped);
  // Older versions of the last may stand on the next page.
  return next === null ? groups : groups.slice(0, -1);
}

/** A text that no key of a lake is and that comes before this one and after those before it. */
const justBefore = (key: string): string =>
  `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}~`;

function grouped(entries: readonly Entry[]): KeyVersions {
  // Newest first, as S3 lists them.
  const versions = entries.filter(({ isMarker }) => !isMarker);
  return {
    key: entries[0]!.key,
    oldest: versions.at(-1) ?? null,
    later: versions.slice(0, -1).map(({ etag }) => etag),
    deleteMarkers: entries.length - versions.length,
  };
}

async function* entriesOf(bucket: Bucket, prefix: string, pageSize: number): AsyncGenerator<Entry> {
  let after: Markers | null = {};
  while (after !== null) {
    const page: Page = await pageOf(bucket, prefix, pageSize, after);
    yield* page.entries;
    const { next } = page;
    if (next !== null && next.KeyMarker === after.KeyMarker && next.VersionIdMarker === after.VersionIdMarker)
      throw new AkashiError(
        'STORE_FAILED',
        `${bucket.name} gives the same page of versions again and again. Its listing cannot be trusted; use a server ` +
          'that passes the conformance suite (docs/s3.md).',
      );
    after = next;
  }
}

interface Markers {
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

interface Page {
  readonly entries: readonly Entry[];
  /** Null after the last page. */
  readonly next: Markers | null;
}

async function pageOf(bucket: Bucket, prefix: string, pageSize: number, after: Markers): Promise<Page> {
  const own = bucket.place.prefix;
  const page = await ask(bucket, () =>
    bucket.client.send(
      new ListObjectVersionsCommand({ ...bucket.base, Prefix: own + prefix, MaxKeys: pageSize, ...after }),
    ),
  );
  const versions = (page.Versions ?? []).map((one) => ({ ...one, isMarker: false }));
  const markers = (page.DeleteMarkers ?? []).map((one) => ({ ...one, isMarker: true, Size: 0, ETag: '' }));
  const entries = merged([...versions, ...markers].map((one, at) => ({ ...one, at }))).map(
    ({ Key = '', VersionId = '', Size = 0, ETag = '', LastModified, isMarker }) => ({
      key: Key.slice(own.length),
      versionId: VersionId,
      size: Size,
      etag: ETag.replaceAll('"', ''),
      isMarker,
      ...(LastModified === undefined ? {} : { storedAt: LastModified }),
    }),
  );
  if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return { entries, next: null };
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
  return { entries, next: { KeyMarker, ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }) } };
}

/**
 * One list again of what the SDK hands out as two, ordered by key. Among a key's versions the order of the answer is
 * kept, which tells older from newer where two bear the same second.
 */
const merged = <T extends { Key?: string | undefined; at: number }>(entries: T[]): T[] =>
  entries.sort((a, b) => {
    const [x, y] = [a.Key ?? '', b.Key ?? ''];
    return x === y ? a.at - b.at : x < y ? -1 : 1;
  });
