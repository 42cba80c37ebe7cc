/** Checks the objects that the ledger claims, and finds those it does not. */

import { createHash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import { drainPending, type Stores } from '../../vault/evidence.ts';
import { evidenceKey, parseKey } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import { type Claim, type Claims, mayBeOrphan } from './claims.ts';
import { messageOf, type Verification } from './report.ts';

/** Objects read at once. Hashing is one core's work; more only hides waiting for the disk. */
const PARALLEL = 4;

export type OnObject = (done: number, total: number) => void;

/** `deep` hashes every byte; otherwise presence and size are looked at. */
export async function checkObjects(
  stores: Stores,
  { objects }: Claims,
  deep: boolean,
  result: Verification,
  onObject: OnObject,
): Promise<void> {
  let done = 0;
  await pooled([...objects.values()], PARALLEL, async (claim) => {
    result[claim.part].checked++;
    await (deep ? checkBytes(stores, claim, result) : checkPresence(stores, claim, result));
    onObject(++done, objects.size);
  });
}

async function checkPresence({ vault }: Stores, claim: Claim, result: Verification): Promise<void> {
  const stat = await vault.stat(claim.key);
  if (stat === null) {
    note(result, claim, 'MISSING', 'the ledger names it and storage does not hold it');
  } else if (claim.size !== null && stat.size !== claim.size) {
    const code = stat.size < claim.size ? 'TRUNCATED' : 'ALTERED';
    note(result, claim, code, `it has ${stat.size} bytes, and had ${claim.size} when sealed`);
  }
}

async function checkBytes({ vault }: Stores, claim: Claim, result: Verification): Promise<void> {
  const digest = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of vault.openRead(claim.key)) {
      digest.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'STORE_MISSING') {
      note(result, claim, 'MISSING', 'the ledger names it and storage does not hold it');
    } else {
      note(result, claim, 'UNREADABLE', messageOf(error));
    }
    return;
  }
  result.bytes += size;
  const found = digest.digest('hex');
  if (found === claim.sha256) return;
  const code = claim.size !== null && size < claim.size ? 'TRUNCATED' : 'ALTERED';
  note(result, claim, code, `its SHA-256 is ${found}, and was ${claim.sha256} when sealed`);
}

/** What lies in the vault under a key that nothing claims. The ledger's own keys are its checker's business. */
export async function findUnclaimed(
  { vault, state }: Stores,
  { objects }: Claims,
  result: Verification,
): Promise<void> {
  const waiting = new Set<string>();
  for await (const item of drainPending(state)) {
    if ('manifest' in item) waiting.add(evidenceKey(item.manifest.source, item.manifest.sha256));
  }
  for await (const { key } of vault.list('')) {
    if (objects.has(key) || waiting.has(key) || key.startsWith('ledger/')) continue;
    if (mayBeOrphan(key)) result.orphans.push(key);
    else if (parseKey(key) === null) {
      result.problems.push({ code: 'ADDED', key, detail: 'no part of a lake has such a name' });
    }
  }
}

function note(
  result: Verification,
  claim: Claim,
  code: 'MISSING' | 'TRUNCATED' | 'ALTERED' | 'UNREADABLE',
  detail: string,
): void {
  result.problems.push({ code, key: claim.key, detail });
  result[claim.part].bad.push(claim.key);
}
