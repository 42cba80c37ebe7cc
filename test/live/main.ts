/** `npm run test:live`: what is pulled from real servers, each installed if need be, started on loopback and ended. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moto } from '../servers/moto.ts';
import { ACCESS_KEY, SECRET_KEY } from '../servers/server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

const folder = mkdtempSync(join(tmpdir(), 'akashi-live-'));
moto.install();
const aws = await moto.start(folder);
try {
  const { status } = spawnSync(process.execPath, [VITEST, 'run', '--config', 'vitest.live.config.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      AKASHI_LIVE_AWS: aws.endpoint,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    },
  });
  process.exitCode = status ?? 1;
} finally {
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
}
