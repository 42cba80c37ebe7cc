/** Azurite (https://github.com/Azure/Azurite), from npm, over https with tokens, and a managed identity that issues them. */

import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { selfSigned } from '../servers/certificate.ts';
import { background, cacheFolder, end, freePort, isInstalled, listening, run } from '../servers/server.ts';

const VERSION = '3.35.0';
const packageFolder = (): string => join(cacheFolder(), `azurite-${VERSION}`);
const program = (): string => join(packageFolder(), 'node_modules/azurite/dist/src/blob/main.js');

export function installAzurite(): void {
  if (isInstalled(program())) return;
  mkdirSync(packageFolder(), { recursive: true });
  run('npm', [
    'install',
    '--prefix',
    packageFolder(),
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `azurite@${VERSION}`,
  ]);
}

export interface RunningAzurite {
  readonly url: string;
  readonly certificates: string;
  /** What makes a process one with a managed identity. */
  readonly environment: Record<string, string>;
  /** Gently, it writes down first what it holds. */
  stop(how?: 'gently' | 'at once'): Promise<void>;
}

export async function startAzurite(folder: string): Promise<RunningAzurite> {
  const { key, certificates } = selfSigned(folder);
  const port = await freePort();
  const child = background(process.execPath, [
    program(),
    ...[
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(port),
      '--location',
      join(folder, 'azurite'),
      '--silent',
    ],
    ...[
      '--oauth',
      'basic',
      '--cert',
      certificates,
      '--key',
      key,
      '--disableProductStyleUrl',
      '--skipApiVersionCheck',
    ],
  ]);
  await listening(port, child);
  const identity = createServer((request, response) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: 'https://storage.azure.com',
      iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/',
      nbf: now - 60,
      iat: now,
      exp: now + 86_400,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from('unsigned').toString('base64url')}`;
    response.writeHead(request.headers['x-identity-header'] === 'live' ? 200 : 403, {
      'content-type': 'application/json',
    });
    response.end(
      JSON.stringify({
        access_token: token,
        expires_on: String(now + 86_400),
        resource: claims.aud,
        token_type: 'Bearer',
      }),
    );
  });
  await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${port}/devstoreaccount1`,
    certificates,
    environment: {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(identity.address() as AddressInfo).port}/token`,
      IDENTITY_HEADER: 'live',
    },
    async stop(how = 'at once') {
      identity.close();
      await end(child, how === 'gently' ? 'SIGTERM' : 'SIGKILL');
    },
  };
}
