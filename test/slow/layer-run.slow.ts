/**
 * A bundle with its native binding from the layer alone, laid out as Lambda does it: the function in a folder with no
 * node_modules above it, the layer's modules below /opt/nodejs. In a mount namespace of its own, where /opt is ours.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { orderFor } from '../../engine/order.ts';
import { bundle } from '../../functions/bundle.ts';
import { pack } from '../../functions/parts/payload.ts';
import { BINDING } from '../../infra/layer.ts';
import { collect } from '../../stages/collect.ts';
import { openLake } from '../../vault/lake.ts';

const MODULES = fileURLToPath(new URL('../../node_modules/@duckdb/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'akashi-layer-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const opt = join(folder, 'opt');
let task = '';
let event = '';

/** Calls the handler as the runtime does, and prints what came of it. */
const RUNNER = `
import { readFileSync } from 'node:fs';
const { handler } = await import(process.argv[2] + '/index.mjs');
const context = { functionName: 'execute', memoryLimitInMB: '3008', awsRequestId: '1', getRemainingTimeInMillis: () => 60000 };
const answer = await handler(JSON.parse(readFileSync(process.argv[3], 'utf8')), context);
const { deserialize } = await import('node:v8');
const { gunzipSync } = await import('node:zlib');
console.log('ANSWER ' + JSON.stringify(deserialize(gunzipSync(Buffer.from(answer.packed, 'base64')))));
`;

beforeAll(async () => {
  const lake = await openLake(join(folder, 'lake'));
  writeFileSync(join(folder, 'trail.json'), trailFile(1, 20, 1_700_000_000));
  await collect(lake, [join(folder, 'trail.json')], { threads: 1 });
  const sql = 'select count(*) as n from events';
  const order = await orderFor({ sql, snapshot: await readSnapshot(lake), views: [] }, async () => '');
  event = join(folder, 'event.json');
  writeFileSync(event, JSON.stringify(pack(order)));
  ({ folder: task } = await bundle('execute', join(folder, 'var')));
  writeFileSync(join(folder, 'run.mjs'), RUNNER);
  // As infra/layer.ts lays it out; of this machine's architecture, so that it can be run.
  const modules = join(opt, dirname(dirname(dirname(BINDING))));
  mkdirSync(modules, { recursive: true });
  for (const name of ['node-bindings', `node-bindings-linux-${process.arch}`])
    cpSync(join(MODULES, name), join(modules, '@duckdb', name), { recursive: true, dereference: true });
}, 120_000);

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

function run(withLayer: boolean): { status: number | null; said: string } {
  const mount = withLayer ? `mount --bind '${opt}' /opt && ` : '';
  const command = `${mount}exec '${process.execPath}' '${join(folder, 'run.mjs')}' '${task}' '${event}'`;
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', command], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], POWERTOOLS_DEV: 'false', POWERTOOLS_TRACE_ENABLED: 'false' },
  });
  return { status, said: `${stdout}${stderr}` };
}

test.skipIf(!canMount)('the layer’s binding answers', () => {
  const { said } = run(true);
  expect(said).toContain('"kind":"answer"');
  expect(said).toContain('"rows":[[20]]');
  // What the kernel adds is in the log.
  expect(said).toMatch(/"isolation":\{"namespaces":\[/);
});

test.skipIf(!canMount)('without the layer there is nothing to answer with, and it is said', () => {
  expect(execFileSync('ls', [task]).toString()).not.toContain('.node');
  const { said } = run(false);
  expect(said).not.toContain('"kind":"answer"');
});
