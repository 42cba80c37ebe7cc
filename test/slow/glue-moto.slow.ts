/** Glue tables that follow an Iceberg export, against moto, which somebody else wrote. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateDatabaseCommand, GetTableCommand, GlueClient, UpdateTableCommand } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { compact } from '../../compaction/compact.ts';
import { publishFolder } from '../../exports/glue-folder.ts';
import { exportIceberg } from '../../exports/iceberg.ts';
import { collect } from '../../stages/collect.ts';
import { readHead } from '../../tables/head.ts';
import { openLake } from '../../vault/lake.ts';
import { codeOf } from '../vault/scratch.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** One environment with the suite that runs the AWS CLI. */
const PACKAGES = ['awscli==1.45.11', 'moto[server]==5.2.5'];

/** The interpreter's path; null where there is no Python, or PyPI cannot be reached. */
const python = await promisify(execFile)(path('./python.sh'), [
  path('../../node_modules/.cache/python-awscli'),
  ...PACKAGES,
]).then(
  ({ stdout }) => stdout.trim(),
  (error: unknown) => {
    console.warn(`No Python environment with ${PACKAGES.join(' and ')}: ${String(error)}`);
    return null;
  },
);

let server: ChildProcess | null = null;
let client: GlueClient;
let folder: string;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-glue-'));
  if (python === null) return;
  const port = await freePort();
  server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  client = new GlueClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  for (let tries = 0; ; tries++) {
    try {
      await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'trail' } }));
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(python === null)(
  'tables are made, follow the export, and are left alone where somebody else was',
  async () => {
    const lake = await openLake(join(folder, 'lake'));
    const file = (seed: number) => {
      const at = join(folder, `trail-${seed}.json`);
      writeFileSync(at, trailFile(seed, 3, 1_700_000_000));
      return at;
    };
    const out = join(folder, 'out');
    const exported = async (readAt: string) =>
      exportIceberg(lake, { location: out, copyData: true, readAt, now: Date.now() });
    const outcomes = async () => (await publishFolder(client, 'trail', out)).map(({ outcome }) => outcome);
    const events = async () => {
      const { Table } = await client.send(new GetTableCommand({ DatabaseName: 'trail', Name: 'events' }));
      return Table!;
    };
    await collect(lake, [file(1)], { threads: 1 });
    await exported('s3://example-bucket/trail');
    expect(new Set(await outcomes())).toEqual(new Set(['created']));
    expect((await events()).Parameters).toMatchObject({
      table_type: 'ICEBERG',
      metadata_location: 's3://example-bucket/trail/events/metadata/v1.metadata.json',
    });
    expect((await events()).StorageDescriptor!.Columns).toContainEqual(
      expect.objectContaining({ Name: 'time', Type: 'timestamp' }),
    );
    expect(new Set(await outcomes())).toEqual(new Set(['unchanged']));
    await collect(lake, [file(2)], { threads: 1 });
    await compact(lake, { here: true });
    await exported('s3://example-bucket/trail');
    expect(await outcomes()).toContain('updated');
    expect((await events()).Parameters).toMatchObject({
      metadata_location: 's3://example-bucket/trail/events/metadata/v2.metadata.json',
      previous_metadata_location: 's3://example-bucket/trail/events/metadata/v1.metadata.json',
    });
    const { Name, StorageDescriptor, Parameters } = await events();
    const moved = { ...Parameters, metadata_location: 's3://elsewhere/metadata/00001.metadata.json' };
    await client.send(
      new UpdateTableCommand({
        DatabaseName: 'trail',
        TableInput: { Name: Name!, StorageDescriptor: StorageDescriptor!, Parameters: moved },
      }),
    );
    expect(await codeOf(publishFolder(client, 'trail', out))).toBe('GLUE_FOREIGN');
    expect((await events()).Parameters!['metadata_location']).toBe(moved.metadata_location);
  },
);

test.skipIf(python === null)(
  'tables follow each seal of a lake that names a database, and a seal that Glue missed is made up for',
  async () => {
    const opened = await openLake(join(folder, 'followed'));
    // As if this folder were a bucket: engines would look there.
    const location = 's3://example-bucket/lake/vault';
    const lake = {
      ...opened,
      vault: { ...opened.vault, location },
      catalogue: { glue: 'followed', athena: null, region: 'eu-central-1' },
    };
    const environment = {
      AWS_ENDPOINT_URL_GLUE: String((await client.config.endpoint!()).port).replace(/^/, 'http://127.0.0.1:'),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    Object.assign(process.env, environment);
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const sealed = async (seed: number) => {
      const at = join(folder, `followed-${seed}.json`);
      writeFileSync(at, trailFile(seed, 3, 1_700_000_000));
      await collect(lake, [at], { threads: 1 });
      const { tables } = (await readHead(lake.state)).head;
      return `${location}/${tables.events}`;
    };
    const shown = async () => {
      const { Table } = await client.send(new GetTableCommand({ DatabaseName: 'followed', Name: 'events' }));
      return Table!.Parameters!['metadata_location'];
    };
    try {
      // No such database yet: the seal counts all the same.
      await sealed(11);
      expect(warnings.join()).toContain('the next seal tries again');
      await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'followed' } }));
      const first = await sealed(12);
      expect(await shown()).toBe(first);
      const next = await sealed(13);
      expect(await shown()).toBe(next);
      const { Table } = await client.send(new GetTableCommand({ DatabaseName: 'followed', Name: 'events' }));
      expect(Table!.Parameters).toMatchObject({ previous_metadata_location: first, table_type: 'ICEBERG' });
      await compact(lake, { here: true });
      const { tables } = (await readHead(lake.state)).head;
      expect(await shown()).toBe(`${location}/${tables.events}`);
    } finally {
      process.off('warning', listen);
      for (const name of Object.keys(environment)) delete process.env[name];
    }
  },
);

test('an export that lies on this machine is not published', async () => {
  const lake = await openLake(join(folder, 'lake'));
  const out = join(folder, 'local');
  await exportIceberg(lake, { location: out, copyData: true, now: Date.now() });
  expect(await codeOf(publishFolder(new GlueClient({}), 'trail', out))).toBe('GLUE_LOCATION');
  expect(await codeOf(publishFolder(new GlueClient({}), 'trail', join(folder, 'nothing')))).toBe(
    'GLUE_LOCATION',
  );
});
