/** Whose records the lake has of the last days: what arrives, whatever is configured. */

import { lakeCoverage } from '../stages/lake-coverage.ts';
import { openLakeForReading } from '../vault/lake.ts';

export const HELD_DAYS = 7;

/** Regions by account by source; a region is '' where records name none. */
export type Held = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Null where the lake cannot be read, which its own examination tells. `now` in milliseconds. */
export async function heldRecently(lake: string, now: number): Promise<Held | null> {
  const held = new Map<string, Map<string, Set<string>>>();
  try {
    const from = (now - HELD_DAYS * 86_400_000) * 1000;
    await lakeCoverage(await openLakeForReading(lake), now * 1000, { from }, ({ stream, records }) => {
      if (records === 0) return;
      const accounts = held.get(stream.source) ?? new Map<string, Set<string>>();
      held.set(stream.source, accounts);
      const account = stream.account ?? '';
      accounts.set(account, (accounts.get(account) ?? new Set()).add(stream.region ?? ''));
    });
    return held;
  } catch {
    return null;
  }
}

export const holds = (held: Held | null, source: string, account: string): boolean =>
  held?.get(source)?.has(account) === true;
