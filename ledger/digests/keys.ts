/**
 * CloudTrail's public keys: one pair after the other for each region.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 */

import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AkashiError } from '../../schema/error.ts';
import { fromBase64 } from '../encoding.ts';
import { accepted, type Outcome, refused } from '../outcome.ts';

/** Milliseconds since the epoch, both ends included. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface TrailKey {
  readonly fingerprint: string;
  /** Region whose list it came from; null where the list did not say. */
  readonly region: string | null;
  readonly window: Window | null;
  /** PKCS #1 DER in base64, as given: tells keys apart. */
  readonly value: string;
  readonly key: KeyObject | null;
  /** Why it cannot be used; null when it can. */
  readonly problem: string | null;
}

/** Keys by fingerprint. Several for one where lists disagree. */
export type TrailKeys = ReadonlyMap<string, readonly TrailKey[]>;

const LEAST_BITS = 2048;

/** Reads the answer of ListPublicKeys, as the AWS CLI prints it or an SDK gives it, or an array of such answers. */
export function parseKeys(value: unknown, region: string | null = null): Outcome<TrailKey[]> {
  const keys: TrailKey[] = [];
  for (const answer of Array.isArray(value) ? value : [value]) {
    const list = (answer as { PublicKeyList?: unknown } | null)?.PublicKeyList;
    if (!Array.isArray(list)) return refused('KEYS_UNREADABLE', 'it has no "PublicKeyList"');
    keys.push(...list.map((entry) => readKey(entry, region)));
  }
  return accepted(keys);
}

function readKey(entry: unknown, region: string | null): TrailKey {
  const { Fingerprint, Value, ValidityStartTime, ValidityEndTime } = (entry ?? {}) as Record<string, unknown>;
  const value = Value instanceof Uint8Array ? Buffer.from(Value).toString('base64') : String(Value ?? '');
  const from = instant(ValidityStartTime);
  const to = instant(ValidityEndTime);
  const window = from === null || to === null ? null : { from, to };
  const read = publicKey(value);
  return {
    fingerprint: String(Fingerprint ?? ''),
    region,
    window,
    value,
    key: read.ok ? read.value : null,
    problem: !read.ok ? read.problem : window === null ? 'the list gives no validity times for it' : null,
  };
}

/** SDKs give a Date, the AWS CLI seconds or ISO 8601. */
function instant(value: unknown): number | null {
  const millis =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number'
        ? value * 1000
        : typeof value === 'string'
          ? Date.parse(value)
          : Number.NaN;
  return Number.isNaN(millis) ? null : millis;
}

function publicKey(base64: string): Outcome<KeyObject> {
  const unusable = (problem: string) => refused('KEY_UNUSABLE', problem);
  const der = fromBase64(base64);
  if (der === null || der.length === 0) return unusable('its value is not base64');
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'pkcs1' });
    // Readers pass over what follows the key; written again, it ends as it was given.
    if (!key.export({ format: 'der', type: 'spki' }).subarray(-der.length).equals(der))
      return unusable('its value is not exactly a PKCS #1 public key');
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < LEAST_BITS ? unusable(`it has ${bits} bits, fewer than ${LEAST_BITS}`) : accepted(key);
  } catch {
    return unusable('its value is no PKCS #1 public key');
  }
}

/** Keys of several lists, those that say the same only once. */
export function gatherKeys(keys: readonly TrailKey[]): TrailKeys {
  const gathered = new Map<string, TrailKey[]>();
  for (const key of keys) {
    const same = gathered.get(key.fingerprint) ?? [];
    gathered.set(key.fingerprint, same);
    const known = same.some(
      ({ value, region, window }) =>
        value === key.value &&
        region === key.region &&
        window?.from === key.window?.from &&
        window?.to === key.window?.to,
    );
    if (!known) same.push(key);
  }
  return gathered;
}

/** Reads files that hold answers of ListPublicKeys. Throws KEYS_UNREADABLE. */
export async function readKeyFiles(paths: readonly string[]): Promise<TrailKeys> {
  const keys: TrailKey[] = [];
  for (const path of paths) {
    let value: unknown;
    try {
      value = JSON.parse(await readFile(path, 'utf8'));
    } catch (cause) {
      throw unreadable(path, 'it cannot be read as JSON', cause);
    }
    const parsed = parseKeys(value);
    if (!parsed.ok) throw unreadable(path, parsed.problem);
    keys.push(...parsed.value);
  }
  return gatherKeys(keys);
}

const unreadable = (path: string, problem: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'KEYS_UNREADABLE',
    `"${path}" must hold CloudTrail's public keys: ${problem}. Write it with ` +
      '`aws cloudtrail list-public-keys --region R --start-time T1 --end-time T2 > keys.json`.',
    cause === undefined ? undefined : { cause },
  );

/** One page of ListPublicKeys in one region, with the names that AWS's SDKs use. */
export type ListPublicKeys = (request: {
  readonly region: string;
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly NextToken?: string;
}) => Promise<{ readonly PublicKeyList?: readonly unknown[]; readonly NextToken?: string }>;

/** More pages than keys were ever in use; a list that never ends is none. */
const MOST_PAGES = 1000;

/** Asks each region for the keys it signed with in this time. Throws KEYS_UNREADABLE, and what `list` throws. */
export async function fetchKeys(
  list: ListPublicKeys,
  regions: readonly string[],
  { from, to }: Window,
): Promise<TrailKeys> {
  const keys: TrailKey[] = [];
  for (const region of regions) {
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await list({
        region,
        StartTime: new Date(from),
        EndTime: new Date(to),
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const parsed = parseKeys({ PublicKeyList: page.PublicKeyList ?? [] }, region);
      if (parsed.ok) keys.push(...parsed.value);
      token = page.NextToken;
      if (++pages > MOST_PAGES)
        throw new AkashiError('KEYS_UNREADABLE', `ListPublicKeys in ${region} gives pages without end.`);
    } while (token !== undefined && token !== '');
  }
  return gatherKeys(keys);
}
