import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import type { ConfiguredFeed } from '../../connectors/configured.ts';
import { configuredFeed } from '../../connectors/configured.ts';
import type { Feed, Step } from '../../connectors/delivery/feed.ts';
import { readFacts } from '../../stages/coverage-facts.ts';
import { type PullOptions, pull } from '../../stages/pull.ts';
import { readHead } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import { cursorKey } from '../../vault/keys.ts';
import { LookupServer } from '../connectors/delivery/lookup-server.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { FATES, faultyLake } from './faulty-lake.ts';
import { BY, newWorld, rowsIn, storesOf, verification, Workshop, type World } from './memory-lake.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
let shop: Workshop;
let world: World;

beforeEach(() => {
  useTestCredentials();
  shop = new Workshop();
  world = newWorld();
});
afterEach(() => shop.close());

const pulled = (
  feeds: readonly ConfiguredFeed[],
  options: PullOptions = {},
  stores: Stores = storesOf(world),
) => pull(shop.lakeOf(stores), feeds, { now: () => NOW, threads: 1, by: BY, ...options });

const eventsHeld = async (stores: Stores = storesOf(world)): Promise<string[]> =>
  (await rowsIn(stores, 'events')).map((row) => String((JSON.parse(row) as { uid: string }).uid)).sort();

const cursorOf = async (name: string): Promise<unknown> => {
  const { state } = storesOf(world);
  if ((await state.stat(cursorKey(name))) === null) return null;
  return (JSON.parse(Buffer.from((await state.get(cursorKey(name))).body).toString()) as { cursor: unknown })
    .cursor;
};

const event = (number: number, time: string) => ({
  eventVersion: '1.09',
  eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  eventTime: time,
  eventName: 'ListBuckets',
  eventSource: 's3.amazonaws.com',
  awsRegion: 'eu-west-1',
  recipientAccountId: '111122223333',
  userIdentity: { type: 'IAMUser', userName: 'ana' },
});

describe('any feed', () => {
  const bodyOf = (number: number): Uint8Array =>
    Buffer.from(JSON.stringify({ Records: [event(number, '2026-03-10T10:00:00Z')] }));
  const arrival = (number: number): Step<unknown> => ({
    kind: 'arrival',
    role: 'records',
    body: bodyOf(number),
    origin: `s3://example/${number}`,
    versionId: null,
    metadata: { ETag: `e${number}` },
    modified: null,
  });
  /** Counts up from its cursor to `last`, and says what was acknowledged. */
  const counting = (last: number, acknowledged: number[] = []): ConfiguredFeed => ({
    name: 'counting',
    source: 'aws.cloudtrail',
    delivery: 'test',
    place: 'here',
    open: async (): Promise<Feed> => ({
      async *steps({ after }) {
        for (let number = ((after as number | null) ?? 0) + 1; number <= last; number++) {
          yield arrival(number);
          yield {
            kind: 'mark',
            cursor: number,
            window: {
              account: '111122223333',
              region: 'eu-west-1',
              from: number * 1e6,
              to: (number + 1) * 1e6,
            },
            acknowledge: async () => {
              acknowledged.push(number);
            },
          };
        }
      },
    }),
  });

  test('goes on after its cursor, and says in coverage what was fetched whole', async () => {
    const first = await pulled([counting(3)]);
    expect(first).toMatchObject({ objects: 3, events: 3, feeds: [{ arrived: 3, error: null }] });
    expect(await cursorOf('counting')).toBe(3);
    const second = await pulled([counting(5)]);
    expect(second).toMatchObject({ objects: 2, events: 2, feeds: [{ arrived: 2 }] });
    expect(await eventsHeld()).toHaveLength(5);
    const { windows } = await readFacts(storesOf(world), (await readHead(storesOf(world).state)).head);
    // Windows on end are one; each pull told its own.
    expect(windows.map(({ from, to, stream }) => [from, to, stream.region])).toEqual([
      [1e6, 4e6, 'eu-west-1'],
      [4e6, 6e6, 'eu-west-1'],
    ]);
    expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
  });

  test('a pull that finds nothing new seals nothing, until there is an hour to tell of', async () => {
    const empty = (hours: number): ConfiguredFeed => ({
      ...counting(0),
      name: 'empty',
      open: async () => ({
        async *steps({ after }) {
          const from = (after as number | null) ?? 0;
          const to = from + hours * 3600 * 1e6;
          yield { kind: 'mark', cursor: to, window: { account: '111122223333', region: null, from, to } };
        },
      }),
    });
    await pulled([counting(1)]);
    const sealed = async () => (await readHead(storesOf(world).state)).head.sequence;
    const before = await sealed();
    await pulled([empty(0.4)]);
    await pulled([empty(0.4)]);
    expect(await sealed()).toBe(before);
    await pulled([empty(0.4)]);
    expect(await sealed()).toBe(before + 1);
    const { windows } = await readFacts(storesOf(world), (await readHead(storesOf(world).state)).head);
    expect(windows.at(-1)).toMatchObject({ from: 0, to: 1.2 * 3600 * 1e6 });
  });

  test('a range of its own leaves the cursor alone', async () => {
    await pulled([counting(2)]);
    await pulled([counting(4)], { range: { since: 0, until: NOW } });
    expect(await eventsHeld()).toHaveLength(4);
    expect(await cursorOf('counting')).toBe(2);
  });

  test('whatever write goes wrong, nothing is acknowledged or passed before it is preserved, and the next pull ends alike', async () => {
    const whole = newWorld();
    await pulled([counting(3)], {}, storesOf(whole));
    const expected = await eventsHeld(storesOf(whole));
    for (const fate of FATES) {
      for (let at = 1; ; at++) {
        world = newWorld();
        const acknowledged: number[] = [];
        const faulty = faultyLake(storesOf(world), at, fate);
        const outcome = await pulled([counting(3, acknowledged)], {}, faulty).then(
          ({ feeds }) => feeds[0]!.error?.code ?? 'done',
          (error: { code?: string }) => error.code,
        );
        if (faulty.written() < at) {
          expect(outcome).toBe('done');
          break;
        }
        const { vault } = storesOf(world);
        for (const number of acknowledged) {
          const held: string[] = [];
          for await (const { key } of vault.list('evidence/'))
            held.push(Buffer.from((await vault.get(key)).body).toString());
          expect(held).toContain(Buffer.from(bodyOf(number)).toString());
        }
        await pulled([counting(3)]);
        expect(await eventsHeld(), `write ${at} ${fate}`).toEqual(expected);
        expect(await cursorOf('counting')).toBe(3);
      }
    }
  });

  test('one that fails keeps what had arrived, and leaves the others alone', async () => {
    const failing: ConfiguredFeed = {
      ...counting(0),
      name: 'failing',
      open: async () => ({
        async *steps() {
          yield arrival(7);
          const { AkashiError } = await import('../../schema/error.ts');
          throw new AkashiError('PULL_DENIED', 'no');
        },
      }),
    };
    const result = await pulled([failing, counting(2)]);
    expect(result.feeds.map(({ name, arrived, error }) => [name, arrived, error?.code ?? null])).toEqual([
      ['failing', 1, 'PULL_DENIED'],
      ['counting', 2, null],
    ]);
    expect(await eventsHeld()).toHaveLength(3);
  });

  test('a cursor of another place is refused', async () => {
    await pulled([counting(1)]);
    const { feeds } = await pulled([{ ...counting(2), place: 'elsewhere' }]);
    expect(feeds[0]!.error?.code).toBe('CURSOR_PLACE');
  });

  test('a cursor that cannot be read is told, not guessed', async () => {
    await storesOf(world).state.put(cursorKey('counting'), Buffer.from('{"format":1'));
    const { feeds } = await pulled([counting(2)]);
    expect(feeds[0]!.error?.code).toBe('CURSOR_DAMAGED');
  });
});

describe("a trail's bucket", () => {
  let double: S3Double;
  let endpoint: string;
  beforeEach(async () => {
    double = new S3Double({ pageKeys: 3 });
    endpoint = await double.start();
    double.addBucket('example-trail', false);
  });
  afterEach(() => double.stop());

  const put = async (key: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${endpoint}/example-trail/${key}`, {
      method: 'PUT',
      body: Buffer.from(body),
      headers,
    });
    expect(answer.status).toBe(200);
  };
  const keyOf = (
    day: string,
    name: string,
    { account = '111122223333', kind = 'CloudTrail', region = 'eu-west-1', root = 'AWSLogs/' } = {},
  ) =>
    `${root}${account}/${kind}/${region}/${day.replaceAll('-', '/')}/${account}_${kind}_${region}_${name}.json.gz`;
  const logOf = (number: number) =>
    gzipSync(JSON.stringify({ Records: [event(number, '2026-03-09T10:00:00Z')] }));
  const feed = (settings: Record<string, unknown> = {}) =>
    configuredFeed(
      { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail', endpoint, ...settings },
      'test',
    );

  test('every account, region, kind and organisation is found; digests come with their signature; other objects stay', async () => {
    await put(keyOf('2026-03-09', '20260309T1000Z_a'), logOf(1));
    await put(
      keyOf('2026-03-09', '20260309T1000Z_b', { account: '444455556666', region: 'us-east-1' }),
      logOf(2),
    );
    await put(keyOf('2026-03-10', '20260310T1000Z_c', { root: 'AWSLogs/o-a1b2c3d4e5/' }), logOf(3));
    await put(keyOf('2026-03-08', '20260308T1000Z_d', { kind: 'CloudTrail-Insight' }), logOf(4));
    await put(
      keyOf('2026-03-09', 'trail_eu-west-1_20260309T1000Z', { kind: 'CloudTrail-Digest' }),
      gzipSync('{"digestS3Object":"x","digestPublicKeyFingerprint":"y"}'),
      { 'x-amz-meta-signature': 'abcd' },
    );
    await put('AWSLogs/111122223333/Config/eu-west-1/2026/3/9/config.json.gz', 'x');
    await put('AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/09/', '');
    const result = await pulled([feed()]);
    expect(result.feeds[0]).toMatchObject({ arrived: 5, missedCount: 0, error: null });
    expect(await eventsHeld()).toHaveLength(4);
    const evidence = (await rowsIn(storesOf(world), 'evidence')).map(
      (row) => JSON.parse(row) as Record<string, string>,
    );
    const digest = evidence.find(({ role }) => role === 'digest')!;
    expect(JSON.parse(digest['metadata']!)).toMatchObject({ signature: 'abcd' });
    expect(digest['origin']).toContain('s3://example-trail/AWSLogs/111122223333/CloudTrail-Digest/');
  });

  test('accounts and regions can be chosen', async () => {
    await put(keyOf('2026-03-09', 'a'), logOf(1));
    await put(keyOf('2026-03-09', 'b', { region: 'us-east-1' }), logOf(2));
    await put(keyOf('2026-03-09', 'c', { account: '444455556666' }), logOf(3));
    const result = await pulled([feed({ accounts: ['111122223333'], regions: 'us-east-1' })]);
    expect(result.feeds[0]!.arrived).toBe(1);
  });

  test('what is held is not fetched again; a late object with an earlier name is found', async () => {
    await put(keyOf('2026-03-09', '20260309T1005Z_b'), logOf(1));
    await put(keyOf('2026-03-09', '20260309T1010Z_c'), logOf(2));
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ arrived: 2, held: 0 });
    await put(keyOf('2026-03-09', '20260309T0955Z_a'), logOf(3));
    double.log.length = 0;
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ arrived: 1, held: 2 });
    expect(double.log.filter((line) => line.includes('json.gz'))).toHaveLength(1);
    expect(await eventsHeld()).toHaveLength(3);
  });

  test('bytes held from elsewhere are fetched once, and then known', async () => {
    await shop.collect(storesOf(world), shop.file('copy.json.gz', logOf(1)));
    await put(keyOf('2026-03-09', 'a'), logOf(1));
    await pulled([feed()]);
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ arrived: 0, held: 1 });
    expect(await eventsHeld()).toHaveLength(1);
  });

  test('days before the first pull are fetched by a range', async () => {
    await put(keyOf('2026-01-05', 'a'), logOf(1));
    await put(keyOf('2026-03-09', 'b'), logOf(2));
    expect((await pulled([feed({ firstDays: 2 })])).feeds[0]!.arrived).toBe(1);
    const range = { since: Date.parse('2026-01-01'), until: Date.parse('2026-02-01') };
    expect((await pulled([feed()], { range })).feeds[0]!.arrived).toBe(1);
    expect(await eventsHeld()).toHaveLength(2);
    expect(await cursorOf('aws.cloudtrail')).toEqual({ from: '2026-03-07' });
  });

  test('an object that is refused is told, the rest goes on, and the cursor waits for it', async () => {
    await put(keyOf('2026-03-04', 'a'), logOf(1));
    await put(keyOf('2026-03-09', 'b'), logOf(2));
    double.fault = ({ method, key }) =>
      method === 'GET' && key.endsWith('_a.json.gz')
        ? { kind: 'error', status: 403, code: 'AccessDenied' }
        : null;
    const refused = await pulled([feed()]);
    expect(refused.feeds[0]).toMatchObject({ arrived: 1, missedCount: 1, missed: [{ code: 'PULL_DENIED' }] });
    expect(await cursorOf('aws.cloudtrail')).toEqual({ from: '2026-03-04' });
    double.fault = () => null;
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ arrived: 1, held: 1, missedCount: 0 });
  });

  test('a server that stumbles at every third request changes nothing', async () => {
    for (let number = 0; number < 12; number++) await put(keyOf('2026-03-09', `n${number}`), logOf(number));
    let requests = 0;
    const faults = [
      { kind: 'error', status: 503, code: 'SlowDown' },
      { kind: 'cut' },
      { kind: 'short' },
      { kind: 'error', status: 500, code: 'InternalError' },
    ] as const;
    double.fault = () => (++requests % 3 === 0 ? faults[(requests / 3) % faults.length]! : null);
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ arrived: 12, missedCount: 0, error: null });
    expect(await eventsHeld()).toHaveLength(12);
  });

  test('told to stop, it keeps what it has and goes on next time', async () => {
    for (let number = 0; number < 30; number++) await put(keyOf('2026-03-09', `n${number}`), logOf(number));
    const stop = new AbortController();
    let fetched = 0;
    double.fault = ({ method, key }) => {
      if (method === 'GET' && key.endsWith('.gz') && ++fetched === 10) stop.abort();
      return null;
    };
    const first = await pulled([feed()], { signal: stop.signal });
    expect(first.feeds[0]!.error?.code).toBe('PULL_ABORTED');
    const second = await pulled([feed()]);
    expect(first.feeds[0]!.arrived + second.feeds[0]!.arrived).toBe(30);
    expect(await eventsHeld()).toHaveLength(30);
  });

  test('a body larger than memory should hold comes through a file', async () => {
    const body = trailFile(7, 6500, Date.parse('2026-03-09') / 1000);
    expect(body.length).toBeGreaterThan(8 * 2 ** 20);
    await put(keyOf('2026-03-09', 'large').replace('.gz', ''), body);
    expect(await pulled([feed()])).toMatchObject({ objects: 1, events: 6500 });
  });

  test('a bucket that is not there, or not ours, is said with the way out', async () => {
    const gone = await pulled([feed({ bucket: 'no-such-bucket' })]);
    expect(gone.feeds[0]!.error).toMatchObject({
      code: 'PULL_PLACE_MISSING',
      message: expect.stringContaining('no-such-bucket'),
    });
    double.fault = () => ({ kind: 'error', status: 403, code: 'AccessDenied' });
    expect((await pulled([feed()])).feeds[0]!.error).toMatchObject({
      code: 'PULL_DENIED',
      message: expect.stringContaining('s3:ListBucket'),
    });
    double.fault = () => ({ kind: 'error', status: 400, code: 'ExpiredToken' });
    expect((await pulled([feed()])).feeds[0]!.error?.code).toBe('PULL_CREDENTIALS');
  });
});

describe('LookupEvents', () => {
  let server: LookupServer;
  let endpoint: string;
  beforeEach(async () => {
    server = new LookupServer();
    endpoint = await server.start();
  });
  afterEach(() => server.stop());

  const feed = (settings: Record<string, unknown> = {}) =>
    configuredFeed(
      {
        connector: 'aws.cloudtrail',
        delivery: 'lookup-events',
        regions: 'eu-west-1',
        firstDays: 1,
        endpoint,
        ...settings,
      },
      'test',
    );
  const add = (count: number, time: string) => {
    const start = Date.parse(time);
    for (let i = 0; i < count; i++)
      server.events.push(
        event(server.events.length, new Date(start + i * 1000).toISOString().replace('.000Z', 'Z')),
      );
  };

  test('every page is kept exactly as it was sent, and every event is there once', async () => {
    add(70, '2026-03-10T09:00:00Z');
    const result = await pulled([feed({ account: '111122223333' })]);
    expect(result.feeds[0]).toMatchObject({ error: null });
    expect(await eventsHeld()).toHaveLength(70);
    const { vault } = storesOf(world);
    const held = new Set<string>();
    for await (const { key } of vault.list('evidence/'))
      held.add(Buffer.from((await vault.get(key)).body).toString());
    expect(held).toEqual(new Set(server.sent));
    const evidence = await rowsIn(storesOf(world), 'evidence');
    expect(evidence.join()).toContain('Action=LookupEvents&StartTime=2026-03-10T06:00:00.000Z');
    const { windows } = await readFacts(storesOf(world), (await readHead(storesOf(world).state)).head);
    expect(windows).toHaveLength(1);
    expect(windows[0]!.stream).toEqual({
      source: 'aws.cloudtrail',
      account: '111122223333',
      region: 'eu-west-1',
    });
  });

  test('the overlap brings late events, and none twice', async () => {
    add(5, '2026-03-10T11:30:00Z');
    await pulled([feed()]);
    // Happened before the last pull, told after it.
    server.events.push(event(99, '2026-03-10T11:45:00Z'));
    await pulled([feed()], { now: () => NOW + 600_000 });
    const uids = await eventsHeld();
    expect(new Set(uids)).toHaveLength(6);
  });

  test('throttled with HTTP 400, cut off and refused by turns, it gets everything', async () => {
    add(120, '2026-03-10T11:00:00Z');
    server.fault = (request) =>
      request % 3 === 1 ? { status: 400, type: 'ThrottlingException' } : request % 3 === 2 ? 'cut' : null;
    expect((await pulled([feed()])).feeds[0]).toMatchObject({ error: null });
    expect(await eventsHeld()).toHaveLength(120);
  }, 30_000);

  test('credentials that end in the middle end the pull; the next goes on from the last whole stretch', async () => {
    add(30, '2026-03-09T13:00:00Z');
    add(120, '2026-03-10T11:00:00Z');
    server.fault = (request) => (request >= 5 ? { status: 400, type: 'ExpiredTokenException' } : null);
    const first = await pulled([feed()]);
    expect(first.feeds[0]!.error?.code).toBe('PULL_CREDENTIALS');
    expect(await cursorOf('aws.cloudtrail')).toEqual({
      until: { 'eu-west-1': Date.parse('2026-03-10T06:00:00Z') },
    });
    server.fault = () => null;
    expect((await pulled([feed()])).feeds[0]!.error).toBeNull();
    expect(new Set(await eventsHeld())).toHaveLength(150);
  }, 30_000);
});
