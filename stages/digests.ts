/** Verifies the CloudTrail digests that a lake holds, with the logs that it holds. */

import { hashLog } from '../ledger/digests/gzip.ts';
import type { HeldDigest, HeldLog } from '../ledger/digests/held.ts';
import type { TrailKeys, Window } from '../ledger/digests/keys.ts';
import { claimOf, parseDigestName, parseLogName } from '../ledger/digests/names.ts';
import type { DigestReport } from '../ledger/digests/report.ts';
import { type DigestCase, verifyDigests } from '../ledger/digests/verify.ts';
import { AkashiError } from '../schema/error.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey } from '../vault/keys.ts';
import { type EvidenceRow, evidenceRows } from './evidence-rows.ts';
import { readSidecars } from './sidecars.ts';

/** Larger bodies are none of CloudTrail's and are not read into memory. */
const MOST_BYTES = 256 * 2 ** 20;
const SOURCE = 'aws.cloudtrail';

export interface LakeDigestOptions extends Pick<DigestCase, 'since' | 'until' | 'onProgress'> {
  readonly keys: TrailKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Files or folders with `<digest>.metadata.json` for digests that were collected without their metadata. */
  readonly metadata?: readonly string[];
}

/** Throws DIGESTS_MISSING when the lake holds none: nothing verified is no success. */
export async function verifyLakeDigests(stores: Stores, options: LakeDigestOptions): Promise<DigestReport> {
  const { metadata: paths = [], ...facts } = options;
  const sidecars = await readSidecars(paths);
  const digests: HeldDigest[] = [];
  const logs: HeldLog[] = [];
  for await (const row of evidenceRows(stores)) {
    const name = claimOf(row.origin).base;
    // By name too: what was altered beyond recognition still lies where a digest or a log should.
    if (parseDigestName(name) !== null || (row.source === SOURCE && row.role === 'digest'))
      digests.push(heldDigest(stores, row, sidecars.get(name)?.metadata ?? {}));
    else if (parseLogName(name) !== null || (row.source === SOURCE && row.role === 'records'))
      logs.push(heldLog(stores, row));
  }
  if (digests.length === 0)
    throw new AkashiError(
      'DIGESTS_MISSING',
      `the lake holds no CloudTrail digests, so nothing can be said of its ${logs.length} CloudTrail bodies. Collect ` +
        'the CloudTrail-Digest/ folder beside the logs, or switch on log file validation for the trail.',
    );
  return verifyDigests({ digests, logs, ...facts });
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** CloudTrail writes digests since October 2015. */
const FIRST_DIGEST = Date.UTC(2015, 9, 1);

/** Regions whose digests the lake holds, and the time in which they may have been signed, milliseconds since the epoch. */
export async function digestSpan(
  stores: Stores,
  now: number,
): Promise<{ regions: string[]; window: Window }> {
  const regions = new Set<string>();
  let from = now;
  for await (const { origin } of evidenceRows(stores)) {
    const name = parseDigestName(claimOf(origin).base);
    // Anybody can name a file so; one of another time must not have AWS asked for keys that never were.
    if (name === null || name.end < FIRST_DIGEST || name.end > now + DAY) continue;
    regions.add(name.region);
    from = Math.min(from, name.end);
  }
  // Those that were written later for what was left out are signed when they are written.
  return { regions: [...regions].sort(), window: { from: from - DAY, to: now + HOUR } };
}

function heldDigest(stores: Stores, row: EvidenceRow, beside: EvidenceRow['metadata']): HeldDigest {
  const { sha256: id, origin } = row;
  return { id, origin, metadata: { ...beside, ...row.metadata }, read: () => readBody(stores, row) };
}

function heldLog(stores: Stores, row: EvidenceRow): HeldLog {
  const { sha256: id, origin, receivedAt } = row;
  return { id, origin, receivedAt, hashes: async () => hashLog(await readBody(stores, row)) };
}

async function readBody({ vault }: Stores, { source, sha256, size }: EvidenceRow): Promise<Uint8Array> {
  if (size > MOST_BYTES)
    throw new AkashiError(
      'BODY_TOO_LARGE',
      `it has ${size} bytes, more than CloudTrail ever writes in one file`,
    );
  return (await vault.get(evidenceKey(source, sha256))).body;
}
