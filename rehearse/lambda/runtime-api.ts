/**
 * What Lambda offers to the runtime of one instance: the next event, and places for its answer or error.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PREFIX = '/2018-06-01/runtime/';

export interface RuntimeAnswer {
  /** `init`: the handler could not be loaded. */
  readonly kind: 'response' | 'error' | 'init';
  readonly body: unknown;
}

interface Waiting {
  readonly id: string;
  readonly event: unknown;
  readonly millis: number;
  readonly settle: (answer: RuntimeAnswer) => void;
}

export class RuntimeApi {
  readonly #queue: Waiting[] = [];
  readonly #running = new Map<string, Waiting>();
  #asking: ServerResponse | null = null;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = (request.url ?? '').replace(PREFIX, '');
      if (path === 'invocation/next') {
        this.#asking = response;
        this.#hand();
        return;
      }
      const [, id = '', kind = ''] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === '' ? null : JSON.parse(text);
      if (path === 'init/error')
        for (const { settle } of this.#queue.splice(0)) settle({ kind: 'init', body });
      else this.#running.get(id)?.settle({ kind: kind === 'error' ? 'error' : 'response', body });
      this.#running.delete(id);
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end('{"status":"OK"}');
    });
  });

  /** Resolves to what AWS_LAMBDA_RUNTIME_API is to be. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** `millis`: until its time-out. Resolves once the runtime has answered. */
  invoke(event: unknown, millis: number): Promise<RuntimeAnswer> {
    return new Promise((settle) => {
      this.#queue.push({ id: randomUUID(), event, millis, settle });
      this.#hand();
    });
  }

  #hand(): void {
    const next = this.#asking === null ? undefined : this.#queue.shift();
    if (next === undefined) return;
    const response = this.#asking!;
    this.#asking = null;
    this.#running.set(next.id, next);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': next.id,
      'lambda-runtime-deadline-ms': String(Date.now() + next.millis),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:rehearsal',
      'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    });
    response.end(JSON.stringify(next.event));
  }
}
