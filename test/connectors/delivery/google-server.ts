/**
 * Cloud Logging, Cloud Storage and the token exchange of workload identity federation on loopback, as far as a pull asks.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
 * https://cloud.google.com/storage/docs/json_api/v1/objects
 * https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LogEntry {
  readonly insertId: string;
  readonly timestamp: string;
  readonly logName: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string | Buffer;
}

export class GoogleServer {
  /** Entries of each resource. */
  readonly entries = new Map<string, LogEntry[]>();
  /** Objects of each bucket. */
  readonly objects = new Map<string, Map<string, { body: Buffer; generation: string; encoding?: string }>>();
  readonly sent: string[] = [];
  readonly filters: string[] = [];
  requests = 0;
  tokens = 0;
  /** Requests that a token is good for. */
  tokenUses = Number.POSITIVE_INFINITY;
  fault: (request: number) => { status: number; retryAfter?: string } | 'cut' | 'short' | null = () => null;
  /** Where given, a token is exchanged only for a subject token that this believes. */
  vouches: ((subjectToken: string) => Promise<boolean>) | null = null;
  #uses = 0;
  #url = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'akashi-google-'));
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const isToken = request.url === '/v1/token';
      const fault = isToken ? null : this.fault(++this.requests);
      if (fault === 'cut') {
        request.socket.destroy();
        return;
      }
      const refused = fault !== null && fault !== 'short';
      const {
        status = 200,
        headers = {},
        body,
      } = refused
        ? {
            status: fault.status,
            body: '{"error":{}}',
            headers: fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
          }
        : isToken
          ? await this.#exchange(Buffer.concat(chunks).toString())
          : this.#answer(request, Buffer.concat(chunks).toString());
      const bytes = Buffer.from(body);
      response.writeHead(status, { 'content-length': String(bytes.length), ...headers });
      if (fault !== 'short') response.end(bytes);
      else response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this.#url;
  }

  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Where tokens are exchanged. */
  tokenUrl(): string {
    return `${this.#url}/v1/token`;
  }

  /** A federation file as `gcloud iam workload-identity-pools create-cred-config` writes it. */
  credentials(): string {
    writeFileSync(join(this.#folder, 'subject'), 'subject-token');
    const path = join(this.#folder, 'federation.json');
    const config = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: this.tokenUrl(),
      credential_source: { file: join(this.#folder, 'subject') },
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  async #exchange(body: string): Promise<Answer> {
    const subject = new URLSearchParams(body).get('subject_token') ?? '';
    if (this.vouches !== null && !(await this.vouches(subject)))
      return { status: 400, body: '{"error":"invalid_grant","error_description":"who asks is not known"}' };
    this.#uses = 0;
    const token = {
      access_token: `t${++this.tokens}`,
      token_type: 'Bearer',
      expires_in: 3600,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(token) };
  }

  #answer(request: IncomingMessage, body: string): Answer {
    const url = new URL(request.url ?? '/', this.#url);
    if (request.headers.authorization !== `Bearer t${this.tokens}` || ++this.#uses > this.tokenUses)
      return { status: 401, body: '{"error":{"code":401,"status":"UNAUTHENTICATED"}}' };
    if (url.pathname === '/v2/entries:list') return this.#list(body);
    return this.#storage(url, request.headers['accept-encoding'] ?? '');
  }

  #list(text: string): Answer {
    const {
      resourceNames,
      filter,
      pageSize,
      pageToken = '0',
    } = JSON.parse(text) as {
      resourceNames: string[];
      filter: string;
      pageSize: number;
      pageToken?: string;
    };
    this.filters.push(filter);
    const [, start = '', end = ''] = /timestamp>="([^"]+)" AND timestamp<"([^"]+)"/.exec(filter) ?? [];
    const found = resourceNames
      .flatMap((resource) => this.entries.get(resource) ?? [])
      .filter(
        ({ timestamp }) =>
          Date.parse(timestamp) >= Date.parse(start) && Date.parse(timestamp) < Date.parse(end),
      )
      .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
    // Odd pages are empty with a token: the search was not over.
    const at = Number(pageToken);
    const page = at % 2 === 1 ? [] : found.slice((at / 2) * pageSize, (at / 2 + 1) * pageSize);
    const more = at % 2 === 1 || (at / 2 + 1) * pageSize < found.length;
    const rows = page.map((entry) => JSON.stringify(entry, null, 1));
    const next = more ? `,\n "nextPageToken": "${at + 1}"` : '';
    const answer = rows.length === 0 ? `{${next.slice(1)}}\n` : `{"entries": [${rows.join(', ')}]${next}}\n`;
    if (rows.length > 0) this.sent.push(answer);
    return { body: answer };
  }

  #storage(url: URL, accepted: string): Answer {
    const [, bucket = '', key] = /^\/storage\/v1\/b\/([^/]+)\/o(?:\/(.+))?$/.exec(url.pathname) ?? [];
    const objects = this.objects.get(decodeURIComponent(bucket));
    if (objects === undefined) return { status: 404, body: '{"error":{"code":404}}' };
    if (key !== undefined) {
      const object = objects.get(decodeURIComponent(key));
      if (object === undefined) return { status: 404, body: '{}' };
      const headers: Record<string, string> = {
        'x-goog-generation': object.generation,
        'last-modified': 'Tue, 10 Mar 2026 11:00:00 GMT',
      };
      if (object.encoding !== undefined && accepted.includes('gzip'))
        headers['content-encoding'] = object.encoding;
      return { headers, body: object.body };
    }
    const prefix = url.searchParams.get('prefix') ?? '';
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    const items = names.slice(from, from + 3).map((name) => {
      const { generation, body } = objects.get(name)!;
      return { name, generation, size: String(body.length) };
    });
    const next = from + 3 < names.length ? { nextPageToken: String(from + 3) } : {};
    return {
      body: JSON.stringify({ kind: 'storage#objects', ...(items.length === 0 ? {} : { items }), ...next }),
    };
  }
}
