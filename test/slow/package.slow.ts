/** Packages at their limits: beyond 4 GB and 65,535 files, every byte altered, and the age tool itself. */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, test } from 'vitest';
import { decryptWith } from '../../exports/package/age.ts';
import { zipReader } from '../../exports/package/check/reader.ts';
import { verifyPackage } from '../../exports/package/check/verify-package.ts';
import { filesOf, hasTools, packageLake, VERIFIER } from '../exports/package/package-lake.ts';

const WRITER = fileURLToPath(new URL('package-writer.ts', import.meta.url));
const DRIVER = fileURLToPath(new URL('../exports/package/stranger.py', import.meta.url));
const own = packageLake();

const run = (command: string, words: readonly string[], cwd?: string) =>
  spawnSync(command, words, { encoding: 'utf8', maxBuffer: 2 ** 28, ...(cwd === undefined ? {} : { cwd }) });

interface Written {
  readonly written: number;
  readonly seconds: number;
  readonly rssBytes: number;
}
const write = (...words: readonly string[]): Written => {
  const { stdout, stderr } = run(process.execPath, [WRITER, ...words]);
  if (stdout === '') throw new Error(stderr);
  const written = JSON.parse(stdout) as Written;
  console.log(
    `${words[1]}: ${(written.written / 1e9).toFixed(2)} GB in ${written.seconds.toFixed(0)} s, ${(written.rssBytes / 1e6).toFixed(0)} MB`,
  );
  return written;
};

beforeAll(async () => {
  await own.make('with', own.recorded('INC-1'));
}, 240_000);

test('a zip of more than 4 GB in one file, in bounded memory', async () => {
  const path = own.at('large.zip');
  const { written, rssBytes } = write(path, 'zip', '4600000000', '0');
  expect(written).toBeGreaterThan(2 ** 32);
  expect(rssBytes).toBeLessThan(300e6);
  const reader = await zipReader(path);
  expect(reader.files.get('data/evidence/generic.text/large')).toEqual({ size: 4_600_000_000 });
  reader.close();
  expect(run('python3', ['-m', 'zipfile', '-t', path])).toMatchObject({ status: 0 });
  expect(run('unzip', ['-tq', path]).stdout).toContain('No errors');
  rmSync(path);
});

test('a zip of more than 65,535 files', async () => {
  const path = own.at('many.zip');
  const { rssBytes } = write(path, 'zip', '10', '70000');
  expect(rssBytes).toBeLessThan(700e6);
  const reader = await zipReader(path);
  expect(reader.files.size).toBe(70_005);
  reader.close();
  expect(run('unzip', ['-tq', path]).stdout).toContain('No errors');
});

describe('the age tool, from its own source', () => {
  const bin = () => own.at('bin');
  const built = run('go', ['version']).status === 0;
  if (!built) console.warn('go is not here: the age tool is not tried');

  test.skipIf(!built)('opens what we encrypt to several, and we open what it encrypts', async () => {
    const environment = { ...process.env, GOBIN: bin() };
    const done = spawnSync('go', ['install', 'filippo.io/age/cmd/age@v1.2.1'], {
      encoding: 'utf8',
      env: environment,
    });
    expect([done.status, done.stderr.includes('error')]).toEqual([0, false]);
    const identities = [await generateIdentity(), await generateIdentity()];
    for (const [at, identity] of identities.entries())
      writeFileSync(own.at(`id-${at}`), `# made for a test\n${identity}\n`);
    const recipients = await Promise.all(identities.map(identityToRecipient));
    const { manifestSha256 } = await own.make('both.age', {
      output: { kind: 'age', path: own.at('both.age'), recipients },
    });
    for (const at of [0, 1]) {
      const zip = own.at(`opened-${at}.zip`);
      expect(
        run(join(bin(), 'age'), ['-d', '-i', own.at(`id-${at}`), '-o', zip, own.at('both.age')]),
      ).toMatchObject({ status: 0 });
      expect(await verifyPackage(zip, { publicKey: own.vkey })).toMatchObject({ ok: true, manifestSha256 });
    }
    const theirs = own.at('theirs.age');
    const words = recipients.flatMap((recipient) => ['-r', recipient]);
    expect(run(join(bin(), 'age'), [...words, '-o', theirs, own.at('opened-0.zip')])).toMatchObject({
      status: 0,
    });
    for (const at of [0, 1])
      expect(
        await verifyPackage(theirs, { publicKey: own.vkey, identity: own.at(`id-${at}`) }),
      ).toMatchObject({ ok: true, manifestSha256 });
  });

  test('a gigabyte is encrypted and decrypted in bounded memory', async () => {
    const identity = await generateIdentity();
    writeFileSync(own.at('id'), identity);
    const { rssBytes } = write(
      own.at('g.age'),
      'age',
      '1000000000',
      '0',
      await identityToRecipient(identity),
    );
    expect(rssBytes).toBeLessThan(300e6);
    await pipeline(
      await decryptWith(createReadStream(own.at('g.age')), own.at('id')),
      createWriteStream(own.at('g.zip')),
    );
    expect(statSync(own.at('g.zip')).size).toBeGreaterThan(1e9);
  });
});

describe('every byte', () => {
  test.skipIf(!hasTools)(
    'of small files and many of large ones, altered: the stranger names the file',
    () => {
      const words = [DRIVER, VERIFIER, own.vkey, 'flip', own.at('with'), '400', ...filesOf(own.at('with'))];
      const [tried, accepted, unnamed, whole] = JSON.parse(run('python3', words).stdout) as unknown[];
      console.log(`${tried} bytes tried by verify.py`);
      expect([accepted, unnamed, whole]).toEqual([[], [], true]);
      expect(tried).toBeGreaterThan(6_000);
    },
  );

  test('the same by ours', async () => {
    const folder = own.at('flipped');
    cpSync(own.at('with'), folder, { recursive: true });
    const missed: string[] = [];
    let tried = 0;
    for (const name of filesOf(folder)) {
      const whole = readFileSync(join(folder, name));
      for (let at = 0; at < whole.length; at += Math.max(1, Math.floor(whole.length / 100))) {
        tried++;
        writeFileSync(join(folder, name), whole.with(at, whole[at]! ^ (1 << (at % 8))));
        const { ok, problems } = await verifyPackage(folder, { publicKey: own.vkey });
        const isNamed = problems.some(({ key, detail }) => key === name || detail.includes(name));
        if (ok || !(isNamed || name.startsWith('tagmanifest'))) missed.push(`${name} ${at}`);
      }
      writeFileSync(join(folder, name), whole);
    }
    console.log(`${tried} bytes tried by akashi verify`);
    expect(missed).toEqual([]);
    expect(tried).toBeGreaterThan(1_500);
  });

  test('of a zip, sampled', async () => {
    const path = own.at('one.zip');
    await own.make('one.zip', { output: { kind: 'zip', path } });
    const whole = readFileSync(path);
    const missed: number[] = [];
    let tried = 0;
    for (let at = 0; at < whole.length; at += Math.max(1, Math.floor(whole.length / 1500))) {
      tried++;
      writeFileSync(path, whole.with(at, whole[at]! ^ (1 << (at % 8))));
      const holds = await verifyPackage(path, { publicKey: own.vkey }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (holds) missed.push(at);
    }
    // The directory at its end, where every byte is the zip's own.
    for (let at = whole.length - 600; at < whole.length; at++) {
      tried++;
      writeFileSync(path, whole.with(at, whole[at]! ^ (1 << (at % 8))));
      const holds = await verifyPackage(path, { publicKey: own.vkey }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (holds) missed.push(at);
    }
    console.log(`${tried} bytes of a zip tried`);
    expect(missed).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });
});
