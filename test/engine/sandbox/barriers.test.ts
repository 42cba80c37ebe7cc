import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDefaults } from '../../../engine/limits.ts';
import { activeBarriers } from '../../../engine/sandbox/barriers.ts';
import { Sandbox } from '../../../engine/sandbox/sandbox.ts';
import { residentBytes } from '../../../engine/sandbox/watchdog.ts';

const linux = process.platform === 'linux';

test('the barriers that need no help from the system are always there, each with a sentence', async () => {
  const barriers = await activeBarriers();
  const active = barriers.filter((barrier) => barrier.active).map(({ name }) => name);
  expect(active).toEqual(
    expect.arrayContaining(['statement gate', 'own process', 'engine lock', 'memory watchdog']),
  );
  if (linux) {
    expect(active).toEqual(
      expect.arrayContaining(['memory limit (kernel)', 'no writing (kernel)', 'empty environment']),
    );
  }
  for (const { detail } of barriers) expect(detail.length).toBeGreaterThan(10);
});

test.skipIf(!linux)(
  'a query process has an empty folder, an empty environment and no way to write',
  async () => {
    process.env['AKASHI_TEST_SECRET'] = 'secret';
    const sandbox = await Sandbox.open(withDefaults());
    try {
      await sandbox.ready();
      const of = (name: string) => readFileSync(`/proc/${sandbox.pid}/${name}`, 'latin1');
      // PWD is the shell's, and names the empty folder.
      for (const entry of of('environ').split('\0'))
        expect(entry).toMatch(/^(?:$|(?:HOME|NODE_COMPILE_CACHE|PATH|PWD|TMPDIR|TZ)=)/);
      expect(readdirSync(readlinkSync(`/proc/${sandbox.pid}/cwd`))).toEqual([]);
      expect(of('limits')).toMatch(/Max file size +0 +0/);
      expect(of('limits')).toMatch(/Max core file size +0 +0/);
      expect(residentBytes(sandbox.pid)).toBeLessThan(192 * 2 ** 20);
    } finally {
      await sandbox.close();
      delete process.env['AKASHI_TEST_SECRET'];
    }
  },
);

test('closing ends the process, also before it is ready, and closing again is harmless', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-test-'));
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  const sandbox = await Sandbox.open(withDefaults());
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  await sandbox.close();
  await sandbox.close();
  expect(() => process.kill(sandbox.pid, 0)).toThrow();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
