/** The chain of custody: on record before the first row leaves, sealed once, and found when tampered with. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import type { DraftOf } from '../../ledger/entry.ts';
import { newRow } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Deed, type Recorder, recorded, recorder } from '../../stages/custody.ts';
import { readChain } from '../../stages/custody-chain.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { runJob } from '../../stages/job.ts';
import { openLedger } from '../../stages/ledger.ts';
import { putNote, readNotes } from '../../stages/notes.ts';
import { readInbox, sealedEvidence } from '../../stages/recover.ts';
import { seal } from '../../stages/seal.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { BatchWriter } from '../../stages/store.ts';
import { newVerification } from '../../stages/verify/report.ts';
import { verifyStores } from '../../stages/verify/verify.ts';
import { EMPTY_HEAD, readHead } from '../../tables/head.ts';
import { canonicalJson, type Json } from '../../vault/canonical-json.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { makeKey } from '../../vault/keys.ts';
import type { StateStore } from '../../vault/store.ts';
import {
  BY,
  copyOf,
  newWorld,
  rowsIn,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from './memory-lake.ts';

const shop = new Workshop();
let base: World;
let identity: LogIdentity;
beforeAll(async () => {
  base = newWorld();
  await shop.collect(storesOf(base), shop.file('trail.json', trailFile(1, 2, 1_700_000_000)));
  identity = await shop.identity();
});
afterAll(() => shop.close());

let world: World;
let stores: Stores;
let now: number;
beforeEach(() => {
  world = copyOf(base);
  stores = storesOf(world);
  now = 1_760_000_000_000_000;
});

const QUERY: Deed = { action: 'query', subject: 'select 1', parameters: { who: 'mallory' }, rows: 1 };
const keeper = async (state: StateStore = stores.state, by = BY): Promise<Recorder> =>
  recorder(state, (await readHead(stores.state)).head, by, {
    onRefused: (reason) => {
      throw new Error(reason);
    },
    now: () => now++,
  });
const sealAll = () => sealWaiting(shop.lakeOf(stores));
const check = (of: World = world) => verification(of, identity);

describe('what leaves', () => {
  const log: string[] = [];
  const fake: Recorder = {
    record: async ({ rows, completes }) => {
      log.push(`record ${rows ?? 'unknown'}${completes === undefined ? '' : ` of ${completes}`}`);
      return 'id-1';
    },
  };
  async function* batches(...sizes: number[]): AsyncGenerator<number[]> {
    for (const size of sizes) {
      log.push(`made ${size}`);
      yield new Array<number>(size).fill(0);
    }
  }
  beforeEach(() => log.splice(0));
  const take = async (answer: AsyncIterable<number[]>, heldRows?: number) => {
    for await (const batch of recorded(fake, { action: 'query', subject: '' }, answer, heldRows))
      log.push(`left ${batch.length}`);
  };

  test('a short answer leaves once it is on record with its row count', async () => {
    await take(batches(3, 4));
    expect(log).toEqual(['made 3', 'made 4', 'record 7', 'left 3', 'left 4']);
  });

  test('an empty answer is on record too', async () => {
    await take(batches());
    expect(log).toEqual(['record 0']);
  });

  test('a long answer is on record before its first row, and its count after the last', async () => {
    await take(batches(3, 4, 5), 6);
    expect(log).toEqual([
      'made 3',
      'made 4',
      'record unknown',
      'left 3',
      'left 4',
      'made 5',
      'left 5',
      'record 12 of id-1',
    ]);
  });

  test('nothing leaves when the record fails', async () => {
    const refusing: Recorder = { record: () => Promise.reject(new Error('no')) };
    const left: number[][] = [];
    const taking = (async () => {
      for await (const batch of recorded(refusing, QUERY, batches(1))) left.push(batch);
    })();
    await expect(taking).rejects.toThrow('no');
    expect(left).toEqual([]);
  });
});

function withoutCustody(tails: Readonly<Record<string, number>>): Record<string, number> {
  const { custody: _, ...rest } = tails;
  return rest;
}

describe('a record', () => {
  test('is in the inbox at once, waits for no seal and no lock, and is sealed with others by the next', async () => {
    const { record } = await keeper();
    await record(QUERY);
    await record({ ...QUERY, action: 'prove', subject: 'e1' });
    const waiting = await readChain(stores, identity);
    expect(waiting.links.map(({ record: { action }, index }) => [action, index === null])).toEqual([
      ['collect', false],
      ['query', true],
      ['prove', true],
    ]);
    await shop.collect(stores, shop.file('flows.log', flowFile(1, 1, 1_700_000_000)));
    const { links } = await readChain(stores, identity);
    expect(links).toHaveLength(4);
    for (const { index, checkpoint } of links) expect(checkpoint).toBeGreaterThan(index!);
    expect((await readNotes(stores.state)).notes).toEqual([]);
    expect(links.find(({ record: { action } }) => action === 'query')).toMatchObject({
      record: {
        actor: BY.actor,
        account: BY.account,
        case: 'CASE-1',
        subject: 'select 1',
        parameters: '{"who":"mallory"}',
        rows: 1,
        headSize: expect.any(Number),
        headRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      stamped: null,
    });
    const rows = (await rowsIn(stores, 'custody')).map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(rows.map((row) => row['ledger_index']).sort()).toEqual(links.map(({ index }) => index).sort());
    expect(await check()).toMatchObject({ ok: true, problems: [] });
  });

  test('is found by its case', async () => {
    const { record } = await keeper(stores.state, { ...BY, case: 'CASE-2' });
    await record(QUERY);
    expect((await readChain(stores, identity, 'CASE-2')).links).toHaveLength(1);
    expect((await readChain(stores, identity, 'CASE-1')).links).toHaveLength(1);
    expect((await readChain(stores, identity, 'CASE-3')).links).toHaveLength(0);
  });

  test('has the hash of what is too long for it, and takes any text', async () => {
    const { record } = await keeper();
    await record({
      ...QUERY,
      subject: `select '${'x'.repeat(100_000)}'`,
      parameters: { list: 'y'.repeat(100_000) },
    });
    await record({ ...QUERY, subject: 'a lone \ud800 half' });
    const [long, odd] = (await readNotes(stores.state)).notes.map(({ draft }) => draft);
    expect(long).toMatchObject({ subject: null, subjectSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(odd).toMatchObject({ subject: 'a lone \ufffd half' });
    await sealAll();
    expect(await check()).toMatchObject({ ok: true });
  });

  test('of a collect is there before the first body is', async () => {
    const keys: string[] = [];
    const note = <S extends Stores['vault']>(store: S): S => ({
      ...store,
      putIfAbsent: async (key, body, kind) => {
        keys.push(key);
        return store.putIfAbsent(key, body, kind);
      },
      putManyIfAbsent: async (items) => {
        for (const { key } of items) keys.push(key);
        return store.putManyIfAbsent(items);
      },
    });
    await shop.collect(
      { vault: note(stores.vault), state: note(stores.state) },
      shop.file('late.log', flowFile(9, 1, 1_700_000_000)),
    );
    const [first, second] = keys;
    expect([first, second]).toEqual([
      expect.stringMatching(/^pending\/custody-/),
      expect.stringMatching(/^evidence\//),
    ]);
  });

  const denied = (code: string): StateStore => ({
    ...stores.state,
    putIfAbsent: () => Promise.reject(new AkashiError(code, 'no')),
  });

  test('that a read-only lake cannot keep is told, or ends it where one is required', async () => {
    const reasons: string[] = [];
    const options = { onRefused: (reason: string) => reasons.push(reason) };
    expect(await recorder(denied('STORE_DENIED'), EMPTY_HEAD, BY, options).record(QUERY)).toBeNull();
    expect(reasons).toEqual(['no']);
    const strict = recorder(denied('STORE_DENIED'), EMPTY_HEAD, BY, { ...options, required: true });
    await expect(strict.record(QUERY)).rejects.toMatchObject({ code: 'CUSTODY_NOT_KEPT' });
  });
});

describe('tampering', () => {
  test('with a record that waits is found and named, whichever bit it is', async () => {
    await (await keeper()).record(QUERY);
    const key = [...world.inState.keys()].find((one) => one.startsWith('pending/custody-'))!;
    const bytes = world.inState.get(key)!;
    for (let at = 0; at < bytes.length; at += 23) {
      const copy = copyOf(world);
      copy.inState.set(key, bytes.with(at, bytes[at]! ^ (1 << (at % 8))));
      expect(said(await check(copy))).toEqual([`ALTERED ${key}`]);
      expect((await readChain(storesOf(copy), identity)).problems).toMatchObject([{ key, code: 'ALTERED' }]);
    }
  });

  test('with a sealed record is found and named: its entry by number, its row by its file', async () => {
    await (await keeper()).record(QUERY);
    await sealAll();
    const { links } = await readChain(stores, identity);
    const bundle = [...world.inState.keys()].filter((key) => key.includes('tile/entries/')).at(-1)!;
    const altered = copyOf(world);
    const bytes = Buffer.from(world.inState.get(bundle)!);
    bytes.write('9', bytes.indexOf('select 1') + 7);
    altered.inState.set(bundle, bytes);
    const { problems } = await check(altered);
    expect(problems).toMatchObject([{ code: 'ALTERED', key: bundle }]);
    expect(problems[0]!.detail).toContain(`entry ${links.at(-1)!.index}`);
    await expect(readChain(storesOf(altered), identity)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });

    for (const key of world.inVault.keys()) {
      if (!key.startsWith('tables/custody/data/') || !key.endsWith('.parquet')) continue;
      const copy = copyOf(world);
      copy.inVault.delete(key);
      expect(said(await check(copy))).toEqual([`MISSING ${key}`]);
    }
  });

  const waitingKey = () => [...world.inState.keys()].find((one) => one.startsWith('pending/custody-'))!;
  const waitingDraft = async (): Promise<DraftOf<'custody'>> =>
    (await readNotes(stores.state)).notes[0]!.draft as DraftOf<'custody'>;

  test('by a record with the id of one that waits does not keep that one out of the ledger', async () => {
    await (await keeper()).record(QUERY);
    const genuine = await waitingDraft();
    await putNote(stores.state, { ...genuine, actor: 'alice', at: genuine.at - 1 });
    await sealAll();
    const actors = (await readChain(stores, identity)).links.map(({ record: { actor } }) => actor);
    expect(actors).toEqual([BY.actor, 'alice', BY.actor]);
    expect(await check()).toMatchObject({ ok: true });
  });

  test('by putting a sealed record back seals nothing twice, and does not keep another with its id out', async () => {
    await (await keeper()).record(QUERY);
    const key = waitingKey();
    const bytes = world.inState.get(key)!;
    const genuine = await waitingDraft();
    await sealAll();
    world.inState.set(key, bytes);
    await sealAll();
    expect((await readChain(stores, identity)).links).toHaveLength(2);
    await putNote(stores.state, { ...genuine, rows: 99 });
    await sealAll();
    expect((await readChain(stores, identity)).links.map(({ record: { rows } }) => rows)).toContain(99);
    expect(world.inState.has(key)).toBe(false);
  });

  test('by a record of another lake is found, while it waits and once it is sealed', async () => {
    await (await keeper()).record(QUERY);
    const genuine = await waitingDraft();
    const foreign = { ...genuine, id: 'other', headSize: 3, headRoot: 'ab'.repeat(32) };
    const late = { ...genuine, id: 'late', headSize: 1_000_000 };
    const keys = [await putNote(stores.state, foreign), await putNote(stores.state, late)];
    expect(said(await check())).toEqual(keys.map((key) => `FORKED ${key}`).sort());
    await sealAll();
    const { links } = await readChain(stores, identity);
    const named = links.filter(({ record: { id } }) => id === 'other' || id === 'late');
    expect(said(await check())).toEqual(named.map(({ index }) => `FORKED ledger entry ${index}`).sort());
  });

  test('by what no seal could take is told, and keeps nothing else from being sealed', async () => {
    await (await keeper()).record(QUERY);
    const genuine = await waitingDraft();
    for (const length of [64_800, 64_950, 70_000, 1_000_000]) {
      const long = { ...genuine, id: `long-${length}`, result: 'x'.repeat(length), v: 1, previous: null };
      const bytes = Buffer.from(canonicalJson(long as unknown as Json));
      world.inState.set(makeKey('note', { kind: 'custody', sha256: hashBytes(bytes) }), bytes);
    }
    await sealAll();
    const chain = await readChain(stores, identity);
    expect(chain.links.filter(({ index }) => index !== null)).toHaveLength(2);
    expect(chain.problems).toHaveLength(4);
    expect((await check()).problems.map(({ code }) => code)).toEqual(new Array(4).fill('UNREADABLE'));
  });

  test('with the head, so that the newest records would not be told, is found by whoever asks', async () => {
    const { record } = await keeper();
    await record(QUERY);
    await sealAll();
    const { head } = await readHead(stores.state);
    const [first] = (await readChain(stores, identity)).links.map(({ index }) => index!);
    for (const tails of [{ ...head.tails, custody: first! }, withoutCustody(head.tails)]) {
      const altered = copyOf(world);
      altered.inState.set('head', Buffer.from(JSON.stringify({ ...head, tails })));
      await expect(readChain(storesOf(altered), identity)).rejects.toMatchObject({
        code: 'LEDGER_DAMAGED',
        message: expect.stringMatching(/^The head passes over entry \d+,/),
      });
    }
  });

  test('with the head, so that the next record would leave others out of the chain, keeps it from being sealed', async () => {
    await (await keeper()).record(QUERY);
    await sealAll();
    const { head } = await readHead(stores.state);
    const [first] = (await readChain(stores, identity)).links.map(({ index }) => index!);
    await (await keeper()).record(QUERY);
    world.inState.set(
      'head',
      Buffer.from(JSON.stringify({ ...head, tails: { ...head.tails, custody: first! } })),
    );
    await expect(sealAll()).rejects.toMatchObject({ code: 'HEAD_DAMAGED' });
    expect((await readNotes(stores.state)).notes).toHaveLength(1);
  });

  test('by putting the head back to before anything was sealed is found by whoever asks', async () => {
    world.inState.set('head', Buffer.from(JSON.stringify(EMPTY_HEAD)));
    await expect(readChain(stores, identity)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  test('is not what a record made at a head sealed meanwhile is', async () => {
    const made = stores.state.list;
    let once = true;
    const state: StateStore = {
      ...stores.state,
      async *list(prefix) {
        // The first listing of the inbox comes after the head was read.
        if (once && prefix === 'pending/') {
          once = false;
          await shop.collect(stores, shop.file('meanwhile.log', flowFile(5, 1, 1_700_000_000)));
          await (await keeper()).record(QUERY);
        }
        yield* made(prefix);
      },
    };
    const result = newVerification('bytes');
    await verifyStores({ vault: stores.vault, state }, identity, null, {}, result);
    expect(result.problems.filter(({ code }) => code === 'FORKED')).toEqual([]);
  });

  test('by laying files beside the ledger gives no record a checkpoint or a time-stamp', async () => {
    const [before] = (await readChain(stores, identity)).links;
    for (let size = before!.index! + 1; size < before!.checkpoint!; size++) {
      world.inVault.set(`ledger/checkpoints/${size}`, Buffer.from('no checkpoint'));
      world.inVault.set(makeKey('timestamp', { size }), Buffer.from('no token'));
    }
    world.inVault.set(makeKey('timestamp', { size: before!.checkpoint! }), Buffer.from('no token'));
    expect((await readChain(stores, identity)).links).toEqual([before]);
  });

  test('by whoever holds the signing key, who slips in a row that no entry records, is found', async () => {
    const interrupted = {
      ...stores,
      state: { ...stores.state, putIfUnchanged: () => Promise.reject(new Error('stop')) },
    };
    await shop.collect(interrupted, shop.file('more.json', trailFile(2, 2, 1_700_000_000))).catch(() => {});
    const { manifests, keys } = await readInbox(stores, await sealedEvidence(stores));
    const result = await runJob(stores, manifests, EXPANSION_LIMITS);
    const writer = new BatchWriter(stores.vault, stores.state, 'ab'.repeat(32));
    writer.record('custody', {
      ...newRow('custody'),
      time: now,
      id: 'x',
      action: 'verify',
      actor: 'nobody',
      ledger_index: 3,
    });
    const { custody } = await writer.finish();
    await seal(
      stores,
      await openLedger(shop.lakeOf(stores)),
      [{ ...result, files: { ...result.files, custody } }],
      keys,
    );
    expect(said(await check())).toEqual(['COUNT_DIFFERS custody', `ROW_DIFFERS ${custody[0]!.key}`]);
  });
});
