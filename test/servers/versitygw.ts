/** versitygw (https://github.com/versity/versitygw), from the Go module proxy, over a local folder. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ACCESS_KEY,
  background,
  cacheFolder,
  end,
  freePort,
  isInstalled,
  listening,
  run,
  SECRET_KEY,
  type ServerUnderTest,
} from './server.ts';

const VERSION = 'v1.8.0';
const binFolder = (): string => join(cacheFolder(), `versitygw-${VERSION}`);

export const versitygw: ServerUnderTest = {
  dialect: 'aws',
  install() {
    if (isInstalled(join(binFolder(), 'versitygw'))) return;
    run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { GOBIN: binFolder() });
  },
  async start(folder) {
    const port = await freePort();
    const [root, versions] = [join(folder, 'root'), join(folder, 'versions')];
    // A folder that a server was killed over serves the next one.
    for (const path of [root, versions]) mkdirSync(path, { recursive: true });
    const words = [
      '--quiet',
      '--keep-alive',
      '--port',
      `127.0.0.1:${port}`,
      'posix',
      '--versioning-dir',
      versions,
      root,
    ];
    const child = background(join(binFolder(), 'versitygw'), words, {
      env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
    });
    await listening(port, child);
    return { endpoint: `http://127.0.0.1:${port}`, stop: () => end(child) };
  },
};
