/** A small lake with evidence of several shapes, and packages of it. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll } from 'vitest';
import { trailFile } from '../../../bench/generate.ts';
import { nativeViews } from '../../../connectors/native-views.ts';
import { custodyPart, packageText } from '../../../exports/package/custody.ts';
import { type MadePackage, makePackage, type PackageRequest } from '../../../exports/package/make.ts';
import type { LogIdentity } from '../../../ledger/checkpoint.ts';
import { collect } from '../../../stages/collect.ts';
import { recorder } from '../../../stages/custody.ts';
import { readVkey } from '../../../stages/ledger.ts';
import { readHead } from '../../../tables/head.ts';
import { type Lake, openLake } from '../../../vault/lake.ts';

export const VERIFIER = fileURLToPath(new URL('../../../docs/verify.py', import.meta.url));
const SAMPLES = new URL('../../../connectors/', import.meta.url);

/** A formula, markup, an escape sequence, a path and a mark that reverses text, as an attacker writes them into a log. */
const HOSTILE = '=cmd|"/c calc"!A1<script>alert(1)</script>\u001b[2J../../etc/passwd\u202e';

export interface PackageLake {
  folder: string;
  lake: Lake;
  identity: LogIdentity;
  vkey: string;
  /** A path below the test's own folder. */
  at(...parts: string[]): string;
  make(out: string, more?: Partial<PackageRequest>): Promise<MadePackage>;
  /** The record of a case, as the command line keeps it. */
  recorded(name: string): Pick<PackageRequest, 'madeFor' | 'record'>;
}

/** Filled before the tests run. Call it at the top level of the file. */
export function packageLake(): PackageLake {
  const own = {} as PackageLake;
  beforeAll(async () => {
    own.folder = mkdtempSync(join(tmpdir(), 'akashi-package-'));
    own.at = (...parts) => join(own.folder, ...parts);
    mkdirSync(own.at('in'));
    const [first] = (JSON.parse(trailFile(5, 1, 1_700_000_100)) as { Records: object[] }).Records;
    const hostile = { ...first, eventID: HOSTILE, userAgent: HOSTILE, eventName: HOSTILE };
    writeFileSync(own.at('in', 'trail.json.gz'), gzipSync(trailFile(3, 40, 1_700_000_000)));
    writeFileSync(own.at('in', 'hostile.json'), JSON.stringify({ Records: [hostile] }));
    own.lake = await openLake(own.at('lake'));
    const samples = [
      'aws-cloudtrail/samples/cloudwatch-subscription.json',
      'aws-vpcflow/samples/version2.log',
    ];
    const paths = samples.map((path) => fileURLToPath(new URL(path, SAMPLES)));
    await collect(own.lake, [own.at('in'), ...paths], { threads: 1 });
    own.identity = (await readVkey(own.lake.root))!;
    own.vkey = own.at('lake', 'ledger.vkey');
    own.make = (out, more = {}) =>
      makePackage({
        lake: own.lake,
        identity: own.identity,
        views: nativeViews(),
        asked: { name: null, title: null, sql: 'select * from timeline order by time, uid', parameters: {} },
        mode: 'originals',
        forms: new Set(['csv']),
        madeFor: null,
        output: { kind: 'folder', path: own.at(out) },
        record: async () => null,
        ...more,
      });
    own.recorded = (name) => ({
      madeFor: { case: name, actor: 'alice', account: 'alice@host', purpose: null },
      record: async (rows, manifestSha256) => {
        const by = { case: name, actor: 'alice', account: 'alice@host', purpose: null };
        const { head } = await readHead(own.lake.state);
        const { record } = recorder(own.lake.state, head, by, { onRefused: () => {} });
        const result = packageText(manifestSha256);
        const id = await record({ action: 'export', subject: 'select 1', rows, result });
        return custodyPart(own.lake, own.identity, id!);
      },
    });
  }, 240_000);
  afterAll(() => rmSync(own.folder, { recursive: true, force: true }));
  return own;
}

/** Told once, so that a run without them says what it left out. */
export const hasTools = (() => {
  const answer = (command: string, ...words: string[]) =>
    spawnSync(command, words, { encoding: 'utf8' }).stdout ?? '';
  const has =
    /^Python 3/.test(answer('python3', '--version')) && /^OpenSSL 3/.test(answer('openssl', 'version'));
  if (!has) console.warn('python3 or OpenSSL 3 is not here: the stranger’s verifier is not tried');
  return has;
})();

/** The stranger's verifier on one package. */
export function stranger(folder: string, ...more: string[]): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync('python3', [VERIFIER, folder, ...more], { encoding: 'utf8' });
  return { ok: status === 0, said: stdout + stderr };
}

/** Every file below a folder, by its name in the package. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** What an attacker does who knows BagIt: makes every list fit what is there now. */
export function rewriteLists(folder: string): void {
  const line = (name: string) =>
    `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}\n`;
  const names = filesOf(folder);
  const payload = names.filter((name) => name.startsWith('data/'));
  writeFileSync(join(folder, 'manifest-sha256.txt'), payload.map(line).join(''));
  const bytes = payload.reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
  const info = join(folder, 'bag-info.txt');
  const said = readFileSync(info, 'utf8').replace(
    /Payload-Oxum: .*/,
    `Payload-Oxum: ${bytes}.${payload.length}`,
  );
  writeFileSync(info, said);
  const tags = names.filter((name) => !name.startsWith('data/') && !name.startsWith('tagmanifest'));
  writeFileSync(join(folder, 'tagmanifest-sha256.txt'), tags.map(line).join(''));
}
