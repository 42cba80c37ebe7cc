/** Puts what lies in trails' buckets, or copies of it, before the verification. */

import { hashLog } from '../../../../ledger/digests/gzip.ts';
import type { HeldDigest, HeldLog } from '../../../../ledger/digests/held.ts';
import type { TrailKeys } from '../../../../ledger/digests/keys.ts';
import type { DigestReport } from '../../../../ledger/digests/report.ts';
import { type DigestCase, verifyDigests } from '../../../../ledger/digests/verify.ts';
import { HOUR, type Stored, type Trail } from './trail.ts';

export interface Copy extends Stored {
  readonly origin: string;
  readonly receivedAt?: number;
}

/** Every object of a trail where it was delivered. */
export const inBucket = (trail: Trail): Copy[] =>
  [...trail.objects].map(([key, stored]) => ({ origin: `s3://${trail.bucket}/${key}`, ...stored }));

/** Downloaded as `aws s3 sync` does, into some folder. */
export const downloaded = (trail: Trail): Copy[] =>
  [...trail.objects].map(([key, stored]) => ({ origin: `copies/of it/${key}`, ...stored }));

/** All digests and logs without their folders. */
export const flattened = (trail: Trail): Copy[] =>
  [...trail.objects].map(([key, stored]) => ({ origin: `flat/${key.split('/').pop()}`, ...stored }));

export function judged(
  copies: readonly Copy[],
  keys: TrailKeys,
  facts: Partial<DigestCase> = {},
): Promise<DigestReport> {
  const digests: HeldDigest[] = [];
  const logs: HeldLog[] = [];
  const seen = new Set<string>();
  for (const [at, { origin, bytes, metadata, receivedAt = 0 }] of copies.entries()) {
    // Copies of one object differ in their place.
    const id = seen.has(origin) ? `${origin}#${at}` : origin;
    seen.add(origin);
    if (origin.includes('CloudTrail-Digest')) digests.push({ id, origin, metadata, read: async () => bytes });
    else logs.push({ id, origin, receivedAt, hashes: () => hashLog(bytes) });
  }
  return verifyDigests({ digests, logs, keys, now: Date.parse('2026-06-01T00:00:00Z'), ...facts });
}

/** `digest MISSING_DIGEST s3://…`, sorted: what a report names, without what only follows from it. */
export const named = (report: DigestReport): string[] =>
  report.problems
    .filter(({ state }) => state !== 'UNPROVEN')
    .map(({ of, state, object }) => `${of} ${state} ${object}`)
    .sort();

/** A little after the newest digest: nothing is overdue yet. */
export const soonAfter = (trail: Trail): number => trail.end + HOUR / 2;
