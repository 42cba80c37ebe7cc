/** Checks the objects that the ledger claims. */

import { availableParallelism } from 'node:os';
import type { Stores } from '../../vault/evidence.ts';
import type { Claim, Claims } from './claims.ts';
import { type Hashed, hashObjects } from './hashing.ts';
import type { Verification } from './report.ts';

export type OnObject = (done: number, total: number) => void;

/** Size in bytes by key of everything in a vault. */
export type Listing = ReadonlyMap<string, number>;

export interface ObjectCheck {
  /** Hash every byte; otherwise presence and size are looked at. */
  readonly deep: boolean;
  readonly listing: Listing;
  /** Keys whose bytes are hashed all the same: the store took them after they were found good. */
  readonly replaced?: ReadonlySet<string>;
  /** Bytes by key, where something the ledger vouches for says so. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Threads that hash; one per core unless given. */
  readonly threads?: number;
  readonly onObject: OnObject;
}

export async function checkObjects(
  { vault }: Stores,
  { objects }: Claims,
  check: ObjectCheck,
  result: Verification,
): Promise<void> {
  const { deep, listing, replaced, sizes, onObject } = check;
  let done = 0;
  const toHash: { key: string; size: number }[] = [];
  for (const claim of objects.values()) {
    if (claim.part !== null) result[claim.part].checked++;
    const size = listing.get(claim.key);
    const expected = claim.size ?? sizes.get(claim.key) ?? null;
    if (size === undefined) {
      note(result, claim, 'MISSING', 'the ledger names it and storage does not hold it');
    } else if (expected !== null && size !== expected) {
      const code = size < expected ? 'TRUNCATED' : 'ALTERED';
      note(result, claim, code, `it has ${size} bytes, and had ${expected} when sealed`);
    } else if (deep || replaced?.has(claim.key) === true) {
      toHash.push({ key: claim.key, size });
      continue;
    }
    onObject(++done, objects.size);
  }
  await hashObjects(vault, toHash, check.threads ?? availableParallelism(), (key, found) => {
    judge(objects.get(key)!, found, result);
    onObject(++done, objects.size);
  });
}

function judge(claim: Claim, found: Hashed, result: Verification): void {
  if ('problem' in found) {
    note(result, claim, 'UNREADABLE', found.problem);
    return;
  }
  result.bytes += found.size;
  if (found.sha256 !== claim.sha256)
    note(result, claim, 'ALTERED', `its SHA-256 is ${found.sha256}, and was ${claim.sha256} when sealed`);
}

function note(
  result: Verification,
  claim: Claim,
  code: 'MISSING' | 'TRUNCATED' | 'ALTERED' | 'UNREADABLE',
  detail: string,
): void {
  result.problems.push({ code, key: claim.key, detail });
  if (claim.part !== null) result[claim.part].bad.push(claim.key);
}
