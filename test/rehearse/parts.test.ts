import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { random } from '../../bench/random.ts';
import { alarmsOf } from '../../rehearse/alarms.ts';
import { compared } from '../../rehearse/judge.ts';
import { dealtWith, sqsEvent } from '../../rehearse/lambda/mapping.ts';
import { type Alarm, firedAt, pointsOf } from '../../rehearse/metrics.ts';
import { planHour } from '../../rehearse/organisation/organisation.ts';
import { FaultProxy } from '../../rehearse/servers/proxy.ts';
import { lagOf } from '../../rehearse/watch.ts';

describe('an event source mapping', () => {
  const batch = ['a', 'b', 'c'].map((MessageId) => ({
    MessageId,
    ReceiptHandle: `r-${MessageId}`,
    Body: '{}',
  }));
  const left = (outcome: 'ok' | 'error', result: unknown, reports = true) =>
    dealtWith(batch, { outcome, result }, reports).map(({ MessageId }) => MessageId);

  test('deletes what was dealt with, and nothing where that cannot be told', () => {
    expect(left('ok', { batchItemFailures: [] })).toEqual(['a', 'b', 'c']);
    expect(left('ok', null)).toEqual(['a', 'b', 'c']);
    expect(left('ok', { batchItemFailures: [{ itemIdentifier: 'b' }] })).toEqual(['a', 'c']);
    expect(left('ok', { batchItemFailures: [{ itemIdentifier: 'b' }] }, false)).toEqual(['a', 'b', 'c']);
    for (const wrong of [[{ itemIdentifier: 'x' }], [{}], [null], 'all'])
      expect(left('ok', { batchItemFailures: wrong })).toEqual([]);
    expect(left('error', { batchItemFailures: [] })).toEqual([]);
  });

  test('hands messages over as Lambda does', () => {
    expect(sqsEvent(batch, 'arn:aws:sqs:us-east-1:123456789012:q')).toMatchObject({
      Records: [{ messageId: 'a', receiptHandle: 'r-a', eventSource: 'aws:sqs' }, {}, {}],
    });
  });
});

describe('metrics', () => {
  const line = (lag: number) =>
    JSON.stringify({
      _aws: {
        Timestamp: 1,
        CloudWatchMetrics: [
          { Namespace: 'Akashi', Dimensions: [['function']], Metrics: [{ Name: 'lagSeconds' }] },
        ],
      },
      function: 'seal',
      lagSeconds: [lag, 1],
    });

  test('are read from what a function prints; all else is none', () => {
    expect(pointsOf(line(7), 5)).toEqual(
      [7, 1].map((value) => ({
        namespace: 'Akashi',
        name: 'lagSeconds',
        dimensions: { function: 'seal' },
        value,
        at: 5,
      })),
    );
    for (const other of [
      '',
      'CloudWatchMetrics',
      '{"_aws":{"CloudWatchMetrics":7}}',
      '{"_aws":{"CloudWatchMetrics":[{}]}}',
    ])
      expect(pointsOf(other, 1)).toEqual([]);
  });

  test('an alarm fires when enough of its periods in a row are over its threshold', () => {
    const alarm: Alarm = {
      ...{ name: 'x', namespace: 'N', metric: 'm', dimensions: { f: 'a' }, statistic: 'Sum' },
      ...{ threshold: 2, periodSeconds: 600, periods: 1 },
      ...{ comparison: 'GreaterThanOrEqualToThreshold', missing: 'notBreaching' },
    };
    // Minutes of the alarm's clock.
    const points = (times: readonly number[], f = 'a') =>
      times.map((at) => ({ namespace: 'N', name: 'm', dimensions: { f }, value: 1, at: at * 60_000 }));
    const fired = (of: Alarm, given: ReturnType<typeof points>, until = 60) => {
      const at = firedAt(of, given, { from: 0, until: until * 60_000, scale: 1 });
      return at === null ? null : at / 60_000;
    };
    expect(fired(alarm, points([1, 2]))).toBe(3);
    expect(fired(alarm, points([1, 12, 23]))).toBeNull();
    // Periods are those that end whenever it is judged, and begin at no fixed time.
    expect(fired(alarm, points([8, 12]))).toBe(13);
    expect(fired(alarm, points([1, 2], 'b'))).toBeNull();
    const lasting: Alarm = { ...alarm, statistic: 'Maximum', threshold: 1, periods: 2 };
    expect(fired(lasting, points([4, 34]))).toBeNull();
    expect(fired(lasting, points([4, 14]))).toBe(15);
    // Twenty times as fast, ten minutes are half of one.
    expect(firedAt(alarm, points([1, 2]), { from: 0, until: 600_000, scale: 20 })).toBeNull();
  });

  test('silence fires where missing data means so, and not before a whole period was silent', () => {
    const silent: Alarm = {
      ...{ name: 'x', namespace: 'N', metric: 'm', dimensions: {}, statistic: 'SampleCount' },
      ...{
        threshold: 1,
        periodSeconds: 600,
        periods: 1,
        comparison: 'LessThanThreshold',
        missing: 'breaching',
      },
    };
    const points = (...minutes: number[]) =>
      minutes.map((at) => ({ namespace: 'N', name: 'm', dimensions: {}, value: 1, at: at * 60_000 }));
    const fired = (of: Alarm, given: ReturnType<typeof points>, until = 30) => {
      const at = firedAt(of, given, { from: 0, until: until * 60_000, scale: 1 });
      return at === null ? null : at / 60_000;
    };
    expect(fired(silent, points(1, 10, 19, 28))).toBeNull();
    expect(fired(silent, points(1, 12.5))).toBe(12);
    expect(fired(silent, points(5.5), 15)).toBeNull();
    expect(fired(silent, points(5.5), 16)).toBe(16);
    expect(fired(silent, [])).toBe(10);
    expect(fired({ ...silent, periods: 2 }, [])).toBe(20);
    expect(fired({ ...silent, missing: 'notBreaching' }, [])).toBeNull();
  });

  test('alarms are read from a template, functions and queues by the names they have here', () => {
    const of = (id: string, more: object) => ({
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ...{
          AlarmName: `akashi-${id}`,
          Namespace: 'AWS/SQS',
          MetricName: 'm',
          Statistic: 'Maximum',
          Period: 300,
        },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Q', 'QueueName'] } }],
        ...more,
      },
    });
    const found = alarmsOf({
      Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'akashi-objects-trail-dead' } },
      A: of('Dead-trail', {}),
      C: of('Failures', {
        Statistic: undefined,
        Metrics: [
          { Expression: 'MAX([FILL(a, 0), FILL(b, 0)])', Id: 'c' },
          ...['a', 'b'].map((Id) => ({
            Id,
            MetricStat: { Metric: { Namespace: 'N', MetricName: Id }, Period: 900, Stat: 'Sum' },
          })),
        ],
      }),
      B: of('Silent', { ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' }),
    });
    expect(found).toMatchObject([
      { name: 'Dead-trail', dimensions: { QueueName: 'trail-dead' }, periods: 1 },
      { name: 'Failures', metric: 'a', statistic: 'Sum', periodSeconds: 900 },
      { name: 'Failures', metric: 'b' },
      { name: 'Silent', comparison: 'LessThanThreshold', missing: 'breaching' },
    ]);
  });
});

describe('the organisation', () => {
  const hour = {
    seed: 3,
    rate: 50,
    seconds: 20,
    startsAt: Date.parse('2026-11-22T13:10:00Z'),
    hasGaps: true,
  };

  test('is the same for the same seed, and another for another', () => {
    const told = (seed: number) =>
      JSON.stringify([...planHour({ ...hour, seed }).expected.events.values()].map((ids) => [...ids]));
    expect(told(3)).toBe(told(3));
    expect(told(3)).not.toBe(told(4));
  });

  test('has no gaps where none are wanted, and then delivers what else would be missing', () => {
    const { gaps, backfills, expected } = planHour({ ...hour, hasGaps: false });
    expect([gaps, backfills.length]).toEqual([[], 1]);
    const ids = (of: typeof expected) => of.flows.get('aws.vpcflow')!.size + of.events.get('gcp.audit')!.size;
    expect(ids(expected)).toBeGreaterThan(ids(planHour(hour).expected));
  });

  test('logs at its rate in all three clouds, in order, with gaps that no delivery fills', () => {
    const { deliveries, expected, gaps } = planHour(hour);
    const kinds = new Set(deliveries.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['object', 'lookup', 'blob', 'rows', 'entries', 'sink']));
    expect(deliveries.every(({ at }, n) => n === 0 || at >= deliveries[n - 1]!.at)).toBe(true);
    const count = [...expected.events.values(), ...expected.flows.values()].reduce(
      (sum, { size }) => sum + size,
      0,
    );
    expect(count).toBeGreaterThan(hour.rate * hour.seconds * 0.8);
    expect(gaps.map(({ verdict }) => verdict).sort()).toEqual(['gap', 'gap', 'silent']);
    expect(new Set(gaps.map(({ source }) => source)).size).toBe(3);
  });
});

describe('the judge', () => {
  test('tells what is missing, there twice, and not from here', () => {
    const expected = new Map([['s', new Set(['a', 'b'])]]);
    const found = (pairs: [string, number][]) => new Map([['s', new Map(pairs)]]);
    expect(
      compared(
        expected,
        found([
          ['a', 1],
          ['b', 1],
        ]),
      ),
    ).toEqual({ ok: true, said: '2 of 2' });
    expect(compared(expected, found([['a', 2]]))).toEqual({
      ok: false,
      said: 's: 1 missing (b); s: 1 more than once (a)',
    });
    expect(
      compared(
        expected,
        new Map([
          ...found([
            ['a', 1],
            ['b', 1],
          ]),
          ['t', new Map([['c', 1]])],
        ]),
      ).said,
    ).toContain('t: 1 never generated');
  });

  test('lag is from arrival to the first head that shows it', () => {
    const arrivals = new Map([
      ['a', 1000],
      ['b', 2000],
      ['c', 9000],
    ]);
    const visible = new Map([
      ['a', 3000],
      ['b', 9000],
    ]);
    expect(lagOf(arrivals, visible)).toMatchObject({ objects: 3, p95: 7, most: 7, unseen: ['c'] });
    expect(lagOf(arrivals, visible, 1500)).toMatchObject({ p50: 7 });
  });
});

describe('a proxy that misbehaves', () => {
  const withServer = async (use: (proxy: FaultProxy, served: () => number) => Promise<void>) => {
    let count = 0;
    const server = createServer((request, response) => {
      count++;
      request.resume();
      request.on('end', () => response.writeHead(200, { 'x-host': request.headers.host }).end('hello'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, random(1));
    await proxy.start();
    try {
      await use(proxy, () => count);
    } finally {
      await proxy.stop();
      server.close();
    }
  };
  const get = (url: string) =>
    fetch(url, { method: 'PUT', body: 'x' }).then(
      async (answer) => `${answer.status} ${await answer.text()}`,
      () => 'no answer',
    );

  test('passes on what came, the host with it', async () => {
    await withServer(async (proxy) => {
      const answer = await fetch(`${proxy.url}/a?b`, { method: 'PUT', body: 'x' });
      expect(await answer.text()).toBe('hello');
      expect(answer.headers.get('x-host')).toBe(new URL(proxy.url).host);
    });
  });

  test('refuses, cuts, and loses answers to what was carried out', async () => {
    await withServer(async (proxy, served) => {
      proxy.rate = 1;
      proxy.faults = ['503'];
      expect(await get(proxy.url)).toMatch(/^503 .*ServiceUnavailable/);
      proxy.faults = ['cut'];
      expect(await get(proxy.url)).toBe('no answer');
      expect(served()).toBe(0);
      proxy.faults = ['lost'];
      expect(await get(proxy.url)).toBe('no answer');
      expect(served()).toBe(1);
    });
  });

  test('is gone when stopped, and back at the same address', async () => {
    await withServer(async (proxy) => {
      const { url } = proxy;
      await proxy.stop();
      expect(await get(url)).toBe('no answer');
      await proxy.start();
      expect(proxy.url).toBe(url);
      expect(await get(url)).toBe('200 hello');
    });
  });
});
