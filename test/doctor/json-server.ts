/** A server that answers paths with JSON, and gives tokens: as a managed identity and as Google's token exchange. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class JsonServer {
  /** By path without its query; a number is a status that refuses. */
  readonly answers = new Map<string, unknown>();
  url = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'json-server-'));
  readonly #server = createServer((request, response) => {
    request.resume();
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const token = {
      access_token: 'token',
      token_type: 'Bearer',
      resource: 'x',
      expires_in: 3600,
      expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    const isToken = path === '/token' || path === '/v1/token';
    const answer = isToken ? token : (this.answers.get(path) ?? 404);
    const refused = typeof answer === 'number';
    response.writeHead(refused ? answer : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refused ? { error: { code: answer, message: 'refused' } } : answer));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** What gives this process credentials in Azure and Google Cloud. */
  environment(): Record<string, string> {
    writeFileSync(join(this.#folder, 'subject'), 'subject-token');
    const federation = join(this.#folder, 'federation.json');
    const configuration = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${this.url}/v1/token`,
      credential_source: { file: join(this.#folder, 'subject') },
    };
    writeFileSync(federation, JSON.stringify(configuration));
    return {
      IDENTITY_ENDPOINT: `${this.url}/token`,
      IDENTITY_HEADER: 'identity-header',
      GOOGLE_APPLICATION_CREDENTIALS: federation,
    };
  }
}
