import { describe, expect, test } from 'vitest';
import type { Alarm, Point } from '../../rehearse/metrics.ts';
import { alarmCheck, lagCheck, silenceCheck } from '../../rehearse/outcome.ts';
import type { Scenario } from '../../rehearse/scenarios.ts';
import { googleTakes } from '../../rehearse/servers/pool.ts';
import type { Lag } from '../../rehearse/watch.ts';

const alarm = (name: string, more: Partial<Alarm> = {}): Alarm => ({
  ...{ name, namespace: 'N', metric: name, dimensions: {}, statistic: 'Maximum', threshold: 1 },
  ...{ periodSeconds: 60, periods: 1, comparison: 'GreaterThanOrEqualToThreshold', missing: 'notBreaching' },
  ...more,
});
const DEFINED = [
  ...['Gaps', 'Problems', 'Failures-seal', 'Failures-collect'].map((name) => alarm(name)),
  alarm('Silent', { statistic: 'SampleCount', comparison: 'LessThanThreshold', missing: 'breaching' }),
];
/** `Silent` has a point each half a minute. */
const points = (...names: string[]): Point[] => [
  ...names.map((name) => ({ namespace: 'N', name, dimensions: {}, value: 1, at: 1000 })),
  ...[0, 30, 60, 90].map((at) => ({
    ...{ namespace: 'N', name: 'Silent', dimensions: {}, value: 1 },
    at: at * 1000,
  })),
];
const WATCHED = { from: 0, until: 120_000, scale: 1 };
const scenario = (more: Partial<Scenario> = {}): Scenario => ({ name: 's', about: '', ...more });

describe('alarms', () => {
  const judged = (more: Partial<Scenario>, ...fired: string[]) =>
    alarmCheck(scenario(more), DEFINED, points(...fired), WATCHED).ok;

  test('in a flawless hour none may fire', () => {
    expect(judged({ isFlawless: true })).toBe(true);
    for (const name of ['Gaps', 'Failures-seal']) expect(judged({ isFlawless: true }, name)).toBe(false);
  });

  test('elsewhere gaps must be told, one of each kind that is due, and harm only where there was some', () => {
    expect(judged({})).toBe(false);
    expect(judged({}, 'Gaps')).toBe(true);
    expect(judged({}, 'Gaps', 'Problems')).toBe(false);
    expect(judged({ isTamperedWith: true }, 'Gaps')).toBe(false);
    expect(judged({ isTamperedWith: true }, 'Gaps', 'Problems')).toBe(true);
    const alarms = [['Failures-seal', 'Failures-collect']];
    expect(judged({ alarms }, 'Gaps')).toBe(false);
    expect(judged({ alarms }, 'Gaps', 'Failures-collect')).toBe(true);
    expect(judged({ quiet: ['Failures-seal'] }, 'Gaps', 'Failures-seal')).toBe(false);
  });

  test('silence after the end is told by all that watch for it', () => {
    expect(silenceCheck(DEFINED, points(), WATCHED)).toEqual({ ok: true, said: 'Silent' });
    const deaf = alarm('Deaf', { missing: 'breaching', periodSeconds: 10 * 86_400 });
    expect(silenceCheck([...DEFINED, deaf], points(), WATCHED).ok).toBe(false);
    expect(silenceCheck([], points(), WATCHED).ok).toBe(false);
  });
});

test('lag is judged where the machine was ours; what was never seen is wrong anywhere', () => {
  const lag = (p95: number, unseen: string[] = []): Lag => ({ objects: 9, p50: 1, p95, most: p95, unseen });
  expect(lagCheck(lag(90), lag(20), 60, 0.1).ok).toBe(true);
  expect(lagCheck(lag(90), lag(61), 60, 0.1).ok).toBe(false);
  expect(lagCheck(lag(90), lag(61), 60, 0.6)).toMatchObject({
    ok: true,
    said: expect.stringContaining('60 %'),
  });
  expect(lagCheck(lag(9, ['s3://a/b']), lag(9), 60, 0.6).ok).toBe(false);
});

test('the pool sends on nothing but a question to STS who somebody is', async () => {
  const token = (url: string) =>
    encodeURIComponent(JSON.stringify({ url, method: 'POST', headers: [{ key: 'host', value: 'x' }] }));
  for (const subject of [
    'none',
    '%',
    token('https://sts.us-east-1.amazonaws.com?Action=AssumeRole'),
    token('https://sts.example.com?Action=GetCallerIdentity'),
  ])
    expect(await googleTakes(subject, 'http://127.0.0.1:9')).toBe(false);
});
