/**
 * Buckets as S3 keeps them: versions, delete markers, locks and holds, with the refusals that AWS gives.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */

import { randomBytes } from 'node:crypto';

export type Mode = 'COMPLIANCE' | 'GOVERNANCE';

export interface Retention {
  readonly mode: Mode;
  readonly until: Date;
}

export interface Version {
  readonly id: string;
  readonly isMarker: boolean;
  readonly body: Buffer;
  readonly etag: string;
  /** Headers to give back as they came: content type, user metadata, checksum, encryption. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: string | null;
  readonly modified: Date;
  retention: Retention | null;
  held: boolean;
}

export interface Part {
  readonly body: Buffer;
  readonly etag: string;
  readonly sha256: string | null;
}

export interface MultipartUpload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly retention: Retention | null;
  readonly held: boolean;
  readonly wantsSha256: boolean;
  readonly parts: Map<number, Part>;
}

export interface BucketModel {
  versioning: 'Enabled' | 'Suspended' | null;
  lock: boolean;
  rule: { readonly mode: Mode; readonly days: number } | null;
  /** Newest first. */
  readonly keys: Map<string, Version[]>;
  readonly uploads: Map<string, MultipartUpload>;
}

export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const newBucket = (lock: boolean): BucketModel => ({
  versioning: lock ? 'Enabled' : null,
  lock,
  rule: null,
  keys: new Map(),
  uploads: new Map(),
});

export const newVersionId = (): string => randomBytes(16).toString('base64url');

/** The version asked for, or the newest. Throws 404 and, for a delete marker named by id, 405. */
export function versionIn(bucket: BucketModel, key: string, id: string | null): Version {
  const versions = bucket.keys.get(key) ?? [];
  if (id === null) {
    const newest = versions[0];
    if (newest === undefined || newest.isMarker) throw new S3Refusal(404, 'NoSuchKey');
    return newest;
  }
  const found = versions.find((version) => version.id === id);
  if (found === undefined) throw new S3Refusal(404, 'NoSuchVersion');
  if (found.isMarker) throw new S3Refusal(405, 'MethodNotAllowed');
  return found;
}

export function store(bucket: BucketModel, key: string, version: Omit<Version, 'id'>): string {
  const older = bucket.keys.get(key) ?? [];
  const id = bucket.versioning === 'Enabled' ? newVersionId() : 'null';
  const kept = id === 'null' ? older.filter((one) => one.id !== 'null') : older;
  bucket.keys.set(key, [{ ...version, id }, ...kept]);
  return id;
}

/** Throws 412 or 404 unless the request's condition holds. */
export function checkCondition(
  bucket: BucketModel,
  key: string,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): void {
  const newest = bucket.keys.get(key)?.[0];
  const current = newest === undefined || newest.isMarker ? null : newest;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw new S3Refusal(501, 'NotImplemented');
    if (current !== null) throw new S3Refusal(412, 'PreconditionFailed');
  }
  if (ifMatch === undefined) return;
  if (current === null) throw new S3Refusal(404, 'NoSuchKey');
  if (ifMatch.replaceAll('"', '') !== current.etag) throw new S3Refusal(412, 'PreconditionFailed');
}

const isActive = ({ retention }: Version, now: Date): boolean => retention !== null && retention.until > now;

/** Removes a version, or puts a delete marker on the key. Gives what the answer's headers say. */
export function remove(
  bucket: BucketModel,
  key: string,
  id: string | null,
  bypass: boolean,
  now: Date,
): { versionId: string | null; isMarker: boolean } {
  if (bypass && !bucket.lock)
    throw new S3Refusal(400, 'InvalidArgument', 'bypass applies to buckets with Object Lock');
  const versions = bucket.keys.get(key) ?? [];
  if (id === null) {
    if (bucket.versioning !== 'Enabled') {
      bucket.keys.delete(key);
      return { versionId: null, isMarker: false };
    }
    const marker = { body: Buffer.alloc(0), etag: '', headers: {}, checksum: null, modified: now };
    const versionId = store(bucket, key, { ...marker, isMarker: true, retention: null, held: false });
    return { versionId, isMarker: true };
  }
  const found = versions.find((version) => version.id === id);
  if (found === undefined) return { versionId: id, isMarker: false };
  const locked = isActive(found, now) && !(found.retention?.mode === 'GOVERNANCE' && bypass);
  if (locked || found.held)
    throw new S3Refusal(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
  const rest = versions.filter((version) => version !== found);
  if (rest.length === 0) bucket.keys.delete(key);
  else bucket.keys.set(key, rest);
  return { versionId: id, isMarker: found.isMarker };
}

/** Null takes the retention away. */
export function changeRetention(version: Version, next: Retention | null, bypass: boolean, now: Date): void {
  if (next !== null && next.until <= now)
    throw new S3Refusal(400, 'InvalidArgument', 'The retain until date must be in the future!');
  const { retention } = version;
  if (retention !== null && isActive(version, now)) {
    const weaker =
      next === null ||
      next.until < retention.until ||
      // Not even a stricter mode goes in the place of governance without a bypass.
      next.mode !== retention.mode;
    if (weaker && !(retention.mode === 'GOVERNANCE' && bypass))
      throw new S3Refusal(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
  }
  version.retention = next;
}

/** The lock of a new version: its own headers', else the bucket's default. Throws 400 for headers that do not fit. */
export function retentionFrom(
  bucket: BucketModel,
  mode: string | undefined,
  until: string | undefined,
  now: Date,
): Retention | null {
  if (mode === undefined && until === undefined)
    return (
      bucket.rule && {
        mode: bucket.rule.mode,
        until: new Date(now.getTime() + bucket.rule.days * 86_400_000),
      }
    );
  if (!bucket.lock) throw new S3Refusal(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (mode === undefined || until === undefined)
    throw new S3Refusal(400, 'InvalidArgument', 'mode and retain-until date must both be supplied');
  if (mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE')
    throw new S3Refusal(400, 'InvalidArgument', 'Unknown wormMode directive.');
  const date = new Date(until);
  if (Number.isNaN(date.getTime()))
    throw new S3Refusal(400, 'InvalidArgument', 'The retain until date must be provided in ISO 8601 format');
  if (date <= now)
    throw new S3Refusal(400, 'InvalidArgument', 'The retain until date must be in the future!');
  return { mode, until: date };
}

export function holdFrom(bucket: BucketModel, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (!bucket.lock) throw new S3Refusal(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (value !== 'ON' && value !== 'OFF')
    throw new S3Refusal(400, 'InvalidArgument', 'Legal Hold must be either of ON or OFF');
  return value === 'ON';
}
