/**
 * A bundled handler under the runtime client that Lambda itself starts (https://www.npmjs.com/package/aws-lambda-ric), over
 * a runtime API of our own. The client is installed where the servers of tests are, and its native part built there.
 */

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../functions/bundle.ts';
import { RuntimeApi } from '../../rehearse/lambda/runtime-api.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { GoogleServer, type LogEntry } from '../connectors/delivery/google-server.ts';
import { cacheFolder, isInstalled } from '../servers/server.ts';

const PACKAGE = 'aws-lambda-ric@4.0.2';
const FOLDER = join(cacheFolder(), PACKAGE.replace('@', '-'));
const CLIENT = join(FOLDER, 'node_modules/aws-lambda-ric');
const TOOLS = ['cmake', 'make', 'g++', 'python3'];
const TIMEOUT_MILLIS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'akashi-ric-'));
const runtimes: ChildProcess[] = [];
afterAll(() => {
  for (const runtime of runtimes) runtime.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Null once it is there; else why it is not. */
async function install(): Promise<string | null> {
  if (isInstalled(join(CLIENT, 'rapid-client.node'))) return null;
  const lacking = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (lacking.length > 0) return `building the runtime client takes ${lacking.join(', ')}`;
  // The native part is built for the Node that runs this.
  const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  try {
    const words = ['install', '--prefix', FOLDER, '--no-audit', '--no-fund', PACKAGE];
    await promisify(execFile)('npm', words, { env: { ...process.env, PATH }, maxBuffer: 2 ** 26 });
  } catch (error) {
    return `the runtime client could not be built: ${(error as Error).message.slice(-600)}`;
  }
  return isInstalled(join(CLIENT, 'rapid-client.node')) ? null : 'npm did not build the runtime client';
}

let why: string | null = null;
beforeAll(async () => {
  why = await install();
}, 1_800_000);

test('collect and seal run under the runtime client of Lambda', async (context) => {
  if (why !== null) context.skip(why);
  const google = new GoogleServer();
  const endpoint = await google.start();
  const entries = Array.from({ length: 30 }, (_, n) => ({
    insertId: `insert-${n}`,
    logName: 'projects/example-project/logs/cloudaudit.googleapis.com%2Factivity',
    timestamp: new Date(Date.now() - 600_000 + n * 1000).toISOString(),
    resource: { type: 'gcs_bucket', labels: { project_id: 'example-project' } },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName: 'storage.googleapis.com',
      methodName: 'storage.buckets.create',
      authenticationInfo: { principalEmail: 'ana@example.com' },
    },
  }));
  google.entries.set('projects/example-project', entries as LogEntry[]);
  const lake = join(folder, 'lake');
  const api = new RuntimeApi();
  const address = await api.start();
  const run = async (name: 'collect' | 'seal', event: unknown) => {
    const { folder: code } = await bundle(name, join(folder, 'functions'));
    const runtime = spawn(process.execPath, [join(CLIENT, 'index.mjs'), 'index.handler'], {
      cwd: code,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        AWS_LAMBDA_RUNTIME_API: address,
        LAMBDA_TASK_ROOT: code,
        _HANDLER: 'index.handler',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'rehearsal',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '3008',
        AWS_REGION: 'us-east-1',
        AKASHI_LAKE: lake,
        AKASHI_SIGNING_KEY: join(folder, 'ledger.pem'),
        AKASHI_HOME: join(folder, `home-${name}`),
        GOOGLE_APPLICATION_CREDENTIALS: google.credentials(),
      },
    });
    runtimes.push(runtime);
    const answer = await api.invoke(event, TIMEOUT_MILLIS * 10);
    const ended = new Promise((resolve) => runtime.once('exit', resolve));
    runtime.kill('SIGKILL');
    await ended;
    return answer;
  };
  try {
    const connector = {
      ...{ connector: 'gcp.audit', delivery: 'entries', resources: ['projects/example-project'] },
      ...{ firstDays: 1, endpoint },
    };
    expect(await run('collect', { connector })).toMatchObject({ kind: 'response', body: { error: null } });
    expect(await run('seal', {})).toMatchObject({ kind: 'response', body: { again: false } });
    const { vault, state } = await openLakeForReading(lake);
    const { files } = await readTable(vault, (await readHead(state)).head, 'events');
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(30);
    expect(await run('collect', { connector: { connector: 'no.such' } })).toMatchObject({
      kind: 'error',
      body: { errorMessage: expect.stringContaining('no.such') },
    });
  } finally {
    await api.stop();
    await google.stop();
  }
});
