/** Which bodies a batch of rows came from, told from the names of its files: they are made of the bodies' hashes. */

import { batchId } from '../stages/store.ts';
import type { Manifest } from '../vault/manifest.ts';

export interface SealedBody {
  /** As far as reading its records needs it. */
  readonly manifest: Manifest;
  /** Version of the mapping that made its rows; null where none reads it. */
  readonly mapping: string | null;
}

export interface FoundBatch {
  readonly batch: string;
  readonly bodies: readonly SealedBody[];
}

/** Ends looked at beyond the likely ones, for bodies whose hashes happen to go on ascending into the next batch. */
const MOST_ENDS = 3000;

/**
 * Cuts the bodies of one seal, in the order of its entries, into the batches that are wanted. Within a batch the hashes
 * of bodies ascend, so that one ends most likely where they do not.
 */
export function batchesAmong(bodies: readonly SealedBody[], wanted: ReadonlySet<string>): FoundBatch[] {
  const found: FoundBatch[] = [];
  let left = wanted.size;
  for (let from = 0; from < bodies.length && left > 0; ) {
    const batch = batchFrom(bodies, from, wanted);
    if (batch === null) {
      // Bodies without rows make no files: their batch is nowhere to be found.
      from = nextDescent(bodies, from);
      continue;
    }
    found.push(batch);
    from += batch.bodies.length;
    left--;
  }
  return found;
}

function batchFrom(
  bodies: readonly SealedBody[],
  from: number,
  wanted: ReadonlySet<string>,
): FoundBatch | null {
  const asBatch = (end: number): FoundBatch | null => {
    const own = bodies.slice(from, end);
    const batch = batchId(
      own.map(({ manifest }) => manifest.sha256),
      own.map(({ mapping }) => mapping ?? 'none'),
    );
    return wanted.has(batch) ? { batch, bodies: own } : null;
  };
  for (let end = nextDescent(bodies, from); ; end = nextDescent(bodies, end)) {
    const batch = asBatch(end);
    if (batch !== null) return batch;
    if (end >= bodies.length) break;
  }
  for (let end = from + 1; end <= Math.min(bodies.length, from + MOST_ENDS); end++) {
    const batch = asBatch(end);
    if (batch !== null) return batch;
  }
  return null;
}

/** Where the hashes stop ascending after `from`; the end of the list at last. */
function nextDescent(bodies: readonly SealedBody[], from: number): number {
  let at = from + 1;
  while (at < bodies.length && bodies[at]!.manifest.sha256 > bodies[at - 1]!.manifest.sha256) at++;
  return Math.min(at, bodies.length);
}
