import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AthenaClient } from '@aws-sdk/client-athena';
import { beforeAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import type { Invocation } from '../../cli/command.ts';
import { answerFor, engineOf } from '../../cli/query-engine.ts';
import type { AthenaAtHead } from '../../engine/athena/place.ts';
import { athenaTables } from '../../engine/athena/tables.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import type { QueryRequest } from '../../engine/query.ts';
import { collect } from '../../stages/collect.ts';
import type { Deed } from '../../stages/custody.ts';
import { type Head, readHead } from '../../tables/head.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { codeOf, scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
let lake: Lake;
let head: Head;
let athena: AthenaAtHead;
let request: QueryRequest;
/** What happened, in its order. */
const order: string[] = [];

const invocation = (engine?: string): Invocation => ({
  words: [],
  values: engine === undefined ? {} : { engine },
  json: false,
  lake: '',
});
const deed: Deed = { action: 'query', subject: 'select' };
const recorder = {
  record: async ({ rows, completes }: Deed) => {
    order.push(`record ${rows ?? '?'}${completes === undefined ? '' : ` of ${completes}`}`);
    return 'a1';
  },
};

beforeAll(async () => {
  const folder = await newFolder();
  lake = await openLake(join(folder, 'lake'));
  const path = join(folder, 'trail.json');
  writeFileSync(path, trailFile(1, 20, 1_700_000_000));
  await collect(lake, [path], { threads: 1 });
  ({ head } = await readHead(lake.state));
  const send = async (command: { constructor: { name: string } }) => {
    order.push(command.constructor.name);
    if (/Results/.test(command.constructor.name))
      return {
        ResultSet: {
          ResultSetMetadata: { ColumnInfo: [{ Name: 'n', Type: 'bigint' }] },
          Rows: ['n', '7'].map((text) => ({ Data: [{ VarCharValue: text }] })),
        },
      };
    return { QueryExecutionId: 'q', QueryExecution: { Status: { State: 'SUCCEEDED' } } };
  };
  athena = {
    place: { client: { send } as unknown as AthenaClient, database: 'trail', workGroup: 'trail' },
    tables: (await athenaTables(lake.vault, head, 'trail'))!,
  };
  request = { sql: 'select count(*) as n from events', snapshot: await readSnapshot(lake), views: [] };
}, 60_000);

const rowsOf = async (asking: Parameters<typeof answerFor>[1]) => {
  order.length = 0;
  const { answer, batches } = await answerFor(request, asking, recorder, deed);
  const rows: unknown[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { rows, summary: await answer.summary };
};

test('Athena is asked once it is on record, and what left is on record after it', async () => {
  const { rows, summary } = await rowsOf({ engine: 'athena', athena });
  expect(rows).toEqual([[7]]);
  expect(summary.read).toMatchObject({ engine: 'athena', id: 'q' });
  expect([order[0], order[1], order.at(-1)]).toEqual([
    'record ?',
    'StartQueryExecutionCommand',
    'record 1 of a1',
  ]);
});

test('by itself, what fits is asked here', async () => {
  expect(await rowsOf({ engine: 'auto', athena })).toMatchObject({ rows: [[20]] });
  expect(order).toEqual(['record 1']);
});

test('what cannot be asked for is refused', async () => {
  expect(await engineOf(invocation(), lake, head, 'table')).toEqual({ engine: 'auto', athena: null });
  expect(await codeOf(engineOf(invocation('athena'), lake, head, 'table'))).toBe('ATHENA_NONE');
  await expect(engineOf(invocation('trino'), lake, head, 'table')).rejects.toThrow(/auto, duckdb, athena/);
  await expect(engineOf(invocation('athena'), lake, head, 'parquet')).rejects.toThrow(/parquet/);
});
