import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { main } from '../../cli/main.ts';
import { compact } from '../../compaction/compact.ts';
import { exportIceberg, ICEBERG_TABLES } from '../../exports/iceberg.ts';
import { TABLES, type TableName } from '../../schema/columns.ts';
import { collect } from '../../stages/collect.ts';
import { readRows } from '../../stages/parquet-rows.ts';
import type { TableJson } from '../../tables/iceberg/table-json.ts';
import { type Lake, openLake, openLakeForReading } from '../../vault/lake.ts';
import { rowsOf } from '../stages/lake-rows.ts';
import { newWorld, storesOf, Workshop } from '../stages/memory-lake.ts';
import { readAvro } from '../tables/iceberg/avro-reader.ts';
import { codeOf, scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const DAY_SECONDS = 86_400;
const START = 1_700_000_000;

let seeded: string;
let folder: string;
let out: string;
beforeAll(async () => {
  seeded = await newFolder();
  await collectInto(join(seeded, 'lake'), 0, 3);
});
beforeEach(async () => {
  folder = await newFolder();
  out = join(folder, 'out');
  cpSync(seeded, folder, { recursive: true });
});
const at = (...parts: string[]) => join(folder, ...parts);

/** Some events and flows of each of these days, and one event without a time. */
async function collectInto(lake: string, from: number, to: number): Promise<void> {
  const input = join(lake, '..', `in-${from}`);
  const files: Record<string, string> = {
    'undated.json': trailFile(900 + from, 1, START).replace(/"eventTime":"[^"]*"/, '"eventTime":"unknown"'),
  };
  for (let day = from; day < to; day++) {
    files[`trail-${day}.json`] = trailFile(day + 1, 5, START + day * DAY_SECONDS);
    files[`flow-${day}.log`] = flowFile(day + 1, 5, START + day * DAY_SECONDS);
  }
  cpSync(await written(files), input, { recursive: true });
  await collect(await openLake(lake), [input], { threads: 1, now: () => 1_750_000_000_000 });
}

async function written(files: Readonly<Record<string, string>>): Promise<string> {
  const made = await newFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  return made;
}

const lakeHere = (): Promise<Lake> => openLakeForReading(at('lake'));
const exported = async (more: Partial<Parameters<typeof exportIceberg>[1]> = {}) =>
  exportIceberg(await lakeHere(), { location: out, copyData: false, now: 1_750_000_100_000, ...more });

const jsonOf = (table: TableName, version: number): TableJson =>
  JSON.parse(readFileSync(join(out, table, 'metadata', `v${version}.metadata.json`), 'utf8')) as TableJson;

interface Found {
  readonly path: string;
  readonly day: number | null;
}

/** The data files of a table's newest version, found as an engine finds them: from the metadata alone. */
async function dataFiles(table: TableName, moved = (uri: string) => uri): Promise<Found[]> {
  const version = Number(readFileSync(join(out, table, 'metadata', 'version-hint.text'), 'utf8'));
  const { snapshots, 'current-snapshot-id': current } = jsonOf(table, version);
  const open = (uri: string) => readFileSync(moved(uri).replace(/^file:\/\//, ''));
  const list = snapshots.find((snapshot) => snapshot['snapshot-id'] === current)!['manifest-list'];
  const manifests = (await readAvro(open(list))).records;
  const entries = await Promise.all(
    manifests.map(async ({ manifest_path }) => (await readAvro(open(manifest_path as string))).records),
  );
  return entries.flat().map(({ data_file }) => {
    const { file_path, partition } = data_file as { file_path: string; partition: { time_day?: number } };
    return { path: moved(file_path).replace(/^file:\/\//, ''), day: partition.time_day ?? null };
  });
}

const text = (row: object): string => JSON.stringify(Object.values(row).map(String));

describe('the whole lake', () => {
  test.each([false, true])(
    'every row of every table is found from the metadata (data copied: %s)',
    async (copyData) => {
      const written = await exported({ copyData });
      expect(written.tables.map(({ table }) => table)).toEqual(ICEBERG_TABLES);
      expect(ICEBERG_TABLES).toHaveLength(Object.keys(TABLES).length - 1);
      for (const { table, rows, files } of written.tables) {
        const found = await dataFiles(table);
        expect(found).toHaveLength(files);
        const inside = copyData ? join(out, table, 'data') : at('lake', 'vault');
        for (const { path } of found) expect(path.startsWith(`${inside}/`)).toBe(true);
        const read = (await Promise.all(found.map(({ path }) => readRows(readFileSync(path))))).flat();
        expect(read).toHaveLength(rows);
        const stored = await rowsOf(at('lake'), table);
        const uids = (list: readonly object[]) => list.map((row) => text(pick(row))).sort();
        expect(uids(read)).toEqual(uids(stored));
      }
    },
  );

  const pick = (row: object) => {
    const {
      uid = null,
      sha256 = null,
      evidence = null,
      locator = null,
      raw = null,
    } = row as Record<string, unknown>;
    return { uid, sha256, evidence, locator, raw };
  };

  test('days are partitions, and undated rows are in the one of no day', async () => {
    await exported();
    const days = (await dataFiles('events')).map(({ day }) => day);
    const first = Math.floor(START / DAY_SECONDS);
    expect(days.sort()).toEqual([first, first + 1, first + 2, null]);
  });
});

describe('an export after another', () => {
  test('adds what came since, as a snapshot more', async () => {
    const first = await exported();
    await collectInto(at('lake'), 3, 5);
    const second = await exported({ now: 1_750_000_200_000 });
    const [before, after] = [first, second].map(
      ({ tables }) => tables.find(({ table }) => table === 'events')!,
    );
    expect([after!.added, after!.files]).toEqual([3, before!.files + 3]);
    expect(await dataFiles('events')).toHaveLength(after!.files);
    const [old, json] = [jsonOf('events', 1), jsonOf('events', 2)];
    expect(json.snapshots[0]).toEqual(old.snapshots[0]);
    expect(json['table-uuid']).toBe(old['table-uuid']);
    expect(json['metadata-log']).toEqual([
      { 'timestamp-ms': 1_750_000_100_000, 'metadata-file': before!.metadata },
    ]);
  });

  test('after a compaction has other files in their place, each event once, and copies in a table of their own', async () => {
    const twice = JSON.parse(trailFile(1, 5, START)) as { Records: object[] };
    const lines = twice.Records.map((record) => JSON.stringify(record)).join('\n');
    await collect(await openLake(at('lake')), [await written({ 'copy.ndjson': lines })], { threads: 1 });
    const first = await exported();
    expect(first.tables.map(({ name }) => name)).toEqual(ICEBERG_TABLES);
    await compact(await openLake(at('lake')), { here: true, now: 1_750_000_150_000_000 });
    const second = await exported({ now: 1_750_000_200_000 });
    const rowsIn = (name: string) => second.tables.find((one) => one.name === name)?.rows;
    expect(rowsIn('events')).toBe(16);
    expect(rowsIn('events_copies')).toBe(5);
    const { snapshots } = jsonOf('events', 2);
    expect(snapshots.map(({ summary }) => [summary.operation, summary['total-records']])).toEqual([
      ['append', '21'],
      ['overwrite', '16'],
    ]);
    const found = await dataFiles('events');
    expect(found.filter(({ path }) => path.includes('/compacted-'))).toHaveLength(1);
    const read = (await Promise.all(found.map(({ path }) => readRows(readFileSync(path))))).flat();
    expect(new Set(read.map(({ uid }) => uid)).size).toBe(16);
    await exported({ now: 1_750_000_300_000 });
    expect(() => jsonOf('events', 3)).toThrow();
    await collectInto(at('lake'), 3, 5);
    expect((await exported({ now: 1_750_000_400_000 })).tables[0]).toMatchObject({ added: 3 });
  });

  test('changes nothing when nothing came', async () => {
    await exported();
    const files = () => readdirSync(out, { recursive: true }).sort();
    const before = files();
    await exported({ now: 1_750_000_200_000 });
    expect(files()).toEqual(before);
  });

  test('finishes one that was broken off', async () => {
    const whole = await exported({ copyData: true });
    rmSync(join(out, 'events', 'metadata', 'version-hint.text'));
    rmSync(join(out, 'flows', 'metadata', 'v1.metadata.json'));
    rmSync(join(out, 'verdicts'), { recursive: true });
    const again = await exported({ copyData: true });
    expect(again.rows).toBe(whole.rows);
    for (const { table, files } of again.tables) expect(await dataFiles(table)).toHaveLength(files);
  });

  test('is refused where another lake, another way or somebody else was', async () => {
    await exported();
    expect(await codeOf(exported({ copyData: true }))).toBe('ICEBERG_TAKEN');
    expect(await codeOf(exported({ readAt: 's3://example/elsewhere' }))).toBe('ICEBERG_TAKEN');
    rmSync(at('lake'), { recursive: true });
    await collectInto(at('lake'), 7, 9);
    expect(await codeOf(exported())).toBe('ICEBERG_TAKEN');
    for (const foreign of ['', '{}', 'null', '{"format-version":2,"snapshots":[],"schemas":[]}']) {
      writeFileSync(join(out, 'events', 'metadata', 'v1.metadata.json'), foreign);
      expect(await codeOf(exported())).toBe('ICEBERG_TAKEN');
    }
  });
});

describe('places', () => {
  test('an export with its data can be written here and read there', async () => {
    await exported({ copyData: true, readAt: 's3://example/lake/' });
    const there = at('there');
    renameSync(out, there);
    out = there;
    rmSync(at('lake'), { recursive: true });
    const moved = (uri: string) => {
      expect(uri.startsWith('s3://example/lake/')).toBe(true);
      return uri.replace('s3://example/lake', there);
    };
    expect(jsonOf('events', 1).location).toBe('s3://example/lake/events');
    for (const { path } of await dataFiles('events', moved))
      expect(readFileSync(path).length).toBeGreaterThan(0);
  });

  test('a lake whose objects are no files of this machine is copied', async () => {
    const shop = new Workshop();
    const stores = storesOf(newWorld());
    await shop.collect(stores, shop.file('trail.json', trailFile(1, 5, START)));
    const lake = { ...shop.lakeOf(stores), ...stores };
    const request = { location: out, now: 1_750_000_100_000 };
    expect(await codeOf(exportIceberg(lake, { ...request, copyData: false }))).toBe('STORE_UNSUPPORTED');
    await exportIceberg(lake, { ...request, copyData: true });
    const [{ path }] = (await dataFiles('events')) as [Found];
    expect(await readRows(readFileSync(path))).toHaveLength(5);
    shop.close();
  });

  test('folders whose names engines would read differently are refused', async () => {
    for (const name of ['50%', 'a?b', 'a#b', 'a\nb'])
      expect(await codeOf(exported({ location: join(folder, name) }))).toBe('ICEBERG_PATH');
    expect((await exported({ location: join(folder, 'ein Überblick') })).rows).toBeGreaterThan(0);
  });
});

describe('a lake that was changed', () => {
  const dataFile = () =>
    readdirSync(at('lake/vault/tables/events/data'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.parquet'))
      .map((name) => at('lake/vault/tables/events/data', name))[0]!;
  const change = (path: string, position: number) => {
    const bytes = readFileSync(path);
    bytes[position < 0 ? bytes.length + position : position]! ^= 1;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
  };

  test('gives no export of an altered footer, hash list or copied row', async () => {
    change(dataFile(), -20);
    expect(await codeOf(exported())).toBe('DATA_ALTERED');
    change(dataFile(), -20);
    change(dataFile(), 8);
    expect(await codeOf(exported({ copyData: true }))).toBe('DATA_ALTERED');
    const copies = readdirSync(out, { recursive: true, encoding: 'utf8' });
    expect(copies.filter((name) => dataFile().endsWith(name.replace('events/', '/')))).toEqual([]);
    change(dataFile(), 8);
    change(dataFile().replace('.parquet', '.ranges.json'), 20);
    expect(await codeOf(exported())).toBe('DATA_ALTERED');
  });
});

describe('the command', () => {
  test('goes on record and says what it wrote', async () => {
    expect(await main(['export', '--iceberg', out, '--lake', at('lake'), '--case', 'C-1'])).toBe(0);
    const waiting = readdirSync(at('lake/state/pending')).map((name) =>
      readFileSync(at('lake/state/pending', name), 'utf8'),
    );
    expect(waiting.some((record) => record.includes('iceberg to') && record.includes('all tables'))).toBe(
      true,
    );
  });

  test.each([
    [['--iceberg', 's3://example/prefix']],
    [['--iceberg', 'out', '--format', 'ocsf']],
    [['--iceberg', 'out', '--read-at', 's3://example/prefix']],
    [['--iceberg', 'out', '--copy-data', '--read-at', 'bucket']],
  ])('tells misuse: %s', async (words) => {
    expect(await main(['export', ...words, '--lake', at('lake')])).toBe(2);
  });
});
