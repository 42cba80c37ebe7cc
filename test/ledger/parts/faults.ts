/** Stores that fail the way real ones do: nothing stored, stored but the answer lost, or the process dead from here on. */

import type { LedgerState, LedgerStores } from '../../../ledger/store.ts';
import { AkashiError } from '../../../schema/error.ts';
import type { VaultStore, WriteItem, WriteOutcome } from '../../../vault/store.ts';

export type Fate = 'fine' | 'lost' | 'stored but failed' | 'dead';

export interface Call {
  /** Counts from 1. */
  readonly call: number;
  /** The same among writes alone; null for a read. */
  readonly write: number | null;
}

const failure = (what: string): AkashiError => new AkashiError('STORE_FAILED', `Injected: ${what}.`);

export interface FaultyStores extends LedgerStores {
  /** Whether any call has gone wrong. */
  readonly failed: () => boolean;
}

/** Every item of a batch is a write of its own; `pause` runs before each call. */
export function faultyStores(
  { vault, state }: LedgerStores,
  fateOf: (call: Call) => Fate,
  pause: () => Promise<void> = async () => {},
): FaultyStores {
  let calls = 0;
  let writes = 0;
  let failed = false;
  let dead = false;

  async function run<T>(isWrite: boolean, key: string, work: () => Promise<T>): Promise<T> {
    await pause();
    if (dead) throw failure(`dead, and asked for ${key}`);
    const fate = fateOf({ call: ++calls, write: isWrite ? ++writes : null });
    if (fate === 'fine') return work();
    failed = true;
    dead = fate === 'dead';
    if (fate === 'stored but failed') await work();
    throw failure(`${fate} at ${key}`);
  }

  const putMany =
    (store: Pick<VaultStore, 'putManyIfAbsent'>) =>
    async (items: readonly WriteItem[]): Promise<WriteOutcome[]> => {
      const outcomes: WriteOutcome[] = [];
      for (const item of items) {
        outcomes.push(...(await run(true, item.key, () => store.putManyIfAbsent([item]))));
      }
      return outcomes;
    };
  const reads = (store: Pick<VaultStore, 'get' | 'list'>) => ({
    get: (key: string) => run(false, key, () => store.get(key)),
    async *list(prefix: string) {
      await run(false, prefix, async () => {});
      yield* store.list(prefix);
    },
  });

  const faultyState: LedgerState = {
    ...reads(state),
    putManyIfAbsent: putMany(state),
    putIfUnchanged: (key, body, expected) => run(true, key, () => state.putIfUnchanged(key, body, expected)),
    remove: (key) => run(true, key, () => state.remove(key)),
  };
  return {
    vault: { ...reads(vault), putManyIfAbsent: putMany(vault) },
    state: faultyState,
    failed: () => failed,
  };
}
