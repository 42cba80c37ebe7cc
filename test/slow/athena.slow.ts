/** Athena's dialect in Trino itself, whose engine Athena is: the views answer as ours do. And its API against moto. */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AthenaClient } from '@aws-sdk/client-athena';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { askAthena } from '../../engine/athena/client.ts';
import { athenaStatement } from '../../engine/athena/statement.ts';
import type { AthenaTables } from '../../engine/athena/views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import type { CaseRow } from '../../queries/cases.ts';
import { TABLES, type TableName } from '../../schema/columns.ts';
import { collect } from '../../stages/collect.ts';
import { readHead } from '../../tables/head.ts';
import { openTable } from '../../tables/table-metadata.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { comparable, selectRow } from '../queries/trino-sql.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'akashi-athena-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RANK = ['aws.cloudtrail'];
const NOON = 1_700_000_000;

/** Each with the views it names. */
const QUESTIONS: Readonly<Record<string, { readonly views: readonly string[]; readonly sql: string }>> = {
  events: {
    views: ['events'],
    sql: 'SELECT uid, source, operation, conflict, evidence, locator FROM events ORDER BY uid, operation, evidence, locator',
  },
  flows: { views: ['flows'], sql: 'SELECT uid, src_ip, bytes, evidence FROM flows ORDER BY uid, evidence' },
  all: { views: ['events_all'], sql: 'SELECT count(*) AS n FROM events_all' },
  timeline: {
    views: ['timeline'],
    sql: `WITH few AS (SELECT kind, summary, "time" FROM timeline) SELECT kind, summary, "time" FROM few ORDER BY "time", summary`,
  },
  evidence: {
    views: ['evidence'],
    sql: 'SELECT sha256, source, records, verdict FROM evidence ORDER BY sha256',
  },
  custody: { views: ['custody'], sql: 'SELECT count(*) AS n FROM custody' },
};

let lake: Lake;
let snapshot: Snapshot;

async function rowsOf(sql: string): Promise<{ columns: string[]; rows: unknown[][] }> {
  const answer = await runQuery({ sql, snapshot, views: [], sourceRank: RANK });
  const rows: unknown[][] = [];
  for await (const batch of answer) rows.push(...batch.map((row) => [...row]));
  return { columns: answer.columns.map(({ name }) => name), rows };
}

/** The rows that are stored, in the place of tables that Trino has not. */
async function inlined(table: TableName, view: string): Promise<string> {
  const names = TABLES[table].map(({ name }) => name);
  const { rows } = await rowsOf(`SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM ${view}`);
  const selects = rows.map((row) => {
    const cells = names.map((name, at) => [name, name === 'raw' ? null : row[at]] as const);
    return selectRow(table, Object.fromEntries(cells) as CaseRow);
  });
  return `(${selects.join(' UNION ALL ') || `${selectRow(table, {})} WHERE false`})`;
}

beforeAll(async () => {
  lake = await openLake(join(folder, 'lake'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const trail = trailFile(1, 6, NOON);
  await collect(lake, [file('trail.json', trail), file('later.json', trailFile(2, 4, NOON + 86_400))], {
    threads: 1,
  });
  const { Records } = JSON.parse(trail) as { Records: Record<string, unknown>[] };
  // One copy that agrees, one that says another operation, and flows delivered twice.
  Records[1]!['eventName'] = 'ForgedOperation';
  await collect(
    lake,
    [
      file(
        'copy.ndjson',
        Records.slice(0, 3)
          .map((record) => JSON.stringify(record))
          .join('\n'),
      ),
      file('flows.log', flowFile(3, 4, NOON)),
    ],
    { threads: 1 },
  );
  await collect(lake, [file('again.log', `${flowFile(3, 4, NOON)}\n`)], { threads: 1 });
  snapshot = await readSnapshot(lake);
}, 120_000);

test('views say in Trino what they say in DuckDB, copies of events among them', async ({ skip }) => {
  const { head } = await readHead(lake.state);
  const tables: Partial<Record<TableName, AthenaTables[TableName]>> = {};
  for (const [table, view] of [
    ['events', 'events_all'],
    ['evidence', 'evidence'],
    ['custody', 'custody'],
    ['verdicts', 'verdicts'],
  ] as const) {
    const { overlapDays } = await openTable(lake.vault, head, table);
    tables[table] = { rows: await inlined(table, view), copies: null, overlapDays };
  }
  const { overlapDays } = await openTable(lake.vault, head, 'flows');
  // There is no view of every copy of a flow: these are told twice.
  const flows = await inlined('flows', 'flows');
  tables.flows = {
    rows: `(SELECT * FROM ${flows} UNION ALL SELECT * FROM ${flows})`,
    copies: null,
    overlapDays,
  };
  expect(overlapDays.length + tables.events!.overlapDays.length).toBe(2);
  for (const [name, { views, sql }] of Object.entries(QUESTIONS)) {
    const statement = athenaStatement(
      { sql, parameters: [], views, sourceRank: RANK },
      tables as AthenaTables,
    );
    writeFileSync(join(folder, `${name}.sql`), statement);
  }
  try {
    execFileSync(path('./trino.sh'), [path('../../node_modules/.cache/trino'), folder], { stdio: 'inherit' });
  } catch (error) {
    skip(`Trino could not be run: ${String(error)}`);
  }
  for (const [name, { sql }] of Object.entries(QUESTIONS)) {
    const ours = await rowsOf(sql);
    const [columns, ...rows] = readFileSync(join(folder, `${name}.out`), 'utf8').split(/\nrow\n/);
    expect([name, columns!.split('\t')]).toEqual([name, ours.columns]);
    expect(rows.map((row) => row.split('\n').map(comparable))).toEqual(
      ours.rows.map((row) => row.map(comparable)),
    );
  }
  const { rows } = await rowsOf('SELECT count(*) FILTER (WHERE conflict), count(*) FROM events');
  // Both sides of the one that was forged.
  expect(rows).toEqual([[2, 11]]);
}, 1_200_000);

const python = await promisify(execFile)(path('./python.sh'), [
  path('../../node_modules/.cache/python-awscli'),
  'awscli==1.45.11',
  'moto[server]==5.2.5',
]).then(
  ({ stdout }) => stdout.trim(),
  () => null,
);

test.skipIf(python === null)(
  'a query is started, waited for and read, as moto answers',
  async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const server: ChildProcess = spawn(
      python!,
      ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      {
        stdio: 'ignore',
      },
    );
    try {
      const endpoint = `http://127.0.0.1:${port}`;
      const result = {
        rows: [{ Data: [{ VarCharValue: 'n' }] }, { Data: [{ VarCharValue: '42' }] }],
        column_info: [
          { Name: 'n', Type: 'bigint', Label: 'n', Precision: 19, Scale: 0, Nullable: 'UNKNOWN' },
        ],
      };
      const body = JSON.stringify({ account_id: '123456789012', region: 'eu-central-1', results: [result] });
      for (let tries = 0; ; tries++) {
        const told = await fetch(`${endpoint}/moto-api/static/athena/query-results`, {
          method: 'POST',
          body,
        }).catch(() => null);
        if (told?.ok === true) break;
        if (tries === 150) throw new Error('moto does not answer');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const client = new AthenaClient({
        endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      const place = {
        client,
        database: 'trail',
        workGroup: 'primary',
        output: 's3://example-bucket/athena/',
      };
      const answer = await askAthena(place, {
        sql: 'SELECT 42 AS n',
        token: 'x'.repeat(32),
        timeoutMillis: 10_000,
        pollMillis: 10,
      });
      const rows: unknown[] = [];
      for await (const batch of answer) rows.push(...batch);
      expect(answer.columns).toEqual([{ name: 'n', type: 'BIGINT' }]);
      expect(rows).toEqual([[42]]);
    } finally {
      server.kill();
    }
  },
  120_000,
);
