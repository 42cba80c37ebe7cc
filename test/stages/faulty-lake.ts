/** Stores whose k-th write goes wrong, as real ones do: refused, stored without an answer, or the process dead from there on. */

import { AkashiError } from '../../schema/error.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { StateStore, VaultStore, WriteOutcome } from '../../vault/store.ts';

export const FATES = ['lost', 'stored, answer lost', 'killed before it', 'killed after it'] as const;
export type Fate = (typeof FATES)[number];

/** `written` tells whether the k-th write was reached. */
export interface FaultyLake extends Stores {
  readonly written: () => number;
}

/** Each item of a batch is a write of its own; a dead process reads nothing either. */
export function faultyLake({ vault, state }: Stores, at: number, fate: Fate): FaultyLake {
  let writes = 0;
  let dead = false;
  const alive = (what: string) => {
    if (dead) throw injected(`dead, and asked for ${what}`);
  };
  const write = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    alive(key);
    if (++writes !== at) return work();
    dead = fate.startsWith('killed');
    if (fate === 'stored, answer lost' || fate === 'killed after it') await work();
    throw injected(`${fate}: write ${at}, ${key}`);
  };
  const over = <S extends VaultStore>(store: S): S => {
    const putIfAbsent: VaultStore['putIfAbsent'] = (key, body, kind) =>
      write(key, () => store.putIfAbsent(key, body, kind));
    const hold = store.setLegalHold;
    return {
      ...store,
      putIfAbsent,
      putManyIfAbsent: async (items) => {
        const outcomes: WriteOutcome[] = [];
        for (const { key, body, kind } of items) outcomes.push(await putIfAbsent(key, body, kind));
        return outcomes;
      },
      get: async (key) => {
        alive(key);
        return store.get(key);
      },
      stat: async (key) => {
        alive(key);
        return store.stat(key);
      },
      async *list(prefix) {
        alive(prefix);
        yield* store.list(prefix);
      },
      ...(hold === undefined
        ? {}
        : { setLegalHold: (key: string, on: boolean) => write(`hold of ${key}`, () => hold(key, on)) }),
    };
  };
  const faultyState: StateStore = {
    ...over(state),
    put: (key, body) => write(key, () => state.put(key, body)),
    putIfUnchanged: (key, body, expected) => write(key, () => state.putIfUnchanged(key, body, expected)),
    remove: (key) => write(key, () => state.remove(key)),
  };
  return { vault: over(vault), state: faultyState, written: () => writes };
}

const injected = (what: string) => new AkashiError('STORE_FAILED', `Injected: ${what}.`);

/** Remembers every checkpoint that is ever stored where somebody could read it. */
export function watched({ vault, state }: Stores, published: Uint8Array[]): Stores {
  const note = (key: string, body: unknown) => {
    if (!(body instanceof Uint8Array)) return;
    if (key === 'ledger/checkpoint' || key.startsWith('ledger/checkpoints/')) published.push(body.slice());
    if (key === 'head')
      published.push(
        Buffer.from((JSON.parse(Buffer.from(body).toString()) as { checkpoint: string }).checkpoint),
      );
  };
  const watching = <S extends VaultStore>(store: S): S => ({
    ...store,
    putIfAbsent: async (key, body, kind) => {
      note(key, body);
      return store.putIfAbsent(key, body, kind);
    },
    putManyIfAbsent: async (items) => {
      for (const { key, body } of items) note(key, body);
      return store.putManyIfAbsent(items);
    },
  });
  return {
    vault: watching(vault),
    state: {
      ...watching(state),
      putIfUnchanged: async (key, body, expected) => {
        const version = await state.putIfUnchanged(key, body, expected);
        note(key, body);
        return version;
      },
    },
  };
}
