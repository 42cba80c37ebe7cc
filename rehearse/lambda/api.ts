/**
 * Lambda's Invoke on loopback, for functions that call others.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Invocation } from './function.ts';

export class InvokeApi {
  readonly #server: Server;

  constructor(invoke: (name: string, event: unknown) => Promise<Invocation> | null) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
        const text = Buffer.concat(chunks).toString();
        // A name, or the ARN that ends in it.
        const running = invoke(
          decodeURIComponent(name).split(':').at(-1)!,
          text === '' ? null : JSON.parse(text),
        );
        if (running === null) {
          response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' });
          response.end('{"Message":"Function not found"}');
        } else if (request.headers['x-amz-invocation-type'] === 'Event') {
          response.writeHead(202);
          response.end();
        } else
          void running.then(({ outcome, result, problem }) => {
            const failed = outcome !== 'ok';
            response.writeHead(200, failed ? { 'x-amz-function-error': 'Unhandled' } : {});
            response.end(
              JSON.stringify(failed ? { errorType: outcome, errorMessage: problem } : (result ?? null)),
            );
          });
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
