/** Whether the store still keeps each body as long as it promised when the body was sealed. */

import type { Stores } from '../../vault/evidence.ts';
import { evidenceKey } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import type { Claims } from './claims.ts';
import { messageOf, type Verification } from './report.ts';

/** Objects asked about at once. */
const CONCURRENT = 32;

const dateOf = (micros: number): string => new Date(micros / 1000).toISOString();

/** What is gone is named elsewhere. */
export async function checkLocks(
  { vault }: Stores,
  { evidence }: Claims,
  { problems }: Pick<Verification, 'problems'>,
): Promise<void> {
  const promised = [...evidence.values()].filter(({ retainUntil }) => retainUntil !== null);
  await pooled(promised, CONCURRENT, async ({ source, sha256, retainUntil }) => {
    const key = evidenceKey(source, sha256);
    const until = retainUntil!;
    try {
      const stat = await vault.stat(key);
      if (stat === null) return;
      if (stat.lock === undefined) {
        const detail = `the store keeps it until no date, and promised ${dateOf(until)}`;
        problems.push({ code: 'LOCK_MISSING', key, detail });
      } else if (stat.lock.retainUntil.getTime() * 1000 < until) {
        const detail = `the store keeps it until ${stat.lock.retainUntil.toISOString()}, and promised ${dateOf(until)}`;
        problems.push({ code: 'LOCK_SHORTER', key, detail });
      }
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
    }
  });
}
