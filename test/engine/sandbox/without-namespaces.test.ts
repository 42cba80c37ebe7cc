/** A system that has neither `unshare` nor `setpriv`, as Lambda's may not. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { scratchFolder } from '../../vault/scratch.ts';

const newFolder = scratchFolder();
beforeAll(async () => {
  vi.stubEnv('PATH', await newFolder());
});
afterAll(() => vi.unstubAllEnvs());

test('a statement runs under the kernel’s limits alone, and it is said what does not hold', async () => {
  const { isolationHere, isolationPrefix } = await import('../../../engine/sandbox/isolation.ts');
  const { activeBarriers } = await import('../../../engine/sandbox/barriers.ts');
  expect(await isolationPrefix()).toEqual([]);
  expect(await isolationHere()).toEqual({ namespaces: [], noPrivileges: false });
  const barriers = new Map((await activeBarriers()).map(({ name, active }) => [name, active]));
  for (const name of ['own process', 'engine lock', 'memory limit (kernel)', 'no writing (kernel)'])
    expect([name, barriers.get(name)]).toEqual([name, true]);
  expect(barriers.get('no network (namespace)')).toBe(false);
}, 30_000);
