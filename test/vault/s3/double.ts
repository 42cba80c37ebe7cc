/**
 * S3 in this process, on loopback: the part of it that the stores use, as strict as AWS. No signatures are checked. What
 * it refuses and how is proven against real servers by the conformance suite.
 */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bucketOperation } from './double-buckets.ts';
import { type BucketModel, newBucket, S3Refusal } from './double-model.ts';
import { objectOperation } from './double-objects.ts';

export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface S3Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/**
 * What goes wrong with a request: answered with an error, or the connection cut or left silent, before the request is
 * carried out or after. `damage`: a byte of the body is changed on the way in; `short`: the answer's body breaks off.
 */
export type Fault =
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly after?: true }
  | { readonly kind: 'cut'; readonly after?: true }
  | { readonly kind: 'silence'; readonly after?: true }
  | { readonly kind: 'damage' }
  | { readonly kind: 'short' };

export interface DoubleOptions {
  readonly minPartBytes?: number;
  /** Most keys of one page of a listing. */
  readonly pageKeys?: number;
}

export class S3Double {
  readonly buckets = new Map<string, BucketModel>();
  readonly minPartBytes: number;
  readonly pageKeys: number;
  /** Requests so far, as `PUT key`. */
  readonly log: string[] = [];
  /** The time as the server sees it. */
  now: () => Date = () => new Date();
  /** Asked for each request. */
  fault: (request: S3Request) => Fault | null = () => null;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor({ minPartBytes = 5 * 2 ** 20, pageKeys = 1000 }: DoubleOptions = {}) {
    this.minPartBytes = minPartBytes;
    this.pageKeys = pageKeys;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  addBucket(name: string, lock: boolean): BucketModel {
    const bucket = newBucket(lock);
    this.buckets.set(name, bucket);
    return bucket;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let request: S3Request;
    try {
      request = await readRequest(incoming);
    } catch {
      incoming.destroy();
      return;
    }
    this.log.push(`${request.method} ${request.key}`);
    const fault = this.fault(request);
    if (fault?.kind === 'damage') request.body[0] = (request.body[0] ?? 0) ^ 1;
    const before = fault !== null && 'after' in fault === false;
    let reply: S3Reply | null =
      before && fault.kind !== 'damage' && fault.kind !== 'short' ? null : this.#answer(request);
    switch (fault?.kind) {
      case 'error':
        reply = refusal(new S3Refusal(fault.status, fault.code), request);
        break;
      case 'cut':
        incoming.socket.destroy();
        return;
      case 'silence':
        return;
      default:
    }
    const { status, headers = {}, body = '' } = reply!;
    response.writeHead(status, {
      'x-amz-request-id': 'double',
      ...headers,
      ...lengthOf(request, headers, body),
    });
    if (fault?.kind !== 'short') {
      response.end(request.method === 'HEAD' ? undefined : body);
      return;
    }
    response.write(Buffer.from(body).subarray(0, Buffer.byteLength(body) / 2), () =>
      incoming.socket.destroy(),
    );
  }

  #answer(request: S3Request): S3Reply {
    try {
      if (request.headers['content-encoding']?.includes('aws-chunked'))
        throw new S3Refusal(501, 'NotImplemented');
      if (request.key === '') return bucketOperation(this, request);
      const bucket = this.buckets.get(request.bucket);
      if (bucket === undefined) throw new S3Refusal(404, 'NoSuchBucket');
      return objectOperation(this, bucket, request);
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      return refusal(error, request);
    }
  }
}

const lengthOf = (request: S3Request, headers: Readonly<Record<string, string>>, body: Buffer | string) =>
  request.method === 'HEAD' && 'content-length' in headers
    ? {}
    : { 'content-length': String(Buffer.byteLength(body)) };

function refusal({ status, code, message }: S3Refusal, { key, method }: S3Request): S3Reply {
  if (method === 'HEAD') return { status };
  const body = xml(
    'Error',
    `<Code>${code}</Code><Message>${escapeXml(message)}</Message><Key>${escapeXml(key)}</Key>`,
  );
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

async function readRequest(incoming: IncomingMessage): Promise<S3Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://double');
  const [, bucket = '', ...rest] = url.pathname.split('/');
  return {
    method: incoming.method ?? 'GET',
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(rest.join('/')),
    query: url.searchParams,
    headers: incoming.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks),
  };
}

export const xml = (root: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Text of the first element of that name; null when there is none. */
export function element(body: Buffer | string, name: string): string | null {
  const found = new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(body.toString());
  return found === null ? null : found[1]!.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Content of every element of that name. */
export const elements = (body: Buffer | string, name: string): string[] =>
  [...body.toString().matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(
    ([, inner]) => inner!,
  );

export const md5Hex = (body: Buffer): string => createHash('md5').update(body).digest('hex');
