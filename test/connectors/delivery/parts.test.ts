import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configuredFeed, configuredFeeds } from '../../../connectors/configured.ts';
import { eachOf } from '../../../connectors/delivery/bucket-days.ts';
import { notifiedObjects } from '../../../connectors/delivery/notification.ts';
import { askAgain, retryAfter, wait } from '../../../connectors/delivery/retry.ts';
import { spool } from '../../../connectors/delivery/spool.ts';

describe('what a message tells of', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
  const record = (key: string, eventName = 'ObjectCreated:Put') => ({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName,
    s3: { bucket: { name: 'example-trail' }, object: { key, size: 3, versionId: 'v1' } },
  });
  const told = (key: string) => [{ bucket: 'example-trail', key, versionId: 'v1' }];

  test("S3's own notification, its key decoded", () => {
    expect(notifiedObjects(JSON.stringify({ Records: [record('a/b+c%2Bd%C3%A9.gz')] }))).toEqual(
      told('a/b c+dé.gz'),
    );
  });

  test('the same through SNS', () => {
    const Message = JSON.stringify({ Records: [record('x')] });
    expect(
      notifiedObjects(JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:x', Message })),
    ).toEqual(told('x'));
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
  test("EventBridge's, its key as it is", () => {
    const detail = {
      bucket: { name: 'example-trail' },
      object: { key: 'a+b%20', 'version-id': 'v1' },
      reason: 'PutObject',
    };
    const event = { source: 'aws.s3', 'detail-type': 'Object Created', detail };
    expect(notifiedObjects(JSON.stringify(event))).toEqual(told('a+b%20'));
    expect(notifiedObjects(JSON.stringify({ ...event, 'detail-type': 'Object Deleted' }))).toEqual([]);
  });

  test('a test message and a removal tell of nothing, and other texts are no notification', () => {
    expect(notifiedObjects('{"Service":"Amazon S3","Event":"s3:TestEvent"}')).toEqual([]);
    expect(notifiedObjects(JSON.stringify({ Records: [record('x', 'ObjectRemoved:Delete')] }))).toEqual([]);
    for (const text of [
      '',
      'hello',
      '[]',
      '{}',
      '{"Records":[{}]}',
      JSON.stringify({ Records: [record('%zz')] }),
    ])
      expect(notifiedObjects(text), text).toBeNull();
  });

  test('any text has an answer', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void notifiedObjects(text)));
  });
});

describe('asking again', () => {
  const never = new AbortController().signal;
  const quick = { attempts: 5, firstWaitMillis: 1, longestWaitMillis: 5 };

  test('goes on while it may, and throws what cannot change', async () => {
    let asked = 0;
    const answer = askAgain(
      async () => {
        if (++asked < 4) throw new Error('busy');
        return asked;
      },
      () => ({ again: true }),
      never,
      quick,
    );
    expect(await answer).toBe(4);
    asked = 0;
    const refused = askAgain(
      () => {
        asked++;
        return Promise.reject(new Error('no'));
      },
      () => ({ again: false }),
      never,
      quick,
    );
    await expect(refused).rejects.toThrow('no');
    expect(asked).toBe(1);
  });

  test('waits as long as the vendor says', async () => {
    const started = performance.now();
    let asked = 0;
    await askAgain(
      async () => {
        if (++asked === 1) throw new Error('busy');
      },
      () => ({ again: true, retryAfterMillis: 80 }),
      never,
      quick,
    );
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  test('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const started = performance.now();
    setTimeout(() => stop.abort(), 20);
    await expect(wait(60_000, stop.signal)).rejects.toMatchObject({ code: 'PULL_ABORTED' });
    await expect(
      askAgain(
        async () => 1,
        () => ({ again: true }),
        stop.signal,
      ),
    ).rejects.toMatchObject({ code: 'PULL_ABORTED' });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('Retry-After is seconds or a date', () => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    expect(retryAfter('120', now)).toBe(120_000);
    expect(retryAfter('Tue, 10 Mar 2026 12:01:00 GMT', now)).toBe(60_000);
    expect(retryAfter('Tue, 10 Mar 2026 11:00:00 GMT', now)).toBe(0);
    for (const nothing of [undefined, null, '', 'soon']) expect(retryAfter(nothing, now)).toBeUndefined();
  });
});

test('results come in the order of the items, and never more than the limit are under way', async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  const items = Array.from({ length: 40 }, (_, at) => at);
  for await (const result of eachOf(items, 5, async (item) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
    running--;
    return item * 2;
  }))
    results.push(result);
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(5);
});

test('a small body stays in memory', async () => {
  async function* chunks() {
    yield Buffer.from('a');
    yield Buffer.from('b');
  }
  const body = await spool(chunks(), () => {
    throw new Error('no file is needed');
  });
  expect(Buffer.from(body as Uint8Array).toString()).toBe('ab');
});

describe('a configuration', () => {
  const bucket = { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail' };

  test('names feeds, each with a cursor of its own', () => {
    const text = JSON.stringify({ connectors: [bucket, { ...bucket, name: 'other', prefix: 'x/' }] });
    expect(configuredFeeds(text, 'connectors.json').map(({ name, place }) => [name, place])).toEqual([
      ['aws.cloudtrail', 's3://example-trail/'],
      ['other', 's3://example-trail/x/'],
    ]);
  });

  test.each([
    [{ ...bucket, bucket: 'No_Bucket' }, 'CONNECTOR_SETTING', '"bucket" must be a bucket name'],
    [{ ...bucket, bucket: undefined }, 'CONNECTOR_SETTING', '"bucket" is not given'],
    [{ ...bucket, buckt: 'x' }, 'CONNECTOR_SETTING', '"buckt" is no setting of it; did you mean "bucket"'],
    [{ ...bucket, accounts: ['12'] }, 'CONNECTOR_SETTING', '"accounts" must be 12 digits'],
    [{ ...bucket, accounts: [] }, 'CONNECTOR_SETTING', '"accounts" must be a list'],
    [{ ...bucket, lookbackDays: 0 }, 'CONNECTOR_SETTING', 'from 1 to 60'],
    [{ ...bucket, lookbackDays: 'x' }, 'CONNECTOR_SETTING', 'a whole number'],
    [
      { ...bucket, endpoint: 'https://key:secret@example.com' },
      'CONNECTOR_SETTING',
      'a URL without credentials',
    ],
    [{ ...bucket, name: 'Org Trail' }, 'CONNECTOR_SETTING', '"name" is "Org Trail"'],
    [{ ...bucket, connector: 'aws.cloudtrial' }, 'CONNECTOR_UNKNOWN', 'aws.cloudtrail'],
    [{ ...bucket, connector: 'linux.auth' }, 'CONNECTOR_UNKNOWN', 'one that can be pulled'],
    [{ ...bucket, delivery: undefined }, 'DELIVERY_UNKNOWN', 'bucket, queue, lookup-events'],
    ['x', 'CONNECTOR_SETTING', 'must be an object'],
  ])('%j is refused', (entry, code, says) => {
    const given = JSON.parse(JSON.stringify(entry)) as unknown;
    expect(() => configuredFeed(given, 'here')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });

  test.each([['{'], ['[]'], ['{"connectors":{}}'], [JSON.stringify({ connectors: [bucket, bucket] })]])(
    'the file %s is refused',
    (text) => {
      expect(() => configuredFeeds(text, 'connectors.json')).toThrow(
        expect.objectContaining({ code: 'CONNECTOR_SETTING' }),
      );
    },
  );
});
