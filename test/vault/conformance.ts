/** What every store must do, whatever is below it. Run it over each implementation. */

import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AkashiError } from '../../schema/error.ts';
import { evidenceKey, makeKey } from '../../vault/keys.ts';
import type { FileBody, StateStore, Store, VaultStore } from '../../vault/store.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { type LockSubject, lockConformance } from './conformance-lock.ts';
import { codeOf, scratchFolder } from './scratch.ts';

/** One store under test. `again` is another client of the same data, as a second process would have. */
export interface Subject<S extends Store> {
  readonly store: S;
  again(): S;
}

export interface Implementation {
  readonly name: string;
  newVault(): Promise<Subject<VaultStore>>;
  newState(): Promise<Subject<StateStore>>;
  /** What the server itself must refuse, where there is one with Object Lock. */
  readonly lock?: () => Promise<LockSubject>;
  /** Cases that cannot be run, each with the reason. */
  readonly skips?: Readonly<Record<string, string>>;
  /** Cases in which the server does otherwise than Amazon's, each with what it does; one that has ceased to is an error. */
  readonly deviations?: Readonly<Record<string, string>>;
  /** Cases in which the server refuses, too, and answers with another status than Amazon's. */
  readonly statuses?: Readonly<Record<string, number>>;
}

export type Case = (name: string, body: () => Promise<void>, timeout?: number) => void;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: Uint8Array): string => new TextDecoder().decode(body);
const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const checkpoint = (size: number) => makeKey('checkpoint', { size });
const cache = (name: string) => makeKey('cache', { name });
const { evidence, checkpoint: CHECKPOINT, pending, cache: CACHE } = WRITE_KINDS;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const keys = async (store: Store, prefix: string) => (await all(store.list(prefix))).map(({ key }) => key);

export function storeConformance(implementation: Implementation): void {
  const newFolder = scratchFolder();
  const { statuses = {} } = implementation;
  const known = new Set([
    ...Object.keys(statuses),
    ...Object.keys(implementation.skips ?? {}),
    ...Object.keys(implementation.deviations ?? {}),
  ]);
  const it: Case = (name, body, timeout) => {
    const skipped = implementation.skips?.[name];
    const deviation = implementation.deviations?.[name];
    known.delete(name);
    if (skipped !== undefined) test.skip(`${name} (${skipped})`, body);
    else if (deviation !== undefined) test.fails(`${name} (exception: ${deviation})`, body, timeout);
    else if (statuses[name] !== undefined)
      test(`${name} (exception: answers ${statuses[name]})`, body, timeout);
    else test(name, body, timeout);
  };

  describe(`${implementation.name}: vault`, () => {
    let store: VaultStore;
    let again: () => VaultStore;
    let folder: string;
    beforeAll(async () => {
      folder = await newFolder();
    });
    beforeEach(async () => {
      ({ store, again } = await implementation.newVault());
    });

    const put = (body: Uint8Array | FileBody, hash = sha256(body as Uint8Array)) =>
      store.putIfAbsent(evidenceKey('aws.cloudtrail', hash), body, evidence);
    const fileOf = async (body: Uint8Array): Promise<FileBody> => {
      const path = join(folder, randomBytes(8).toString('hex'));
      await writeFile(path, body);
      return { path, sha256: sha256(body), size: body.length };
    };

    describe('write once', () => {
      it('a first write creates', async () => {
        expect(await put(bytes('one'))).toBe('created');
      });
      it('the same bytes again exist', async () => {
        await put(bytes('one'));
        expect(await put(bytes('one'))).toBe('exists');
      });
      it('other bytes under a used key are a conflict and change nothing', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('one'), CHECKPOINT);
        expect(await codeOf(store.putIfAbsent(checkpoint(1), bytes('two'), CHECKPOINT))).toBe(
          'STORE_CONFLICT',
        );
        expect(text((await store.get(checkpoint(1))).body)).toBe('one');
      });
      it('other bytes of the same length are a conflict', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('same length A'), CHECKPOINT);
        expect(await codeOf(store.putIfAbsent(checkpoint(1), bytes('same length B'), CHECKPOINT))).toBe(
          'STORE_CONFLICT',
        );
      });
      it('a beginning of the stored bytes is a conflict', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('longer'), CHECKPOINT);
        expect(await codeOf(store.putIfAbsent(checkpoint(1), bytes('long'), CHECKPOINT))).toBe(
          'STORE_CONFLICT',
        );
      });
      it('of 20 parallel writers of the same bytes one creates', async () => {
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => put(bytes('same'))));
        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(19);
      });
      it('of 20 parallel writers of different bytes one wins and 19 conflict', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            again()
              .putIfAbsent(checkpoint(7), bytes(`body ${n}`), CHECKPOINT)
              .then(
                () => n,
                (error: AkashiError) => error.code,
              ),
          ),
        );
        const [winner, ...others] = outcomes.filter((outcome) => typeof outcome === 'number');
        expect(others).toEqual([]);
        expect(outcomes.filter((outcome) => outcome === 'STORE_CONFLICT')).toHaveLength(19);
        expect(text((await store.get(checkpoint(7))).body)).toBe(`body ${winner}`);
      });
      it('an empty body is refused', async () => {
        expect(await codeOf(store.putIfAbsent(checkpoint(1), bytes(''), CHECKPOINT))).toBe(
          'STORE_EMPTY_BODY',
        );
        expect(await store.stat(checkpoint(1))).toBeNull();
      });
      it('an empty log file is evidence all the same', async () => {
        expect(await put(bytes(''))).toBe('created');
        expect((await all(store.openRead(evidenceKey('aws.cloudtrail', sha256(bytes('')))))).join('')).toBe(
          '',
        );
        expect((await store.get(evidenceKey('aws.cloudtrail', sha256(bytes(''))))).body).toHaveLength(0);
      });
      it('a vault has no way to overwrite or remove', async () => {
        expect(store).not.toHaveProperty('remove');
        expect(store).not.toHaveProperty('put');
        expect(store).not.toHaveProperty('putIfUnchanged');
      });
      it('bytes the caller changes afterwards do not change what is stored', async () => {
        const body = bytes('original');
        const hash = sha256(body);
        await put(body);
        body.fill(0);
        expect(text((await store.get(evidenceKey('aws.cloudtrail', hash))).body)).toBe('original');
      });
    });

    describe('many at once', () => {
      it('outcomes come in the order of the items', async () => {
        await store.putIfAbsent(checkpoint(2), bytes('2'), CHECKPOINT);
        const items = [1, 2, 3].map((size) => ({
          key: checkpoint(size),
          body: bytes(`${size}`),
          kind: CHECKPOINT,
        }));
        expect(await store.putManyIfAbsent(items)).toEqual(['created', 'exists', 'created']);
      });
      it('500 bodies are all there, whole', async () => {
        const bodies = Array.from({ length: 500 }, (_, n) => bytes(`body ${n}`));
        await store.putManyIfAbsent(
          bodies.map((body) => ({
            key: evidenceKey('aws.cloudtrail', sha256(body)),
            body,
            kind: evidence,
          })),
        );
        const listed = await all(again().list('evidence/'));
        expect(listed).toHaveLength(500);
        for (const { key } of listed.slice(0, 50))
          expect(key.endsWith(sha256((await store.get(key)).body))).toBe(true);
      });
      it('the same item twice in a batch is stored once', async () => {
        const item = { key: checkpoint(1), body: bytes('one'), kind: CHECKPOINT };
        expect((await store.putManyIfAbsent([item, item])).sort()).toEqual(['created', 'exists']);
      });
      it('no items are nothing to do', async () => {
        expect(await store.putManyIfAbsent([])).toEqual([]);
      });
      it('a batch with a conflict throws, and can be made again without it', async () => {
        await store.putIfAbsent(checkpoint(2), bytes('other'), CHECKPOINT);
        const items = [1, 2, 3].map((size) => ({
          key: checkpoint(size),
          body: bytes(`${size}`),
          kind: CHECKPOINT,
        }));
        expect(await codeOf(store.putManyIfAbsent(items))).toBe('STORE_CONFLICT');
        await store.putManyIfAbsent(items.filter(({ key }) => key !== checkpoint(2)));
        expect(text((await store.get(checkpoint(3))).body)).toBe('3');
        expect(text((await store.get(checkpoint(2))).body)).toBe('other');
      });
      it('a bad key anywhere refuses the batch before anything is stored', async () => {
        const good = { key: checkpoint(1), body: bytes('1'), kind: CHECKPOINT };
        expect(await codeOf(store.putManyIfAbsent([good, { ...good, key: '../1' }]))).toBe('STORE_BAD_KEY');
      });
    });

    describe('bodies in files', () => {
      it('a file is stored byte for byte and stays where it was', async () => {
        const body = randomBytes(300_000);
        const file = await fileOf(body);
        expect(await put(file, file.sha256)).toBe('created');
        expect(await put(await fileOf(body), file.sha256)).toBe('exists');
        const stored = await store.get(evidenceKey('aws.cloudtrail', file.sha256));
        expect(Buffer.compare(stored.body, body)).toBe(0);
        expect(sha256(await readFile(file.path))).toBe(file.sha256);
      });
      it('a file and the same bytes in memory are the same body', async () => {
        const body = bytes('either way');
        await put(body);
        expect(await put(await fileOf(body), sha256(body))).toBe('exists');
      });
      for (const size of [100, 400_000]) {
        it(`a file of ${size} bytes that changed since it was hashed is refused`, async () => {
          const file = await fileOf(randomBytes(size));
          await writeFile(file.path, randomBytes(size));
          expect(await codeOf(put(file, file.sha256))).toBe('STORE_BODY_CHANGED');
          expect(await store.stat(evidenceKey('aws.cloudtrail', file.sha256))).toBeNull();
        });
        it(`a file of ${size} bytes that grew since it was hashed is refused`, async () => {
          const file = await fileOf(randomBytes(size));
          await writeFile(file.path, 'more', { flag: 'a' });
          expect(await codeOf(put(file, file.sha256))).toBe('STORE_BODY_CHANGED');
          expect(await keys(store, '')).toEqual([]);
        });
      }
      it('a disposable file is stored and no longer the caller’s', async () => {
        const before = (await readdir(folder)).length;
        const body = randomBytes(300_000);
        const file = await fileOf(body);
        expect(await put({ ...file, disposable: true }, file.sha256)).toBe('created');
        expect((await store.stat(evidenceKey('aws.cloudtrail', file.sha256)))?.size).toBe(300_000);
        const copy = await fileOf(body);
        expect(await put({ ...copy, disposable: true }, copy.sha256)).toBe('exists');
        expect(await readdir(folder)).toHaveLength(before);
      });
      it('a file that is not there is an error of ours', async () => {
        const path = join(folder, 'absent');
        expect(await codeOf(put({ path, sha256: '0'.repeat(64), size: 9 }, '0'.repeat(64)))).toBe(
          'STORE_FAILED',
        );
        expect(await keys(store, '')).toEqual([]);
      });
      it('160 MB go in and out in flat memory', async () => {
        const path = join(folder, 'large');
        const size = 160 << 20;
        const file = await open(path, 'w');
        await file.truncate(size);
        await file.write(bytes('end'), 0, 3, size - 3);
        await file.close();
        const hash = createHash('sha256');
        for await (const chunk of (await open(path)).createReadStream({ highWaterMark: 1 << 20 }))
          hash.update(chunk);
        const key = evidenceKey('aws.cloudtrail', hash.copy().digest('hex'));
        const before = process.memoryUsage().arrayBuffers;
        let peak = 0;
        const watch = setInterval(() => {
          peak = Math.max(peak, process.memoryUsage().arrayBuffers);
        }, 2);
        await store.putIfAbsent(key, { path, sha256: hash.digest('hex'), size }, evidence);
        const back = createHash('sha256');
        for await (const chunk of store.openRead(key)) {
          back.update(chunk);
          peak = Math.max(peak, process.memoryUsage().arrayBuffers);
        }
        clearInterval(watch);
        await rm(path);
        expect(key.endsWith(back.digest('hex'))).toBe(true);
        // Chunks already used lie about until V8 collects them, which it puts off to some 64 MB.
        expect(peak - before).toBeLessThan(96 << 20);
      });
    });

    describe('reading', () => {
      it('a missing key says so, in every way of reading', async () => {
        expect(await codeOf(store.get(checkpoint(1)))).toBe('STORE_MISSING');
        expect(await codeOf(store.getRange(checkpoint(1), 0, 1))).toBe('STORE_MISSING');
        expect(await codeOf(all(store.openRead(checkpoint(1))))).toBe('STORE_MISSING');
        expect(await store.stat(checkpoint(1))).toBeNull();
      });
      it('the beginning of a longer key is no object', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('one'), CHECKPOINT);
        expect(await store.stat('ledger/checkpoints')).toBeNull();
        expect(await codeOf(store.get('ledger/checkpoints'))).toBe('STORE_MISSING');
        expect(await codeOf(all(store.openRead('ledger/checkpoints')))).toBe('STORE_MISSING');
        expect(await store.stat(`${checkpoint(1)}/more`)).toBeNull();
      });
      it('every byte value comes back', async () => {
        const body = Uint8Array.from({ length: 512 }, (_, n) => n & 255);
        await put(body);
        const { body: back } = await store.get(evidenceKey('aws.cloudtrail', sha256(body)));
        expect(Buffer.compare(back, body)).toBe(0);
      });
      it('stat and get agree on size and version', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('four'), CHECKPOINT);
        const { body, version } = await store.get(checkpoint(1));
        expect(body).toHaveLength(4);
        expect(await store.stat(checkpoint(1))).toMatchObject({ size: 4, version });
      });
      it('a range gives those bytes, end excluded', async () => {
        await store.putIfAbsent(checkpoint(1), bytes('0123456789'), CHECKPOINT);
        expect(text(await store.getRange(checkpoint(1), 0, 1))).toBe('0');
        expect(text(await store.getRange(checkpoint(1), 3, 7))).toBe('3456');
        expect(text(await store.getRange(checkpoint(1), 0, 10))).toBe('0123456789');
        expect(text(await store.getRange(checkpoint(1), 9, 10))).toBe('9');
      });
      for (const [start, end, why] of [
        [0, 11, 'beyond the end'],
        [10, 11, 'after the end'],
        [-1, 3, 'before the start'],
        [5, 5, 'empty'],
        [6, 5, 'backwards'],
        [0.5, 2, 'in fractions'],
        [Number.NaN, 2, 'not a number'],
      ] as const) {
        it(`a range ${why} is refused`, async () => {
          await store.putIfAbsent(checkpoint(1), bytes('0123456789'), CHECKPOINT);
          expect(await codeOf(store.getRange(checkpoint(1), start, end))).toBe('STORE_RANGE');
        });
      }
      it('a reader may stop a stream early', async () => {
        const body = randomBytes(3 << 20);
        await put(body);
        for await (const chunk of store.openRead(evidenceKey('aws.cloudtrail', sha256(body)))) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        expect(await put(body)).toBe('exists');
      });
      it('chunks kept by a reader stay what they were', async () => {
        const body = randomBytes(3 << 20);
        await put(body);
        const chunks = await all(store.openRead(evidenceKey('aws.cloudtrail', sha256(body))));
        expect(sha256(Buffer.concat(chunks))).toBe(sha256(body));
      });
    });

    describe('listing', () => {
      const tileKeys = [
        makeKey('tile', { level: 0, index: 0 }),
        makeKey('tile', { level: 0, index: 1 }),
        makeKey('tile', { level: 0, index: 1000 }),
        makeKey('tile', { level: 10, index: 0 }),
        makeKey('tile', { level: 1, index: 0 }),
        makeKey('entries', { index: 0 }),
        checkpoint(1),
        checkpoint(10),
        checkpoint(9),
        makeKey('timestamp', { size: 1 }),
      ];
      it('nothing stored is an empty list', async () => {
        expect(await keys(store, '')).toEqual([]);
        expect(await keys(store, 'evidence/')).toEqual([]);
      });
      it('keys come in the order of their bytes, with their sizes', async () => {
        for (const key of tileKeys) await store.putIfAbsent(key, bytes(key), kindOf(key));
        const listed = await all(store.list(''));
        expect(listed.map(({ key }) => key)).toEqual([...tileKeys].sort());
        for (const { key, size } of listed) expect(size).toBe(key.length);
      });
      it('a prefix is any beginning of a key, not only whole folders', async () => {
        for (const key of tileKeys) await store.putIfAbsent(key, bytes(key), kindOf(key));
        for (const prefix of [
          'ledger/tile/0/',
          'ledger/tile/0',
          'ledger/tile/1',
          'ledger/tile/0/x001/000',
          'ledger/t',
          'ledger/checkpoints/1',
          'ledger/checkpoints/1x',
          'led',
          'zz',
        ]) {
          expect(await keys(store, prefix), prefix).toEqual(
            tileKeys.filter((key) => key.startsWith(prefix)).sort(),
          );
        }
      });
      it('what is stored while a list runs does not break it', async () => {
        for (let size = 10; size < 30; size++)
          await store.putIfAbsent(checkpoint(size), bytes('x'), CHECKPOINT);
        const seen: string[] = [];
        for await (const { key } of store.list('ledger/')) {
          seen.push(key);
          await store.putIfAbsent(checkpoint(100 + seen.length), bytes('y'), CHECKPOINT).catch(() => {});
          if (seen.length > 60) break;
        }
        for (let size = 10; size < 30; size++) expect(seen).toContain(checkpoint(size));
        expect(seen).toEqual([...new Set(seen)].sort());
      });
    });

    describe('keys', () => {
      for (const key of [
        '',
        '/',
        '/absolute',
        'trailing/',
        'double//slash',
        '..',
        '../escape',
        'ledger/../../escape',
        'ledger/./x',
        '.tmp/x',
        'ledger/.hidden',
        'Upper/Case',
        'ledger/white space',
        'ledger/back\\slash',
        'ledger/nul\0byte',
        'ledger/new\nline',
        'ledger/ends.',
        'ledger/é',
        'c:/windows',
        `ledger/${'a'.repeat(256)}`,
        `${'a/'.repeat(600)}a`,
      ]) {
        it(`${JSON.stringify(key.slice(0, 40))} is refused by every method`, async () => {
          expect(await codeOf(store.putIfAbsent(key, bytes('x'), CHECKPOINT))).toBe('STORE_BAD_KEY');
          expect(await codeOf((async () => store.get(key))())).toBe('STORE_BAD_KEY');
          expect(await codeOf((async () => store.getRange(key, 0, 1))())).toBe('STORE_BAD_KEY');
          expect(await codeOf((async () => store.stat(key))())).toBe('STORE_BAD_KEY');
          expect(await codeOf(all(store.openRead(key)))).toBe('STORE_BAD_KEY');
        });
      }
      for (const prefix of ['/', '..', 'a/../b', '.tmp', 'A', 'a//b', 'a b'])
        it(`prefix ${JSON.stringify(prefix)} is refused`, async () => {
          expect(await codeOf(all(store.list(prefix)))).toBe('STORE_BAD_KEY');
        });
    });

    it('what is stored is there for another client', async () => {
      await store.putIfAbsent(checkpoint(1), bytes('one'), CHECKPOINT);
      expect(text((await again().get(checkpoint(1))).body)).toBe('one');
      expect(await keys(again(), '')).toEqual([checkpoint(1)]);
    });
  });

  describe(`${implementation.name}: state`, () => {
    let store: StateStore;
    let again: () => StateStore;
    beforeEach(async () => {
      ({ store, again } = await implementation.newState());
    });
    const pendingKey = makeKey('pending', { sha256: 'a'.repeat(64), manifest: 'b'.repeat(16) });

    it('a swap from nothing creates', async () => {
      const version = await store.putIfUnchanged('head', bytes('one'), null);
      expect(await store.get('head')).toMatchObject({ version });
      expect(text((await store.get('head')).body)).toBe('one');
    });
    it('a swap from nothing is refused when something is there', async () => {
      await store.putIfUnchanged('head', bytes('one'), null);
      expect(await codeOf(store.putIfUnchanged('head', bytes('two'), null))).toBe('STORE_CHANGED');
      expect(text((await store.get('head')).body)).toBe('one');
    });
    it('a swap from the version read succeeds and gives the next', async () => {
      const first = await store.putIfUnchanged('head', bytes('one'), null);
      const second = await store.putIfUnchanged('head', bytes('two'), first);
      expect(second).not.toBe(first);
      expect((await again().stat('head'))?.version).toBe(second);
      expect(text((await again().get('head')).body)).toBe('two');
    });
    it('a swap from an older version is refused and changes nothing', async () => {
      const first = await store.putIfUnchanged('head', bytes('one'), null);
      await store.putIfUnchanged('head', bytes('two'), first);
      expect(await codeOf(store.putIfUnchanged('head', bytes('three'), first))).toBe('STORE_CHANGED');
      expect(text((await store.get('head')).body)).toBe('two');
    });
    it('a swap of what is not there is refused', async () => {
      expect(await codeOf(store.putIfUnchanged('head', bytes('x'), sha256(bytes('y'))))).toBe(
        'STORE_CHANGED',
      );
      expect(await store.stat('head')).toBeNull();
    });
    it('of 20 parallel swappers from one version one wins', async () => {
      const first = await store.putIfUnchanged('head', bytes('one'), null);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          codeOf(again().putIfUnchanged('head', bytes(`swapper ${n}`), first)),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'nothing was thrown')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'STORE_CHANGED')).toHaveLength(19);
      const winner = outcomes.indexOf('nothing was thrown');
      expect(text((await store.get('head')).body)).toBe(`swapper ${winner}`);
    });
    it('of 20 parallel swappers from nothing one wins', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) => codeOf(again().putIfUnchanged('head', bytes(`${n}`), null))),
      );
      expect(outcomes.filter((outcome) => outcome === 'nothing was thrown')).toHaveLength(1);
    });
    it('20 counters that retry lose no count', async () => {
      await store.putIfUnchanged('head', bytes('0'), null);
      const count = async (client: StateStore) => {
        for (;;) {
          const { body, version } = await client.get('head');
          const outcome = await codeOf(
            client.putIfUnchanged('head', bytes(String(Number(text(body)) + 1)), version),
          );
          if (outcome === 'nothing was thrown') return;
          expect(outcome).toBe('STORE_CHANGED');
        }
      };
      await Promise.all(Array.from({ length: 20 }, () => count(again())));
      expect(text((await store.get('head')).body)).toBe('20');
    });
    it('put stores and replaces', async () => {
      await store.put(cache('a'), bytes('one'));
      await store.put(cache('a'), bytes('two, longer'));
      expect(text((await again().get(cache('a'))).body)).toBe('two, longer');
      await store.put(cache('a'), bytes('3'));
      expect(text((await store.get(cache('a'))).body)).toBe('3');
    });
    it('a reader sees an old body or a new one, never a mixture', async () => {
      const bodies = ['a', 'b'].map((letter) => letter.repeat(100_000));
      await store.put(cache('a'), bytes(bodies[0]!));
      let done = false;
      const writer = (async () => {
        for (let n = 0; n < 20; n++) await store.put(cache('a'), bytes(bodies[n % 2]!));
        done = true;
      })();
      while (!done) expect(bodies).toContain(text((await again().get(cache('a'))).body));
      await writer;
    });
    it('an empty body is refused', async () => {
      expect(await codeOf(store.put(cache('a'), bytes('')))).toBe('STORE_EMPTY_BODY');
      expect(await codeOf(store.putIfUnchanged('head', bytes(''), null))).toBe('STORE_EMPTY_BODY');
      expect(await codeOf(store.putIfAbsent(pendingKey, bytes(''), pending))).toBe('STORE_EMPTY_BODY');
    });
    it('remove removes, and twice is fine', async () => {
      await store.putIfAbsent(pendingKey, bytes('{}'), pending);
      await store.remove(pendingKey);
      await store.remove(pendingKey);
      expect(await store.stat(pendingKey)).toBeNull();
      expect(await keys(again(), 'pending/')).toEqual([]);
    });
    it('a removed key can be stored anew', async () => {
      await store.putIfAbsent(pendingKey, bytes('one'), pending);
      await store.remove(pendingKey);
      expect(await store.putIfAbsent(pendingKey, bytes('two'), pending)).toBe('created');
      const version = await store.putIfUnchanged('head', bytes('x'), null);
      await store.remove('head');
      expect(await codeOf(store.putIfUnchanged('head', bytes('y'), version))).toBe('STORE_CHANGED');
      await store.putIfUnchanged('head', bytes('y'), null);
    });
    it('the inbox is write-once, too', async () => {
      expect(await store.putIfAbsent(pendingKey, bytes('one'), pending)).toBe('created');
      expect(await store.putIfAbsent(pendingKey, bytes('one'), pending)).toBe('exists');
      expect(await codeOf(store.putIfAbsent(pendingKey, bytes('two'), pending))).toBe('STORE_CONFLICT');
    });
    it('a version stands for content', async () => {
      await store.put(cache('a'), bytes('same'));
      const { version } = await store.get(cache('a'));
      expect((await store.stat(cache('a')))?.version).toBe(version);
      await store.put(cache('a'), bytes('other'));
      expect((await store.get(cache('a'))).version).not.toBe(version);
    });
    it('partial tiles and the folders beside them list in byte order', async () => {
      const partials = [3, 20, 100].map((width) => makeKey('partialTile', { level: 0, index: 67, width }));
      for (const key of [...partials, makeKey('partialTile', { level: 0, index: 67_000, width: 1 })])
        await store.putIfAbsent(key, bytes('tile'), WRITE_KINDS.partialTile);
      for (const name of ['a', 'a.b', 'a-b', 'a_b', 'c/d', 'c-d', 'c.d'])
        await store.putIfAbsent(cache(name), bytes(name), CACHE);
      const listed = await keys(store, '');
      expect(listed).toHaveLength(11);
      expect(listed).toEqual([...listed].sort());
    });
    it('bad keys are refused by put, swap and remove', async () => {
      expect(await codeOf((async () => store.put('../x', bytes('x')))())).toBe('STORE_BAD_KEY');
      expect(await codeOf((async () => store.putIfUnchanged('a//b', bytes('x'), null))())).toBe(
        'STORE_BAD_KEY',
      );
      expect(await codeOf((async () => store.remove('/x'))())).toBe('STORE_BAD_KEY');
    });
    it('every error is one of ours', async () => {
      const failure = await store.get('head').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AkashiError);
    });
  });

  if (implementation.lock !== undefined) lockConformance(implementation, implementation.lock, it);
  test(`${implementation.name}: every exception names a case there is`, () => {
    expect([...known]).toEqual([]);
  });
}

function kindOf(key: string) {
  if (key.includes('/tile/')) return WRITE_KINDS.tile;
  return key.includes('/checkpoints/') ? CHECKPOINT : WRITE_KINDS.timestamp;
}
