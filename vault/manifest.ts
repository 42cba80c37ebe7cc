/** The provenance manifest: where a preserved body came from, as the ledger will commit to it. */

import { AkashiError } from '../schema/error.ts';
import { newerFormat, newerText } from '../schema/newer.ts';
import { canonicalJson } from './canonical-json.ts';

const FORMAT = 1;

export interface Manifest {
  /** Version of this format. */
  readonly format: 1;
  /** Connector id, or `unrecognised`. */
  readonly source: string;
  readonly role: 'records' | 'digest' | 'unrecognised';
  /** SHA-256 of the bytes as received, 64 hex digits. */
  readonly sha256: string;
  /** Bytes as received. */
  readonly size: number;
  /** Path, object URL or request URL, without credentials. */
  readonly origin: string;
  /** The origin's object version; null where it has none. */
  readonly versionId: string | null;
  /** The origin's object metadata as it stood there: a CloudTrail digest's signature lives in it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Last-modified time the origin gave, microseconds since the epoch; null where it gave none. */
  readonly modified: number | null;
  /** When we received it, microseconds since the epoch. */
  readonly receivedAt: number;
  /** Version of the program that received it. */
  readonly collector: string;
  /**
   * Entries of the ledger at a moment before the body was first stored, told by who stored it: it can be sealed by later
   * ones alone. Left out where the vault held it already, and by versions that did not say.
   */
  readonly ledgerBefore?: number;
}

type Check = (value: unknown) => boolean;

/** Half a surrogate pair has no bytes in UTF-8: no ledger entry takes it. */
const isText: Check = (value) => typeof value === 'string' && value.isWellFormed();
const isWhole: Check = (value) => Number.isSafeInteger(value);
const isTextMap: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).flat().every(isText);

/** What keys of evidence can name: a body of another source has no place, and would keep all others from being sealed. */
const SOURCE = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;
const isSource: Check = (value) => typeof value === 'string' && value.length <= 255 && SOURCE.test(value);

/** A text whose JSON takes no more bytes: the ledger entry of the body has to hold all of them. */
const isTextUpTo =
  (bytes: number): Check =>
  (value) =>
    isText(value) && Buffer.byteLength(JSON.stringify(value)) <= bytes;
const isShort = isTextUpTo(8192);

const FIELDS: Readonly<Record<keyof Manifest, readonly [what: string, check: Check]>> = {
  format: ['1', (value) => value === 1],
  source: ['an id of a-z, 0-9, "." and "-"', isSource],
  role: [
    'records, digest or unrecognised',
    (value) => /^(?:records|digest|unrecognised)$/.test(String(value)),
  ],
  sha256: ['64 hex digits', (value) => isText(value) && /^[0-9a-f]{64}$/.test(String(value))],
  size: ['a whole number, 0 or more', (value) => isWhole(value) && Number(value) >= 0],
  origin: ['text of 32 KiB at most', isTextUpTo(32_768)],
  versionId: ['text of 8 KiB at most or null', (value) => value === null || isShort(value)],
  metadata: ['an object of texts', isTextMap],
  modified: ['microseconds or null', (value) => value === null || isWhole(value)],
  receivedAt: ['microseconds', isWhole],
  collector: ['text of 8 KiB at most', isShort],
  ledgerBefore: [
    'a whole number, 0 or more',
    (value) => value === undefined || (isWhole(value) && Number(value) >= 0),
  ],
};

const OPTIONAL: ReadonlySet<string> = new Set(['ledgerBefore'] satisfies (keyof Manifest)[]);

/** What is wrong with a would-be manifest, in a sentence; null when nothing is. Members that nobody knows are no matter here. */
function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'It is not a JSON object.';
  const members = value as Record<string, unknown>;
  for (const [name, [what, check]] of Object.entries(FIELDS)) {
    if (!Object.hasOwn(members, name) && !OPTIONAL.has(name)) return `Its "${name}" is missing.`;
    if (!check(members[name])) return `Its "${name}" must be ${what}.`;
  }
  return null;
}

/** The one spelling of a manifest. Throws MANIFEST_INVALID for what this version does not write. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const unknown = Object.keys(manifest).find((name) => !Object.hasOwn(FIELDS, name));
  const problem =
    unknown === undefined
      ? problemOf(manifest)
      : `It has a member ${JSON.stringify(unknown)} that format ${FORMAT} does not know.`;
  if (problem !== null)
    throw new AkashiError('MANIFEST_INVALID', `A provenance manifest is not right. ${problem}`);
  return new TextEncoder().encode(canonicalJson({ ...manifest }));
}

/** Why bytes are no manifest that this version can take up. */
export interface ManifestProblem {
  readonly problem: string;
  /** A newer version put it there, and will take it up: nothing is wrong with it. */
  readonly newer?: true;
}

/**
 * Total: any bytes are a manifest or a problem in a sentence. Of a manifest that a newer version wrote in the same format
 * the members that this one knows: no other may matter, or the format would be another.
 */
export function parseManifest(bytes: Uint8Array): Manifest | ManifestProblem {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { problem: 'It is not JSON in UTF-8.' };
  }
  const newer = newerFormat((value as { format?: unknown } | null)?.format, FORMAT);
  if (newer !== null) return { problem: `It ${newerText(newer, FORMAT)}, and waits for it.`, newer: true };
  const problem = problemOf(value);
  if (problem !== null) return { problem };
  const members = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(FIELDS).flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name]]] : [])),
  ) as unknown as Manifest;
}
