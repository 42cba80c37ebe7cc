/** moto (https://github.com/getmoto/moto), from PyPI, in a virtual environment of its own. */

import { join } from 'node:path';
import {
  background,
  cacheFolder,
  end,
  freePort,
  isInstalled,
  listening,
  run,
  type ServerUnderTest,
} from './server.ts';

const VERSION = '5.2.5';
const environment = (): string => join(cacheFolder(), `moto-${VERSION}`);

export const moto: ServerUnderTest = {
  dialect: 'aws',
  install() {
    if (isInstalled(join(environment(), 'bin', 'moto_server'))) return;
    run('python3', ['-m', 'venv', environment()]);
    run(join(environment(), 'bin', 'pip'), ['install', '--quiet', `moto[server]==${VERSION}`]);
  },
  async start() {
    const port = await freePort();
    const child = background(join(environment(), 'bin', 'moto_server'), [
      '-H',
      '127.0.0.1',
      '-p',
      String(port),
    ]);
    await listening(port, child);
    return { endpoint: `http://127.0.0.1:${port}`, stop: () => end(child) };
  },
};
