/** Verification under attack, in a few seconds; test/slow/tamper.slow.ts tries every bit. */

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { keySigner, verifierFor } from '../../ledger/signer.ts';
import { newVerification } from '../../stages/verify/report.ts';
import { verifyStores } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { readTable, type TableMetadata } from '../../tables/table-metadata.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { drainPending } from '../../vault/evidence.ts';
import { classOf, evidenceKey, type KeyClassName, makeKey, pendingKey } from '../../vault/keys.ts';
import { encodeManifest } from '../../vault/manifest.ts';
import { faultyLake } from './faulty-lake.ts';
import {
  copyOf,
  halfOf,
  newWorld,
  noteOf,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from './memory-lake.ts';
import {
  bytesIn,
  changed,
  classNameOf,
  flipped,
  keysIn,
  misjudgedFlip,
  type TamperLake,
  tamperLake,
} from './tamper.ts';

let shop: Workshop;
let lake: TamperLake;
beforeAll(async () => {
  shop = new Workshop();
  lake = await tamperLake(shop);
});
afterAll(() => shop.close());

const check = (world: World, deep = true, known: Uint8Array | null = null) =>
  verification(world, lake.identity, { deep }, known);
const problemsOf = async (world: World, deep = true): Promise<string[]> => said(await check(world, deep));
const keysOf = (name: KeyClassName, world = lake.world): string[] =>
  keysIn(world).filter((key) => classNameOf(key) === name);
/** The tile and bundle forms that the last seal made wider; whoever still knows the smaller tree may read them. */
const earlierForms = (): string[] => keysIn(lake.before).filter((key) => /\.p\/\d+$/.test(key));

test('the lake under attack is small, clean, and has what is attacked below', async () => {
  expect(bytesIn(lake.world)).toBeLessThanOrEqual(64 * 1024);
  expect(new Set(keysIn(lake.world).map(classNameOf))).toEqual(
    new Set([
      ...[
        'evidence',
        'data',
        'ranges',
        'tableMetadata',
        'checkpoint',
        'growth',
        'head',
        'publishedCheckpoint',
      ],
      ...['partialTile', 'partialEntries', 'index', 'needles'],
    ]),
  );
  for (const deep of [false, true]) {
    const found = await check(lake.world, deep);
    expect(found).toMatchObject({ ok: true, orphans: [], foreign: [] });
    expect(found.evidence.checked).toBe(2);
    // Seven data files and their sidecars, and the metadata of both seals.
    expect(found.data.checked).toBe(7 * 2 + 7);
  }
  expect(await verification(lake.world, lake.identity, { rederive: true })).toMatchObject({
    ok: true,
    rederived: { bodies: 2, rows: 4, notCheckable: 0 },
  });
});

describe('one flipped bit', () => {
  test('anywhere is found in the right object and nowhere else, or harmless', async () => {
    for (const key of keysIn(lake.world)) {
      const { length } = halfOf(lake.world, key).get(key)!;
      for (const at of [0, Math.floor(length / 3), length - 1])
        expect(await misjudgedFlip(lake, key, at, at % 8)).toBeNull();
    }
  });

  test('in a manifest of the inbox, or in a staging bundle, is found', async () => {
    const torn = await tornLake();
    for (const name of ['pending', 'staging'] as const) {
      const [key] = keysOf(name, torn.world);
      const { length } = halfOf(torn.world, key!).get(key!)!;
      for (let at = 0; at < length; at += 41) expect(await misjudgedFlip(torn, key!, at, at % 8)).toBeNull();
    }
  });

  test('at the structure level: whatever directs a reader or tells rows, and every size', async () => {
    const named: KeyClassName[] = [
      'tableMetadata',
      'checkpoint',
      'partialTile',
      'partialEntries',
      'publishedCheckpoint',
    ];
    for (const key of named.flatMap((name) => keysOf(name))) {
      // Metadata of an earlier seal directs nobody any more.
      if (classNameOf(key) === 'tableMetadata' && !Object.values((await headOf()).tables).includes(key))
        continue;
      expect(await misjudgedFlip(lake, key, 40, 2, { deep: false })).toBeNull();
    }
  });

  const headOf = async () => (await readHead(storesOf(lake.world).state)).head;
});

/** A lake whose third collect committed its head and died: its inbox and its staging bundle are still there. */
async function tornLake(): Promise<TamperLake> {
  const path = shop.file('third.log', flowFile(3, 1, 1_700_000_000));
  for (let at = 1; ; at++) {
    const world = copyOf(lake.world);
    const outcome = await shop
      .collect(faultyLake(storesOf(world), at, 'killed after it'), path)
      .catch((error: Error) => error.message);
    if (typeof outcome === 'string' && outcome.endsWith(', head.')) return { ...lake, world };
    if (at > 100) throw new Error('no write of the head was found');
  }
}

describe('a staging bundle', () => {
  test('of an interrupted seal is no alarm', async () => {
    const { world } = await tornLake();
    expect(await check(world)).toMatchObject({ ok: true, problems: [] });
  });

  test('does not hide that what it was replayed to is altered', async () => {
    const { world } = await tornLake();
    const [staging] = keysOf('staging', world);
    const bundle = halfOf(world, staging!).get(staging!)!;
    await shop.collect(storesOf(world), shop.file('third.log', flowFile(3, 1, 1_700_000_000)));
    await shop.collect(storesOf(world), shop.file('fourth.log', flowFile(4, 1, 1_700_000_000)));
    const whole = copyOf(world);
    whole.inState.set(staging!, bundle);
    // Left over from a seal that is long done: listed, and nobody reads it.
    expect(await check(whole)).toMatchObject({ ok: true, orphans: [staging] });

    const again = await tornLake();
    const [own] = keysOf('staging', again.world);
    const replayed = copyOf(again.world);
    await shop.collect(storesOf(replayed), shop.file('fifth.log', flowFile(5, 1, 1_700_000_000)));
    const tile = keysOf('partialEntries', replayed).find((key) => !again.world.inState.has(key))!;
    again.world.inState.set(tile, flipped(replayed.inState.get(tile)!, 9, 0));
    expect(own).toBeDefined();
    expect((await problemsOf(again.world)).some((text) => text.endsWith(tile))).toBe(true);
  });
});

describe('objects removed, cut and exchanged', () => {
  test('each removed object is missed, if anybody needs it', async () => {
    for (const key of keysIn(lake.world)) {
      const found = await problemsOf(changed(lake.world, key, () => null));
      if (earlierForms().includes(key) || ['index', 'needles'].includes(classNameOf(key)))
        expect([key, ...found]).toEqual([key]);
      else if (key === 'head') expect(found).toContain('ROLLED_BACK ledger/checkpoint');
      else expect(found).toEqual([`MISSING ${key}`]);
    }
  });

  test('each is missed at the structure level too', async () => {
    for (const key of lake.world.inVault.keys())
      expect(
        await problemsOf(
          changed(lake.world, key, () => null),
          false,
        ),
      ).toEqual([`MISSING ${key}`]);
  });

  test.each([1, 20, Number.POSITIVE_INFINITY])('each object cut by %d bytes is named', async (cut) => {
    for (const key of keysIn(lake.world)) {
      const name = classNameOf(key);
      const found = await problemsOf(
        changed(lake.world, key, (bytes) => bytes.subarray(0, -Math.min(cut, bytes.length))),
      );
      if (name === 'index' || name === 'needles') expect(found).toEqual([]);
      else if (name === 'head') {
        // It ends in a line end, which nobody needs.
        if (cut === 1) expect(found).toEqual([]);
        else expect(found.some((text) => / head$/.test(text))).toBe(true);
      } else {
        expect(found.map((text) => text.split(' ')[1])).toEqual([key]);
        expect(found[0]).toMatch(/^(TRUNCATED|ALTERED|UNSIGNED) /);
        if (['evidence', 'data'].includes(name)) expect(found[0]).toBe(`TRUNCATED ${key}`);
      }
    }
  });

  test('bodies and data files cut short are found without reading them', async () => {
    for (const key of [...keysOf('evidence'), ...keysOf('data')])
      expect(
        await problemsOf(
          changed(lake.world, key, (bytes) => bytes.subarray(0, -1)),
          false,
        ),
      ).toEqual([`TRUNCATED ${key}`]);
  });

  test('of two objects exchanged both are named', async () => {
    const covered = [...lake.world.inVault.keys()];
    for (const [at, a] of covered.entries()) {
      const b = covered[(at + 5) % covered.length]!;
      const copy = copyOf(lake.world);
      copy.inVault.set(a, lake.world.inVault.get(b)!);
      copy.inVault.set(b, lake.world.inVault.get(a)!);
      const found = await problemsOf(copy);
      expect(new Set(found.map((text) => text.split(' ')[1]))).toEqual(new Set([a, b]));
    }
  });
});

describe('objects added', () => {
  const HASH = 'ab'.repeat(32);
  const BODY = Buffer.from('not in any ledger');
  const file = { table: 'events', day: '2023-11-14', batch: HASH, part: 0 };
  const orphaned = 'orphan';
  /** By class: a key nothing claims, and what is said of it. */
  const added: readonly (readonly [KeyClassName, string, string])[] = [
    ['evidence', evidenceKey('aws.cloudtrail', hashBytes(BODY)), orphaned],
    ['evidence', evidenceKey('aws.cloudtrail', HASH), 'ALTERED'],
    ['data', makeKey('data', file), orphaned],
    ['ranges', makeKey('ranges', file), orphaned],
    ['compacted', makeKey('compacted', file), orphaned],
    ['compactedRanges', makeKey('compactedRanges', file), orphaned],
    ['tableMetadata', makeKey('tableMetadata', { table: 'events', version: 3, sha256: HASH }), orphaned],
    ['manifestList', makeKey('manifestList', { table: 'events', snapshot: 1n, sha256: HASH }), orphaned],
    ['manifest', makeKey('manifest', { table: 'events', sha256: HASH }), orphaned],
    ['timestamp', makeKey('timestamp', { size: 8 }), orphaned],
    ['timestampContext', makeKey('timestampContext', { size: 8, token: HASH }), orphaned],
    ['revocationList', makeKey('revocationList', { sha256: HASH }), orphaned],
    ['tile', makeKey('tile', { level: 0, index: 7 }), 'ROLLED_BACK'],
    ['entries', makeKey('entries', { index: 0 }), 'ROLLED_BACK'],
    ['checkpoint', makeKey('checkpoint', { size: 1000 }), 'UNSIGNED'],
    ['partialTile', makeKey('partialTile', { level: 0, index: 3, width: 7 }), 'ROLLED_BACK'],
    ['partialEntries', makeKey('partialEntries', { index: 3, width: 7 }), 'ROLLED_BACK'],
    ['staging', makeKey('staging', { size: 1000, root: HASH }), orphaned],
    ['pending', makeKey('pending', { sha256: HASH, manifest: '0'.repeat(16) }), 'ALTERED'],
    ['note', makeKey('note', { kind: 'custody', sha256: HASH }), 'ALTERED'],
    ['note', makeKey('note', { kind: 'custody', sha256: hashBytes(BODY) }), 'UNREADABLE'],
    ['holdList', makeKey('holdList', { sha256: HASH }), 'ALTERED'],
    ['holdList', makeKey('holdList', { sha256: hashBytes(BODY) }), orphaned],
    ['cursor', makeKey('cursor', { feed: 'aws.cloudtrail' }), 'nothing'],
    ['holds', 'holds', 'UNREADABLE'],
    ['users', 'users', 'nothing'],
    ['versionHint', makeKey('versionHint', { table: 'events' }), 'nothing'],
    ['index', makeKey('index', { table: 'events', name: 'more' }), 'nothing'],
    ['cache', makeKey('cache', { name: 'more' }), 'nothing'],
  ];

  test.each(added)('a %s under %s: %s', async (name, key, verdict) => {
    expect(classNameOf(key)).toBe(name);
    const { home } = classOf(key)!;
    const copy = copyOf(lake.world);
    (home === 'vault' ? copy.inVault : copy.inState).set(key, BODY);
    const found = await check(copy);
    expect(found.orphans).toEqual(
      verdict === orphaned || (['evidence', 'holdList'].includes(name) && verdict === 'ALTERED') ? [key] : [],
    );
    expect(said(found)).toEqual(/^[A-Z]/.test(verdict) ? [`${verdict} ${key}`] : []);
  });

  test.each(added)('a %s in the other store is out of place', async (_, key) => {
    const copy = copyOf(lake.world);
    (classOf(key)!.home === 'vault' ? copy.inState : copy.inVault).set(key, BODY);
    expect(await problemsOf(copy, false)).toEqual([`ADDED ${key}`]);
  });

  test.each([
    'evil',
    'evidence/x',
    'ledger/notes',
    'ledger/timestamps/evil',
    'tables/events/data/x.parquet',
    'pending/x',
  ])('nothing has a place under %s, in either store', async (key) => {
    for (const half of ['inVault', 'inState'] as const) {
      const copy = copyOf(lake.world);
      copy[half].set(key, BODY);
      const listed = await problemsOf(copy, false);
      expect(listed).toEqual([`ADDED ${key}`]);
    }
  });

  test('a promise in the inbox of a body that is not there', async () => {
    const manifest = encodeManifest({
      format: 1,
      source: 'aws.cloudtrail',
      role: 'records',
      sha256: HASH,
      size: 5,
      origin: 'x',
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1,
      collector: 'test',
    });
    const copy = copyOf(lake.world);
    copy.inState.set(pendingKey(HASH, hashBytes(manifest).slice(0, 16)), manifest);
    for await (const item of drainPending(storesOf(copy).state)) expect(item).toHaveProperty('manifest');
    const body = evidenceKey('aws.cloudtrail', HASH);
    expect(await problemsOf(copy, false)).toEqual([`MISSING ${body}`]);
    copy.inVault.set(body, Buffer.from('1234'));
    expect(await problemsOf(copy, false)).toEqual([`TRUNCATED ${body}`]);
    copy.inVault.set(body, Buffer.from('12345'));
    expect(await problemsOf(copy)).toEqual([`ALTERED ${body}`]);
  });
});

describe('rolled back', () => {
  const known = async () => (await noteOf(storesOf(lake.world)))!;

  test('the state store alone: the vault remembers', async () => {
    const copy = copyOf({ inVault: lake.world.inVault, inState: lake.before.inState });
    for (const deep of [false, true])
      expect(await problemsOf(copy, deep)).toContain('ROLLED_BACK ledger/checkpoints/19');
  });

  test('the head alone', async () => {
    const copy = copyOf(lake.world);
    copy.inState.set('head', lake.before.inState.get('head')!);
    expect(await problemsOf(copy)).toContain('ROLLED_BACK ledger/checkpoint');
  });

  test('the newest seal dropped, with all that the ledger had of it: a head kept outside shows it', async () => {
    const copy = copyOf({ inVault: lake.world.inVault, inState: lake.before.inState });
    copy.inVault.delete('ledger/checkpoints/19');
    const without = await check(copy);
    // What that seal claimed is in no ledger any more, and looks as an interrupted run would leave it.
    expect(without).toMatchObject({ ok: true });
    expect(without.orphans.length).toBeGreaterThan(5);
    expect(said(await check(copy, true, await known()))).toEqual(['ROLLED_BACK head']);
  });

  test('the whole lake: only a head kept outside shows it, and without one that is said', async () => {
    const without = await check(lake.before);
    expect(without).toMatchObject({ ok: true });
    expect(without.caveats.join()).toContain('put back to an earlier state');
    const found = await check(lake.before, false, await known());
    expect(said(found)).toEqual(['ROLLED_BACK head']);
    expect(found.caveats.join()).not.toContain('put back to an earlier state');
    expect(said(await check(newWorld(), false, await known()))).toEqual(['ROLLED_BACK head']);
  });

  test('a head kept outside is content with a ledger that has grown', async () => {
    const old = (await noteOf(storesOf(lake.before)))!;
    expect(await check(lake.world, true, old)).toMatchObject({ ok: true });
    expect(await check(lake.world, true, await known())).toMatchObject({ ok: true });
  });

  test('all of it removed but a body: a lake never sealed does not say so of one that was', async () => {
    for (const left of ['ledger/checkpoints/8', 'ledger/checkpoints/19']) {
      const copy = newWorld();
      copy.inVault.set(left, lake.world.inVault.get(left)!);
      expect(said(await verification(copy, null))).toEqual([`UNSIGNED ${left}`]);
      expect(await problemsOf(copy)).toContain(`ROLLED_BACK ${left}`);
    }
  });
});

describe('another key', () => {
  const stranger = () => keySigner(lake.identity.origin, generateKeyPairSync('ed25519').privateKey);

  test('signed the checkpoint', async () => {
    const signer = stranger();
    const { checkpoint } = await check(lake.world);
    const head = { size: checkpoint!.size, root: Buffer.from(checkpoint!.root, 'hex') };
    const note = Buffer.from(await signCheckpoint(lake.identity.origin, head, [signer])).toString();
    const copy = changed(lake.world, 'head', (bytes) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), checkpoint: note })),
    );
    expect(await problemsOf(copy)).toEqual(['UNSIGNED head']);
    // Whoever believes the stranger still has the sealed checkpoints, which the stranger did not sign.
    const believer = { origin: lake.identity.origin, verifiers: [verifierFor(signer)] };
    expect(said(await verification(copy, believer))).toContain('UNSIGNED ledger/checkpoints/8');
  });

  test('signed everything anew: told by the key that is believed, and by nothing else', async () => {
    const other = new Workshop();
    const forged = await tamperLake(other);
    other.close();
    expect(await verification(forged.world, forged.identity)).toMatchObject({ ok: true });
    expect(await problemsOf(forged.world)).toEqual(['UNSIGNED head']);
  });

  test('was not needed: whoever holds the lake’s own key writes a new history, which a head kept outside contradicts', async () => {
    const rewritten = newWorld();
    for (const seed of [7, 8, 9])
      await shop.collect(
        storesOf(rewritten),
        shop.file(`new-${seed}.json`, trailFile(seed, 1, 1_700_000_000)),
      );
    const without = await check(rewritten);
    expect(without).toMatchObject({ ok: true });
    expect(without.caveats.join()).toContain('written anew by whoever holds its signing key');
    expect(said(await check(rewritten, false, await noteOf(storesOf(lake.before))))).toEqual(['FORKED head']);
  });

  test('is not there, and neither is ours: nothing can be believed', async () => {
    // Who calls says that the key is missing.
    expect(await verification(lake.world, null)).toMatchObject({ checkpoint: null, orphans: [] });
  });
});

describe('what the head and its tables say', () => {
  const metadataOf = async (table: 'events' | 'flows' | 'evidence') => {
    const { vault, state } = storesOf(lake.world);
    return readTable(vault, (await readHead(state)).head, table);
  };
  /** Other metadata under the sealed key; or under a key of its own, to which the head is turned. */
  async function rewritten(
    table: 'events' | 'flows' | 'evidence',
    edit: (metadata: Mutable) => void,
    turn: boolean,
  ) {
    const metadata = structuredClone(await metadataOf(table)) as unknown as Mutable;
    edit(metadata);
    const bytes = Buffer.from(`${JSON.stringify(metadata)}\n`);
    const copy = copyOf(lake.world);
    const head = JSON.parse(Buffer.from(copy.inState.get('head')!).toString());
    const sealed: string = head.tables[table];
    if (turn) head.tables[table] = makeKey('tableMetadata', { table, version: 2, sha256: hashBytes(bytes) });
    copy.inVault.set(head.tables[table], bytes);
    copy.inState.set('head', Buffer.from(JSON.stringify(head)));
    return { copy, sealed };
  }
  type Mutable = {
    files: { -readonly [K in keyof TableMetadata['files'][number]]: TableMetadata['files'][number][K] }[];
    overlapDays: string[];
  };

  const edits: readonly (readonly [string, (metadata: Mutable) => void])[] = [
    ['a data file hidden', (metadata) => metadata.files.pop()],
    ['a data file listed twice', (metadata) => metadata.files.push(metadata.files[0]!)],
    [
      'one listed twice in the place of another',
      (metadata) => metadata.files.splice(1, 1, metadata.files[0]!),
    ],
    ['a row count changed', (metadata) => metadata.files[0]!.rows++],
    [
      'a time bound changed',
      (metadata) => {
        metadata.files[0]!.maxTime = 0;
      },
    ],
    [
      'a day changed',
      (metadata) => {
        metadata.files[0]!.day = '2020-01-01';
      },
    ],
    ['a day with copies unmarked', (metadata) => metadata.overlapDays.push('2020-01-01')],
  ];

  test.each(edits)('%s in the sealed list', async (_, edit) => {
    const { copy, sealed } = await rewritten('flows', edit, false);
    for (const deep of [false, true]) expect(await problemsOf(copy, deep)).toContain(`ALTERED ${sealed}`);
  });

  test.each(edits)('%s in a list of its own', async (_, edit) => {
    const { copy } = await rewritten('flows', edit, true);
    for (const deep of [false, true]) expect(await problemsOf(copy, deep)).toContain('HEAD_DIFFERS head');
  });

  test('an edited data file, its sidecar, its table and the head all made to fit one another', async () => {
    const { files } = await metadataOf('flows');
    const ranges = files[0]!.key.replace('.parquet', '.ranges.json');
    const body = flipped(lake.world.inVault.get(files[0]!.key)!, 600, 1);
    const sidecar = Buffer.from(
      Buffer.from(lake.world.inVault.get(ranges)!)
        .toString()
        .replace(/[0-9a-f]{64}/, toHex(Buffer.alloc(32))),
    );
    const { copy } = await rewritten(
      'flows',
      ({ files: [file] }) => {
        file!.sha256 = hashBytes(body);
        file!.ranges = hashBytes(sidecar);
      },
      true,
    );
    copy.inVault.set(files[0]!.key, body);
    copy.inVault.set(ranges, sidecar);
    expect(await problemsOf(copy, false)).toEqual(['HEAD_DIFFERS head', `HEAD_DIFFERS ${files[0]!.key}`]);
    expect(await problemsOf(copy)).toEqual(
      [
        'HEAD_DIFFERS head',
        `HEAD_DIFFERS ${files[0]!.key}`,
        `ALTERED ${files[0]!.key}`,
        `ALTERED ${ranges}`,
      ].sort(),
    );
  });

  test.each([
    ['tables', 'flows'],
    ['tails', 'evidence/aws.vpcflow'],
  ])('a head that leaves out its %s of %s', async (member, name) => {
    const copy = changed(lake.world, 'head', (bytes) => {
      const head = JSON.parse(Buffer.from(bytes).toString());
      delete head[member][name];
      return Buffer.from(JSON.stringify(head));
    });
    expect(await problemsOf(copy, false)).toContain('HEAD_DIFFERS head');
  });
});

test('harm in several places is told apart, also when the ledger is among them', async () => {
  const [evidence] = keysOf('evidence');
  const [, data] = keysOf('data');
  const bundle = keysOf('partialEntries').find((key) => !earlierForms().includes(key))!;
  let world = changed(lake.world, evidence!, (bytes) => flipped(bytes, 3, 3));
  world = changed(world, data!, () => null);
  expect(await problemsOf(world)).toEqual([`ALTERED ${evidence}`, `MISSING ${data}`]);
  // The last entry alone is altered: what the others claim still is judged.
  world = changed(world, bundle, (bytes) => flipped(bytes, bytes.length - 10, 0));
  expect(await problemsOf(world)).toEqual(
    [`ALTERED ${bundle}`, `ALTERED ${evidence}`, `MISSING ${data}`].sort(),
  );
});

test('a lake that grows while it is verified is no alarm', async () => {
  const world = copyOf(lake.world);
  const growing = storesOf(world);
  let seals = 0;
  // Another collect runs to its end whenever the published checkpoint is read, the first few times.
  const watching = {
    vault: growing.vault,
    state: {
      ...growing.state,
      get: async (key: string) => {
        if (key === 'ledger/checkpoint' && seals < 3) {
          seals++;
          await shop.collect(storesOf(world), shop.file('more.log', flowFile(50 + seals, 1, 1_700_000_000)));
        }
        return growing.state.get(key);
      },
    },
  };
  const result = newVerification('bytes');
  await verifyStores(watching, lake.identity, null, { deep: true }, result);
  expect(seals).toBe(3);
  expect(result.problems).toEqual([]);
  expect(result.checkpoint!.size).toBeGreaterThan(30);
});
