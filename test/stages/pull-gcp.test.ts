import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configuredFeed } from '../../connectors/configured.ts';
import { readFacts } from '../../stages/coverage-facts.ts';
import { type PullOptions, pull } from '../../stages/pull.ts';
import { readHead } from '../../tables/head.ts';
import { GoogleServer } from '../connectors/delivery/google-server.ts';
import { BY, newWorld, rowsIn, storesOf, verification, Workshop, type World } from './memory-lake.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const PROJECT = 'projects/example-project';
let shop: Workshop;
let world: World;
let server: GoogleServer;
let endpoint: string;
const before = process.env['GOOGLE_APPLICATION_CREDENTIALS'];

beforeEach(async () => {
  shop = new Workshop();
  world = newWorld();
  server = new GoogleServer();
  endpoint = await server.start();
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = server.credentials();
});
afterEach(async () => {
  shop.close();
  await server.stop();
  if (before === undefined) delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  else process.env['GOOGLE_APPLICATION_CREDENTIALS'] = before;
});

const pulled = (entry: Record<string, unknown>, options: PullOptions = {}) =>
  pull(
    shop.lakeOf(storesOf(world)),
    [configuredFeed({ connector: 'gcp.audit', endpoint, ...entry }, 'test')],
    {
      now: () => NOW,
      threads: 1,
      by: BY,
      ...options,
    },
  );

const uids = async (): Promise<Set<string>> =>
  new Set(
    (await rowsIn(storesOf(world), 'events')).map((row) => String((JSON.parse(row) as { uid: string }).uid)),
  );

const entry = (number: number, timestamp: string) => ({
  insertId: `insert-${number}`,
  logName: `${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity`,
  timestamp,
  resource: { type: 'gcs_bucket', labels: { project_id: 'example-project' } },
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    serviceName: 'storage.googleapis.com',
    methodName: 'storage.buckets.create',
    authenticationInfo: { principalEmail: 'ana@example.com' },
  },
});

const minutes = (time: string, count: number, first = 0) =>
  Array.from({ length: count }, (_, at) =>
    entry(first + at, new Date(Date.parse(time) + at * 1000).toISOString()),
  );

describe('entries of Cloud Logging', () => {
  const entries = { delivery: 'entries', resources: PROJECT, firstDays: 1, pageSize: 20 };

  test('every page that holds entries is kept as it was sent; credentials are federated, none are stored', async () => {
    server.entries.set(PROJECT, minutes('2026-03-10T10:10:00Z', 50));
    const result = await pulled(entries);
    expect(result.feeds[0]).toMatchObject({ error: null });
    expect(await uids()).toHaveLength(50);
    const { vault } = storesOf(world);
    const held: string[] = [];
    for await (const { key } of vault.list('evidence/'))
      held.push(Buffer.from((await vault.get(key)).body).toString());
    expect(server.sent).toHaveLength(3);
    expect(held).toEqual(expect.arrayContaining(server.sent));
    expect(server.filters[0]).toContain('log_id("cloudaudit.googleapis.com/data_access")');
    const { windows } = await readFacts(storesOf(world), (await readHead(storesOf(world).state)).head);
    expect(windows).toHaveLength(1);
    expect(windows[0]!.stream).toEqual({ source: 'gcp.audit', account: 'example-project', region: null });
    expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
    expect([...world.inVault.keys(), ...world.inState.values()].join()).not.toContain('Bearer');
  }, 30_000);

  test('the overlap brings late entries, and none twice', async () => {
    server.entries.set(PROJECT, minutes('2026-03-10T11:30:00Z', 5));
    await pulled(entries);
    server.entries.get(PROJECT)!.push(entry(99, '2026-03-10T11:20:00Z'));
    await pulled(entries, { now: () => NOW + 600_000 });
    expect(await uids()).toHaveLength(6);
  });

  test('a token that ends in the middle is had anew', async () => {
    server.entries.set(PROJECT, minutes('2026-03-10T11:10:00Z', 5));
    server.tokenUses = 7;
    expect((await pulled(entries)).feeds[0]!.error).toBeNull();
    expect(server.tokens).toBeGreaterThan(2);
    expect(await uids()).toHaveLength(5);
  });

  test('refused, throttled, cut off and broken off by turns, it gets everything', async () => {
    server.entries.set(PROJECT, minutes('2026-03-10T11:10:00Z', 30));
    const faults = [{ status: 429, retryAfter: '0' }, { status: 503 }, 'cut', 'short'] as const;
    server.fault = (request) => (request % 3 === 1 ? faults[request % faults.length]! : null);
    expect((await pulled({ ...entries, firstDays: 1 })).feeds[0]!.error).toBeNull();
    expect(await uids()).toHaveLength(30);
  }, 60_000);

  test('what is refused for good is said with the permission', async () => {
    server.fault = () => ({ status: 403 });
    expect((await pulled(entries)).feeds[0]!.error).toMatchObject({
      code: 'PULL_DENIED',
      message: expect.stringContaining('logging.privateLogEntries.list'),
    });
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = '/nowhere/federation.json';
    expect((await pulled(entries)).feeds[0]!.error).toMatchObject({ code: 'PULL_CREDENTIALS' });
  });
});

describe("a sink's bucket", () => {
  const sink = { delivery: 'sink', bucket: 'example-sink' };
  const put = (key: string, body: string | Buffer, generation = '1', encoding?: string) => {
    const objects = server.objects.get('example-sink') ?? new Map();
    objects.set(key, {
      body: Buffer.from(body),
      generation,
      ...(encoding === undefined ? {} : { encoding }),
    });
    server.objects.set('example-sink', objects);
  };
  const file = (...numbers: number[]) =>
    numbers.map((number) => `${JSON.stringify(entry(number, '2026-03-09T10:00:00Z'))}\n`).join('');

  test('hourly files of every audit log, and their late addenda', async () => {
    put('cloudaudit.googleapis.com/activity/2026/03/09/10:00:00_10:59:59_S0.json', file(1, 2));
    put('cloudaudit.googleapis.com/data_access/2026/03/09/10:00:00_10:59:59_S0.json', file(3));
    put(
      'cloudaudit.googleapis.com/activity/2026/03/09/11:00:00_11:59:59_S0.json',
      gzipSync(file(4)),
      '1',
      'gzip',
    );
    put('syslog/2026/03/09/10:00:00_10:59:59_S0.json', '{}');
    expect((await pulled(sink)).feeds[0]).toMatchObject({ arrived: 3, error: null });
    put('cloudaudit.googleapis.com/activity/2026/03/09/10:00:00_10:59:59_A0:1.json', file(5));
    expect((await pulled(sink)).feeds[0]).toMatchObject({ arrived: 1, held: 3 });
    expect(await uids()).toHaveLength(5);
  });

  test('an object written again is fetched again', async () => {
    const key = 'cloudaudit.googleapis.com/activity/2026/03/09/10:00:00_10:59:59_S0.json';
    put(key, file(1));
    await pulled(sink);
    put(key, file(1, 2), '2');
    expect((await pulled(sink)).feeds[0]).toMatchObject({ arrived: 1, held: 0 });
    expect(await uids()).toHaveLength(2);
  });

  test('a bucket that is not there is said', async () => {
    expect((await pulled(sink)).feeds[0]!.error).toMatchObject({
      code: 'PULL_PLACE_MISSING',
      message: expect.stringContaining('example-sink'),
    });
  });
});
