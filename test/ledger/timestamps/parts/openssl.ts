/** A certificate authority and a time-stamping authority made with the openssl command, in a folder of their own. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Version 3 or later; LibreSSL has other options. */
export const HAS_OPENSSL = /^OpenSSL [3-9]/.test(
  spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '',
);

/** Why tests of real tokens were left out. */
export const NO_OPENSSL = 'openssl 3 is not installed: no real time-stamping authority can be made';

export interface Ran {
  readonly status: number | null;
  readonly said: string;
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;

export interface Issue {
  /** File name and common name. */
  readonly name: string;
  /** Lines of x509v3 extensions. */
  readonly extensions: string;
  /** Who signs it; itself unless given. */
  readonly by?: string;
  readonly key?: 'ec' | 'rsa' | 'rsa1024';
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly digest?: string;
}

export const CA_EXTENSIONS = 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n';
export const TSA_EXTENSIONS =
  'basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n';

const KEYS = {
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsa1024: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
} as const;

/** One folder of keys, certificates and lists; `close` removes it. */
export class Pki {
  readonly folder = mkdtempSync(join(tmpdir(), 'akashi-tsa-'));

  at(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs openssl in the folder. */
  run(...words: string[]): Ran {
    const { status, stdout, stderr } = spawnSync('openssl', words, { cwd: this.folder, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  must(...words: string[]): void {
    const { status, said } = this.run(...words);
    if (status !== 0) throw new Error(`openssl ${words.join(' ')}: ${said}`);
  }

  /** Makes `<name>.key`, `<name>.pem` and `<name>.der`. */
  issue({ name, extensions, by = name, key = 'ec', from, to, digest = 'sha256' }: Issue): void {
    this.must('genpkey', ...KEYS[key], '-out', `${name}.key`);
    this.must('req', '-new', '-key', `${name}.key`, '-subj', `/O=Example/CN=${name}`, '-out', `${name}.csr`);
    writeFileSync(this.at(`${name}.ext`), extensions);
    this.#prepare(by);
    const signer = by === name ? ['-selfsign'] : ['-cert', `${by}.pem`];
    const start = from ?? Date.now() - DAY;
    this.must(
      ...['ca', '-batch', '-notext', '-config', `${by}.cnf`, '-keyfile', `${by}.key`, ...signer],
      ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, '-md', digest],
      ...['-startdate', stamp(start), '-enddate', stamp(to ?? Date.now() + 3650 * DAY)],
    );
    this.must('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
  }

  #prepare(authority: string): void {
    try {
      this.read(`${authority}.cnf`);
      return;
    } catch {
      writeFileSync(this.at(`${authority}.index`), '');
      writeFileSync(this.at(`${authority}.index.attr`), 'unique_subject = no\n');
      writeFileSync(
        this.at(`${authority}.cnf`),
        `[ca]\ndefault_ca=d\n[d]\ndatabase=${authority}.index\nnew_certs_dir=.\nrand_serial=yes\n` +
          'default_md=sha256\ndefault_crl_days=30\npolicy=p\nunique_subject=no\nx509_extensions=none\n' +
          `crlnumber=${authority}.crlnumber\n[none]\n[p]\norganizationName=optional\ncommonName=supplied\n`,
      );
      writeFileSync(this.at(`${authority}.crlnumber`), '01\n');
    }
  }

  /** DER of the list of what `authority` revoked; `reasons` by name of the certificate, revoked now. */
  crl(authority: string, reasons: Readonly<Record<string, string>> = {}): Buffer {
    const base = [
      'ca',
      '-config',
      `${authority}.cnf`,
      '-keyfile',
      `${authority}.key`,
      '-cert',
      `${authority}.pem`,
    ];
    for (const [name, reason] of Object.entries(reasons))
      this.must(...base, '-revoke', `${name}.pem`, ...(reason === '' ? [] : ['-crl_reason', reason]));
    this.must(...base, '-gencrl', '-out', `${authority}.crl.pem`);
    this.must('crl', '-in', `${authority}.crl.pem`, '-outform', 'DER', '-out', `${authority}.crl`);
    return this.read(`${authority}.crl`);
  }

  /** What a time-stamping authority with this signer answers to a request. */
  reply(request: Uint8Array, signer = 'tsa', chain = 'ca', extra = ''): Buffer {
    writeFileSync(this.at('query.tsq'), request);
    const section = `${signer}.tsa.cnf`;
    try {
      this.read('serial');
    } catch {
      writeFileSync(this.at('serial'), '01\n');
    }
    writeFileSync(
      this.at(section),
      `[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_cert=${signer}.pem\n` +
        `signer_key=${signer}.key\ncerts=${chain}.pem\nsigner_digest=sha256\ndefault_policy=${POLICY}\n` +
        'digests=sha256,sha384,sha512\naccuracy=secs:1\nclock_precision_digits=3\nordering=yes\n' +
        `tsa_name=yes\ness_cert_id_alg=sha256\ness_cert_id_chain=no\n${extra}`,
    );
    this.must('ts', '-reply', '-queryfile', 'query.tsq', '-config', section, '-out', 'reply.tsr');
    return this.read('reply.tsr');
  }

  /** What openssl says of a reply over the bytes. */
  verify(reply: Uint8Array, data: Uint8Array, root = 'root'): Ran {
    writeFileSync(this.at('verify.tsr'), reply);
    writeFileSync(this.at('verify.data'), data);
    return this.run('ts', '-verify', '-data', 'verify.data', '-in', 'verify.tsr', '-CAfile', `${root}.pem`);
  }

  /** A root, an intermediate `ca`, and a signer `tsa` under it. */
  standard(crlUrl?: string): this {
    this.issue({ name: 'root', extensions: CA_EXTENSIONS });
    this.issue({ name: 'ca', by: 'root', extensions: CA_EXTENSIONS });
    const points = crlUrl === undefined ? '' : `crlDistributionPoints=URI:${crlUrl}\n`;
    this.issue({ name: 'tsa', by: 'ca', extensions: TSA_EXTENSIONS + points });
    appendFileSync(this.at('chain.pem'), this.read('ca.pem'));
    return this;
  }
}

/** A policy of nobody's: under the arc for examples. */
export const POLICY = '2.999.1.1';

/** `20260301120000Z`. */
const stamp = (millis: number): string =>
  `${new Date(millis).toISOString().replaceAll(/[-T:]/g, '').slice(0, 14)}Z`;

export type Answer = {
  status?: number;
  type?: string;
  body?: Uint8Array | string;
  headers?: Record<string, string>;
};

/** An HTTP server on loopback; what `answer` gives for a request's path and body is sent. */
export async function serve(answer: (body: Buffer, path: string) => Answer | Promise<Answer>): Promise<{
  url: string;
  seen: { headers: Record<string, unknown>; body: Buffer }[];
  close(): Promise<void>;
}> {
  const seen: { headers: Record<string, unknown>; body: Buffer }[] = [];
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    seen.push({ headers: request.headers, body });
    const {
      status = 200,
      type = 'application/timestamp-reply',
      body: out = '',
      headers = {},
    } = await answer(body, request.url ?? '/');
    response.writeHead(status, { 'content-type': type, ...headers }).end(out);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
