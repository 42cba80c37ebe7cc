import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeBundle } from '../../ledger/bundle.ts';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { encodeEntry } from '../../ledger/entry.ts';
import { fsck } from '../../ledger/fsck.ts';
import type { Problem } from '../../ledger/fsck-report.ts';
import { leafHash, rootOf } from '../../ledger/merkle.ts';
import { subtreeOf, subtreeRoot } from '../../ledger/subtree.ts';
import {
  check,
  copyOf,
  grownWorld,
  headOf,
  LOG,
  newWorld,
  ORIGIN,
  SIGNER,
  someEntries,
  type World,
  Writer,
} from './parts/world.ts';

/** 600 entries: two full tiles and a partial one of 88, and a tile of two hashes above them. */
const LAKE = await grownWorld(200, 100, 299, 1);

const objectsOf = (world: World, key: string) => (world.inVault.has(key) ? world.inVault : world.inState);

/** Damages a copy of the lake and says what the check finds. */
async function after(damage: (world: World) => unknown): Promise<readonly Problem[]> {
  const world = copyOf(LAKE);
  await damage(world);
  const report = await check(world);
  expect(report.ok).toBe(report.problems.length === 0);
  return report.problems;
}

const change = (world: World, key: string, edit: (body: Buffer) => Uint8Array | undefined): void => {
  const objects = objectsOf(world, key);
  const body = Buffer.from(objects.get(key)!);
  objects.set(key, edit(body) ?? body);
};

const flip = (world: World, key: string, at: number, mask = 1): void =>
  change(world, key, (body) => {
    body[at]! ^= mask;
    return body;
  });

const said = (problems: readonly Problem[]): string[] =>
  problems.map(({ code, key }) => `${code} ${key}`).sort();

const LEDGER_KEYS = [...LAKE.inVault.keys(), ...LAKE.inState.keys()].filter((key) =>
  key.startsWith('ledger/'),
);
/** Narrower forms of tiles, kept until they are full; nothing needs them. */
const EARLIER_FORMS = ['ledger/tile/0/002.p/87', 'ledger/tile/entries/002.p/87', 'ledger/tile/1/000.p/1'];
/** Only the seal after it names an older checkpoint, and these seals name none. */
const OLDER_CHECKPOINTS = ['200', '300', '599'].map((size) => `ledger/checkpoints/${size}`);

test('the lake under test holds what the tests below speak of', async () => {
  expect(LEDGER_KEYS.sort()).toEqual(
    [
      ...OLDER_CHECKPOINTS,
      'ledger/checkpoints/600',
      'ledger/checkpoint',
      'ledger/tile/0/000',
      'ledger/tile/0/001',
      'ledger/tile/0/002.p/88',
      'ledger/tile/1/000.p/2',
      'ledger/tile/entries/000',
      'ledger/tile/entries/001',
      'ledger/tile/entries/002.p/88',
      ...EARLIER_FORMS,
    ].sort(),
  );
  expect(await check(LAKE)).toMatchObject({
    ok: true,
    size: 600,
    checked: { entries: 600, tiles: 4, bundles: 3, checkpoints: 5 },
    problems: [],
  });
});

// LEDGER_MUTATIONS=10000 for the long run.
const MUTATIONS = Number(process.env['LEDGER_MUTATIONS'] ?? 200);

test('any one changed byte is found, and the object it is in is the only one named', {
  timeout: 600_000,
}, async () => {
  const keys = LEDGER_KEYS.map((key) => ({ key, length: objectsOf(LAKE, key).get(key)!.length }));
  let state = 4711;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let tried = 0; tried < MUTATIONS; tried++) {
    const { key, length } = keys[tried % keys.length]!;
    const [at, mask] = [pick(length), 1 << pick(8)];
    const problems = await after((world) => flip(world, key, at, mask));
    expect([at, mask, ...new Set(problems.map((problem) => problem.key))]).toEqual([at, mask, key]);
  }
});

test.each(LEDGER_KEYS)('%s removed', async (key) => {
  const harmless = EARLIER_FORMS.includes(key) || OLDER_CHECKPOINTS.includes(key);
  const problems = await after((world) => objectsOf(world, key).delete(key));
  expect(said(problems)).toEqual(harmless ? [] : [`MISSING ${key}`]);
});

test.each(LEDGER_KEYS.filter((key) => key.includes('/tile/')))('%s cut short', async (key) => {
  for (const cut of [1, 32, 64]) {
    const problems = await after((world) => change(world, key, (body) => body.subarray(0, -cut)));
    expect(said(problems)).toEqual([`TRUNCATED ${key}`]);
  }
  const longer = await after((world) => change(world, key, (body) => Buffer.concat([body, body])));
  expect(said(longer)).toEqual([`ALTERED ${key}`]);
});

test('a bundle that lost its last entries is a beginning; one that gained others is not', async () => {
  const key = 'ledger/tile/entries/002.p/88';
  const fewer = await after((world) => change(world, key, () => encodeBundle(someEntries(512, 80))));
  expect(said(fewer)).toEqual([`TRUNCATED ${key}`]);
  const others = await after((world) =>
    change(world, key, () => encodeBundle(someEntries(512, 80, 'other'))),
  );
  expect(said(others)).toEqual([`ALTERED ${key}`]);
});

test('what is altered within an object is named: entries by number, hashes by place', async () => {
  const bundle = encodeBundle([
    ...someEntries(256, 3),
    ...someEntries(259, 1, 'other'),
    ...someEntries(260, 252),
  ]);
  const [entry] = await after((world) => change(world, 'ledger/tile/entries/001', () => bundle));
  expect(entry).toMatchObject({ code: 'ALTERED', detail: 'entry 259' });
  const [tile] = await after((world) => flip(world, 'ledger/tile/0/001', 5 * 32));
  expect(tile).toMatchObject({ code: 'ALTERED', detail: 'hash 5 of its 256' });
});

test('two objects exchanged are both named', async () => {
  for (const [a, b] of [
    ['ledger/tile/0/000', 'ledger/tile/0/001'],
    ['ledger/tile/entries/000', 'ledger/tile/entries/001'],
    ['ledger/checkpoints/200', 'ledger/checkpoints/300'],
  ] as const) {
    const problems = await after(({ inVault }) => {
      const body = inVault.get(a)!;
      inVault.set(a, inVault.get(b)!);
      inVault.set(b, body);
    });
    expect(said(problems)).toEqual([`ALTERED ${a}`, `ALTERED ${b}`]);
  }
});

test('damage in several places is told apart', async () => {
  const problems = await after((world) => {
    flip(world, 'ledger/tile/0/000', 100);
    flip(world, 'ledger/tile/0/002.p/88', 100);
    flip(world, 'ledger/tile/1/000.p/2', 0);
    world.inVault.delete('ledger/tile/entries/001');
    flip(world, 'ledger/checkpoints/300', 30);
  });
  expect(said(problems)).toEqual([
    'ALTERED ledger/tile/0/000',
    'ALTERED ledger/tile/0/002.p/88',
    'ALTERED ledger/tile/1/000.p/2',
    'MISSING ledger/tile/entries/001',
    'UNSIGNED ledger/checkpoints/300',
  ]);
});

/** Replaces the entries of a bundle, and everything above that an attacker without the key can make fit. */
function forge(world: World, upTo: 'tile' | 'root'): void {
  const entries = someEntries(0, 256, 'forged');
  const tile = Buffer.concat(entries.map(leafHash));
  change(world, 'ledger/tile/entries/000', () => encodeBundle(entries));
  change(world, 'ledger/tile/0/000', () => tile);
  if (upTo === 'root') {
    change(world, 'ledger/tile/1/000.p/2', (body) => {
      body.set(subtreeRoot(subtreeOf(tile)), 0);
      return body;
    });
  }
}

test('a forgery that fits its own tile is still found by the level above', async () => {
  expect(said(await after((world) => forge(world, 'tile')))).toEqual([
    'ALTERED ledger/tile/0/000',
    'ALTERED ledger/tile/entries/000',
  ]);
});

test('a forgery that fits up to the root does not fit the signature; older checkpoints tell where it begins', async () => {
  const problems = await after((world) => {
    for (const key of EARLIER_FORMS) world.inState.delete(key);
    forge(world, 'root');
  });
  expect(said(problems)).toEqual(['ROOT_MISMATCH head']);
  expect(problems[0]!.detail).toMatch(/still fits the checkpoint of 0 entries, and no longer that of 200$/);
  const later = await after((world) => {
    for (const key of EARLIER_FORMS) world.inState.delete(key);
    const entries = [...someEntries(512, 87), ...someEntries(599, 1, 'forged')];
    change(world, 'ledger/tile/entries/002.p/88', () => encodeBundle(entries));
    change(world, 'ledger/tile/0/002.p/88', () => Buffer.concat(entries.map(leafHash)));
  });
  expect(later[0]!.detail).toMatch(/still fits the checkpoint of 599 entries, and no longer that of 600$/);
});

test('a whole other history, signed with the right key, is a fork of every checkpoint before it', async () => {
  const other = newWorld();
  const writer = new Writer(other);
  await writer.recover();
  await writer.seal(someEntries(0, 700, 'other'));
  const problems = await after(({ inVault, inState }) => {
    for (const [key, body] of other.inVault) inVault.set(key, body);
    for (const key of EARLIER_FORMS) inState.delete(key);
    for (const key of ['ledger/tile/0/002.p/88', 'ledger/tile/entries/002.p/88']) inState.delete(key);
    for (const [key, body] of other.inState) inState.set(key, body);
  });
  expect(said(problems)).toEqual(
    ['200', '300', '599', '600'].map((size) => `FORKED ledger/checkpoints/${size}`),
  );
});

test('an older head is called rolled back, by everything that outlived it', async () => {
  const old = await grownWorld(200);
  const problems = await after(({ inState }) => inState.set('head', old.inState.get('head')!));
  expect(said(problems)).toContain('ROLLED_BACK ledger/checkpoint');
  expect(said(problems)).toContain('ROLLED_BACK ledger/checkpoints/600');
  expect(said(problems)).toContain('ROLLED_BACK ledger/tile/0/000');
  expect(new Set(problems.map(({ code }) => code))).not.toContain('ALTERED');
  const none = await after(({ inState }) => inState.delete('head'));
  expect(said(none)).toContain('ROLLED_BACK ledger/checkpoints/200');
});

test('keys that no ledger makes are called added, tokens over checkpoints are left to others', async () => {
  const added = ['ledger/tile/0/007.x', 'ledger/notes', 'ledger/tile/0/000.p/7'];
  const problems = await after(({ inVault, inState }) => {
    for (const key of added) inVault.set(key, Buffer.from('x'));
    inState.set('ledger/tile/0/000', LAKE.inVault.get('ledger/tile/0/000')!);
    inVault.set('ledger/tile/0/002', Buffer.alloc(8192));
    inVault.set('ledger/timestamps/600.tsr', Buffer.from('x'));
  });
  expect(said(problems)).toEqual(
    [...added, 'ledger/tile/0/000']
      .map((key) => `ADDED ${key}`)
      .concat('ROLLED_BACK ledger/tile/0/002')
      .sort(),
  );
});

test('a head nobody signed proves nothing', async () => {
  const note = Buffer.from((await headOf(LAKE))!);
  note[note.length - 5]! ^= 1;
  const report = await fsck(LAKE, LOG, note);
  expect(said(report.problems)).toEqual(['UNSIGNED head']);
});

test('a checkpoint of the right size with another root is a fork, whoever holds the key', async () => {
  const root = rootOf([leafHash(Buffer.from('other'))]);
  const note = await signCheckpoint(ORIGIN, { size: 300, root }, [SIGNER]);
  expect(said(await after(({ inVault }) => inVault.set('ledger/checkpoints/300', note)))).toEqual([
    'FORKED ledger/checkpoints/300',
  ]);
});

test('a sealed checkpoint that the next seal names cannot be taken away or replaced', async () => {
  const world = newWorld();
  const writer = new Writer(world);
  await writer.recover();
  await writer.seal(someEntries(0, 5));
  const first = world.inVault.get('ledger/checkpoints/5')!;
  const checkpointSha256 = hash('sha256', first, 'hex');
  await writer.seal([encodeEntry({ kind: 'seal', size: 5, checkpointSha256, v: 1, previous: null })]);
  expect(await check(world)).toMatchObject({ ok: true });
  world.inVault.delete('ledger/checkpoints/5');
  expect(said((await check(world)).problems)).toEqual(['MISSING ledger/checkpoints/5']);
  const again = Buffer.concat([first, Buffer.from('— grease AAAAAQE=\n')]);
  world.inVault.set('ledger/checkpoints/5', again);
  expect(said((await check(world)).problems)).toEqual(['ALTERED ledger/checkpoints/5']);
});

test('an altered entry accuses nobody, and the report tells which entries are still the sealed ones', async () => {
  const world = newWorld();
  const writer = new Writer(world);
  await writer.recover();
  await writer.seal(someEntries(0, 5));
  const checkpointSha256 = hash('sha256', world.inVault.get('ledger/checkpoints/5')!, 'hex');
  const sealEntry = encodeEntry({ kind: 'seal', size: 5, checkpointSha256, v: 1, previous: null });
  await writer.seal([sealEntry, ...someEntries(6, 2)]);
  const key = 'ledger/tile/entries/000.p/8';
  const bundle = Buffer.from(world.inState.get(key)!);
  bundle[bundle.indexOf(checkpointSha256)]! ^= 1;
  world.inState.set(key, bundle);
  const { problems, entries } = await check(world);
  expect(said(problems)).toEqual([`ALTERED ${key}`]);
  expect(entries.all).toBe(false);
  expect([0, 1, 2, 3, 4, 5, 6, 7].filter((index) => !entries.has(index))).toEqual([5]);
  world.inState.set('ledger/tile/0/000.p/8', Buffer.alloc(8 * 32));
  const worse = await check(world);
  expect(said(worse.problems)).toContain('ROOT_MISMATCH head');
  expect(worse.entries.has(0)).toBe(false);
});

// LEDGER_LAKES=1000 for the long run.
const LAKES = Number(process.env['LEDGER_LAKES'] ?? 60);

test('clean lakes raise no alarm, whatever their size', { timeout: 600_000 }, async () => {
  for (let lake = 0; lake < LAKES; ) {
    const world = newWorld();
    const writer = new Writer(world);
    let { size } = await writer.recover();
    for (; size < 300 && lake < LAKES; lake++) {
      const count = 1 + ((lake * 7) % 19);
      await writer.seal(someEntries(size, count));
      size += count;
      expect((await check(world)).problems).toEqual([]);
    }
  }
});

test('entries and progress are told in the order of the log', async () => {
  const seen: number[] = [];
  const steps: number[] = [];
  await fsck(LAKE, LOG, await headOf(LAKE), {
    onEntry: (index) => seen.push(index),
    onProgress: (done) => steps.push(done),
  });
  expect(seen).toEqual(Array.from({ length: 600 }, (_, at) => at));
  expect(steps).toEqual([256, 512, 600]);
});

test('an empty lake is clean', async () => {
  expect(await check(newWorld())).toMatchObject({ ok: true, size: 0, problems: [] });
});
