/** Runs the contract suite over a server in a process of its own. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Target, targetEnvironment } from './target.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Whether every case passed, or failed as listed. */
export function passes(target: Target, env: Record<string, string> = {}): boolean {
  const words = [VITEST, 'run', '--config', 'vitest.servers.config.ts'];
  const { status } = spawnSync(process.execPath, words, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env, ...targetEnvironment(target) },
  });
  return status === 0;
}
