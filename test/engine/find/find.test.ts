import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needleColumns } from '../../../tables/needle/columns.ts';
import type { Stores } from '../../../vault/evidence.ts';
import { newWorld, storesOf, Workshop, type World } from '../../stages/memory-lake.ts';
import { codeOf } from '../../vault/scratch.ts';
import { DAY, found, type MadeRow, madeRow, START, sealRows } from './lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => shop.close());

/** What is typed, and what stands in logs for the same thing. */
const SAME: readonly (readonly [typed: string, ...stored: string[]])[] = [
  ['192.0.2.10:443', '192.0.2.10', '::ffff:192.0.2.10'],
  ['198.51.100.7/32', '198.51.100.7'],
  ['2001:DB8:0:0::1', '2001:db8::1', '2001:DB8::0:1', '2001:0db8:0000:0000:0000:0000:0000:0001'],
  ['[2001:db8::2]:8443', '2001:db8::2'],
  ['arn:aws:sts::111122223333:assumed-role/Admin', 'arn:aws:sts::111122223333:assumed-role/Admin/alice'],
  ['arn:aws:sts::111122223333:assumed-role/Admin/bob', 'arn:aws:sts::111122223333:assumed-role/Admin/bob'],
  ['AROAEXAMPLEEXAMPLE12', 'AROAEXAMPLEEXAMPLE12:alice', 'AROAEXAMPLEEXAMPLE12'],
  ['ASIAEXAMPLEEXAMPLE34', 'ASIAEXAMPLEEXAMPLE34'],
  ['Alice@Example.com', 'alice@example.com', 'ALICE@EXAMPLE.COM'],
  ['{8F6C1E0A-0000-4000-A000-00000000000B}', '8f6c1e0a-0000-4000-a000-00000000000b'],
  ['111122223333', '111122223333'],
  ['i-0abc1234def567890', 'i-0abc1234def567890'],
  [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  ],
  ['host.example.com', 'HOST.example.com'],
  [
    '//compute.googleapis.com/projects/p/zones/z/instances/1',
    '//compute.googleapis.com/projects/p/zones/z/instances/1',
  ],
];
/** Values that a forger might write to be passed over, or to be mistaken for others. */
const FORGED = [
  ...[
    '192.0.2.1',
    '192.0.2.100',
    ' 192.0.2.10',
    '192.0.2.10 ',
    '192.0.2.10:443',
    '2001:db8::10',
    '::',
    ':',
    '',
  ],
  ...['arn:aws:sts::111122223333:assumed-role/Admin/', 'arn:aws:sts::111122223333:assumed-role/AdminX/alice'],
  ...[
    'AROAEXAMPLEEXAMPLE12:',
    'AROAEXAMPLEEXAMPLE123:x',
    '\u001b[2J192.0.2.10',
    '192.0.2.10\u0000',
    '\ud800',
  ],
  ...[
    'ſ@example.com',
    'ALİCE@example.com',
    "'; drop table events; --",
    'x'.repeat(5_000),
    'é'.repeat(40),
    '*',
  ],
];
const STORED = [...SAME.flatMap(([, ...stored]) => stored), ...FORGED];

const fold = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
/** Groups of stored values that are one and the same to whoever seeks. */
const classOf = new Map(
  SAME.flatMap(([, ...stored], at) => stored.map((value) => [fold(value), at] as const)),
);

const ADMIN = SAME.findIndex(([typed]) => typed.endsWith('/Admin'));

/** Columns of a row that a full scan finds for the value typed at `at` of SAME. */
function scan({ table, row }: MadeRow, at: number): string[] {
  const cells = row as unknown as Record<string, string | readonly string[] | null>;
  const names = [...needleColumns(table).keys()].filter((column) =>
    [cells[column] ?? []].flat().some((value) => {
      const text = fold(value.toWellFormed());
      if (classOf.get(text) === at) return true;
      // Bob's session is one of Admin's too.
      return at === ADMIN && text === 'arn:aws:sts::111122223333:assumed-role/admin/bob';
    }),
  );
  return Object.keys(cells).filter((name) => names.includes(name));
}

const EVENT_TEXTS = [...needleColumns('events').keys()].filter(
  (name) => !['uid', 'targets', 'evidence'].includes(name),
);
const FLOW_TEXTS = [...needleColumns('flows').keys()].filter((name) => !['uid', 'evidence'].includes(name));
const stored = fc.constantFrom(...STORED);
const row = fc.oneof(
  fc
    .tuple(
      fc.nat(2),
      fc.dictionary(fc.constantFrom(...EVENT_TEXTS), stored, { maxKeys: 4 }),
      fc.array(stored, { maxLength: 3 }),
    )
    .map(([day, cells, targets]) =>
      madeRow('events', day, { ...cells, targets: targets.length > 0 ? targets : null }),
    ),
  fc
    .tuple(fc.nat(2), fc.dictionary(fc.constantFrom(...FLOW_TEXTS), stored, { maxKeys: 4 }))
    .map(([day, cells]) => madeRow('flows', day, cells)),
);
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 14 }), { minLength: 1, maxLength: 10 });

/** What may happen to the index between two questions. */
type Harm = (index: [string, Uint8Array][], pick: number) => void;
const HARMS: readonly (readonly [string, Harm])[] = [
  ['nothing', () => {}],
  ['all of it removed', (index) => index.forEach(([key]) => void world.inState.delete(key))],
  ['one object removed', (index, pick) => void world.inState.delete(index[pick % index.length]![0])],
  [
    'one bit flipped',
    (index, pick) => {
      const [key, bytes] = index[pick % index.length]!;
      world.inState.set(
        key,
        bytes.with(pick % bytes.length, bytes[pick % bytes.length]! ^ (1 << (pick % 8))),
      );
    },
  ],
  [
    'one object cut short',
    (index, pick) => {
      const [key, bytes] = index[pick % index.length]!;
      world.inState.set(key, bytes.subarray(0, pick % bytes.length));
    },
  ],
  [
    'one object in the place of another',
    (index, pick) => {
      world.inState.set(index[pick % index.length]![0], index[(pick + 1) % index.length]![1]);
    },
  ],
];
const needles = () => [...world.inState].filter(([key]) => key.includes('/needles/'));

describe('what is found is what a full scan finds', () => {
  test('whatever the rows, the batches and the harm done to the index', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom(...HARMS), fc.nat(), async (lake, [, harm], pick) => {
        world = newWorld();
        stores = storesOf(world);
        for (const rows of lake) await sealRows(shop, stores, rows);
        harm(needles(), pick);
        for (const [at, [typed]] of SAME.entries()) {
          const expected = lake
            .flat()
            .map((made) => [made.row.uid, scan(made, at)] as const)
            .filter(([, columns]) => columns.length > 0);
          const { rows } = await found(stores, typed);
          expect(Object.fromEntries(rows as [string, string[]][])).toEqual(Object.fromEntries(expected));
          expect(rows.length).toBe(expected.length);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test('a whole index names no file to read for what is nowhere', async () => {
    for (let batch = 0; batch < 12; batch++)
      await sealRows(shop, stores, [madeRow('events', batch, { src_ip: `192.0.2.${batch}` })]);
    const { rows, unindexed } = await found(stores, '203.0.113.9');
    expect({ rows, unindexed }).toEqual({ rows: [], unindexed: 0 });
    // Eight packs of one size have become one.
    expect(needles().filter(([key]) => key.endsWith('.pack')).length).toBeLessThan(12);
  });

  test('an index that lies is not believed, and says so', async () => {
    await sealRows(shop, stores, [madeRow('events', 0, { src_ip: '192.0.2.10' })]);
    const other = new Workshop();
    const forged = newWorld();
    await sealRows(other, storesOf(forged), [madeRow('events', 0, { src_ip: '192.0.2.77' })]);
    other.close();
    const pack = (from: World) => [...from.inState].find(([key]) => key.endsWith('.pack'))!;
    world.inState.set(pack(world)[0], pack(forged)[1]);
    const answer = await found(stores, '192.0.2.10');
    expect(answer.rows.length).toBe(1);
    expect(answer.unindexed).toBe(1);
    expect(answer.problems.length).toBe(1);
  });

  test('a data file that was altered gives no answer rather than a wrong one', async () => {
    await sealRows(shop, stores, [madeRow('events', 0, { src_ip: '192.0.2.10' })]);
    const [key, bytes] = [...world.inVault].find(([name]) => name.endsWith('.parquet'))!;
    world.inVault.set(
      key,
      bytes.map((byte) => byte ^ 1),
    );
    expect(await codeOf(found(stores, '192.0.2.10'))).toBe('DATA_ALTERED');
  });
});

describe('ranges, beginnings and times', () => {
  beforeEach(async () => {
    const ips = [
      '10.2.0.1',
      '10.2.255.255',
      '10.20.0.1',
      '10.3.0.0',
      '2001:db8:1::5',
      '2001:DB8:0001:0::9',
      '2001:db9::1',
    ];
    await sealRows(
      shop,
      stores,
      ips.map((src_ip, at) => madeRow('events', at, { src_ip, actor_name: `name-${at}`, uid: src_ip })),
    );
  });
  const uids = async (value: string, more = {}) =>
    (await found(stores, value, more)).rows.map(([uid]) => uid).sort();

  test.each([
    ['10.2.0.0/16', ['10.2.0.1', '10.2.255.255']],
    ['10.2.0.0/15', ['10.2.0.1', '10.2.255.255', '10.3.0.0']],
    ['10.2.', ['10.2.0.1', '10.2.255.255']],
    ['2001:db8:1::/48', ['2001:DB8:0001:0::9', '2001:db8:1::5']],
    ['0.0.0.0/0', ['10.2.0.1', '10.2.255.255', '10.20.0.1', '10.3.0.0']],
    ['NAME-3*', ['10.3.0.0']],
  ])('%s', async (value, expected) => {
    expect(await uids(value)).toEqual(expected);
  });

  test('since and until bound the rows, newest first, and a limit says that there are more', async () => {
    const range = { since: START + DAY, until: START + 3 * DAY };
    expect(await uids('10.0.0.0/8', range)).toEqual(['10.2.255.255', '10.20.0.1']);
    const { rows } = await found(stores, '10.0.0.0/8', { limit: 2 });
    expect(rows.map(([uid]) => uid)).toEqual(['10.3.0.0', '10.20.0.1']);
  });

  test.each(['', ' ', 'x'.repeat(5000), '10.0.0.0/33'])('%j is refused', async (value) => {
    expect(await codeOf(found(stores, value))).toBe('FIND_VALUE');
  });
});

describe('copies of an event', () => {
  const copy = (cells: object) =>
    madeRow('events', 0, {
      time: START,
      uid: 'same',
      identity: 'same',
      evidence: 'ab'.repeat(32),
      src_ip: '192.0.2.10',
      ...cells,
    });

  test('are shown once where they agree, and all where they do not', async () => {
    await sealRows(shop, stores, [copy({ locator: 'b' })]);
    await sealRows(shop, stores, [copy({ locator: 'a' })]);
    expect((await found(stores, '192.0.2.10', { columns: ['locator'] })).rows).toEqual([['a']]);
    await sealRows(shop, stores, [
      copy({ locator: 'c', operation: 'Other' }),
      copy({ locator: 'd', operation: 'Real' }),
    ]);
    expect((await found(stores, '192.0.2.10')).rows.length).toBe(4);
  });
});

test('an original text is searched when that is asked for', async () => {
  await sealRows(shop, stores, [
    madeRow('events', 0, { raw: '{"ticket":"INC-42"}' }),
    madeRow('events', 0, { actor_name: 'INC-42', raw: null }),
    madeRow('events', 1, { raw: '{"ticket":"INC-43"}' }),
  ]);
  expect((await found(stores, 'INC-42')).rows.map(([, matched]) => matched)).toEqual([['actor_name']]);
  const { rows } = await found(stores, 'INC-42', { anywhere: true });
  expect(rows.map(([, matched]) => matched)).toEqual([['actor_name'], ['raw']]);
});
