/**
 * Names of CloudTrail's objects, and what the place of a copy says about which object it is.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */

/** The series of digests that one trail writes for one region. */
export interface DigestSeries {
  readonly account: string;
  readonly trail: string;
  readonly homeRegion: string;
  readonly region: string;
  /** `backfill`: digests written later for logs that the hourly ones left out; a series of their own. */
  readonly kind: 'hourly' | 'backfill';
}

export interface DigestName extends DigestSeries {
  /** End of the time it covers, milliseconds since the epoch. */
  readonly end: number;
}

export interface LogName {
  readonly account: string;
  readonly region: string;
  /** `''` for events, `Insight` and others for what lies under `CloudTrail-Insight/`. */
  readonly sort: string;
  /** When it was delivered, to five minutes, rounded up; milliseconds since the epoch. */
  readonly delivered: number;
}

/** S3 allows keys of 1,024 bytes. */
const LONGEST = 1024;
// Regions hold no underscore, so a trail's name may.
const DIGEST =
  /^(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_(.+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)(_backfill)?\.json(?:\.gz)?$/;
const LOG = /^(\d{12})_CloudTrail(?:-([A-Za-z]+))?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_[^/]+\.json(?:\.gz)?$/;

/** Takes the last part of a digest's key apart; null for any other text. */
export function parseDigestName(name: string): DigestName | null {
  const match = name.length > LONGEST ? null : DIGEST.exec(name);
  if (match === null) return null;
  const [, account = '', region = '', trail = '', homeRegion = '', time = '', backfill] = match;
  const end = compactTime(time);
  if (end === null) return null;
  return { account, trail, homeRegion, region, kind: backfill === undefined ? 'hourly' : 'backfill', end };
}

/** Takes the last part of a log's key apart; null for any other text. */
export function parseLogName(name: string): LogName | null {
  const match = name.length > LONGEST ? null : LOG.exec(name);
  if (match === null || match[2] === 'Digest') return null;
  const delivered = compactTime(match[4]!);
  return delivered === null
    ? null
    : { account: match[1]!, sort: match[2] ?? '', region: match[3]!, delivered };
}

/** `20260131T235900Z` or `20260131T2359Z` in milliseconds. */
function compactTime(text: string): number | null {
  const [, year, month, day, hour, minute, second = '00'] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?Z$/.exec(text) ?? [];
  return parseTime(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** `2026-01-31T23:59:00Z` in milliseconds; null for other spellings and for days there are not. */
export function parseTime(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text.slice(0, 19)) ? null : time;
}

/** One text for a series, for maps and for people. */
export const seriesName = ({ account, trail, homeRegion, region, kind }: DigestSeries): string =>
  `${account} ${trail} (${homeRegion}) ${region}${kind === 'backfill' ? ' backfill' : ''}`;

/** Last part of a key or path, with or without folders. */
export const baseName = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** A name by which a log and its decompressed copy are the same. */
export const plainName = (base: string): string => base.replace(/\.gz$/, '');

export interface Location {
  readonly bucket: string;
  readonly key: string;
}

export const locationText = ({ bucket, key }: Location): string => `s3://${bucket}/${key}`;

/** What a place says about which object lies there. */
export interface Claim {
  /** Read from this bucket and key itself. */
  readonly s3: Location | null;
  /** Forward slashes. */
  readonly path: string;
  readonly base: string;
}

export function claimOf(origin: string): Claim {
  const path = origin.replaceAll('\\', '/');
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(path) ?? [];
  const s3 = bucket === undefined || key === undefined ? null : { bucket, key };
  return { s3, path, base: baseName(path) };
}

/**
 * Whether an object of this location may lie at that place. In a bucket: exactly there. Elsewhere a copy may lie in
 * any folder, decompressed or not; but what of its path looks like CloudTrail's own (`…/AWSLogs/…/name`) must be the
 * location's.
 */
export function mayBe({ s3, path, base }: Claim, { bucket, key }: Location): boolean {
  if (s3 !== null) return s3.bucket === bucket && s3.key === key;
  if (plainName(base) !== plainName(baseName(key))) return false;
  const tail = /(?:^|\/)(AWSLogs\/.*)$/s.exec(path)?.[1];
  return tail === undefined || plainName(key).endsWith(plainName(tail));
}
