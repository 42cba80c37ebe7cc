/** Lakes on the double as several machines have them, for tests of what goes wrong between them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CollectResult, collect } from '../../../stages/collect.ts';
import { verify } from '../../../stages/verify/verify.ts';
import { readHead } from '../../../tables/head.ts';
import { readTable } from '../../../tables/table-metadata.ts';
import type { Lake } from '../../../vault/lake.ts';
import { openS3Lake } from '../../../vault/s3/s3-lake.ts';
import { type Fault, S3Double, type S3Request } from './double.ts';
import { useTestCredentials } from './subject.ts';

const PATIENCE = { attempts: 3, firstWaitMillis: 1, silenceMillis: 5000 };
const VARIABLES = ['AKASHI_HOME', 'AKASHI_SIGNING_KEY'] as const;

export class Machines {
  readonly double = new S3Double();
  readonly #folder: string;
  readonly #saved = VARIABLES.map((name) => [name, process.env[name]] as const);
  #endpoint = '';
  #round = 0;

  constructor(folder: string) {
    useTestCredentials();
    this.#folder = folder;
  }

  async start(): Promise<void> {
    this.#endpoint = await this.double.start();
  }

  async stop(): Promise<void> {
    await this.double.stop();
    for (const [name, value] of this.#saved)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }

  /** Empty buckets, and a signing key that all machines share. */
  startAfresh(): void {
    this.#round++;
    this.double.fault = () => null;
    this.double.buckets.clear();
    this.double.addBucket('vault', true);
    this.double.addBucket('state', false);
    process.env['AKASHI_SIGNING_KEY'] = join(this.#folder, `key-${this.#round}.pem`);
  }

  /** The lake as the machine of that name has it. */
  open(name: string): Promise<Lake> {
    process.env['AKASHI_HOME'] = join(this.#folder, `home-${this.#round}-${name}`);
    return openS3Lake(`s3://vault?state=state&endpoint=${this.#endpoint}&retention=30`, 'write', PATIENCE);
  }

  /** A folder with one log of one record, its user's. */
  logOf(user: string): string {
    const path = join(this.#folder, `in-${this.#round}-${user}`);
    mkdirSync(path, { recursive: true });
    const line = `Mar  1 10:00:00 host sshd[7]: Accepted password for ${user} from 192.0.2.7 port 22 ssh2\n`;
    writeFileSync(join(path, `${user}.log`), line);
    return path;
  }

  collect(lake: Lake, path: string): Promise<CollectResult> {
    return collect(lake, [path], { threads: 1, source: 'linux.auth', now: () => 1_750_000_000_000 });
  }

  /** Nothing forked, lost or twice: as many bodies and rows as were collected, and all of it verified. */
  async check(lake: Lake, bodies: number): Promise<void> {
    this.double.fault = () => null;
    const result = await verify(lake, { deep: true, threads: 1 });
    expect(result.problems).toEqual([]);
    expect(result.evidence.checked).toBe(bodies);
    const { files } = await readTable(lake.vault, (await readHead(lake.state)).head, 'events');
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(bodies);
  }

  /**
   * Collects once for each write that a collect makes, `step` by `step` from number `from`: at that write the store goes
   * away, and comes back for the next run, which must finish.
   */
  async outages(fault: Fault, from: number, step: number): Promise<void> {
    await this.collect(await this.open('first'), this.logOf('first'));
    let bodies = 1;
    for (let at = from, failed = true; failed; at += step) {
      const path = this.logOf(`user${at}`);
      const lake = await this.open('first');
      let writes = 0;
      let gone = false;
      this.double.fault = (request) => {
        if (gone) return { kind: 'cut' };
        if (!isWrite(request) || ++writes < at) return null;
        gone = true;
        return fault;
      };
      failed = await this.collect(lake, path).then(
        () => false,
        () => true,
      );
      this.double.fault = () => null;
      if (failed) await this.collect(await this.open('first'), path);
      bodies++;
    }
    await this.check(await this.open('first'), bodies);
    expect(bodies * step).toBeGreaterThan(10);
  }
}

const isWrite = ({ method, query }: S3Request) =>
  method === 'PUT' || method === 'DELETE' || (method === 'POST' && query.has('uploadId'));
