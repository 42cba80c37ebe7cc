import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withDefaults } from '../../../engine/limits.ts';
import { prewarmed, type SandboxSource } from '../../../engine/sandbox/pool.ts';
import { Sandbox } from '../../../engine/sandbox/sandbox.ts';
import { jobFor, TestLake } from '../lake.ts';

const limits = withDefaults({ memoryBytes: 400 * 2 ** 20, timeoutMillis: 20_000, threads: 1 });
const lake = new TestLake();
afterAll(() => lake.remove());

const ENDLESS = 'SELECT count(*) FROM range(100000000000000)';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await new Promise((r) => setTimeout(r, 30));
  return !isAlive(pid);
}

/** A source of one process, which is ready, and all that it starts. */
async function onePrewarmed(): Promise<{ readonly source: SandboxSource; readonly started: Sandbox[] }> {
  const started: Sandbox[] = [];
  const source = prewarmed(limits, 1, true, async () => {
    const sandbox = await Sandbox.open(limits);
    started.push(sandbox);
    return sandbox;
  });
  await expect.poll(() => started.length).toBe(1);
  await started[0]!.ready();
  return { source, started };
}

test('when the process that asked is killed, a running query ends with it and leaves nothing', async () => {
  const folder = join(lake.folder, 'tmp');
  mkdirSync(folder);
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { Sandbox } = await import(${module('../../../engine/sandbox/sandbox.ts')});
    const sandbox = await Sandbox.open(${JSON.stringify(limits)});
    await sandbox.ready();
    const job = ${JSON.stringify(jobFor(lake.snapshot, ENDLESS, []))};
    const running = sandbox.run(job).next();
    setTimeout(() => console.log(sandbox.pid), 300);
    await running;`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  expect(await gone(pid)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that dies while it waits is replaced unseen', async () => {
  const { source, started } = await onePrewarmed();
  process.kill(started[0]!.pid, 'SIGKILL');
  await expect.poll(() => started[0]!.alive).toBe(false);
  const taken = await source.take();
  await taken.ready();
  expect(taken).not.toBe(started[0]);
  await taken.close();
  await source.close();
});

test('a process is replaced once it has ended, so that nothing loads beside a short question', async () => {
  const { source, started } = await onePrewarmed();
  const taken = await source.take();
  expect(started).toHaveLength(1);
  const kinds: string[] = [];
  for await (const { kind } of taken.run(jobFor(lake.snapshot, 'SELECT 1', []))) kinds.push(kind);
  expect(kinds).toEqual(['columns', 'rows', 'done']);
  await taken.ended;
  expect(isAlive(taken.pid)).toBe(false);
  await expect.poll(() => started.length).toBe(2);
  await source.close();
});

test('a process that crashes in the middle of a query is reported as such', async () => {
  const sandbox = await Sandbox.open(limits);
  const frames = sandbox.run(jobFor(lake.snapshot, ENDLESS, []));
  setTimeout(() => process.kill(sandbox.pid, 'SIGSEGV'), 500);
  await expect(frames.next()).rejects.toMatchObject({
    code: 'SQL_CRASHED',
    message: expect.stringContaining('SIGSEGV'),
  });
});

test('leaving an answer early ends its process', async () => {
  const sandbox = await Sandbox.open(limits);
  for await (const frame of sandbox.run(jobFor(lake.snapshot, 'FROM range(100000)', []))) {
    if (frame.kind === 'columns') break;
  }
  expect(isAlive(sandbox.pid)).toBe(false);
});
