/** Wraps stores and lets one write of many go wrong, in the ways that real life has. */

import { AkashiError } from '../../schema/error.ts';
import type { StateStore, VaultStore, WriteOutcome } from '../../vault/store.ts';

/**
 * `lost`: the write fails and nothing was stored. `stored-but-failed`: it fails though it was stored, like an answer
 * that never came. A function: called before the write, to hang or kill or look.
 */
export type Fault = 'lost' | 'stored-but-failed' | (() => Promise<void>);

/** Counts the writes of all stores it is given to; the one numbered `at` (from 1) goes wrong. */
export class FaultPlan {
  writes = 0;
  readonly at: number;
  readonly fault: Fault;

  constructor(at: number, fault: Fault) {
    this.at = at;
    this.fault = fault;
  }

  async run<T>(write: () => Promise<T>): Promise<T> {
    this.writes++;
    if (this.writes !== this.at) return write();
    if (typeof this.fault === 'function') await this.fault();
    else if (this.fault === 'lost') throw injected(`write ${this.at} was lost`);
    const result = await write();
    if (this.fault === 'stored-but-failed') throw injected(`write ${this.at} was stored, its answer lost`);
    return result;
  }
}

const injected = (what: string) => new AkashiError('STORE_FAILED', `Injected: ${what}.`);

/** A vault whose writes follow the plan; each item of a batch is a write, and those after the faulty one are lost. */
export function faultyVault<S extends VaultStore>(store: S, plan: FaultPlan): S {
  const putIfAbsent: VaultStore['putIfAbsent'] = (key, body, kind) =>
    plan.run(() => store.putIfAbsent(key, body, kind));
  return {
    ...store,
    putIfAbsent,
    putManyIfAbsent: async (items) => {
      const outcomes: WriteOutcome[] = [];
      for (const { key, body, kind } of items) outcomes.push(await putIfAbsent(key, body, kind));
      return outcomes;
    },
  };
}

/** A state store whose writes and removals follow the plan. */
export function faultyState<S extends StateStore>(store: S, plan: FaultPlan): S {
  return {
    ...faultyVault(store, plan),
    put: (key, body) => plan.run(() => store.put(key, body)),
    putIfUnchanged: (key, body, expected) => plan.run(() => store.putIfUnchanged(key, body, expected)),
    remove: (key) => plan.run(() => store.remove(key)),
  };
}
