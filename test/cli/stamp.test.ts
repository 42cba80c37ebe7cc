import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { HAS_OPENSSL, NO_OPENSSL, Pki, serve } from '../ledger/timestamps/parts/openssl.ts';

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));

let folder: string;
let pki: Pki;
let server: Awaited<ReturnType<typeof serve>>;
const at = (...parts: string[]) => join(folder, ...parts);

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Not synchronous: the authority answers from this process. */
function akashi(...words: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [AKASHI, ...words, '--lake', at('lake')]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
}

const json = async (...words: string[]) =>
  JSON.parse((await akashi(...words, '--json')).out) as Record<string, unknown>;

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  folder = mkdtempSync(join(tmpdir(), 'akashi-stamp-'));
  server = await serve((body, path) =>
    path === '/' ? { body: pki.reply(body) } : { type: 'application/pkix-crl', body: pki.read('ca.crl') },
  );
  pki = new Pki().standard(`${server.url}ca.crl`);
  pki.crl('ca');
  for (const day of [1, 2]) writeFileSync(at(`trail-${day}.json`), trailFile(day, 2, 1_700_000_000));
});
afterAll(async () => {
  await server?.close();
  pki?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!HAS_OPENSSL)('akashi stamp', () => {
  test('from the first seal to a proof that openssl checks', async () => {
    const first = await akashi('collect', at('trail-1.json'), '--stamp', 'http://127.0.0.1:9/');
    expect(first).toMatchObject({ status: 1, out: expect.stringContaining('not time-stamped') });
    expect(await akashi('stamp')).toMatchObject({
      status: 0,
      out: expect.stringContaining('No time-stamping authority is named'),
    });
    expect(await akashi('verify')).toMatchObject({
      status: 0,
      out: expect.stringContaining('No time-stamp covers'),
    });
    expect(await akashi('stamp', '--tsa', server.url, '--tsa-policy', 'mine')).toMatchObject({ status: 2 });
    expect(await akashi('stamp', '--tsa', server.url, '--tsa-roots', pki.at('ca.pem'))).toMatchObject({
      status: 1,
      err: expect.stringContaining('[TSA_ROOTS_UNUSABLE]'),
    });

    const roots = pki.at('root.pem');
    const stamped = await akashi('stamp', '--tsa', server.url, '--tsa-roots', roots);
    expect(stamped).toMatchObject({ status: 0, out: expect.stringMatching(/existed at 20.*says tsa/) });
    expect(await json('stamp', '--tsa', server.url)).toMatchObject({ outcome: 'nothing new' });
    const more = await json('collect', at('trail-2.json'), '--stamp', server.url, '--tsa-roots', roots);
    expect(more).toMatchObject({ objects: 1, stamp: { outcome: 'stamped', stamp: { trusted: true } } });

    const verified = await json('verify', '--deep', '--tsa-roots', roots);
    expect(verified).toMatchObject({
      ok: true,
      orphans: [],
      timestamps: { checked: 1, bad: [], good: 2, trusted: true, newest: { authority: 'tsa' } },
    });
    expect(await akashi('verify')).toMatchObject({
      status: 0,
      out: expect.stringContaining('no root given vouches'),
    });
    pki.issue({ name: 'other', extensions: 'basicConstraints=critical,CA:true\n' });
    expect(await akashi('verify', '--tsa-roots', pki.at('other.pem'))).toMatchObject({
      status: 1,
      out: expect.stringContaining('BAD_TIMESTAMP ledger/timestamps/'),
    });

    const uid = JSON.parse(readFileSync(at('trail-1.json'), 'utf8')).Records[0].eventID as string;
    const bundle = at('bundle');
    const proven = await akashi('prove', uid, '--out', bundle);
    expect(proven).toMatchObject({ status: 0, out: expect.stringMatching(/existed at 20.*, says tsa/) });
    expect(readdirSync(bundle)).toEqual(
      expect.arrayContaining(['timestamp.tsr', 'timestamp.crl.pem', 'VERIFY.md']),
    );
    cpSync(roots, join(bundle, 'roots.pem'));
    cpSync(at('lake', 'ledger.vkey'), join(bundle, 'trusted.vkey'));
    const text = readFileSync(join(bundle, 'VERIFY.md'), 'utf8');
    const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code!);
    expect(blocks).toHaveLength(5);
    const said = blocks.map((code) => spawnSync('sh', ['-e', '-c', code], { cwd: bundle, encoding: 'utf8' }));
    expect(said.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
    expect(said[3]!.stdout + said[3]!.stderr).toMatch(/Verification: OK[\s\S]*Time stamp:/);
    expect(said[4]!.stdout).toContain('Certificate Revocation List');

    // The same command says no where root or checkpoint is another.
    cpSync(pki.at('other.pem'), join(bundle, 'roots.pem'));
    expect(spawnSync('sh', ['-e', '-c', blocks[3]!], { cwd: bundle }).status).not.toBe(0);
    cpSync(roots, join(bundle, 'roots.pem'));
    writeFileSync(join(bundle, 'checkpoint'), 'another');
    expect(spawnSync('sh', ['-e', '-c', blocks[3]!], { cwd: bundle }).status).not.toBe(0);
  });
});
