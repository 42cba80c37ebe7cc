import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { folderVault, prepareFolder } from '../../vault/folder-store.ts';
import { makeKey } from '../../vault/keys.ts';
import { readRetention, removeExpired, retainUntil, setRetention } from '../../vault/retention.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { codeOf, scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();
const DAY = 24 * 3600 * 1000;
const CHECKPOINT = makeKey('checkpoint', { size: 1 });
const DATA = makeKey('data', { table: 'events', day: '2026-01-01', batch: 'ab'.repeat(32), part: 0 });

let root: string;
beforeEach(async () => {
  root = join(await newFolder(), 'vault');
  await prepareFolder(root);
  await folderVault(root).putIfAbsent(CHECKPOINT, Buffer.from('locked'), WRITE_KINDS.checkpoint);
  await folderVault(root).putIfAbsent(DATA, Buffer.from('not locked'), WRITE_KINDS.data);
});

const storedAt = async (key: string, time: Date) => utimes(join(root, key), time, time);
const remove = (key: string, now: Date) => codeOf(removeExpired(root, key, now));
const in_ = (days: number) => new Date(Date.now() + days * DAY);

test('before its date a locked object stays, after it it may go', async () => {
  await setRetention(root, 10);
  expect(await remove(CHECKPOINT, in_(0))).toBe('VAULT_LOCKED');
  expect(await remove(CHECKPOINT, in_(9.9))).toBe('VAULT_LOCKED');
  expect((await folderVault(root).get(CHECKPOINT)).body).toHaveLength(6);
  expect(await remove(CHECKPOINT, in_(10.1))).toBe('nothing was thrown');
  expect(await folderVault(root).stat(CHECKPOINT)).toBeNull();
});

test('stat says what keeps it, and until when', async () => {
  expect(await folderVault(root).stat(CHECKPOINT)).not.toHaveProperty('lock');
  await setRetention(root, 10);
  await storedAt(CHECKPOINT, new Date('2026-01-01T00:00:00Z'));
  expect(await folderVault(root).stat(CHECKPOINT)).toMatchObject({
    lock: { mode: 'folder', retainUntil: new Date('2026-01-11T00:00:00Z') },
  });
  expect(await folderVault(root).stat(DATA)).not.toHaveProperty('lock');
});

test('without any retention set it is kept for ever', async () => {
  expect(await remove(CHECKPOINT, in_(100_000))).toBe('VAULT_LOCKED');
});

test('a hold outlives retention, and holds what is not locked as well', async () => {
  await setRetention(root, 1);
  const vault = folderVault(root);
  for (const key of [CHECKPOINT, DATA]) {
    await vault.setLegalHold(key, true);
    await vault.setLegalHold(key, true);
    expect(await vault.stat(key)).toMatchObject({ held: true });
    expect(await remove(key, in_(400))).toBe('VAULT_LOCKED');
    await vault.setLegalHold(key, false);
    await vault.setLegalHold(key, false);
    expect(await vault.stat(key)).toMatchObject({ held: false });
    expect(await remove(key, in_(400))).toBe('nothing was thrown');
    expect(await codeOf(vault.setLegalHold(key, true))).toBe('STORE_MISSING');
  }
});

test('a source may have a period of its own, which changes no earlier date', async () => {
  await setRetention(root, 10, new Date('2026-01-01T00:00:00Z'));
  await setRetention(root, 3, new Date('2026-02-01T00:00:00Z'), 'aws.cloudtrail');
  const periods = await readRetention(root);
  const until = (stored: string, source: string) =>
    retainUntil(periods, new Date(stored), source)?.toISOString().slice(0, 10);
  expect(until('2026-01-15T00:00:00Z', 'aws.cloudtrail')).toBe('2026-01-25');
  expect(until('2026-02-15T00:00:00Z', 'aws.cloudtrail')).toBe('2026-02-18');
  expect(until('2026-02-15T00:00:00Z', 'gcp.audit')).toBe('2026-02-25');
});

test('what is not locked may go at any time', async () => {
  await setRetention(root, 10);
  expect(await remove(DATA, in_(0))).toBe('nothing was thrown');
  expect(await remove(DATA, in_(0))).toBe('STORE_MISSING');
});

test('a shorter period shortens nothing that was promised', async () => {
  await setRetention(root, 100, new Date('2026-01-01T00:00:00Z'));
  await setRetention(root, 1, new Date('2026-02-01T00:00:00Z'));
  const periods = await readRetention(root);
  const until = (stored: string) => retainUntil(periods, new Date(stored))?.toISOString().slice(0, 10);
  expect(until('2026-01-15T00:00:00Z')).toBe('2026-04-25');
  expect(until('2026-02-01T00:00:00Z')).toBe('2026-02-02');
  // The first period counts for what was there before it.
  expect(until('2025-01-01T00:00:00Z')).toBe('2025-04-11');
});

test('the same period set again changes nothing', async () => {
  await setRetention(root, 5);
  const before = await readRetention(root);
  await setRetention(root, 5);
  expect(await readRetention(root)).toEqual(before);
});

test.each([0, -1, 1.5, 36_501, Number.NaN])('a retention of %d days is refused', async (days) => {
  expect(await codeOf(setRetention(root, days))).toBe('RETENTION_DAYS');
});

test.each(['{}', 'null', '[{"since":"never","days":1}]', '[{"since":"2026-01-01","days":0}]', '[1]', '{"'])(
  'a damaged record %s lets nothing go',
  async (text) => {
    await writeFile(join(root, '.retention.json'), text);
    expect(await remove(CHECKPOINT, in_(100_000))).toBe('VAULT_BAD_RETENTION');
    expect(await codeOf(folderVault(root).stat(CHECKPOINT))).toBe('VAULT_BAD_RETENTION');
  },
);

test('a key that escapes the vault is refused', async () => {
  expect(await remove('../x', in_(0))).toBe('STORE_BAD_KEY');
});
