/** What CloudTrail Lake saved and a lake of ours holds: judged by Lake's own sign files, and put on record. */

import type { TrailKeys, Window } from '../ledger/digests/keys.ts';
import {
  type HeldResult,
  type HeldSign,
  judgeResults,
  type ResultVerdict,
} from '../ledger/lake-results/judge.ts';
import { parseSignFile } from '../ledger/lake-results/sign-file.ts';
import { refused } from '../ledger/outcome.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey } from '../vault/keys.ts';
import { type EvidenceRow, evidenceRows } from './evidence-rows.ts';

export const LAKE_SOURCE = 'aws.cloudtrail-lake';
export const LAKE_PROOF = 'cloudtrail.lake';

/** Verdicts that only say what was not given: one that was judged is not replaced by them. */
export const NO_JUDGEMENT: ReadonlySet<string> = new Set([
  'KEY_NOT_FOUND',
  'KEY_UNUSABLE',
  'UNPROVEN',
  'UNSIGNED',
]);

/** A sign file of 100,000 files has some 13 MB. */
const MOST_BYTES = 32 * 2 ** 20;
const DAY = 86_400_000;
/** Lake exists since January 2022. */
const FIRST = Date.UTC(2022, 0, 1);

/** By name too: what was altered beyond recognition still lies where it should. */
const isSign = ({ source, role, origin }: EvidenceRow): boolean =>
  (source === LAKE_SOURCE && role === 'digest') || /(?:^|\/)result_sign\.json$/.test(origin);
const isResult = ({ source, role, origin }: EvidenceRow): boolean =>
  (source === LAKE_SOURCE && role === 'records') || /(?:^|\/)result_\d+\.csv(?:\.gz)?$/.test(origin);

/** Verdicts on every sign file and every file of results that is held. */
export async function judgeLakeResults(stores: Stores, keys: TrailKeys): Promise<ResultVerdict[]> {
  const signs: HeldSign[] = [];
  const results: HeldResult[] = [];
  for await (const row of evidenceRows(stores)) {
    if (isSign(row)) signs.push(await heldSign(stores, row));
    else if (isResult(row)) results.push({ id: row.sha256, origin: row.origin });
  }
  return judgeResults(signs, results, keys);
}

async function heldSign({ vault }: Stores, { sha256, source, origin, size }: EvidenceRow): Promise<HeldSign> {
  const file =
    size > MOST_BYTES
      ? refused('INVALID_FORMAT', `it has ${size} bytes, more than any sign file`)
      : parseSignFile((await vault.get(evidenceKey(source, sha256))).body);
  return { id: sha256, origin, file };
}

/** Regions whose keys signed what is held, and the time in which they did, milliseconds since the epoch. */
export async function signSpan(stores: Stores, now: number): Promise<{ regions: string[]; window: Window }> {
  const regions = new Set<string>();
  let from = now;
  for await (const row of evidenceRows(stores)) {
    if (!isSign(row)) continue;
    const { file } = await heldSign(stores, row);
    // What the file says of itself is not signed: AWS is asked for no region that it cannot have, and for no other time.
    if (!file.ok || !/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/.test(file.value.region)) continue;
    if (file.value.completed < FIRST || file.value.completed > now + DAY) continue;
    regions.add(file.value.region);
    from = Math.min(from, file.value.completed);
  }
  return { regions: [...regions].sort(), window: { from: from - DAY, to: now + DAY } };
}
