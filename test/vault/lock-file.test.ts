import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeHolder, type LockAttempt, takeLock } from '../../vault/lock-file.ts';
import { ownIdentity } from '../../vault/process-identity.ts';
import { scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();
const options = { waitMillis: 0, command: 'test' };
const CHILD = fileURLToPath(new URL('lock-child.ts', import.meta.url));

async function leave(root: string, name: string, content: string): Promise<void> {
  await mkdir(join(root, '.lock'), { recursive: true });
  await writeFile(join(root, '.lock', name), content);
}

/** Takes and fails the test when somebody else has it. */
async function taken(attempt: Promise<LockAttempt>): Promise<() => Promise<void>> {
  const result = await attempt;
  if (!result.taken) throw new Error(`held ${describeHolder(result.holder)}`);
  return result.release;
}

async function holderOf(attempt: Promise<LockAttempt>) {
  const result = await attempt;
  if (result.taken) throw new Error('nobody held it');
  return result.holder;
}

test('a lock that is free is taken, a live holder is named, a released one is free again', async () => {
  const root = await newFolder();
  const release = await taken(takeLock(root, 'writer', { ...options, command: 'akashi collect' }));
  const holder = await holderOf(takeLock(root, 'writer', options));
  expect(holder).toMatchObject({ command: 'akashi collect', visible: true, process: { pid: process.pid } });
  expect(describeHolder(holder)).toContain(`process ${process.pid} (akashi collect) since 2`);
  await release();
  await (await taken(takeLock(root, 'writer', options)))();
});

test('two names are two locks', async () => {
  const root = await newFolder();
  await taken(takeLock(root, 'writer', options));
  await taken(takeLock(root, 'store', options));
});

test('a waiter gets the lock when it is released', async () => {
  const root = await newFolder();
  const release = await taken(takeLock(root, 'writer', options));
  const waiting = takeLock(root, 'writer', { ...options, waitMillis: 5000 });
  setTimeout(release, 30);
  await (await taken(waiting))();
});

test('of many who find a dead holder at once exactly one has the lock at a time', async () => {
  const root = await newFolder();
  await leave(root, 'writer.7', JSON.stringify({ ...ownIdentity(), pid: 1, start: 'long ago' }));
  let inside = 0;
  let entered = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const release = await taken(takeLock(root, 'writer', { ...options, waitMillis: 10_000 }));
      entered++;
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
      await release();
    }),
  );
  expect(entered).toBe(20);
  expect(await readdir(join(root, '.lock'))).toHaveLength(1);
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
});

describe('a lock left behind', () => {
  const here = ownIdentity();
  test.each([
    ['a pid that was given to another process since', JSON.stringify({ ...here, start: '1' })],
    ['an earlier boot of this machine', JSON.stringify({ ...here, boot: 'another' })],
    ['nobody: a power cut left the file empty', ''],
    ['nobody: a power cut left it zeroed', '\0'.repeat(200)],
    ['nobody: it was released', '{"released":true}'],
  ])('by %s is taken over', async (_, content) => {
    const root = await newFolder();
    await leave(root, 'writer.3', content);
    await taken(takeLock(root, 'writer', options));
    expect(await readdir(join(root, '.lock'))).toEqual(['writer.4']);
  });

  test.each([
    ['another machine', { ...here, host: 'elsewhere', boot: 'another' }],
    ['another container', { ...here, namespace: '1' }],
  ])('by %s stays, and the message names the file to remove', async (_, identity) => {
    const root = await newFolder();
    await leave(root, 'writer.3', JSON.stringify({ ...identity, command: 'akashi collect', since: 'then' }));
    const holder = await holderOf(takeLock(root, 'writer', options));
    expect(holder.visible).toBe(false);
    expect(describeHolder(holder)).toContain(join(root, '.lock', 'writer.3'));
  });

  test.each([['{"holder":"a newer format"}'], ['[1]'], ['{broken'], ['7']])(
    'as %s is left to a person',
    async (text) => {
      const root = await newFolder();
      await leave(root, 'writer.3', text);
      const holder = await holderOf(takeLock(root, 'writer', options));
      expect(holder.process).toBeNull();
      expect(describeHolder(holder)).toContain(join(root, '.lock', 'writer.3'));
    },
  );

  test('by several dead holders in a row is tidied up', async () => {
    const root = await newFolder();
    for (const generation of [2, 5, 9]) await leave(root, `writer.${generation}`, '');
    await leave(root, 'writer.notes', 'not a lock');
    await taken(takeLock(root, 'writer', options));
    expect((await readdir(join(root, '.lock'))).sort()).toEqual(['writer.10', 'writer.notes']);
  });
});

test('processes that are killed while they hold or seek the lock let no two others in', async () => {
  const root = await newFolder();
  const log = join(root, 'log');
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const child: ChildProcess = spawn(process.execPath, [CHILD, root, log], { stdio: 'inherit' });
      child.on('error', reject).on('exit', () => resolve());
    });
  await Promise.all(Array.from({ length: 6 }, run));

  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  let holder: string | undefined;
  let killed = 0;
  for (const line of lines) {
    const [pid, what] = line.split(' ');
    if (what === 'in') expect(holder, line).toBeUndefined();
    else expect(holder, line).toBe(pid);
    holder = what === 'in' ? pid : undefined;
    if (what === 'killed') killed++;
  }
  expect(killed).toBe(6);
  await taken(takeLock(root, 'writer', options));
}, 20_000);
