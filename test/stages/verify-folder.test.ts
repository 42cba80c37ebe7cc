/** What can be done to a lake's folders beside changing objects: links, pipes, hidden files, modes, and its loose files. */

import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { keySigner, verifierFor } from '../../ledger/signer.ts';
import { collect } from '../../stages/collect.ts';
import { openLedger, readVkey } from '../../stages/ledger.ts';
import type { Verification } from '../../stages/verify/report.ts';
import { type VerifyOptions, verify } from '../../stages/verify/verify.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { said } from './memory-lake.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-attacked-'));
  mkdirSync(at('in'));
  for (const seed of [1, 2]) {
    writeFileSync(at('in', `trail-${seed}.json`), trailFile(seed, 2, 1_700_000_000));
    writeFileSync(at('in', `flows-${seed}.log`), flowFile(seed, 2, 1_700_000_000));
    await collect(await openLake(at('whole')), [at('in')], { threads: 1 });
    if (seed === 1) cpSync(at('whole'), at('older'), { recursive: true });
  }
  cpSync(at('whole', 'ledger.vkey'), at('trusted.vkey'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(at('lake'), { recursive: true, force: true });
  cpSync(at('whole'), at('lake'), { recursive: true });
});

const check = async (options: VerifyOptions = { deep: true }): Promise<Verification> =>
  verify(await openLakeForReading(at('lake')), options);

/** The first file below a folder of the lake, as a key. */
function fileBelow(store: 'vault' | 'state', prefix: string): { key: string; path: string } {
  const [name] = readdirSync(at('lake', store, prefix), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return { key: name!.slice(at('lake', store).length + 1), path: name! };
}

test('a copy of a lake is clean, whatever its empty folders and its age', async () => {
  mkdirSync(at('lake', 'vault', 'evidence', 'aws.cloudtrail', 'zz'), { recursive: true });
  expect(await check()).toMatchObject({ ok: true, foreign: [], orphans: [] });
  rmSync(at('lake', '.tmp'), { recursive: true, force: true });
  rmSync(at('lake', 'vault', '.tmp'), { recursive: true, force: true });
  expect(await check({ rederive: true })).toMatchObject({ ok: true });
});

describe('what is no file', () => {
  test.each(['evidence', 'tables', 'ledger'])(
    'a link in the place of a file of %s/, to the very same bytes',
    async (prefix) => {
      const { key, path } = fileBelow('vault', prefix);
      renameSync(path, at('elsewhere'));
      symlinkSync(at('elsewhere'), path);
      expect(said(await check({}))).toContain(`NOT_A_FILE ${key}`);
      rmSync(at('elsewhere'));
    },
  );

  test('a link in the place of a folder', async () => {
    renameSync(at('lake', 'vault', 'evidence'), at('elsewhere'));
    symlinkSync(at('elsewhere'), at('lake', 'vault', 'evidence'));
    expect(said(await check({}))).toContain('NOT_A_FILE evidence');
    rmSync(at('elsewhere'), { recursive: true });
  });

  test('stores that lie on another disk behind a link are the owner’s choice', async () => {
    renameSync(at('lake', 'vault'), at('other-disk'));
    symlinkSync(at('other-disk'), at('lake', 'vault'));
    expect(await check()).toMatchObject({ ok: true });
    rmSync(at('other-disk'), { recursive: true });
  });

  test.skipIf(spawnSync('mkfifo', ['--version']).error !== undefined).each(['evidence', 'tables', 'ledger'])(
    'a pipe in the place of a file of %s/ is named, not waited for',
    async (prefix) => {
      const { key, path } = fileBelow('vault', prefix);
      rmSync(path);
      spawnSync('mkfifo', [path]);
      expect(said(await check())).toEqual(expect.arrayContaining([`MISSING ${key}`, `NOT_A_FILE ${key}`]));
    },
  );

  test('a folder in the place of a file', async () => {
    const { key, path } = fileBelow('vault', 'evidence');
    rmSync(path);
    mkdirSync(path);
    expect(said(await check())).toEqual([`MISSING ${key}`]);
  });
});

describe('what nobody reads', () => {
  test('files beside the lake’s own, and hidden ones, are listed', async () => {
    writeFileSync(at('lake', 'notes.txt'), 'x');
    mkdirSync(at('lake', 'more'));
    writeFileSync(at('lake', 'vault', 'evidence', '.hidden'), 'x');
    writeFileSync(at('lake', 'state', '.secret'), 'x');
    expect(await check()).toMatchObject({
      ok: true,
      foreign: ['more/', 'notes.txt', 'evidence/.hidden', '.secret'],
    });
  });

  test('names that are no keys are added', async () => {
    writeFileSync(at('lake', 'vault', 'evidence', 'UPPER'), 'x');
    writeFileSync(Buffer.from(at('lake', 'vault', 'evidence', 'caf\u00e9'), 'latin1'), 'x');
    writeFileSync(at('lake', 'state', 'a b'), 'x');
    expect(said(await check({}))).toEqual(['ADDED a b', 'ADDED evidence/UPPER', 'ADDED evidence/caf\ufffd']);
  });
});

describe('modes', () => {
  test('files of the vault that may be written to are told', async () => {
    chmodSync(fileBelow('vault', 'evidence').path, 0o644);
    const { ok, caveats } = await check();
    expect(ok).toBe(true);
    expect(caveats.join()).toContain('1 of the vault');
  });

  test('a signing key that others may read is told', async () => {
    chmodSync(at('lake', 'keys', 'ledger.pem'), 0o644);
    expect((await check({})).caveats.join()).toContain('keys/ledger.pem');
  });
});

describe('the files beside the stores, bit by bit', () => {
  const bits = (path: string): [Buffer, number][] => {
    const bytes = readFileSync(path);
    return Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      return [changed, bit];
    });
  };
  const replace = (path: string, bytes: Uint8Array) => {
    rmSync(path, { force: true });
    writeFileSync(path, bytes, { mode: 0o600 });
  };

  test('lake.json: refused, or says the same', async () => {
    const path = at('lake', 'lake.json');
    for (const [bytes, bit] of bits(path)) {
      replace(path, bytes);
      const code = await openLakeForReading(at('lake')).then(
        () => 'opened',
        (error: { code: string }) => error.code,
      );
      expect([bit, code]).toEqual([bit, expect.stringMatching(/^LAKE_(DAMAGED|NEWER)$/)]);
    }
  });

  test('ledger.vkey: found, or names the same key; and not believed where a copy was kept', async () => {
    const path = at('lake', 'ledger.vkey');
    const own = (await readVkey(at('lake')))!.verifiers.map(({ vkey }) => vkey);
    for (const [bytes, bit] of bits(path)) {
      replace(path, bytes);
      const read = await readVkey(at('lake')).catch(() => null);
      if (read !== null) expect([bit, ...read.verifiers.map(({ vkey }) => vkey)]).toEqual([bit, ...own]);
      if (read !== null || bit % 60 !== 0) continue;
      for (const options of [{}, { publicKey: at('trusted.vkey') }])
        expect([bit, ...said(await check(options))]).toEqual([bit, 'UNREADABLE ledger.vkey']);
    }
  });

  test('keys/ledger.pem: another key never signs', async () => {
    const path = at('lake', 'keys', 'ledger.pem');
    const lake = await openLake(at('lake'));
    for (const [bytes, bit] of bits(path)) {
      replace(path, bytes);
      const code = await openLedger(lake).then(
        () => 'the same key',
        (error: { code: string }) => error.code,
      );
      expect([bit, code]).toEqual([
        bit,
        expect.stringMatching(/^(the same key|KEY_UNSUITABLE|KEY_CHANGED)$/),
      ]);
    }
  });
});

describe('ledger.vkey', () => {
  test('removed', async () => {
    rmSync(at('lake', 'ledger.vkey'));
    expect(said(await check())).toEqual(['UNSIGNED ledger.vkey']);
    expect(said(await check({ deep: true, publicKey: at('trusted.vkey') }))).toEqual(['MISSING ledger.vkey']);
  });

  test('replaced by another, and everything signed anew', async () => {
    rmSync(at('lake'), { recursive: true });
    await collect(await openLake(at('lake')), [at('in')], { threads: 1 });
    // Nothing in the lake tells.
    expect(await check()).toMatchObject({ ok: true });
    const found = await check({ publicKey: at('trusted.vkey') });
    expect(said(found)).toEqual(['ALTERED ledger.vkey', 'UNSIGNED head']);
  });

  test('with a stranger’s key beside the first: the trusted copy does not name it, so it is not believed', async () => {
    const stranger = verifierFor(
      keySigner('example.com/stranger', generateKeyPairSync('ed25519').privateKey),
    );
    chmodSync(at('lake', 'ledger.vkey'), 0o644);
    appendFileSync(at('lake', 'ledger.vkey'), `${stranger.vkey}\n`);
    expect(await check({ publicKey: at('trusted.vkey') })).toMatchObject({ ok: true });
  });

  test('asked for and not there', async () => {
    await expect(check({ publicKey: at('nowhere') })).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });
});

describe('a head remembered outside', () => {
  test('is written by a clean verification, shows every roll-back, and is not overwritten by one', async () => {
    const known = at('known');
    rmSync(known, { force: true });
    expect(await check({ known })).toMatchObject({ ok: true });
    const remembered = readFileSync(known);
    expect(await check({ known })).toMatchObject({ ok: true });
    rmSync(at('lake'), { recursive: true });
    cpSync(at('older'), at('lake'), { recursive: true });
    expect(await check()).toMatchObject({ ok: true });
    expect(said(await check({ known }))).toEqual(['ROLLED_BACK head']);
    // All of it gone, and the key with it.
    for (const name of ['vault', 'state', 'ledger.vkey', 'keys'])
      rmSync(at('lake', name), { recursive: true, force: true });
    expect(said(await check({ known }))).toEqual(['ROLLED_BACK head']);
    expect(readFileSync(known).equals(remembered)).toBe(true);
  });

  test('of another lake is refused', async () => {
    rmSync(at('other'), { recursive: true, force: true });
    await collect(await openLake(at('other')), [at('in')], { threads: 1 });
    expect(await verify(await openLake(at('other')), { known: at('known-other') })).toMatchObject({
      ok: true,
    });
    expect(said(await check({ known: at('known-other') }))).toEqual(['FORKED head']);
  });

  test('that is none is refused before anything is read', async () => {
    writeFileSync(at('nonsense'), 'not a checkpoint');
    await expect(check({ known: at('nonsense') })).rejects.toMatchObject({ code: 'KNOWN_UNREADABLE' });
    expect(readFileSync(at('nonsense'), 'utf8')).toBe('not a checkpoint');
  });
});

test('verification writes nothing into the lake', async () => {
  const listing = () =>
    readdirSync(at('lake'), { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .join('\n');
  const before = listing();
  await check({ rederive: true, publicKey: at('trusted.vkey'), known: at('known-elsewhere') });
  expect(listing()).toBe(before);
  expect(existsSync(at('known-elsewhere'))).toBe(true);
});
