/**
 * A store in memory that polices the contract: whoever tests with it has the rules checked without trying. Keys
 * outside the layout or in the wrong store, evidence that is not under its own hash, a kind of write that is not
 * its key's, and replacing what is write-once all throw CONTRACT_BROKEN, which no real store does.
 */

import { readFile } from 'node:fs/promises';
import { AkashiError } from '../schema/error.ts';
import { hashBytes, removeFile } from './durable-file.ts';
import { checkKey, checkPrefix } from './key-syntax.ts';
import { classOf, parseKey } from './keys.ts';
import type { Body, StateStore, VaultStore, WriteItem, WriteOutcome } from './store.ts';
import { bodyChanged, changed, checkRange, conflict, emptyBody, missing, storeError } from './store-error.ts';

/** Keys and bytes; share one between two stores to have two clients of the same data. */
export type MemoryObjects = Map<string, Uint8Array>;

/** A vault in memory. */
export const memoryVault = (objects: MemoryObjects = new Map()): VaultStore => writeOnce('vault', objects);

/** A state store in memory. */
export function memoryState(objects: MemoryObjects = new Map()): StateStore {
  const base = writeOnce('state', objects);
  const replaceable = (key: string, body: Uint8Array) => {
    police('state', key);
    if (classOf(key)?.writeOnce) throw broken(`"${key}" is write-once, and was to be replaced`);
    if (body.length === 0) throw emptyBody(key);
  };
  return {
    ...base,
    put: async (key, body) => {
      replaceable(key, body);
      objects.set(key, body.slice());
    },
    putIfUnchanged: async (key, body, expected) => {
      replaceable(key, body);
      const found = objects.get(key);
      const version = found ? hashBytes(found) : null;
      if (version !== expected) throw changed(key, base.name, expected, version);
      objects.set(key, body.slice());
      return hashBytes(body);
    },
    remove: async (key) => {
      police('state', key);
      objects.delete(key);
    },
  };
}

/** Holds lie beside the objects, under names that no key can have. */
const markOf = (key: string): string => `.holds/${key}`;
const HELD = new Uint8Array(0);

function writeOnce(home: 'vault' | 'state', objects: MemoryObjects): VaultStore {
  const name = `the ${home} in memory`;
  const bytesOf = (key: string): Uint8Array => {
    checkKey(key);
    const bytes = objects.get(key);
    if (bytes === undefined) throw missing(key, name);
    return bytes;
  };

  const putIfAbsent: VaultStore['putIfAbsent'] = async (key, body, kind) => {
    police(home, key);
    const bytes = await bytesIn(body, key);
    if (bytes.length === 0 && !kind.mayBeEmpty) throw emptyBody(key);
    const expected = classOf(key)?.kind;
    if (expected !== kind) throw broken(`"${key}" is written as ${kind.name}, not as ${expected?.name}`);
    const parts = parseKey(key);
    if (parts?.class === 'evidence' && parts.sha256 !== hashBytes(bytes))
      throw broken(`"${key}" was to hold bytes whose hash is ${hashBytes(bytes)}`);
    const found = objects.get(key);
    if (found === undefined) objects.set(key, bytes);
    else if (hashBytes(found) !== hashBytes(bytes)) throw conflict(key, name);
    return found === undefined ? 'created' : 'exists';
  };

  return {
    name,
    ...(home === 'vault' && {
      setLegalHold: async (key: string, on: boolean) => {
        bytesOf(key);
        if (on) objects.set(markOf(key), HELD);
        else objects.delete(markOf(key));
      },
    }),
    putIfAbsent,
    putManyIfAbsent: async (items: readonly WriteItem[]) => {
      for (const { key } of items) police(home, key);
      const outcomes: WriteOutcome[] = [];
      for (const { key, body, kind } of items) outcomes.push(await putIfAbsent(key, body, kind));
      return outcomes;
    },
    get: async (key) => {
      const body = bytesOf(key).slice();
      return { body, version: hashBytes(body) };
    },
    getRange: async (key, start, end) => {
      const bytes = bytesOf(key);
      checkRange(key, start, end, bytes.length);
      return bytes.slice(start, end);
    },
    stat: async (key) => {
      checkKey(key);
      const bytes = objects.get(key);
      if (bytes === undefined) return null;
      const held = home === 'vault' ? { held: objects.has(markOf(key)) } : {};
      return { size: bytes.length, version: hashBytes(bytes), ...held };
    },
    async *list(prefix) {
      checkPrefix(prefix);
      for (const key of [...objects.keys()].sort()) {
        const size = objects.get(key)?.length;
        if (key.startsWith(prefix) && !key.startsWith('.') && size !== undefined) yield { key, size };
      }
    },
    async *openRead(key) {
      yield bytesOf(key).slice();
    },
  };
}

function police(home: 'vault' | 'state', key: string): void {
  checkKey(key);
  const found = classOf(key)?.home;
  if (found === undefined) throw broken(`"${key}" is outside the layout of vault/keys.ts`);
  if (found !== home) throw broken(`"${key}" belongs in the ${found}, and was given to the ${home}`);
}

const broken = (what: string) =>
  new AkashiError('CONTRACT_BROKEN', `The contract of a store was broken: ${what}.`);

async function bytesIn(body: Body, key: string): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body.slice();
  try {
    const bytes = await readFile(body.path);
    if (hashBytes(bytes) !== body.sha256 || bytes.length !== body.size) throw bodyChanged(body.path, key);
    if (body.disposable) removeFile(body.path);
    return bytes;
  } catch (error) {
    throw storeError(error, `storing "${key}"`);
  }
}
