/**
 * The Log Analytics query API (https, as its client insists), the Activity Log API and a managed identity's token endpoint
 * on loopback, as far as a pull asks.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/api/response-format
 * https://learn.microsoft.com/en-us/rest/api/monitor/activity-logs/list
 * https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Row {
  readonly ingested: string;
  readonly cells: Readonly<Record<string, unknown>>;
}

export class AzureServer {
  /** Rows of each table of the workspace. */
  readonly tables = new Map<string, Row[]>();
  /** Events of each subscription. */
  readonly activity = new Map<string, { eventTimestamp: string }[]>();
  /** Rows that one answer holds at most; an answer with more is cut and says so. */
  mostRows = 1000;
  readonly queries: string[] = [];
  readonly sent: string[] = [];
  requests = 0;
  tokens = 0;
  fault: (request: number) => { status: number; retryAfter?: string } | 'cut' | 'short' | null = () => null;
  /** Sends the reader of the Activity Log elsewhere for its next page. */
  elsewhere: string | null = null;
  readonly folder = mkdtempSync(join(tmpdir(), 'akashi-azure-'));
  readonly #servers: Server[] = [];
  #plain = '';

  get certificates(): string {
    return join(this.folder, 'cert.pem');
  }

  async start(): Promise<{ plain: string; secure: string }> {
    const words = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const key = join(this.folder, 'key.pem');
    execFileSync('openssl', [...words, ...names, '-keyout', key, '-out', this.certificates], {
      stdio: 'ignore',
    });
    const secure = createSecureServer(
      { key: readFileSync(key), cert: readFileSync(this.certificates) },
      this.#serve,
    );
    const plain = createServer(this.#serve);
    for (const server of [plain, secure as unknown as Server]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      this.#servers.push(server);
    }
    const [a, b] = this.#servers.map((server) => (server.address() as AddressInfo).port);
    this.#plain = `http://127.0.0.1:${a}`;
    return { plain: this.#plain, secure: `https://127.0.0.1:${b}/v1` };
  }

  async stop(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }

  /** As it was at first, for the next test: one server serves them all, since MSAL remembers where it found an identity. */
  reset(): void {
    this.tables.clear();
    this.activity.clear();
    this.mostRows = 1000;
    this.queries.length = 0;
    this.sent.length = 0;
    this.requests = 0;
    this.fault = () => null;
    this.elsewhere = null;
  }

  /** What makes this process a function with a managed identity. */
  environment(): Record<string, string> {
    return { IDENTITY_ENDPOINT: `${this.#plain}/token`, IDENTITY_HEADER: 'identity-header' };
  }

  readonly #serve: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isToken = request.url?.startsWith('/token') === true;
      const fault = isToken ? null : this.fault(++this.requests);
      if (fault === 'cut') {
        request.socket.destroy();
        return;
      }
      const refused = fault !== null && fault !== 'short';
      const { status, body } = refused
        ? { status: fault.status, body: '{"error":{"code":"X","message":"refused"}}' }
        : this.#answer(request, Buffer.concat(chunks).toString());
      const bytes = Buffer.from(body);
      const after = refused && fault.retryAfter !== undefined ? { 'retry-after': fault.retryAfter } : {};
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': String(bytes.length),
        ...after,
      });
      if (fault !== 'short') response.end(bytes);
      else response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    });
  };

  #answer(request: IncomingMessage, text: string): { status: number; body: string } {
    const url = new URL(request.url ?? '/', this.#plain);
    if (url.pathname === '/token') {
      if (request.headers['x-identity-header'] !== 'identity-header') return { status: 403, body: '{}' };
      const token = {
        access_token: `t${++this.tokens}`,
        expires_on: String(Math.floor(Date.now() / 1000) + 86_400),
        resource: 'x',
        token_type: 'Bearer',
      };
      return { status: 200, body: JSON.stringify(token) };
    }
    if (!/^Bearer t\d+$/.test(request.headers.authorization ?? '')) return { status: 401, body: '{}' };
    return url.pathname.endsWith('/query') ? this.#query(text) : this.#values(url);
  }

  #query(text: string): { status: number; body: string } {
    const { query } = JSON.parse(text) as { query: string };
    this.queries.push(query);
    const [, table = '', clock = '', start = '', end = ''] =
      /^(\w+) \| where (\S+) >= datetime\((\S+)\) and \S+ < datetime\((\S+)\)/.exec(query) ?? [];
    const at = ({ ingested, cells }: Row) =>
      clock === 'TimeGenerated' ? String(cells['TimeGenerated']) : ingested;
    const all = (this.tables.get(table) ?? []).filter((row) => at(row) >= start && at(row) < end);
    const rows = all.slice(0, this.mostRows);
    const names = Object.keys(rows[0]?.cells ?? { TimeGenerated: '' });
    const columns = names.map((name) => ({ name, type: 'string' }));
    const cells = rows.map((row) => names.map((name) => row.cells[name] ?? null));
    const error = {
      code: 'PartialError',
      message: 'There were some errors when processing your query.',
      details: [{ code: 'EngineError', message: 'too large' }],
    };
    const cut = all.length > rows.length ? { error } : {};
    // Spaces that another serialiser would not repeat.
    const body = JSON.stringify(
      { tables: [{ name: 'PrimaryResult', columns, rows: cells }], ...cut },
      null,
      1,
    );
    if (rows.length > 0 && all.length === rows.length) this.sent.push(body);
    return { status: 200, body };
  }

  #values(url: URL): { status: number; body: string } {
    const [, subscription = ''] = /^\/subscriptions\/([^/]+)\//.exec(url.pathname) ?? [];
    const [, start = '', end = ''] =
      /eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)'/.exec(
        url.searchParams.get('$filter') ?? '',
      ) ?? [];
    const skip = Number(url.searchParams.get('$skipToken') ?? 0);
    const found = (this.activity.get(subscription) ?? []).filter(
      ({ eventTimestamp: at }) => at >= start && at <= end,
    );
    const page = found.slice(skip, skip + 20);
    const more = skip + 20 < found.length;
    url.searchParams.set('$skipToken', String(skip + 20));
    const body = JSON.stringify(
      { value: page, ...(more ? { nextLink: this.elsewhere ?? url.href } : {}) },
      null,
      2,
    );
    if (page.length > 0) this.sent.push(body);
    return { status: 200, body };
  }
}
