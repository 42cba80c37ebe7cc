import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evidenceKey, makeKey } from '../../../vault/keys.ts';
import type { S3Vault } from '../../../vault/s3/s3-vault.ts';
import type { FileBody, StateStore } from '../../../vault/store.ts';
import { WRITE_KINDS } from '../../../vault/write-kind.ts';
import { codeOf, scratchFolder } from '../scratch.ts';
import { type Fault, S3Double, type S3Request } from './double.ts';
import { Subjects, useTestCredentials } from './subject.ts';

useTestCredentials();
const newFolder = scratchFolder();
const double = new S3Double({ minPartBytes: 1 });
const SIZES = { singleBytes: 400_000, partBytes: 250_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const CHECKPOINT = makeKey('checkpoint', { size: 1 });
let vault: S3Vault;
let again: () => S3Vault;
let state: StateStore;
let endpoint: string;

/** New stores; `silenceMillis` is short only where silence is waited for, so that a busy machine is not taken for it. */
function open(silenceMillis: number): void {
  const server = {
    endpoint,
    region: null,
    dialect: 'aws',
    vaultBucket: 'vault',
    stateBucket: 'state',
  } as const;
  const subjects = new Subjects(server, { attempts: 4, firstWaitMillis: 1, silenceMillis }, SIZES);
  ({ store: vault, again } = subjects.newVault());
  ({ store: state } = subjects.newState());
}

beforeAll(async () => {
  endpoint = await double.start();
});
afterAll(() => double.stop());
beforeEach(() => {
  double.buckets.clear();
  double.addBucket('vault', true);
  double.addBucket('state', false);
  double.fault = () => null;
  open(5000);
});

const isWrite = ({ method, query }: S3Request) =>
  method === 'PUT' || (method === 'POST' && query.has('uploadId'));

/** The fault for the first `count` requests that match. */
function failing(fault: Fault, count = 1, matches: (request: S3Request) => boolean = isWrite): void {
  let left = count;
  double.fault = (request) => (matches(request) && left-- > 0 ? fault : null);
}

const versionsIn = (bucket: string) => [...double.buckets.get(bucket)!.keys.values()].flat();

const PASSING: readonly (readonly [string, Fault])[] = [
  ['503 before it was done', { kind: 'error', status: 503, code: 'SlowDown' }],
  ['503 after it was done', { kind: 'error', status: 503, code: 'ServiceUnavailable', after: true }],
  ['500 after it was done', { kind: 'error', status: 500, code: 'InternalError', after: true }],
  ['409 of a race', { kind: 'error', status: 409, code: 'ConditionalRequestConflict' }],
  ['a connection cut before it was done', { kind: 'cut' }],
  ['a connection cut after it was done', { kind: 'cut', after: true }],
  ['silence before it was done', { kind: 'silence' }],
  ['silence after it was done', { kind: 'silence', after: true }],
  ['a bit flipped on the way', { kind: 'damage' }],
];

async function fileOf(body: Uint8Array): Promise<FileBody> {
  const path = join(await newFolder(), 'body');
  await writeFile(path, body);
  return { path, sha256: sha256(body), size: body.length };
}

describe.each(PASSING)('%s', (_, fault) => {
  beforeEach(() => {
    if (fault.kind === 'silence') open(250);
  });

  test('a body in memory is stored once, and called created once', async () => {
    failing(fault);
    expect(await vault.putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint)).toBe('created');
    expect(versionsIn('vault')).toHaveLength(1);
    expect(await again().putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint)).toBe('exists');
    expect(versionsIn('vault')).toHaveLength(1);
  });

  test('a file is stored once, whole', async () => {
    const body = randomBytes(350_000);
    failing(fault);
    const key = evidenceKey('linux.auth', sha256(body));
    expect(await vault.putIfAbsent(key, await fileOf(body), WRITE_KINDS.evidence)).toBe('created');
    expect(versionsIn('vault')).toHaveLength(1);
    expect(sha256((await again().get(key)).body)).toBe(sha256(body));
  });

  test('a swap of the head is made once', async () => {
    const first = await state.putIfUnchanged('head', bytes('one'), null);
    failing(fault);
    const second = await state.putIfUnchanged('head', bytes('two'), first);
    expect(await state.get('head')).toMatchObject({ version: second });
    expect(await codeOf(state.putIfUnchanged('head', bytes('three'), first))).toBe('STORE_CHANGED');
  });

  test('removal is done', async () => {
    const key = makeKey('pending', { sha256: 'a'.repeat(64), manifest: 'b'.repeat(16) });
    await state.putIfAbsent(key, bytes('{}'), WRITE_KINDS.pending);
    failing(fault, 1, ({ method }) => method === 'DELETE');
    await state.remove(key);
    expect(await state.stat(key)).toBeNull();
  });

  test('reads and lists answer as if nothing had happened', async () => {
    await vault.putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint);
    const reader = again();
    failing(fault, 2, ({ method }) => method === 'GET' || method === 'HEAD');
    expect(Buffer.from((await reader.get(CHECKPOINT)).body).toString()).toBe('one');
    failing(fault, 2, ({ method }) => method === 'GET');
    const listed = [];
    for await (const { key } of reader.list('')) listed.push(key);
    expect(listed).toEqual([CHECKPOINT]);
  });
});

test.each(PASSING.filter(([, { kind }]) => kind !== 'silence'))(
  'an upload in parts survives %s at each of its requests',
  async (_, fault) => {
    const body = randomBytes(700_000);
    const file = await fileOf(body);
    const key = evidenceKey('linux.auth', file.sha256);
    const isPartRequest = ({ query }: S3Request) => query.has('uploads') || query.has('uploadId');
    for (let at = 1; at <= 5; at++) {
      double.buckets.get('vault')!.keys.clear();
      let seen = 0;
      double.fault = (request) => (isPartRequest(request) && ++seen === at ? fault : null);
      expect(await again().putIfAbsent(key, file, WRITE_KINDS.evidence), `request ${at}`).toBe('created');
      expect(versionsIn('vault')).toHaveLength(1);
      expect(Buffer.compare(versionsIn('vault')[0]!.body, body)).toBe(0);
    }
  },
);

describe('when it does not pass', () => {
  const store = () => vault.putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint);
  test.each([
    ['503', { kind: 'error', status: 503, code: 'SlowDown' }, 'STORE_UNAVAILABLE'],
    ['silence', { kind: 'silence' }, 'STORE_UNAVAILABLE'],
    ['silence, though it is done', { kind: 'silence', after: true }, 'STORE_UNAVAILABLE'],
    ['a cut connection', { kind: 'cut' }, 'STORE_UNAVAILABLE'],
    ['409', { kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, 'STORE_BUSY'],
    ['flipped bits', { kind: 'damage' }, 'STORE_DAMAGED_ON_THE_WAY'],
    ['403', { kind: 'error', status: 403, code: 'AccessDenied' }, 'STORE_DENIED'],
    ['an expired token', { kind: 'error', status: 400, code: 'ExpiredToken' }, 'STORE_DENIED'],
    ['a disabled KMS key', { kind: 'error', status: 400, code: 'KMS.DisabledException' }, 'STORE_DENIED'],
    ['a code nobody knows', { kind: 'error', status: 400, code: 'Unheard' }, 'STORE_FAILED'],
  ] as const)('%s is said, nothing is lost, and the same call works later', async (_, fault, code) => {
    if (fault.kind === 'silence') open(250);
    failing(fault, Number.POSITIVE_INFINITY, () => true);
    expect(await codeOf(store())).toBe(code);
    expect(await codeOf(state.putIfUnchanged('head', bytes('one'), null))).toBe(code);
    double.fault = () => null;
    expect(['created', 'exists']).toContain(await store());
    expect(versionsIn('vault')).toHaveLength(1);
    expect(Buffer.from((await again().get(CHECKPOINT)).body).toString()).toBe('one');
  });

  test('nobody listening is said', async () => {
    const nobody = new Subjects(
      {
        endpoint: 'http://127.0.0.1:9',
        region: null,
        dialect: 'aws',
        vaultBucket: 'vault',
        stateBucket: 'state',
      },
      { attempts: 2, firstWaitMillis: 1 },
    );
    expect(await codeOf(nobody.newVault().store.get(CHECKPOINT))).toBe('STORE_UNAVAILABLE');
    expect(await codeOf(nobody.newState().store.get('head'))).toBe('STORE_UNAVAILABLE');
  });

  test('a swap whose answer was lost, with another writer after it, is not called ours', async () => {
    const first = await state.putIfUnchanged('head', bytes('one'), null);
    let cut = false;
    double.fault = ({ method }) => {
      if (method !== 'PUT' || cut) return null;
      cut = true;
      return { kind: 'cut', after: true };
    };
    const swap = state.putIfUnchanged('head', bytes('two'), first);
    // Between our first try and our second.
    const other = async () => {
      while (!cut) await new Promise((resolve) => setImmediate(resolve));
      await state.put('head', bytes('another'));
    };
    const [outcome] = await Promise.all([codeOf(swap), other()]);
    const now = Buffer.from((await state.get('head')).body).toString();
    expect([
      ['STORE_CHANGED', 'another'],
      ['nothing was thrown', 'another'],
    ]).toContainEqual([outcome, now]);
  });
});

describe('bytes that come back', () => {
  const body = randomBytes(300_000);
  const key = evidenceKey('linux.auth', sha256(body));
  const isBody = ({ method, query }: S3Request) => method === 'GET' && !query.has('versions');
  beforeEach(async () => {
    await vault.putIfAbsent(key, body, WRITE_KINDS.evidence);
  });

  test('a body that breaks off is taken up again where it broke', async () => {
    failing({ kind: 'short' }, 3, isBody);
    expect(sha256((await again().get(key)).body)).toBe(sha256(body));
    failing({ kind: 'short' }, 3, isBody);
    const chunks = [];
    for await (const chunk of again().openRead(key)) chunks.push(chunk);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(body));
    failing({ kind: 'short' }, 2, isBody);
    expect(Buffer.compare(await again().getRange(key, 10, 200_000), body.subarray(10, 200_000))).toBe(0);
  });

  test('a store that holds other bytes than were put into it is found out by every whole read', async () => {
    const [version] = versionsIn('vault');
    version!.body[77]! ^= 1;
    expect(await codeOf(again().get(key))).toBe('STORE_CORRUPT');
    const read = async () => {
      for await (const chunk of again().openRead(key)) expect(chunk.length).toBeGreaterThan(0);
    };
    expect(await codeOf(read())).toBe('STORE_CORRUPT');
  });

  test('a hash that is only claimed in metadata is not believed', async () => {
    const bucket = double.buckets.get('vault')!;
    const [path, [version]] = [...bucket.keys][0]!;
    // Somebody put other bytes of the same length, and our hash beside them.
    bucket.keys.set(path, [{ ...version!, body: randomBytes(body.length), checksum: null }]);
    expect(await codeOf(again().putIfAbsent(key, body, WRITE_KINDS.evidence))).toMatch(
      /^STORE_(CONFLICT|CORRUPT)$/,
    );
  });
});

describe('a server that does not do what it says', () => {
  const put = () => vault.putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint);
  /** Runs after each PUT that was carried out, before its answer goes out. */
  const meddle = (change: (version: ReturnType<typeof versionsIn>[number]) => void) => {
    const bucket = double.buckets.get('vault')!;
    const set = bucket.keys.set.bind(bucket.keys);
    bucket.keys.set = (key, versions) => {
      change(versions[0]!);
      return set(key, versions);
    };
  };
  test('stores without the lock that was asked for: it does not count as stored', async () => {
    meddle((version) => {
      version.retention = null;
    });
    expect(await codeOf(put())).toBe('STORE_UNLOCKED');
  });
  test('stores under a shorter lock', async () => {
    meddle((version) => {
      version.retention = { mode: 'COMPLIANCE', until: new Date(Date.now() + 5000) };
    });
    expect(await codeOf(put())).toBe('STORE_UNLOCKED');
  });
  test('stores under a lower mode', async () => {
    meddle((version) => {
      version.retention = { ...version.retention!, mode: 'GOVERNANCE' };
    });
    expect(await codeOf(put())).toBe('STORE_UNLOCKED');
  });
  test('stores in a bucket whose versioning was switched off', async () => {
    const bucket = double.buckets.get('vault')!;
    bucket.versioning = null;
    expect(await codeOf(put())).toBe('BUCKET_UNVERSIONED');
  });
});

test('every write into the vault carries a checksum, and what is locked a mode and a date', async () => {
  const requests: S3Request[] = [];
  double.fault = (request) => {
    if (isWrite(request)) requests.push(request);
    return null;
  };
  const large = await fileOf(randomBytes(700_000));
  await vault.putIfAbsent(CHECKPOINT, bytes('one'), WRITE_KINDS.checkpoint);
  await vault.putIfAbsent(evidenceKey('linux.auth', large.sha256), large, WRITE_KINDS.evidence);
  expect(requests.length).toBeGreaterThan(4);
  for (const { headers, method, query } of requests) {
    if (method === 'PUT') expect(headers['x-amz-checksum-sha256']).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    if (method === 'PUT' && !query.has('uploadId')) {
      expect(headers['x-amz-object-lock-mode']).toBe('COMPLIANCE');
      expect(Date.parse(headers['x-amz-object-lock-retain-until-date']!)).toBeGreaterThan(Date.now());
      expect(headers['if-none-match']).toBe('*');
    }
    expect(headers['x-amz-bypass-governance-retention']).toBeUndefined();
  }
});
