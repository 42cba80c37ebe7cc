/** `npm run test:live`: what is pulled from real servers, each installed if need be, started on loopback and ended. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moto } from '../servers/moto.ts';
import { ACCESS_KEY, SECRET_KEY } from '../servers/server.ts';
import { installAzurite, startAzurite } from './azurite.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

const folder = mkdtempSync(join(tmpdir(), 'akashi-live-'));
moto.install();
installAzurite();
const aws = await moto.start(folder);
const azure = await startAzurite(folder);
try {
  // Not waited for in place: a managed identity answers from this process.
  const child = spawn(
    process.execPath,
    [VITEST, 'run', '--config', 'vitest.live.config.ts', ...process.argv.slice(2)],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        AKASHI_LIVE_AWS: aws.endpoint,
        AKASHI_LIVE_BLOBS: azure.url,
        AKASHI_LIVE_CERTIFICATES: azure.certificates,
        ...azure.environment,
        AWS_ACCESS_KEY_ID: ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      },
    },
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} finally {
  await aws.stop();
  await azure.stop();
  rmSync(folder, { recursive: true, force: true });
}
