import { beforeEach, describe, expect, test } from 'vitest';
import { hashBytes } from '../../vault/durable-file.ts';
import { makeKey } from '../../vault/keys.ts';
import type { Lake } from '../../vault/lake.ts';
import { memoryState, memoryVault } from '../../vault/memory-store.ts';
import { remembering } from '../../vault/remembering.ts';
import { missing } from '../../vault/store-error.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const dataKey = makeKey('data', { table: 'events', day: '2026-01-01', batch: 'a'.repeat(64), part: 0 });
const manifest = bytes('a manifest');
const manifestKey = makeKey('manifest', { table: 'events', sha256: hashBytes(manifest) });
const indexKey = makeKey('index', { table: 'events', name: 'some.identities' });

/** A lake in memory whose reads are counted, and what lies on top of each key of its vault. */
function world(mostBytes = 1000) {
  const reads: string[] = [];
  const top = new Map<string, Uint8Array>();
  const vault = memoryVault();
  const state = memoryState();
  const counted = <S extends typeof vault>(name: string, store: S): S => ({
    ...store,
    get: (key: string) => {
      reads.push(`${name} ${key}`);
      return store.get(key);
    },
    getRange: (key: string, start: number, end: number) => {
      reads.push(`${name} part of ${key}`);
      return store.getRange(key, start, end);
    },
  });
  const remote = {
    newest: async (key: string) => {
      reads.push(`newest ${key}`);
      const found = top.get(key);
      if (found === undefined) throw missing(key, 'the vault');
      return found;
    },
    statLately: (key: string) => vault.stat(key),
  };
  const lake = {
    vault: counted('vault', vault),
    state: counted('state', state),
    remote,
    removeReplaced: async () => {},
  } as unknown as Lake;
  return { reads, top, vault, state, ...remembering(lake, mostBytes) };
}

let here: ReturnType<typeof world>;
beforeEach(() => {
  here = world();
});

describe('a lake that remembers', () => {
  test('reads nothing that it stored itself, whole or in part', async () => {
    const { lake, reads } = here;
    await lake.vault.putIfAbsent(dataKey, bytes('rows'), WRITE_KINDS.data);
    expect(await lake.vault.get(dataKey)).toMatchObject({ body: bytes('rows') });
    expect(await lake.vault.getRange(dataKey, 1, 3)).toEqual(bytes('ow'));
    await expect(lake.vault.getRange(dataKey, 1, 5)).rejects.toMatchObject({ code: 'STORE_RANGE' });
    expect(reads).toEqual([]);
  });

  test('keeps nothing of a write that was refused', async () => {
    const { lake, vault } = here;
    await vault.putIfAbsent(dataKey, bytes('of another'), WRITE_KINDS.data);
    const refused = lake.vault.putIfAbsent(dataKey, bytes('rows'), WRITE_KINDS.data);
    await expect(refused).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect((await lake.vault.get(dataKey)).body).toEqual(bytes('of another'));
  });

  test('reads once what another stored, and again after it was told to forget', async () => {
    const { lake, vault, reads, forget } = here;
    await vault.putIfAbsent(dataKey, bytes('rows'), WRITE_KINDS.data);
    for (let i = 0; i < 3; i++) expect((await lake.vault.get(dataKey)).body).toEqual(bytes('rows'));
    expect(reads).toEqual([`vault ${dataKey}`]);
    forget();
    await lake.vault.get(dataKey);
    expect(reads).toHaveLength(2);
  });

  test('takes what names its content from whichever version bears it, and else from the one that counts', async () => {
    const { lake, vault, reads, top, forget } = here;
    await vault.putIfAbsent(manifestKey, manifest, WRITE_KINDS.manifest);
    top.set(manifestKey, manifest);
    expect((await lake.vault.get(manifestKey)).body).toEqual(manifest);
    expect(reads).toEqual([`newest ${manifestKey}`]);
    for (const hidden of [() => top.set(manifestKey, bytes('put over it')), () => top.delete(manifestKey)]) {
      forget();
      hidden();
      expect((await lake.vault.get(manifestKey)).body).toEqual(manifest);
    }
    expect(reads.filter((read) => read === `vault ${manifestKey}`)).toHaveLength(2);
  });

  test('asks for the head and for what waits each time, and keeps parts of indexes until they are replaced', async () => {
    const { lake, state, reads } = here;
    await state.put('head', bytes('first'));
    await lake.state.get('head');
    await state.put('head', bytes('second'));
    expect((await lake.state.get('head')).body).toEqual(bytes('second'));
    await lake.state.put(indexKey, bytes('one'));
    expect((await lake.state.get(indexKey)).body).toEqual(bytes('one'));
    await lake.state.put(indexKey, bytes('two'));
    expect((await lake.state.get(indexKey)).body).toEqual(bytes('two'));
    await lake.state.remove(indexKey);
    await expect(lake.state.get(indexKey)).rejects.toMatchObject({ code: 'STORE_MISSING' });
    expect(reads).toEqual(['state head', 'state head', `state ${indexKey}`]);
  });

  test('whether something is there and how it is kept is always asked', async () => {
    const { lake, vault } = here;
    await lake.vault.putIfAbsent(dataKey, bytes('rows'), WRITE_KINDS.data);
    expect(await lake.vault.stat(dataKey)).toEqual(await vault.stat(dataKey));
    expect(await lake.vault.stat(manifestKey)).toBeNull();
  });

  test('lets go of what was used longest ago once it is full', async () => {
    const { lake, reads } = world(10);
    const keys = [0, 1, 2].map((part) =>
      makeKey('data', { table: 'events', day: '2026-01-01', batch: 'a'.repeat(64), part }),
    );
    await lake.vault.putIfAbsent(keys[0]!, bytes('first'), WRITE_KINDS.data);
    await lake.vault.putIfAbsent(keys[1]!, bytes('other'), WRITE_KINDS.data);
    await lake.vault.get(keys[0]!);
    await lake.vault.putIfAbsent(keys[2]!, bytes('third'), WRITE_KINDS.data);
    for (const at of [0, 2, 1]) await lake.vault.get(keys[at]!);
    expect(reads.map((read) => keys.indexOf(read.split(' ')[1]!))).toEqual([1]);
  });
});
