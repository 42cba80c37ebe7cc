import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderState } from '../../vault/folder-state.ts';
import { folderVault, prepareFolder } from '../../vault/folder-store.ts';
import { evidenceKey, makeKey, pendingKey } from '../../vault/keys.ts';
import { identityTag, ownIdentity } from '../../vault/process-identity.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { codeOf, scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();
let root: string;
beforeEach(async () => {
  root = join(await newFolder(), 'store');
  await prepareFolder(root);
});

const body = Buffer.from('as received');
const KEY = evidenceKey('linux.auth', createHash('sha256').update(body).digest('hex'));
const PENDING = pendingKey('ab'.repeat(32), 'cd'.repeat(8));
const putBody = () => folderVault(root).putIfAbsent(KEY, body, WRITE_KINDS.evidence);
const modeOf = async (key: string) => ((await stat(join(root, key))).mode & 0o777).toString(8);

describe('files', () => {
  test('write-once ones are read-only, replaceable ones are not', async () => {
    await putBody();
    await folderState(root).put('head', body);
    expect(await modeOf(KEY)).toBe('444');
    expect(await modeOf('head')).toBe('644');
  });

  test('a copied or moved file is read-only as well, and its retention starts now', async () => {
    const path = join(root, '.tmp', 'large');
    for (const disposable of [false, true]) {
      const large = randomBytes(300_000);
      await writeFile(path, large, { mode: 0o666 });
      await utimes(path, 0, 0);
      const sha256 = createHash('sha256').update(large).digest('hex');
      const key = evidenceKey('linux.auth', sha256);
      const file = { path, sha256, size: large.length, ...(disposable && { disposable }) };
      await folderVault(root).putIfAbsent(key, file, WRITE_KINDS.evidence);
      expect(await modeOf(key)).toBe('444');
      expect(Date.now() - (await stat(join(root, key))).mtimeMs).toBeLessThan(60_000);
    }
  });

  test('a key’s path is where the file is', async () => {
    await putBody();
    expect(await readFile(folderVault(root).localPath(KEY))).toEqual(body);
    expect(() => folderVault(root).localPath('../x')).toThrow(
      expect.objectContaining({ code: 'STORE_BAD_KEY' }),
    );
  });

  test('nothing temporary is left, not even by failures', async () => {
    await putBody();
    const key = makeKey('checkpoint', { size: 1 });
    await folderVault(root).putIfAbsent(key, Buffer.from('1'), WRITE_KINDS.checkpoint);
    await codeOf(folderVault(root).putIfAbsent(key, Buffer.from('2'), WRITE_KINDS.checkpoint));
    await folderState(root).put('head', body);
    await codeOf(folderState(root).putIfUnchanged('head', body, 'x'));
    await rm(join(root, dirname(KEY)), { recursive: true });
    await putBody();
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
  });

  test('the stores’ own files are not listed', async () => {
    await putBody();
    await folderState(root).put('head', body);
    const keys = [];
    for await (const { key } of folderVault(root).list('')) keys.push(key);
    expect(keys).toEqual([KEY, 'head']);
  });

  test('files that somebody added are listed, whatever their names', async () => {
    await writeFile(join(root, 'Added By Hand.TXT'), 'x');
    const listed = [];
    for await (const item of folderVault(root).list('')) listed.push(item);
    expect(listed).toEqual([{ key: 'Added By Hand.TXT', size: 1 }]);
  });

  test('a body altered on the disk is a conflict for the next who stores it', async () => {
    await putBody();
    await chmod(join(root, KEY), 0o644);
    await writeFile(join(root, KEY), 'as RECEIVED');
    expect(await codeOf(putBody())).toBe('STORE_CONFLICT');
  });

  test('the version of a vault file tells that somebody touched it', async () => {
    await putBody();
    const before = await folderVault(root).stat(KEY);
    await utimes(join(root, KEY), 1, 1);
    expect((await folderVault(root).stat(KEY))?.version).not.toBe(before?.version);
  });

  test('folders removed under an open store are made again', async () => {
    const store = folderState(root);
    for (const _ of [1, 2]) {
      await store.put('cache/a/b', body);
      await store.putIfAbsent(PENDING, body, WRITE_KINDS.pending);
      for (const folder of ['cache', 'pending', '.tmp', '.lock']) {
        await rm(join(root, folder), { recursive: true });
        await store.put('cache/a/b', body);
        await rm(join(root, PENDING), { force: true });
        await store.putIfAbsent(PENDING, body, WRITE_KINDS.pending);
      }
    }
  });

  test('a store that is gone is not made anew somewhere else', async () => {
    const store = folderState(root);
    await store.put('cache/a/b', body);
    await rm(root, { recursive: true });
    expect(await codeOf(store.put('cache/a/b', body))).toBe('STORE_GONE');
    expect(await codeOf(store.put('head', body))).toBe('STORE_GONE');
    expect(await codeOf(store.putIfAbsent(PENDING, body, WRITE_KINDS.pending))).toBe('STORE_GONE');
    expect(await codeOf(stat(root))).toBe('ENOENT');
  });
});

describe('leftovers in .tmp', () => {
  const leave = async (name: string, ageDays = 0) => {
    const path = join(root, '.tmp', name);
    await writeFile(path, 'half a bo');
    const time = Date.now() / 1000 - ageDays * 86_400;
    await utimes(path, time, time);
  };
  const tag = identityTag;
  const here = ownIdentity();

  test('of dead processes are swept at opening, of live ones are not', async () => {
    await leave(`${tag({ ...here, start: '1' })}dead`);
    await leave(`${tag({ ...here, boot: 'old' })}rebooted`);
    await leave(`${tag(here)}live`);
    await prepareFolder(root);
    expect(await readdir(join(root, '.tmp'))).toEqual([`${tag(here)}live`]);
  });

  test('of processes we cannot see are swept when a day old', async () => {
    const unseen = tag({ ...here, namespace: '1' });
    await leave(`${unseen}young`, 0.5);
    await leave(`${unseen}old`, 1.5);
    await leave('no-tag-young', 0.5);
    await leave('no-tag-old', 1.5);
    await prepareFolder(root);
    expect((await readdir(join(root, '.tmp'))).sort()).toEqual([`${unseen}young`, 'no-tag-young'].sort());
  });

  test('a body whose writer died between link and unlink is whole and stays', async () => {
    const temp = join(root, '.tmp', `${tag({ ...here, start: '1' })}linked`);
    await writeFile(temp, body);
    await mkdir(dirname(join(root, KEY)), { recursive: true });
    await link(temp, join(root, KEY));
    await prepareFolder(root);
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
    expect(await putBody()).toBe('exists');
  });
});

test('a held lock is waited for, then told with its holder', async () => {
  await mkdir(join(root, '.lock'));
  const elsewhere = { ...ownIdentity(), namespace: '1', command: 'akashi seal', since: 'then' };
  await writeFile(join(root, '.lock', 'store.1'), JSON.stringify(elsewhere));
  const store = folderState(root, { lockWaitMillis: 50 });
  const failure = await store.put('head', body).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'STORE_LOCKED', message: expect.stringContaining('(akashi seal)') });
  expect(failure).toMatchObject({ message: expect.stringContaining(join(root, '.lock', 'store.1')) });
  // What needs no lock goes on.
  expect(await store.putIfAbsent(PENDING, body, WRITE_KINDS.pending)).toBe('created');
  await store.remove(PENDING);
});

// Root may do anything, so there the rights are those of nobody for a while.
const effective = process.geteuid?.() === 0 && process.seteuid !== undefined;
test('what the system forbids is an error a person can act on', async () => {
  await putBody();
  await folderState(root).put('head', body);
  await chmod(join(root, KEY), 0o000);
  await chmod(root, 0o555);
  await chmod(join(root, '.tmp'), 0o555);
  await chmod(dirname(root), 0o755);
  if (effective) process.seteuid?.(65_534);
  try {
    const vault = folderVault(root);
    expect(await codeOf(vault.get(KEY))).toBe('STORE_DENIED');
    expect(await codeOf(vault.getRange(KEY, 0, 1))).toBe('STORE_DENIED');
    expect(await codeOf(putBody())).toBe('STORE_DENIED');
    expect(await codeOf(folderState(root).put('head', body))).toBe('STORE_DENIED');
    expect(await codeOf(prepareFolder(root))).toMatch(/STORE_DENIED|nothing was thrown/);
    const failure = await vault.get(KEY).catch((error: Error) => error);
    expect(failure).toMatchObject({
      message: expect.stringContaining(`"${KEY}"`),
      cause: { code: 'EACCES' },
    });
  } finally {
    if (effective) process.seteuid?.(0);
    await chmod(root, 0o755);
  }
});
