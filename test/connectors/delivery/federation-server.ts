/**
 * What a role in AWS meets on its way into other clouds, on loopback: STS, Entra's authority (https, as its client
 * insists), Google's token exchange and its impersonation of service accounts.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 * https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
 * https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 * https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Asked {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly body: string;
  readonly authorization: string;
}

export class FederationServer {
  readonly asked: Asked[] = [];
  /** STS refuses with this error instead. */
  refusal: string | null = null;
  /** Entra refuses with this error instead. */
  entraRefusal: string | null = null;
  plain = '';
  secure = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'federation-'));
  readonly #servers: Server[] = [];

  get certificates(): string {
    return join(this.#folder, 'cert.pem');
  }

  async start(): Promise<void> {
    const key = join(this.#folder, 'key.pem');
    const words =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
    execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', this.certificates], {
      stdio: 'ignore',
    });
    const secure = createSecureServer(
      { key: readFileSync(key), cert: readFileSync(this.certificates) },
      this.#serve,
    );
    for (const server of [createServer(this.#serve), secure as unknown as Server]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      this.#servers.push(server);
    }
    const [a, b] = this.#servers.map((server) => (server.address() as AddressInfo).port);
    this.plain = `http://127.0.0.1:${a}`;
    this.secure = `https://127.0.0.1:${b}`;
  }

  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }

  readonly #serve: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const path = request.url ?? '/';
      const { authorization = '' } = request.headers;
      this.asked.push({ path, form: new URLSearchParams(body), body, authorization });
      const { status = 200, type = 'application/json', text } = this.#answer(path, body);
      response.writeHead(status, { 'content-type': type });
      response.end(text);
    });
  };

  #answer(path: string, body: string): { status?: number; type?: string; text: string } {
    if (path === '/') return this.#sts(body);
    if (path.includes('openid-configuration')) {
      const tenant = path.split('/')[1] ?? '';
      const base = `${this.secure}/${tenant}`;
      const endpoints = {
        issuer: `${base}/v2.0`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/keys`,
      };
      return { text: JSON.stringify(endpoints) };
    }
    if (path.startsWith('/v1/projects/-/serviceAccounts/'))
      return { text: JSON.stringify({ accessToken: 'google-token', expireTime: '2999-01-01T00:00:00Z' }) };
    if (path === '/v1/token') {
      const issued = 'urn:ietf:params:oauth:token-type:access_token';
      const token = {
        access_token: 'pool-token',
        token_type: 'Bearer',
        expires_in: 3600,
        issued_token_type: issued,
      };
      return { text: JSON.stringify(token) };
    }
    if (this.entraRefusal !== null)
      return {
        status: 401,
        text: JSON.stringify({ error: 'invalid_client', error_description: this.entraRefusal }),
      };
    return { text: JSON.stringify({ token_type: 'Bearer', expires_in: 3600, access_token: 'entra-token' }) };
  }

  #sts(body: string): { status?: number; type: string; text: string } {
    const type = 'text/xml';
    const metadata = '<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>';
    if (this.refusal !== null) {
      const error = `<Error><Type>Sender</Type><Code>${this.refusal}</Code><Message>refused</Message></Error>`;
      return { status: 403, type, text: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
    }
    const action = new URLSearchParams(body).get('Action');
    const result = `<WebIdentityToken>signed-by-aws</WebIdentityToken><Expiration>2999-01-01T00:00:00Z</Expiration>`;
    return {
      type,
      text: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`,
    };
  }
}
