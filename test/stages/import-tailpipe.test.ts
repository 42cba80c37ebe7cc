/** `akashi import tailpipe`: both of its layouts, with its list of files, beside the same event from a trail. */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { isCompanion, readTailpipeList } from '../../stages/tailpipe-store.ts';
import { scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const SAMPLES = fileURLToPath(new URL('../../connectors/', import.meta.url));
let folder: string;
let lake: string;
let printed = '';

beforeEach(async () => {
  folder = await newFolder();
  lake = join(folder, 'lake');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

async function akashi(...words: string[]): Promise<{ code: number; text: string }> {
  printed = '';
  const code = await main([...words, '--lake', lake]);
  return { code, text: printed };
}

const rowsOf = async (sql: string): Promise<unknown[][]> => {
  const { text } = await akashi('query', sql, '--json');
  return (JSON.parse(text) as { rows: object[] }).rows.map((row) => Object.values(row) as unknown[]);
};

function place(sample: string, at: string): void {
  const to = join(folder, 'default', at);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(SAMPLES, sample), to);
}

/** As DuckLake's specification has the tables, as far as they are asked. */
function catalogue(files: readonly (readonly [path: string, ended: number | null])[], path: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    'CREATE TABLE ducklake_data_file (data_file_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, path VARCHAR, path_is_relative BOOLEAN, record_count BIGINT)',
  );
  database.exec(
    'CREATE TABLE ducklake_delete_file (delete_file_id BIGINT, end_snapshot BIGINT, delete_count BIGINT)',
  );
  const insert = database.prepare('INSERT INTO ducklake_data_file VALUES (?, 1, 1, ?, ?, 1, 4)');
  for (const [at, [name, ended]] of files.entries()) insert.run(at, ended, name);
  database.exec('INSERT INTO ducklake_delete_file VALUES (1, NULL, 2)');
  database.close();
}

test('both layouts and the list; what is held from a trail stands first; said wherever one asks', {
  timeout: 180_000,
}, async () => {
  place(
    'aws-cloudtrail-tailpipe/samples/data_0.parquet',
    'tp_table=aws_cloudtrail_log/tp_partition=prod/tp_index=111122223333/tp_date=2025-05-01/data_0.parquet',
  );
  place(
    'aws-cloudtrail-tailpipe/samples/ducklake-zstd-v2.parquet',
    'main/aws_cloudtrail_log/tp_partition=prod/tp_index=111122223333/year=2025/month=5/ducklake-0001.parquet',
  );
  place(
    'aws-vpcflow-tailpipe/samples/flows.parquet',
    'main/aws_vpc_flow_log/tp_partition=prod/tp_index=default/year=2025/month=5/ducklake-0002.parquet',
  );
  place('azure-activity-tailpipe/samples/activity.parquet', 'main/azure_activity_log/ducklake-0003.parquet');
  place('gcp-audit-tailpipe/samples/audit.parquet', 'main/gcp_audit_log/ducklake-0004.parquet');
  catalogue(
    [
      ['ducklake-0001.parquet', null],
      ['year=2025/ducklake-0002.parquet', null],
      ['ducklake-0003.parquet', 7],
      ['ducklake-0009.parquet', null],
    ],
    join(folder, 'default/metadata.sqlite'),
  );
  mkdirSync(join(folder, 'trail'));
  const event = {
    eventVersion: '1.09',
    eventTime: '2025-05-01T09:15:30Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateAccessKey',
    awsRegion: 'us-east-1',
    eventID: '0828c0d2-3589-4390-b954-c78b4a7df44b',
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/alice' },
    requestParameters: { userName: 'bob' },
    recipientAccountId: '111122223333',
    sourceIPAddress: '198.51.100.7',
  };
  writeFileSync(join(folder, 'trail/log.json'), JSON.stringify({ Records: [event] }));
  await akashi('collect', join(folder, 'trail'));

  const first = await akashi('import', 'tailpipe', join(folder, 'default'));
  expect(first.code).toBe(0);
  expect(first.text).toMatch(/15 records from 6 objects.*12 events \+ 3 flows \+ 0 skipped \+ 0 unreadable/);
  expect(first.text).toMatch(
    /lists 3 current data files\n.*1 of them are not there\n.*1 more are listed as replaced or removed.*\n.*2 data files are there that it does not list.*\n.*2 rows are listed as deleted/,
  );
  expect(first.text).toContain('5 verdicts recorded');
  const again = JSON.parse(
    (await akashi('import', 'tailpipe', join(folder, 'default'), '--json')).text,
  ) as object;
  expect(again).toMatchObject({ objects: 0, duplicateObjects: 6, recorded: 0 });

  expect(
    await rowsOf(
      "select source, count(*), bool_or(conflict) from events where uid = '0828c0d2-3589-4390-b954-c78b4a7df44b' group by all",
    ),
  ).toEqual([['aws.cloudtrail', 1, false]]);
  expect(await rowsOf("select count(*) from events where source = 'aws.cloudtrail-tailpipe'")).toEqual([[3]]);
  expect(await rowsOf("select distinct verdict from evidence where source like '%-tailpipe'")).toEqual([
    ['IMPORTED'],
  ]);
  expect((await akashi('coverage')).text).toMatch(
    /gcp\.audit-tailpipe: imported from Tailpipe .*1 body with 2 records \(1 IMPORTED\)/,
  );
  expect((await akashi('prove', 'abc123', '--out', join(folder, 'proof'))).text).toMatch(
    /imported from Tailpipe, received .*IMPORTED, taken out of another/,
  );
  expect((await akashi('verify', '--deep', '--rederive')).code).toBe(0);
});

test('a list that is none, or a trap, is told and takes nothing along', async () => {
  const path = join(await newFolder(), 'metadata.sqlite');
  writeFileSync(path, 'SQLite format 3\0 not really');
  expect(await readTailpipeList(path)).toHaveProperty('problem');
  const trap = join(await newFolder(), 'metadata.sqlite');
  const database = new DatabaseSync(trap);
  database.exec(
    'CREATE VIEW ducklake_data_file AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS path, NULL AS end_snapshot FROM n',
  );
  database.close();
  expect(await readTailpipeList(trap)).toMatchObject({
    problem: expect.stringContaining('lists no data files'),
  });
  expect(await readTailpipeList('/nowhere/metadata.sqlite')).toHaveProperty('problem');
});

test('files of Tailpipe that hold no records are told by their names', () => {
  for (const name of [
    'metadata.sqlite',
    'metadata.sqlite-wal',
    'metadata.sqlite.backup.20251001000000',
    'a/b/ducklake-1-delete.parquet',
    'collection_state_aws_cloudtrail_log.json',
  ])
    expect(isCompanion(name), name).toBe(true);
  for (const name of ['ducklake-1.parquet', 'data_0.parquet', 'notes.txt'])
    expect(isCompanion(name), name).toBe(false);
});
