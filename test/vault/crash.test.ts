import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { drainPending } from '../../vault/evidence.ts';
import { evidenceKey, parseKey } from '../../vault/keys.ts';
import { openLake } from '../../vault/lake.ts';
import { scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));
const KILLS = 30;

async function runAndKill(root: string): Promise<void> {
  const child = spawn(process.execPath, [CHILD, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  // A moment after one of its first rounds began: rounds, not time alone, so that a busy machine changes nothing.
  const rounds = 1 + Math.floor(Math.random() * 3);
  const begun = new Promise<void>((resolve) => {
    let dots = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      dots += chunk.length;
      if (dots >= rounds) resolve();
    });
  });
  await Promise.race([begun, exit]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  child.kill('SIGKILL');
  // Not an error of its own.
  expect(await exit).toEqual([null, 'SIGKILL']);
}

test(`killed ${KILLS} times at random: every key is whole, and nothing stands in the way`, async () => {
  const root = join(await newFolder(), 'lake');
  // Two at a time, so that one sweeps and takes locks over while the other writes.
  const runs = async () => {
    for (let n = 0; n < KILLS / 2; n++) await runAndKill(root);
  };
  await Promise.all([runs(), runs()]);

  const lake = await openLake(root);
  let bodies = 0;
  for await (const { key, size } of lake.vault.list('')) {
    const parts = parseKey(key);
    const { body } = await lake.vault.get(key);
    expect(parts).toMatchObject({
      class: 'evidence',
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    expect(body).toHaveLength(size);
    bodies++;
  }
  expect(bodies).toBeGreaterThan(KILLS);
  for await (const item of drainPending(lake.state)) {
    if (!('manifest' in item)) throw new Error(`${item.key}: ${item.problem}`);
    // Provenance never comes before its body.
    expect(await lake.vault.stat(evidenceKey('aws.cloudtrail', item.manifest.sha256))).not.toBeNull();
  }
  const head = new TextDecoder().decode((await lake.state.get('head')).body);
  expect(head).toMatch(/^\d+ [0-9a-f]{4000}$/);
  for (const part of ['vault', 'state']) expect(await readdir(join(root, part, '.tmp'))).toEqual([]);
  await lake.state.putIfUnchanged('head', Buffer.from('next'), (await lake.state.get('head')).version);
}, 60_000);
