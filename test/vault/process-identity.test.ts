import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  identityTag,
  livenessOf,
  ownIdentity,
  parseIdentity,
  parseIdentityTag,
} from '../../vault/process-identity.ts';

test('this process lives', () => {
  expect(livenessOf(ownIdentity())).toBe('alive');
});

test('a process that ended is dead', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  expect(livenessOf({ ...ownIdentity(), pid: child.pid!, start: '123' })).toBe('dead');
});

test('a live process with another start is not the one that was meant', () => {
  expect(livenessOf({ ...ownIdentity(), start: '123' })).toBe('dead');
});

test('where we cannot look we do not guess', () => {
  expect(livenessOf({ ...ownIdentity(), boot: 'other', host: 'elsewhere' })).toBe('unknown');
  expect(livenessOf({ ...ownIdentity(), namespace: '1' })).toBe('unknown');
});

test('the identity comes back from a file name', () => {
  expect(parseIdentityTag(`${identityTag(ownIdentity())}0123abcd.parquet`)).toEqual(ownIdentity());
  expect(identityTag(ownIdentity())).toMatch(/^[A-Za-z0-9.-]+$/);
});

test('any file name and any JSON may be asked about', () => {
  fc.assert(fc.property(fc.string(), (name) => void parseIdentityTag(name)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseIdentity(value)));
  expect(parseIdentityTag('1.2.3.4.5')).toBeNull();
  expect(parseIdentityTag('x.2.3.4.5.rest')).toBeNull();
});
