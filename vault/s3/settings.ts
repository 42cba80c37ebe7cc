/** Where a lake on S3 lies and how its vault is locked, read from an address or a JSON file with the same names. */

import { AkashiError } from '../../schema/error.ts';
import { parseKey } from '../keys.ts';

export interface Place {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

/** Servers whose answers differ from Amazon's so much that the same safety takes other requests. */
export const DIALECTS = {
  aws: 'Amazon S3 and what behaves like it: MinIO, versitygw',
  ceph: 'Ceph RGW, which ignores If-None-Match on locked buckets and does not compare SHA-256',
} as const;
export type Dialect = keyof typeof DIALECTS;

export type LockMode = 'compliance' | 'governance';

export interface S3Settings {
  readonly vault: Place;
  readonly state: Place;
  readonly region: string | null;
  readonly endpoint: string | null;
  /** AWS account that must own both buckets; requests to anybody else's are refused by S3. */
  readonly owner: string | null;
  readonly dialect: Dialect;
  readonly mode: LockMode;
  /** Days for what no entry of `sourceDays` names; null when none was chosen: then the lake can only be read. */
  readonly retentionDays: number | null;
  /** Days for the evidence of one source. */
  readonly sourceDays: Readonly<Record<string, number>>;
  /** KMS key for everything stored. */
  readonly kmsKey: string | null;
  /** Glue database whose tables follow each seal. */
  readonly glue: string | null;
  /** Athena work group that questions go to which outgrow one function. */
  readonly athena: string | null;
}

/** What each setting means; the names of an address's query and of a configuration file's members alike. */
export const SETTINGS = {
  state: '`s3://bucket/prefix` or `bucket/prefix` of the state store; where the vault is unless given',
  region: 'the buckets’ region; from the environment or AWS profile unless given',
  endpoint: 'URL of an S3-compatible server',
  owner: 'AWS account that must own both buckets',
  server: 'what answers at the endpoint: `aws` (the default: behaves like Amazon’s) or `ceph`',
  mode: '`compliance` (the default: nobody can lift it) or `governance`',
  retention: 'days that everything in the vault is locked; needed for writing',
  'retention.<source>': 'days for the evidence of one source, e.g. `retention.aws.cloudtrail`',
  kms: 'KMS key (id, ARN or alias) to encrypt with',
  glue: 'Glue database whose tables follow each seal, for Athena',
  athena: 'Athena work group for questions that outgrow one function; needs `glue`',
  trial: '`true`: governance for one day, for trying it out',
} as const;

const PER_SOURCE = 'retention.';
/** 100 years, as long as S3 takes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
const MAX_DAYS = 36_500;
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[A-Za-z0-9!_.*'()=-]+\/)*$/;

/** Throws LAKE_ADDRESS for what is no `s3://bucket/prefix?setting=value`. */
export function parseS3Address(address: string): S3Settings {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw refused(address, 'it is no URL', cause);
  }
  const values: Record<string, unknown> = {};
  for (const [name, value] of url.searchParams) {
    if (name in values) throw refused(address, `it gives "${name}" twice`);
    values[name] = value;
  }
  return readSettings({ ...values, vault: address.split('?')[0] }, address);
}

/** Throws LAKE_ADDRESS for a text that is no JSON object of settings with `vault`. */
export function parseS3File(text: string, path: string): S3Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused(path, 'it is no JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(path, 'it is no JSON object');
  return readSettings(value as Record<string, unknown>, path);
}

function readSettings(values: Readonly<Record<string, unknown>>, from: string): S3Settings {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    const known = name === 'vault' || (name in SETTINGS && name !== 'retention.<source>');
    if (!known && !name.startsWith(PER_SOURCE)) throw refused(from, `"${name}" is no setting`);
    if (!['string', 'number', 'boolean'].includes(typeof value) || value === '')
      throw refused(from, `"${name}" has no value`);
    given.set(name, String(value));
  }
  const choice = <T extends string>(name: string, options: readonly T[], otherwise: T): T => {
    const value = given.get(name) ?? otherwise;
    if (options.includes(value as T)) return value as T;
    throw refused(from, `${name} must be one of ${options.join(', ')}, and is "${value}"`);
  };
  const place = (name: string, text: string): Place => placeOf(text) ?? badPlace(from, name, text);
  const vaultText = given.get('vault');
  if (vaultText === undefined) throw refused(from, 'it names no vault');
  const vault = place('vault', vaultText);
  const stateText = given.get('state');
  const trial = choice('trial', ['true', 'false'], 'false') === 'true';
  if (trial && (given.has('mode') || [...given.keys()].some((name) => name.startsWith('retention'))))
    throw refused(from, 'trial means governance for one day, and goes with no other mode or retention');
  const retention = given.get('retention');
  const sourceDays = Object.fromEntries(
    [...given]
      .filter(([name]) => name.startsWith(PER_SOURCE))
      .map(([name, value]) => [sourceOf(from, name), daysOf(from, name, value)]),
  );
  const days = retention === undefined ? null : daysOf(from, 'retention', retention);
  if (days === null && Object.keys(sourceDays).length > 0)
    throw refused(from, 'retention for single sources needs "retention" for all the rest');
  return {
    vault,
    state: stateText === undefined ? vault : place('state', stateText),
    region: given.get('region') ?? null,
    endpoint: endpointOf(from, given.get('endpoint')),
    owner: given.get('owner') ?? null,
    dialect: choice('server', Object.keys(DIALECTS) as Dialect[], 'aws'),
    mode: trial ? 'governance' : choice('mode', ['compliance', 'governance'], 'compliance'),
    retentionDays: trial ? 1 : days,
    sourceDays,
    kmsKey: given.get('kms') ?? null,
    glue: databaseOf(from, given.get('glue')),
    athena: workGroupOf(from, given.get('athena'), given.has('glue')),
  };
}

/**
 * Days for which what lies under a vault's key is locked. What is not evidence of a source proves things of all of
 * them, so it is kept as long as the longest. Throws LAKE_RETENTION when no retention was chosen.
 */
export function retentionDaysOf({ retentionDays, sourceDays }: S3Settings, key: string): number {
  if (retentionDays === null)
    throw new AkashiError(
      'LAKE_RETENTION',
      'No retention was chosen, and nothing is written to a locked vault without one: nobody can shorten it later. ' +
        'Add retention=<days> to the lake (2557 is seven years), or trial=true for one day that can be undone.',
    );
  const parts = parseKey(key);
  if (parts?.class === 'evidence') return sourceDays[parts.source] ?? retentionDays;
  return Math.max(retentionDays, ...Object.values(sourceDays));
}

/** `s3://bucket/prefix` or `bucket/prefix`; null for anything else. */
function placeOf(text: string): Place | null {
  const [bucket = '', ...rest] = text.replace(/^s3:\/\//, '').split('/');
  const prefix = rest.join('/').replace(/\/+$/, '');
  const place = { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
  return BUCKET.test(bucket) && PREFIX.test(place.prefix) ? place : null;
}

function badPlace(from: string, name: string, text: string): never {
  throw refused(from, `${name} must be s3://<bucket>/<prefix>, and is "${text}"`);
}

function sourceOf(from: string, name: string): string {
  const source = name.slice(PER_SOURCE.length);
  if (/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(source)) return source;
  throw refused(from, `"${source}" in "${name}" is no source`);
}

function daysOf(from: string, name: string, text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MAX_DAYS) return days;
  throw refused(from, `${name} must be whole days between 1 and ${MAX_DAYS}, and is "${text}"`);
}

/** https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html */
function databaseOf(from: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^[a-z0-9_]{1,255}$/.test(text)) return text;
  throw refused(
    from,
    `glue must be a database: lower-case letters, digits and underscores, and is "${text}"`,
  );
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroup.html */
function workGroupOf(from: string, text: string | undefined, hasTables: boolean): string | null {
  if (text === undefined) return null;
  if (!/^[a-zA-Z0-9._-]{1,128}$/.test(text))
    throw refused(
      from,
      `athena must be a work group: letters, digits, dots, dashes and underscores, and is "${text}"`,
    );
  if (hasTables) return text;
  throw refused(from, 'athena finds the tables through Glue: name their database with glue');
}

/** Plain HTTP only to this machine: what is sent to any other can be read and changed on the way. */
function endpointOf(from: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw refused(from, `endpoint must be a URL, and is "${text}"`, cause);
  }
  // It would be remembered, shown and put on record; requests do not use it anyway.
  if (url.username + url.password + url.search + url.hash !== '')
    throw refused(
      from,
      'endpoint must be a URL alone; credentials come from the environment, the profile or the machine',
    );
  const isHere = ['localhost', '[::1]'].includes(url.hostname) || /^127\.[\d.]+$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) return text;
  throw refused(from, `endpoint must begin with https:// (http:// only on this machine), and is "${text}"`);
}

/** An address as a message may show it: nobody's password. */
const shown = (from: string): string => from.replaceAll(/(:\/\/)[^/?#&@]*@/g, '$1…@');

const refused = (from: string, what: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'LAKE_ADDRESS',
    `"${shown(from)}" is no lake on S3: ${shown(what)}. Write s3://<vault bucket>/<prefix>?state=<state bucket>&retention=<days>, or ` +
      `a JSON file with "vault" and the same names; they are ${Object.keys(SETTINGS).join(', ')}.`,
    { cause },
  );
