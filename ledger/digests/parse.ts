/**
 * Reads a digest file.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 */

import { hash } from 'node:crypto';
import { accepted, type Outcome, refused } from '../outcome.ts';
import { gunzipOne, isGzip } from './gzip.ts';
import { baseName, type DigestName, type Location, parseDigestName, parseTime } from './names.ts';

/** A log that a digest names. */
export interface LogListing extends Location {
  /** SHA-256 of its decompressed content, lower-case hex. */
  readonly hash: string;
  /** Times of the earliest and latest event in it, milliseconds; null where the digest does not say. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** The digest before, as a digest names it. */
export interface PreviousDigest extends Location {
  /** SHA-256 of its decompressed content, lower-case hex. */
  readonly hash: string;
  /** Hex as written. */
  readonly signature: string;
}

export interface ParsedDigest {
  /** Where it was delivered, by its own word. */
  readonly location: Location;
  readonly name: DigestName;
  /** Time it covers, milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  /** `digestEndTime` as written: part of what is signed. */
  readonly endText: string;
  readonly fingerprint: string;
  /** Null in the first digest after validation, or the trail, was switched on. */
  readonly previous: PreviousDigest | null;
  readonly logs: readonly LogListing[];
  /** SHA-256 of the decompressed bytes, lower-case hex. */
  readonly sha256: string;
  /** Whether it came compressed, as it was delivered. */
  readonly gzip: boolean;
  /** What is wrong with the file around this content; null when nothing is. */
  readonly problem: string | null;
}

type Members = Readonly<Record<string, unknown>>;

const malformed = (problem: string): Outcome<never> => refused('INVALID_FORMAT', problem);

/** Reads the bytes of a digest, compressed or not. Total: any bytes are a digest or a problem in a sentence. */
export function parseDigest(bytes: Uint8Array): Outcome<ParsedDigest> {
  const gzip = isGzip(bytes);
  const member = gzip ? gunzipOne(bytes) : accepted({ content: bytes, problem: null });
  if (!member.ok) return member;
  const { content, problem } = member.value;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content));
  } catch {
    return malformed('it is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed('it is no JSON object');
  return readMembers(value as Members, {
    sha256: hash('sha256', content, 'hex'),
    gzip,
    problem,
  });
}

type FileFacts = Pick<ParsedDigest, 'sha256' | 'gzip' | 'problem'>;

function readMembers(members: Members, file: FileFacts): Outcome<ParsedDigest> {
  const texts = readTexts(members, [
    'digestStartTime',
    'digestEndTime',
    'digestS3Bucket',
    'digestS3Object',
    'digestPublicKeyFingerprint',
    'digestSignatureAlgorithm',
  ]);
  if (!texts.ok) return texts;
  const [startText, endText, bucket, key, fingerprint, algorithm] = texts.value as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (algorithm !== 'SHA256withRSA')
    return malformed(`digestSignatureAlgorithm is "${algorithm}", not SHA256withRSA`);
  const start = parseTime(startText);
  const end = parseTime(endText);
  if (start === null || end === null || start > end)
    return malformed('digestStartTime and digestEndTime are no times, one after the other');
  const name = parseDigestName(baseName(key));
  if (name === null) return malformed('digestS3Object is no key of a digest');
  const previous = readPrevious(members);
  if (!previous.ok) return previous;
  const logs = readLogs(members['logFiles']);
  if (!logs.ok) return logs;
  return accepted({
    location: { bucket, key },
    name,
    start,
    end,
    endText,
    fingerprint,
    previous: previous.value,
    logs: logs.value,
    ...file,
  });
}

/** Members that must be text, in the order asked for. */
function readTexts(members: Members, names: readonly string[]): Outcome<string[]> {
  const texts: string[] = [];
  for (const name of names) {
    const value = Object.hasOwn(members, name) ? members[name] : undefined;
    if (typeof value !== 'string' || value === '' || !value.isWellFormed())
      return malformed(`${name} is missing or no text`);
    texts.push(value);
  }
  return accepted(texts);
}

const PREVIOUS = [
  'previousDigestS3Bucket',
  'previousDigestS3Object',
  'previousDigestHashValue',
  'previousDigestSignature',
];

/** All null, or all there: a digest that names only half of its predecessor proves nothing of it. */
function readPrevious(members: Members): Outcome<PreviousDigest | null> {
  if (!Object.hasOwn(members, 'previousDigestSignature'))
    return malformed('previousDigestSignature is missing');
  if (PREVIOUS.every((name) => members[name] === null || members[name] === undefined)) return accepted(null);
  const texts = readTexts(members, PREVIOUS);
  if (!texts.ok) return texts;
  const [bucket, key, previousHash, signature] = texts.value as [string, string, string, string];
  if (!isSha256(previousHash, members['previousDigestHashAlgorithm']))
    return malformed('previousDigestHashValue is no SHA-256');
  return accepted({ bucket, key, hash: previousHash.toLowerCase(), signature });
}

function readLogs(value: unknown): Outcome<LogListing[]> {
  if (!Array.isArray(value)) return malformed('logFiles is no list');
  const logs: LogListing[] = [];
  for (const [at, log] of value.entries()) {
    if (typeof log !== 'object' || log === null) return malformed(`logFiles[${at}] is no object`);
    const texts = readTexts(log as Members, ['s3Bucket', 's3Object', 'hashValue']);
    if (!texts.ok) return malformed(`logFiles[${at}]: ${texts.problem}`);
    const [bucket, key, content] = texts.value as [string, string, string];
    if (!isSha256(content, (log as Members)['hashAlgorithm']))
      return malformed(`logFiles[${at}]: hashValue is no SHA-256`);
    const [oldest, newest] = ['oldestEventTime', 'newestEventTime'].map((name) =>
      parseTime(String((log as Members)[name])),
    );
    logs.push({ bucket, key, hash: content.toLowerCase(), oldest: oldest ?? null, newest: newest ?? null });
  }
  return accepted(logs);
}

const isSha256 = (text: string, algorithm: unknown): boolean =>
  algorithm === 'SHA-256' && /^[0-9a-fA-F]{64}$/.test(text);
