/** Whether the store still keeps each body as long as it promised when the body was sealed. */

import type { Stores } from '../../vault/evidence.ts';
import { evidenceKey, PREFIXES } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import type { Listed } from '../../vault/store.ts';
import type { Claims, EvidenceClaim } from './claims.ts';
import type { Due } from './due.ts';
import { type Harm, messageOf } from './report.ts';

/** Objects asked about at once. */
const CONCURRENT = 32;
/** Gathered while the vault is listed: what was listed just now is asked about without being looked for. */
const BATCH = 1000;
const HASH_LENGTH = 64;

const dateOf = (micros: number): string => new Date(micros / 1000).toISOString();

export interface LockCheck {
  /** Hears of each key of the vault as it is listed. */
  listed(found: Listed): Promise<void>;
  /** Asks for the rest. What is gone is named elsewhere. */
  finish(): Promise<{
    readonly problems: readonly Harm[];
    readonly asked: number;
    readonly promised: number;
  }>;
}

/** `due`: whose locks are asked for; all of them when null. */
export function lockCheck({ vault }: Stores, { evidence, objects }: Claims, due: Due | null): LockCheck {
  const problems: Harm[] = [];
  let waiting: EvidenceClaim[] = [];
  let sawAny = false;
  let asked = 0;

  const ask = async (): Promise<void> => {
    const bodies = waiting;
    waiting = [];
    asked += bodies.length;
    await pooled(bodies, CONCURRENT, async (body) => {
      const harm = await harmOf(body);
      if (harm !== null) problems.push(harm);
    });
  };

  const harmOf = async ({ source, sha256, retainUntil }: EvidenceClaim): Promise<Harm | null> => {
    const key = evidenceKey(source, sha256);
    const until = retainUntil!;
    try {
      const stat = await vault.stat(key);
      if (stat === null) return null;
      if (stat.lock === undefined) {
        const detail = `the store keeps it until no date, and promised ${dateOf(until)}`;
        return { code: 'LOCK_MISSING', key, detail };
      }
      if (stat.lock.retainUntil.getTime() * 1000 >= until) return null;
      const detail = `the store keeps it until ${stat.lock.retainUntil.toISOString()}, and promised ${dateOf(until)}`;
      return { code: 'LOCK_SHORTER', key, detail };
    } catch (error) {
      return { code: 'UNREADABLE', key, detail: messageOf(error) };
    }
  };

  const isDue = ({ sha256 }: EvidenceClaim, key: string, storedAt: Date | undefined): boolean => {
    if (due === null || due.hasTurn(sha256)) return true;
    const { leaf = Infinity } = objects.get(key) ?? {};
    return leaf >= due.sealedBefore || (storedAt !== undefined && storedAt >= due.storedSince);
  };

  return {
    async listed({ key, storedAt }) {
      if (!key.startsWith(PREFIXES.evidence)) return;
      sawAny = true;
      const body = evidence.get(key.slice(-HASH_LENGTH));
      if (body === undefined || body.retainUntil === null) return;
      if (evidenceKey(body.source, body.sha256) !== key || !isDue(body, key, storedAt)) return;
      waiting.push(body);
      if (waiting.length >= BATCH) await ask();
    },
    async finish() {
      const promised = [...evidence.values()].filter(({ retainUntil }) => retainUntil !== null);
      // Nothing was listed, which is told elsewhere: each is asked about all the same.
      if (!sawAny) waiting = promised;
      await ask();
      return { problems, asked, promised: promised.length };
    },
  };
}
