import { existsSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import { random } from '../../../bench/random.ts';
import { type ChosenTable, chooseFiles } from '../../../engine/plan/choose.ts';
import { ANY, type Condition } from '../../../engine/plan/condition.ts';
import { gather } from '../../../engine/stage/gather.ts';
import { publishedViews, withDependencies } from '../../../engine/views.ts';
import { randomLake } from '../plan/random-lake.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-gather-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { snapshot } = randomLake(random(11), folder);

async function chosen(columns: readonly string[] | null, condition: Condition = ANY): Promise<ChosenTable> {
  const views = withDependencies(publishedViews([]), ['flows']);
  const scans = columns === null ? null : [{ name: 'flows', columns, condition }];
  return (await chooseFiles(snapshot, views, scans))[0]!;
}

async function rowsOf(paths: readonly string[], sql: string): Promise<unknown> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const list = paths.map((path) => `'${path}'`).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT ${sql} FROM read_parquet([${list}], union_by_name = true) ORDER BY ALL`,
  );
  const rows = reader.getRowsJson();
  connection.closeSync();
  return rows;
}

test('a few columns of many files become two files of the same rows, gone when they are released', async () => {
  const table = await chosen(['time', 'src_ip', 'bytes']);
  const plain = table.files.filter(({ overlaps }) => !overlaps);
  const gathered = (await gather(table))!;
  const added = gathered.files.filter((file) => !table.files.includes(file));
  expect(added).toHaveLength(2);
  const kept = new Set(gathered.files);
  const gone = plain.filter((file) => !kept.has(file));
  expect(gone.length).toBeGreaterThan(3);
  const count = (files: readonly { readonly rows: number }[]) =>
    files.reduce((sum, { rows }) => sum + rows, 0);
  expect(count(added)).toBe(count(gone));
  const columns = 'time, src_ip, bytes';
  const pathsOf = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);
  expect(await rowsOf(pathsOf(added), columns)).toEqual(await rowsOf(pathsOf(gone), columns));
  await gathered.release();
  expect(added.some(({ path }) => existsSync(path))).toBe(false);
});

test('row groups that no row of interest can lie in are left out; rows alone are counted by any column', async () => {
  const all = (await gather(await chosen(['time'])))!;
  const last = Math.max(...snapshot.tables.flows.files.map(({ maxTime }) => maxTime ?? 0));
  const few = await gather(
    await chosen(['time'], { kind: 'compare', column: 'time', than: '>=', value: last - 40 * 86_400e6 }),
  );
  const some = await gather(
    await chosen(['time'], { kind: 'compare', column: 'time', than: '>=', value: last - 3_600e6 }),
  );
  const size = (gathered: typeof few) => gathered?.files.reduce((sum, { rows }) => sum + rows, 0) ?? 0;
  expect(size(few)).toBeLessThanOrEqual(size(all));
  expect(size(some)).toBeLessThan(size(all));
  const counted = (await gather(await chosen([])))!;
  expect(size(counted)).toBe(size(all));
  for (const gathered of [all, few, some, counted]) await gathered?.release();
});

test('what is read whole stays where it is, and so does what cannot be understood', async () => {
  expect(await gather(await chosen(null))).toBeNull();
  const table = await chosen(['time']);
  expect(await gather({ ...table, files: table.files.slice(0, 2) })).toBeNull();
  const cut = table.files.find(({ overlaps }) => !overlaps)!;
  truncateSync(cut.path, cut.bytes - 1);
  // Not the one that was read before.
  const files = table.files.map((file) => (file === cut ? { ...file, stored: undefined } : file));
  expect(await gather({ ...table, files: files as typeof table.files })).toBeNull();
});
