import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { decodeEntry, type EntryOf } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { type Certificate, readRoots } from '../../ledger/timestamps/certificate.ts';
import { encodeContext } from '../../ledger/timestamps/context.ts';
import { putNote } from '../../stages/notes.ts';
import { type StampOptions, type StampResult, stampNewest } from '../../stages/stamp.ts';
import { contextKey } from '../../stages/stamp-keys.ts';
import type { Verification } from '../../stages/verify/report.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { forge } from '../ledger/timestamps/parts/forge.ts';
import {
  type Answer,
  CA_EXTENSIONS,
  HAS_OPENSSL,
  NO_OPENSSL,
  Pki,
  POLICY,
  serve,
  TSA_EXTENSIONS,
} from '../ledger/timestamps/parts/openssl.ts';
import { FATES, faultyLake } from './faulty-lake.ts';
import {
  copyOf,
  newWorld,
  noteOf,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from './memory-lake.ts';
import { changed, flipped } from './tamper.ts';

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

const HOUR = 3_600_000;
let pki: Pki;
let shop: Workshop;
let sealed: World;
let identity: LogIdentity;
let roots: readonly Certificate[];
let server: Awaited<ReturnType<typeof serve>>;
/** What the authority does with a request. */
let answer: (request: Buffer) => Answer | Promise<Answer>;
let crls: Readonly<Record<string, Buffer>>;

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  server = await serve((body, path) =>
    path === '/'
      ? answer(body)
      : { type: 'application/pkix-crl', body: crls[path] ?? '', status: crls[path] ? 200 : 404 },
  );
  pki = new Pki();
  pki.issue({ name: 'root', extensions: CA_EXTENSIONS });
  pki.issue({
    name: 'ca',
    by: 'root',
    extensions: `${CA_EXTENSIONS}crlDistributionPoints=URI:${server.url}root.crl\n`,
  });
  pki.issue({
    name: 'tsa',
    by: 'ca',
    extensions: `${TSA_EXTENSIONS}crlDistributionPoints=URI:${server.url}ca.crl\n`,
  });
  roots = await readRoots(pki.at('root.pem'));
  shop = new Workshop();
  const world = newWorld();
  await shop.collect(storesOf(world), shop.file('trail.json', trailFile(1, 3, 1_700_000_000)));
  sealed = copyOf(world);
  identity = await shop.identity();
});
afterAll(async () => {
  await server?.close();
  shop?.close();
  pki?.close();
});
beforeEach(() => {
  answer = (request) => ({ body: pki.reply(request) });
  if (HAS_OPENSSL) crls = { '/root.crl': pki.crl('root'), '/ca.crl': pki.crl('ca') };
});

const options = (edit: Partial<StampOptions> = {}): StampOptions => ({
  url: server.url,
  roots,
  policies: [],
  ...edit,
});

const stamp = (stores: Stores, edit: Partial<StampOptions> = {}): Promise<StampResult> =>
  stampNewest(stores, identity, options(edit));

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? String(error),
  );

const check = (world: World, trust: readonly Certificate[] | null = roots): Promise<Verification> =>
  verification(world, identity, { deep: true, stamps: { roots: trust, policies: [] } });

/** Seals what waits, with another body. */
const sealMore = (world: World, day: number) =>
  shop.collect(storesOf(world), shop.file(`trail-${day}.json`, trailFile(day, 2, 1_700_000_000)));

async function stampEntries(stores: Stores): Promise<EntryOf<'timestamp'>[]> {
  const found: EntryOf<'timestamp'>[] = [];
  const log = await openSealed(stores, identity, (await noteOf(stores))!);
  for await (const { bytes } of log.readEntries(0, log.size)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind === 'timestamp') found.push(entry);
  }
  return found;
}

const keysUnder = (world: World, prefix: string): string[] =>
  [...world.inVault.keys()].filter((key) => key.startsWith(prefix));

describe.skipIf(!HAS_OPENSSL)('a checkpoint is stamped', () => {
  test('checked, kept with what is needed to check it again, and sealed with the next seal', async () => {
    const world = copyOf(sealed);
    const stores = storesOf(world);
    const result = await stamp(stores, { authorization: 'Basic abc' });
    expect(result).toMatchObject({
      outcome: 'stamped',
      stamp: { authority: 'tsa', policy: POLICY, trusted: true, revocation: 'checked', notes: [] },
    });
    expect(server.seen.at(-3)?.headers).toMatchObject({
      authorization: 'Basic abc',
      'content-type': 'application/timestamp-query',
    });
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(keysUnder(world, 'ledger/timestamps/')).toHaveLength(4);
    const waits = await check(world);
    expect(waits).toMatchObject({
      ok: true,
      orphans: [],
      timestamps: { checked: 0, good: 1, trusted: true },
    });
    expect(await stamp(stores)).toMatchObject({ outcome: 'nothing new' });

    await sealMore(world, 2);
    expect(await stampEntries(stores)).toMatchObject([{ size: waits.checkpoint!.size, authority: 'tsa' }]);
    expect([...world.inState.keys()].filter((key) => key.startsWith('pending/'))).toEqual([]);
    const after = await check(world);
    expect(after).toMatchObject({
      ok: true,
      orphans: [],
      timestamps: {
        checked: 1,
        bad: [],
        good: 1,
        newest: { size: waits.checkpoint!.size, authority: 'tsa', policy: POLICY },
      },
    });

    expect(await stamp(stores)).toMatchObject({
      outcome: 'stamped',
      stamp: { size: after.checkpoint!.size },
    });
    await sealMore(world, 3);
    expect(await stampEntries(stores)).toHaveLength(2);
    expect(await check(world)).toMatchObject({ ok: true, timestamps: { checked: 2, good: 2 } });
  });

  test('without roots, and says so', async () => {
    const world = copyOf(sealed);
    const asked = server.seen.length;
    const result = await stamp(storesOf(world), { roots: null });
    expect(result).toMatchObject({ stamp: { trusted: false, revocation: 'unknown' } });
    // Whom nobody vouches for names no addresses to us.
    expect(server.seen.length).toBe(asked + 1);
    const found = await check(world, null);
    expect(found).toMatchObject({ ok: true, timestamps: { good: 1, trusted: false } });
    expect(found.caveats.join()).toContain('--tsa-roots');
    // Whoever has them checks the same token later.
    const later = await check(world);
    expect(later).toMatchObject({ ok: true, timestamps: { good: 1, trusted: true } });
    expect(later.caveats.join()).toContain('was revoked');
  });

  test('also where no revocation list can be had, and says so', async () => {
    crls = { '/root.crl': pki.crl('root'), '/ca.crl': Buffer.from('none') };
    const result = await stamp(storesOf(copyOf(sealed)));
    expect(result).toMatchObject({
      stamp: { revocation: 'unknown', notes: [expect.stringContaining('"tsa"')] },
    });
  });

  test('nothing was ever sealed: there is nothing to stamp, and verification says that nothing is stamped', async () => {
    expect(await stamp(storesOf(newWorld()))).toEqual({ outcome: 'never sealed' });
    const found = await check(copyOf(sealed));
    expect(found).toMatchObject({ ok: true, timestamps: { checked: 0, good: 0, newest: null } });
    expect(found.caveats.join()).toContain('No time-stamp covers anything');
  });
});

describe.skipIf(!HAS_OPENSSL)('an authority that is down, slow or lies', () => {
  const old = () => forgedReply(5n);
  const forgedReply = (nonce: bigint, genTime = Date.now()): Buffer =>
    forge({
      data: [...sealed.inVault].find(([key]) => key.startsWith('ledger/checkpoints/'))![1],
      nonce,
      genTime,
      key: pki.read('tsa.key'),
      certificates: [pki.read('tsa.der'), pki.read('ca.der')],
    });
  const nonceIn = (request: Buffer): bigint => BigInt(`0x${request.subarray(-19, -3).toString('hex')}`);

  const cases: [string, (request: Buffer) => Answer | Promise<Answer>, string][] = [
    ['an error', () => ({ status: 503 }), 'TSA_HTTP_STATUS'],
    ['no permission', () => ({ status: 401 }), 'TSA_HTTP_STATUS'],
    [
      'another place',
      () => ({ status: 302, headers: { location: 'http://127.0.0.1:9/' } }),
      'TSA_HTTP_STATUS',
    ],
    ['a web page', () => ({ type: 'text/html', body: '<h1>Welcome</h1>' }), 'TSA_WRONG_TYPE'],
    ['without an end', () => ({ body: Buffer.alloc(300 * 1024) }), 'TSA_ANSWER_TOO_LARGE'],
    ['too late', () => new Promise(() => {}), 'TSA_TIMEOUT'],
    ['nothing', () => ({}), 'TIMESTAMP_MALFORMED'],
    ['noise', () => ({ body: 'noise' }), 'TIMESTAMP_MALFORMED'],
    [
      'a refusal',
      () => ({
        body: forge({
          data: Buffer.alloc(0),
          nonce: null,
          key: pki.read('tsa.key'),
          certificates: [pki.read('tsa.der')],
          status: 2,
        }),
      }),
      'TIMESTAMP_STATUS',
    ],
    ['an old token', () => ({ body: old() }), 'TIMESTAMP_NONCE'],
    [
      'a time an hour ago',
      (request) => ({ body: forgedReply(nonceIn(request), Date.now() - HOUR) }),
      'TIMESTAMP_TIME',
    ],
    [
      'a time to come',
      (request) => ({ body: forgedReply(nonceIn(request), Date.now() + HOUR) }),
      'TIMESTAMP_TIME',
    ],
  ];

  test.each(cases)('%s: a clear error, nothing stored, and the next try works', async (_, lying, code) => {
    const world = copyOf(sealed);
    const stores = storesOf(world);
    answer = lying;
    expect(await codeOf(stamp(stores, { limits: { millis: 300, bytes: 256 * 1024 } }))).toBe(code);
    expect([world.inVault.size, world.inState.size]).toEqual([sealed.inVault.size, sealed.inState.size]);
    answer = (request) => ({ body: pki.reply(request) });
    expect(await stamp(stores)).toMatchObject({ outcome: 'stamped' });
  });

  test('nobody there', async () => {
    const gone = await serve(() => ({}));
    await gone.close();
    expect(await codeOf(stamp(storesOf(copyOf(sealed)), { url: gone.url }))).toBe('TSA_UNREACHABLE');
  });

  test.each(['nowhere', 'file:///etc/passwd', 'http://user:secret@tsa.example.com/'])(
    'no URL to ask: %s',
    async (url) => {
      expect(await codeOf(stamp(storesOf(copyOf(sealed)), { url }))).toBe('TSA_URL_INVALID');
    },
  );

  test('our own clock an hour off', async () => {
    for (const off of [HOUR, -HOUR])
      expect(await codeOf(stamp(storesOf(copyOf(sealed)), { now: () => Date.now() + off }))).toBe(
        'TIMESTAMP_TIME',
      );
  });

  test('a signer whose certificate was revoked, another policy, another root', async () => {
    const stores = storesOf(copyOf(sealed));
    pki.issue({
      name: 'gone',
      by: 'ca',
      extensions: `${TSA_EXTENSIONS}crlDistributionPoints=URI:${server.url}ca.crl\n`,
    });
    crls = { ...crls, '/ca.crl': pki.crl('ca', { gone: 'keyCompromise' }) };
    answer = (request) => ({ body: pki.reply(request, 'gone') });
    expect(await codeOf(stamp(stores))).toBe('TIMESTAMP_REVOKED');
    expect(await codeOf(stamp(stores, { policies: ['2.999.8'] }))).toBe('TIMESTAMP_POLICY');
    expect(await codeOf(stamp(stores, { roots: [] }))).toBe('TIMESTAMP_CHAIN');
  });

  test('a serial number given twice', async () => {
    const world = copyOf(sealed);
    const stores = storesOf(world);
    answer = (request) => ({ body: forgedReply(nonceIn(request)) });
    expect(await stamp(stores)).toMatchObject({ outcome: 'stamped' });
    await sealMore(world, 2);
    answer = async (request) => ({
      body: forge({
        data: world.inVault.get(`ledger/checkpoints/${(await check(world)).checkpoint!.size}`)!,
        nonce: nonceIn(request),
        key: pki.read('tsa.key'),
        certificates: [pki.read('tsa.der'), pki.read('ca.der')],
      }),
    });
    expect(await codeOf(stamp(stores))).toBe('TIMESTAMP_SERIAL');
  });
});

test.each(HAS_OPENSSL ? FATES : [])(
  'a write that is %s: the next run finishes, with one token and one entry',
  async (fate) => {
    // Two revocation lists, what was asked, the token, the note.
    for (let at = 1; at <= 5; at++) {
      const world = copyOf(sealed);
      const lake = faultyLake(storesOf(world), at, fate);
      expect(await codeOf(stamp(lake))).toBe('STORE_FAILED');
      expect(await check(world)).toMatchObject({ ok: true });
      await stamp(storesOf(world));
      await sealMore(world, 2);
      expect(await stampEntries(storesOf(world))).toHaveLength(1);
      expect(await check(world)).toMatchObject({ ok: true, timestamps: { checked: 1, good: 1 } });
    }
    const whole = faultyLake(storesOf(copyOf(sealed)), 6, fate);
    expect(await stamp(whole)).toMatchObject({ outcome: 'stamped' });
    expect(whole.written()).toBe(5);
  },
);

test.skipIf(!HAS_OPENSSL)('a note of a time-stamp that is sealed already is sealed once', async () => {
  const world = copyOf(sealed);
  await stamp(storesOf(world));
  const waiting = [...world.inState].filter(([key]) => key.startsWith('pending/'));
  await sealMore(world, 2);
  for (const [key, body] of waiting) world.inState.set(key, body);
  await sealMore(world, 3);
  expect(await stampEntries(storesOf(world))).toHaveLength(1);
  expect(await check(world)).toMatchObject({ ok: true });
});

describe.skipIf(!HAS_OPENSSL)('verification names what is wrong with time-stamps', () => {
  let stamped: World;
  beforeAll(async () => {
    answer = (request) => ({ body: pki.reply(request) });
    crls = { '/root.crl': pki.crl('root'), '/ca.crl': pki.crl('ca') };
    stamped = copyOf(sealed);
    await stamp(storesOf(stamped));
  });

  test.each([false, true])('every part of one, altered or gone (sealed: %s)', async (isSealed) => {
    const world = copyOf(stamped);
    if (isSealed) await sealMore(world, 2);
    for (const key of keysUnder(world, 'ledger/timestamps/')) {
      const { length } = world.inVault.get(key)!;
      for (const at of [0, length >> 1, length - 1]) {
        const altered = await check(changed(world, key, (bytes) => flipped(bytes, at, 2)));
        expect(said(altered)).toEqual([`ALTERED ${key}`]);
      }
      const without = changed(world, key, () => null);
      expect(said(await check(without))).toEqual([`MISSING ${key}`]);
      const structure = await verification(without, identity, { stamps: { roots, policies: [] } });
      expect(said(structure)).toEqual([`MISSING ${key}`]);
    }
  });

  test('a root that does not vouch for it, a policy that is not accepted', async () => {
    pki.issue({ name: 'stranger', extensions: CA_EXTENSIONS });
    const others = await readRoots(pki.at('stranger.pem'));
    const found = await check(stamped, others);
    const [key] = keysUnder(stamped, 'ledger/timestamps/').filter((one) => one.endsWith('.tsr'));
    expect(found.problems).toEqual([
      { code: 'BAD_TIMESTAMP', key, detail: expect.stringContaining('TIMESTAMP_CHAIN') },
    ]);
    expect(found.timestamps).toMatchObject({ good: 0, bad: [key], trusted: false });
    const policies = ['2.999.7'];
    const strict = await verification(stamped, identity, { stamps: { roots, policies } });
    expect(strict.problems[0]?.detail).toContain('TIMESTAMP_POLICY');
  });

  /** What whoever holds the signing key puts there, as if `stamp` had. */
  const insiders: [string, { ago?: number; place?: number; authority?: string }, RegExp | null][] = [
    ['as it should be', {}, null],
    ['with a token that states another time than it was asked at', { ago: 2 * HOUR }, /TIMESTAMP_TIME/],
    ['in the place of another', { place: 100_000 }, /another's place/],
    ['under another name', { authority: 'somebody else' }, /another time or authority/],
  ];

  test.each(insiders)('an entry %s', async (_, { ago = 0, place, authority = 'tsa' }, detail) => {
    const world = copyOf(sealed);
    const stores = storesOf(world);
    const size = (await check(world)).checkpoint!.size;
    const note = world.inVault.get(`ledger/checkpoints/${size}`)!;
    const genTime = Math.floor(Date.now() / 1000) * 1000 - ago;
    const certificates = [pki.read('tsa.der'), pki.read('ca.der')];
    const reply = forge({ data: note, nonce: 9n, genTime, key: pki.read('tsa.key'), certificates });
    const now = Date.now() * 1000;
    const asked = { url: 'https://tsa.example.com/', nonce: 9n, sentAt: now, receivedAt: now, crls: [] };
    const context = encodeContext(asked);
    const key = `ledger/timestamps/${place ?? size}.tsr`;
    world.inVault.set(key, reply);
    world.inVault.set(contextKey(size, hashBytes(reply)), context);
    await putNote(stores.state, {
      kind: 'timestamp',
      size,
      checkpointSha256: hashBytes(note),
      key,
      tokenSha256: hashBytes(reply),
      authority,
      time: genTime * 1000,
      contextSha256: hashBytes(context),
      crls: [],
    });
    await sealMore(world, 2);
    const { problems, timestamps } = await check(world);
    const named =
      detail === null ? [] : [{ code: 'BAD_TIMESTAMP', key, detail: expect.stringMatching(detail) }];
    expect(problems).toEqual(named);
    expect(timestamps).toMatchObject({ good: named.length === 0 ? 1 : 0, bad: named.map((one) => one.key) });
  });
});
