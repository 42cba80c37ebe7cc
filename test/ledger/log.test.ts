import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../ledger/checkpoint.ts';
import { openLog } from '../../ledger/log.ts';
import { leafHash, rootOf } from '../../ledger/merkle.ts';
import { verifyConsistency, verifyInclusion } from '../../ledger/merkle-proof.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { testSigner } from './parts/keys.ts';
import {
  check,
  copyOf,
  entryBytes,
  grownWorld,
  headOf,
  LOG,
  newWorld,
  ORIGIN,
  SIGNER,
  someEntries,
  Writer,
} from './parts/world.ts';

const leaves = (count: number): Uint8Array[] => someEntries(0, count).map(leafHash);

test('however entries are batched, the same tree lies in the stores and checks clean', async () => {
  const batchings = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 200, max: 600 })), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(batchings, async (batches) => {
      const total = batches.reduce((sum, count) => sum + count, 0);
      const [stepwise, atOnce] = [await grownWorld(...batches), await grownWorld(total)];
      const head = need(openCheckpoint((await headOf(stepwise))!, LOG));
      expect(head.root).toEqual(rootOf(leaves(total)));
      const tiles = (world: typeof stepwise) =>
        [...world.inVault].filter(([key]) => key.startsWith('ledger/tile/'));
      expect(new Map(tiles(stepwise))).toEqual(new Map(tiles(atOnce)));
      expect(await check(stepwise)).toMatchObject({ ok: true, size: total, problems: [] });
    }),
    { numRuns: 12 },
  );
});

test('proofs and entries read back through the tiles hold against the sealed roots', async () => {
  const world = await grownWorld(300, 1, 255, 700);
  const reader = await openSealed(world, LOG, (await headOf(world))!);
  const all = leaves(reader.size);
  for (const size of [1, 2, 255, 256, 257, 300, 512, 513, reader.size]) {
    expect(await reader.rootAt(size)).toEqual(rootOf(all.slice(0, size)));
    for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
      const proof = await reader.inclusionProof(index, size);
      expect(verifyInclusion(all[index]!, index, size, proof, rootOf(all.slice(0, size)))).toBe(true);
    }
    const proof = await reader.consistencyProof(size);
    expect(verifyConsistency(size, reader.size, proof, rootOf(all.slice(0, size)), reader.root)).toBe(true);
  }
  const read: Uint8Array[] = [];
  for await (const { index, bytes } of reader.readEntries(250, 1030)) {
    expect(index).toBe(250 + read.length);
    read.push(bytes);
  }
  expect(read).toEqual(someEntries(250, 780).map((bytes) => Buffer.from(bytes)));
  await expect(reader.inclusionProof(reader.size)).rejects.toThrow(RangeError);
  await expect(reader.consistencyProof(5, reader.size + 1)).rejects.toThrow(RangeError);
});

test('a damaged tile or entry is never read as if it were sealed', async () => {
  const world = await grownWorld(600);
  const head = (await headOf(world))!;
  for (const key of ['ledger/tile/0/001', 'ledger/tile/entries/001', 'ledger/tile/entries/002.p/88']) {
    const other = copyOf(world);
    const objects = other.inVault.has(key) ? other.inVault : other.inState;
    const body = Buffer.from(objects.get(key)!);
    body[40]! ^= 1;
    objects.set(key, body);
    const reader = await openSealed(other, LOG, head);
    const all = async () => {
      for await (const _ of reader.readEntries(0, 600));
    };
    await expect(all()).rejects.toMatchObject({
      code: 'LEDGER_DAMAGED',
      message: expect.stringContaining(key),
    });
    objects.delete(key);
    const again = await openSealed(other, LOG, head);
    const rest = async () => {
      for await (const _ of again.readEntries(0, 600));
    };
    await expect(rest()).rejects.toMatchObject({
      code: 'LEDGER_MISSING',
      message: expect.stringContaining(key),
    });
  }
  const edge = copyOf(world);
  edge.inState.set('ledger/tile/1/000.p/2', Buffer.alloc(64, 3));
  await expect(openSealed(edge, LOG, head)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
});

test('65,535 bytes are appended; one more is refused before anything is signed or written', async () => {
  const world = newWorld();
  let signatures = 0;
  const counting = {
    ...SIGNER,
    sign: (bytes: Uint8Array) => {
      signatures++;
      return SIGNER.sign(bytes);
    },
  };
  const writer = new Writer(world, counting);
  await writer.recover();
  await expect(writer.seal([entryBytes(0), Buffer.alloc(65_536)])).rejects.toMatchObject({
    code: 'ENTRY_TOO_LONG',
  });
  expect([signatures, world.inState.size, world.inVault.size]).toEqual([0, 0, 0]);
  await writer.seal([Buffer.alloc(65_535, 7), Buffer.alloc(0)]);
  expect(await check(world)).toMatchObject({ ok: true, size: 2 });
});

test('after something was prepared nothing more is signed until it is known what became of it', async () => {
  const world = await grownWorld(3);
  const writer = new Writer(world);
  await expect(writer.ledger.prepare([entryBytes(3)])).rejects.toMatchObject({ code: 'LEDGER_UNSETTLED' });
  await writer.recover();
  await writer.ledger.prepare([entryBytes(3)]);
  await expect(writer.ledger.prepare([entryBytes(3)])).rejects.toMatchObject({ code: 'LEDGER_UNSETTLED' });
  expect((await writer.recover()).size).toBe(3);
  await writer.seal([entryBytes(3)]);
  await writer.seal([entryBytes(4)]);
  expect(await check(world)).toMatchObject({ ok: true, size: 5 });
});

test('a swap whose answer was lost is found to have happened, and is not signed again', async () => {
  const world = await grownWorld(3);
  const signed: string[] = [];
  const recording = {
    ...SIGNER,
    sign: (bytes: Uint8Array) => {
      signed.push(Buffer.from(bytes).toString());
      return SIGNER.sign(bytes);
    },
  };
  const timesOut = {
    ...world.state,
    putIfUnchanged: async (...given: Parameters<typeof world.state.putIfUnchanged>) => {
      await world.state.putIfUnchanged(...given);
      throw new Error('no answer');
    },
  };
  const writer = new Writer({ vault: world.vault, state: timesOut }, recording);
  await writer.recover();
  await expect(writer.seal([entryBytes(3)])).rejects.toThrow('no answer');
  const restarted = new Writer(world, recording);
  expect((await restarted.recover()).size).toBe(4);
  await restarted.seal([entryBytes(4)]);
  expect(new Set(signed.map((text) => text.split('\n')[1]))).toEqual(new Set(['4', '5']));
  expect(signed).toHaveLength(2);
  expect(await check(world)).toMatchObject({ ok: true, size: 5 });
});

test('a head older than what was published, sealed or tiled is refused', async () => {
  const old = await grownWorld(250);
  const world = copyOf(old);
  const writer = new Writer(world);
  await writer.recover();
  await writer.seal(someEntries(250, 10));
  const oldHead = old.inState.get('head')!;

  const headOnly = copyOf(world);
  headOnly.inState.set('head', oldHead);
  const wholeState = newWorld(world.inVault, new Map(old.inState));
  const noState = newWorld(world.inVault);
  for (const rolledBack of [headOnly, wholeState, noState]) {
    const before = new Map(rolledBack.inVault);
    await expect(new Writer(rolledBack).recover()).rejects.toMatchObject({ code: 'LEDGER_ROLLED_BACK' });
    expect(rolledBack.inVault).toEqual(before);
  }
});

test('a roll-back too short to show in a tile is refused when its numbers come round again', async () => {
  const old = await grownWorld(100);
  const world = copyOf(old);
  const writer = new Writer(world);
  await writer.recover();
  await writer.seal(someEntries(100, 10));
  const rolledBack = newWorld(world.inVault, new Map(old.inState));
  const other = new Writer(rolledBack);
  await other.recover();
  await expect(other.seal(someEntries(100, 10, 'other'))).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
});

test('two signed heads of one size are a fork', async () => {
  const [one, other] = [await grownWorld(20), newWorld()];
  const writer = new Writer(other);
  await writer.recover();
  await writer.seal(someEntries(0, 20, 'other'));
  const mixed = copyOf(one);
  mixed.inState.set('head', other.inState.get('head')!);
  await expect(new Writer(mixed).recover()).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
});

test('a longer tree that does not continue the published one is a fork, and nothing of it is written', async () => {
  const [one, other] = [await grownWorld(20), newWorld()];
  const writer = new Writer(other);
  await writer.recover();
  const prepared = await writer.ledger.prepare(someEntries(0, 300, 'other'));
  const mixed = copyOf(one);
  mixed.inState.set('head', prepared.checkpointNote);
  mixed.inState.set(prepared.stagingKey, prepared.stagingBundle);
  const before = new Map(mixed.inVault);
  await expect(new Writer(mixed).recover()).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
  expect(mixed.inVault).toEqual(before);
});

test('a staging bundle altered after the swap is refused before anything is written from it', async () => {
  const world = await grownWorld(20);
  const writer = new Writer(world);
  await writer.recover();
  const prepared = await writer.ledger.prepare(someEntries(20, 300));
  world.inState.set('head', prepared.checkpointNote);
  for (let at = 0; at < prepared.stagingBundle.length; at += 997) {
    const altered = Buffer.from(prepared.stagingBundle);
    altered[at]! ^= 4;
    world.inState.set(prepared.stagingKey, altered);
    const before = new Map(world.inVault);
    await expect(new Writer(world).recover()).rejects.toMatchObject({ code: 'STAGING_MALFORMED' });
    expect(world.inVault).toEqual(before);
  }
  world.inState.set(prepared.stagingKey, prepared.stagingBundle);
  expect((await new Writer(world).recover()).size).toBe(320);
  expect(await check(world)).toMatchObject({ ok: true, size: 320 });
});

test('a bundle left by a lost swap does not stand in the way of the same tree reached otherwise', async () => {
  const world = await grownWorld(20);
  const [slow, fast] = [new Writer(world), new Writer(world)];
  await slow.recover();
  await slow.ledger.stage(await slow.ledger.prepare(someEntries(20, 10)));
  await fast.recover();
  await fast.seal(someEntries(20, 4));
  await fast.seal(someEntries(24, 6));
  expect(await check(world)).toMatchObject({ ok: true, size: 30 });
  expect([...world.inState.keys()].filter((key) => key.startsWith('staging/'))).toEqual([]);
});

test('the published checkpoint is made again when it is gone or spoilt, once all it vouches for was looked at', async () => {
  for (const published of [null, Buffer.from('spoilt\n')]) {
    const world = await grownWorld(300);
    const good = world.inState.get('ledger/checkpoint')!;
    if (published === null) world.inState.delete('ledger/checkpoint');
    else world.inState.set('ledger/checkpoint', published);
    const damagedToo = copyOf(world);
    damagedToo.inVault.delete('ledger/tile/entries/000');
    await expect(new Writer(damagedToo).recover()).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
    await new Writer(world).recover();
    expect(world.inState.get('ledger/checkpoint')).toEqual(good);
  }
});

test('a swapped head whose tiles and staging are gone is refused by the name of what is missing', async () => {
  const world = await grownWorld(20);
  const writer = new Writer(world);
  await writer.recover();
  const prepared = await writer.ledger.prepare(someEntries(20, 300));
  world.inState.set('head', prepared.checkpointNote);
  await expect(new Writer(world).recover()).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
});

test('readers see a swapped head before its tiles are written', async () => {
  const world = await grownWorld(20);
  const writer = new Writer(world);
  await writer.recover();
  const prepared = await writer.ledger.prepare(someEntries(20, 300));
  await writer.ledger.stage(prepared);
  world.inState.set('head', prepared.checkpointNote);
  const reader = await openSealed(world, LOG, prepared.checkpointNote);
  const proof = await reader.inclusionProof(257);
  expect(verifyInclusion(leafHash(entryBytes(257)), 257, 320, proof, reader.root)).toBe(true);
  expect(await check(world)).toMatchObject({ ok: true, size: 320 });
});

test('a reader keeps its tree while writers go on past the next full tile', async () => {
  const world = await grownWorld(200);
  const reader = await openSealed(world, LOG, (await headOf(world))!);
  const writer = new Writer(world);
  await writer.recover();
  await writer.seal(someEntries(200, 100));
  expect([...world.inState.keys()].filter((key) => key.includes('000.p/'))).toEqual([
    'ledger/tile/1/000.p/1',
  ]);
  let read = 0;
  for await (const { index, bytes } of reader.readEntries(0, 200)) {
    expect(Buffer.compare(bytes, entryBytes(index))).toBe(0);
    read++;
  }
  expect(read).toBe(200);
});

test('a signer nobody was told to believe cannot open the log', () => {
  const world = newWorld();
  for (const signer of [testSigner(ORIGIN, 8), testSigner('example.com/other', 1)]) {
    expect(() => openLog({ ...world, ...LOG, signer })).toThrow(
      expect.objectContaining({ code: 'KEY_NOT_TRUSTED' }),
    );
  }
});
