/**
 * The managed identity of a function: one place for all tokens, each as the server it is for wants it.
 * https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Identity {
  readonly IDENTITY_ENDPOINT?: string;
  readonly IDENTITY_HEADER?: string;
}

export class IdentityServer {
  readonly #server: Server;

  /** `storage` answers for Azure Storage, `rest` for everything else. */
  constructor(storage: Identity, rest: Identity) {
    this.#server = createServer((request, response) => {
      const isStorage = (request.url ?? '').includes('storage.azure.com');
      const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = isStorage ? storage : rest;
      fetch(IDENTITY_ENDPOINT, { headers: { 'x-identity-header': IDENTITY_HEADER } }).then(
        async (answer) => {
          response.writeHead(answer.status, { 'content-type': 'application/json' });
          response.end(await answer.text());
        },
        () => response.destroy(),
      );
    });
  }

  async start(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/token`, IDENTITY_HEADER: 'rehearsal' };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
