import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Voice } from '../../functions/parts/powered.ts';
import { wake } from '../../functions/parts/wake.ts';
import type { Drained } from '../../stages/drain.ts';
import { scratchFolder } from '../vault/scratch.ts';
import {
  CloudWorld,
  contextOf,
  keyOf,
  message,
  notification,
  throughEventBridge,
  throughSns,
  trailLog,
} from './world.ts';

const newFolder = scratchFolder();
const world = new CloudWorld();
let functions: {
  collect: (event: unknown, remaining?: () => number) => Promise<unknown>;
  ingest: (...records: ReturnType<typeof message>[]) => Promise<string[]>;
  ingestWithin: (remaining: () => number, ...records: ReturnType<typeof message>[]) => Promise<string[]>;
  seal: (remaining?: () => number) => Promise<Drained>;
};

beforeAll(async () => {
  await world.start(await newFolder());
  const [collect, ingest, seal] = await Promise.all([
    import('../../functions/collect/index.ts'),
    import('../../functions/ingest/index.ts'),
    import('../../functions/seal/index.ts'),
  ]);
  const ingestWithin: typeof functions.ingestWithin = async (remaining, ...Records) => {
    const answer = await ingest.handler({ Records }, contextOf('ingest', remaining));
    const { batchItemFailures } = answer as unknown as { batchItemFailures: { itemIdentifier: string }[] };
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  functions = {
    collect: (event, remaining) => collect.handler(event, contextOf('collect', remaining)),
    ingestWithin,
    ingest: (...records) => ingestWithin(() => 300_000, ...records),
    seal: (remaining) => seal.handler({}, contextOf('seal', remaining)),
  };
});
afterAll(() => world.stop());

const waiting = (): number =>
  world.stateKeys('pending/').filter((key) => !/pending\/[a-z]+-/.test(key)).length;

describe('ingest', () => {
  test('preserves what messages of every shape name, wakes the sealer once for many, and leaves sealing to it', async () => {
    for (const number of [1, 2, 3]) await world.put(keyOf(number), trailLog(number));
    const failed = await functions.ingest(
      message('direct', notification(keyOf(1))),
      message('sns', throughSns(notification(keyOf(2)))),
      message('eventbridge', throughEventBridge(keyOf(3))),
      message(
        'test',
        JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'example-trail' }),
      ),
    );
    expect(failed).toEqual([]);
    expect(waiting()).toBe(3);
    expect(world.stateKeys('head')).toEqual([]);
    const [wake] = world.wakes.messages;
    expect(wake).toMatchObject({ MessageGroupId: 'seal' });
    expect(wake!.MessageDeduplicationId).toMatch(/^wake-\d+$/);
    const { result, again } = await functions.seal();
    expect(result).toMatchObject({ objects: 3, events: 3, leftObjects: 0, duplicateEvents: 0 });
    expect(again).toBe(false);
    expect(waiting()).toBe(0);
  });

  test('a message delivered twice, late and out of order is one body', async () => {
    await world.put(keyOf(4), trailLog(4));
    await world.put(keyOf(5), trailLog(5));
    await functions.ingest(message('b', notification(keyOf(5))), message('a', notification(keyOf(4))));
    await functions.ingest(message('a', notification(keyOf(4))));
    expect((await functions.seal()).result).toMatchObject({ objects: 2, events: 2 });
    await functions.ingest(message('a', notification(keyOf(4))), message('b', notification(keyOf(5))));
    expect((await functions.seal()).result).toMatchObject({ objects: 0, events: 0 });
    expect(waiting()).toBe(0);
  });

  test('what cannot be preserved fails alone; what is no log is told and done', async () => {
    await world.put(keyOf(6), trailLog(6));
    const elsewhere = notification(keyOf(6)).replaceAll('example-trail', 'other-bucket');
    const failed = await functions.ingest(
      message('poison', 'no notification at all'),
      message('good', notification(keyOf(6))),
      message('gone', notification(keyOf(999))),
      message('elsewhere', elsewhere),
      message('no-log', notification('AWSLogs/111122223333/readme.txt')),
      message('no-connector', notification(keyOf(6)), 'arn:aws:sqs:eu-west-1:123456789012:other'),
    );
    expect(failed).toEqual(['poison', 'gone', 'elsewhere', 'no-connector']);
    expect((await functions.seal()).result).toMatchObject({ objects: 1 });
  });

  test('when time is nearly up nothing more is begun, and what was not preserved comes back', async () => {
    await world.put(keyOf(7), trailLog(7));
    const failed = await functions.ingestWithin(() => 20_000, message('late', notification(keyOf(7))));
    expect(failed).toEqual(['late']);
    expect(await functions.ingest(message('late', notification(keyOf(7))))).toEqual([]);
    expect((await functions.seal()).result).toMatchObject({ objects: 1 });
  });

  test('a queue that cannot be woken by fails nothing: the sealer comes by itself', async () => {
    await world.put(keyOf(8), trailLog(8));
    world.wakes.refuses = true;
    try {
      expect(await functions.ingest(message('m', notification(keyOf(8))))).toEqual([]);
    } finally {
      world.wakes.refuses = false;
    }
    expect((await functions.seal()).result).toMatchObject({ objects: 1 });
  });
});

describe('collect', () => {
  test('preserves what is new at its place and moves its cursor; what was fetched stays fetched', async () => {
    const event = { connector: { ...world.listing, name: 'trail' } };
    await world.put(keyOf(10), trailLog(10));
    expect(await functions.collect(event)).toMatchObject({ name: 'trail', error: null });
    expect(world.stateKeys('cursors/')).toEqual(['state/cursors/trail.json']);
    const sealed = await functions.seal();
    expect(sealed.result?.events).toBeGreaterThan(0);
    expect(await functions.collect(event)).toMatchObject({ arrived: 0, error: null });
  });

  test('without time it stops in good order', async () => {
    const result = await functions.collect({ connector: world.listing }, () => 10_000);
    expect(result).toMatchObject({ arrived: 0, error: { code: 'PULL_ABORTED' } });
  });

  test('an event that is none of ours is refused with what it takes', async () => {
    await expect(functions.collect({ time: 'now' })).rejects.toThrow(/collect was called with .*connector/);
    await expect(functions.collect({ connector: { connector: 'aws.nothing' } })).rejects.toThrow(
      /"aws.nothing"/,
    );
  });
});

test('wake-ups of one window are one message, and the first of the next is another', async () => {
  const voice = { logger: { warn: () => {} } } as unknown as Voice;
  const idsOf = async (seconds: string | undefined, ...times: number[]) => {
    const before = world.wakes.messages.length;
    vi.stubEnv('AKASHI_WAKE_SECONDS', seconds);
    for (const time of times) await wake(voice, time);
    vi.unstubAllEnvs();
    return new Set(world.wakes.messages.slice(before).map((one) => one.MessageDeduplicationId)).size;
  };
  expect(await idsOf(undefined, 0, 29_999)).toBe(1);
  expect(await idsOf(undefined, 29_999, 30_000)).toBe(2);
  expect(await idsOf('12', 0, 11_999, 12_000, 29_999)).toBe(3);
});

describe('seal', () => {
  test('stops before the limit, seals what it took up, and asks to be woken again', async () => {
    for (const number of [20, 21, 22]) await world.put(keyOf(number), trailLog(number));
    await functions.ingest(message('m', notification(...[20, 21, 22].map(keyOf))));
    const before = world.wakes.messages.length;
    let asked = 0;
    const first = await functions.seal(() => (asked++ < 3 ? 600_000 : 100_000));
    expect(first).toMatchObject({ again: true, result: { objects: 1, leftObjects: 2 } });
    expect(world.wakes.messages.slice(before).map((wake) => wake.MessageDeduplicationId)).toEqual([
      expect.stringMatching(/^again-/),
    ]);
    expect(await functions.seal()).toMatchObject({ again: false, result: { objects: 2, leftObjects: 0 } });
  });

  test('without any time nothing is begun, and the next run is asked for', async () => {
    expect(await functions.seal(() => 1000)).toEqual({ result: null, lost: 0, again: true });
  });
});
