/**
 * Stands between functions and a server, and passes everything on as it came until a rehearsal says otherwise: answers
 * refused, throttled, cut off or never given, or nobody there at all. The server's own answers stay the server's.
 */

import { readFileSync } from 'node:fs';
import {
  type IncomingMessage,
  request as plainRequest,
  createServer as plainServer,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as secureRequest, createServer as secureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../bench/random.ts';

export const FAULTS = ['503', '429', 'hang', 'cut', 'lost'] as const;
/** `cut`: no answer to a request that never arrived. `lost`: no answer to one that was carried out. */
export type Fault = (typeof FAULTS)[number];

/** How long a hanging request is left hanging before it is cut, milliseconds. */
const HANG_MILLIS = 4000;

export interface Tls {
  readonly key: string;
  readonly certificates: string;
}

export class FaultProxy {
  /** Where requests go; may change when a server starts again elsewhere. */
  target: string;
  /** Share of requests that meet a fault. */
  rate = 0;
  faults: readonly Fault[] = FAULTS;
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  readonly #tls: Tls | null;
  #server: Server | null = null;
  #port = 0;

  constructor(target: string, random: Random, tls: Tls | null = null) {
    this.target = target;
    this.#random = random;
    this.#tls = tls;
  }

  get url(): string {
    return `${this.#tls === null ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const serve = (request: IncomingMessage, response: ServerResponse) => this.#serve(request, response);
    this.#server =
      this.#tls === null
        ? plainServer(serve)
        : (secureServer(
            { key: readFileSync(this.#tls.key), cert: readFileSync(this.#tls.certificates) },
            serve,
          ) as unknown as Server);
    this.#server.keepAliveTimeout = 30_000;
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Nobody is there from now on, and every connection breaks; `start` brings it back at the same port. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const fault = this.rate > 0 && this.#random.next() < this.rate ? this.#choose() : null;
    if (fault !== null) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.counts.set('all', (this.counts.get('all') ?? 0) + 1);
    switch (fault) {
      case 'hang':
        request.resume();
        setTimeout(() => request.socket.destroy(), HANG_MILLIS).unref();
        return;
      case 'cut':
        request.socket.destroy();
        return;
      case '429':
      case '503':
        request.resume();
        request.on('end', () => refuse(request, response, Number(fault)));
        return;
      default:
        this.#pass(request, response, fault === 'lost');
    }
  }

  #choose(): Fault {
    return this.faults[this.#random.below(this.faults.length)]!;
  }

  #pass(request: IncomingMessage, response: ServerResponse, isLost: boolean): void {
    const target = new URL(this.target);
    const open = target.protocol === 'https:' ? secureRequest : plainRequest;
    const passed = open(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        // As they came, the host with them: signatures cover it.
        headers: pairs(request.rawHeaders),
        rejectUnauthorized: false,
      },
      (answer) => {
        if (isLost) {
          answer.resume();
          answer.on('end', () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
        answer.on('error', () => request.socket.destroy());
      },
    );
    passed.on('error', () => request.socket.destroy());
    request.pipe(passed);
    request.on('error', () => passed.destroy());
  }
}

function pairs(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at]!, raw[at + 1]!];
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** In words that clients of S3, of JSON services and of the rest understand. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  const name = status === 429 ? 'ThrottlingException' : 'ServiceUnavailable';
  const isJson = request.headers['x-amz-target'] !== undefined;
  const body = isJson
    ? `{"__type":"${name}","message":"slow down"}`
    : `<?xml version="1.0"?><Error><Code>${status === 429 ? 'SlowDown' : name}</Code><Message>slow down</Message></Error>`;
  response.writeHead(status, {
    'content-type': isJson ? 'application/x-amz-json-1.0' : 'application/xml',
    'retry-after': '1',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
