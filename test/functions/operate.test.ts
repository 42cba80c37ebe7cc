import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ExportAnswer } from '../../functions/export/place.ts';
import type { Verification } from '../../stages/verify/report.ts';
import { scratchFolder } from '../vault/scratch.ts';
import { CloudWorld, contextOf, keyOf, message, notification, trailLog } from './world.ts';

const newFolder = scratchFolder();
const world = new CloudWorld();
const call = async (name: string, event: unknown = {}, remaining?: () => number): Promise<unknown> => {
  const { handler } = (await import(`../../functions/${name}/index.ts`)) as {
    handler: (event: unknown, context: unknown) => Promise<unknown>;
  };
  return handler(event, contextOf(name, remaining));
};
const inExports = (key: string) => world.double.buckets.get('exports')!.keys.get(key);

beforeAll(async () => {
  await world.start(await newFolder());
  process.env['AWS_ENDPOINT_URL_S3'] = world.endpoint;
  process.env['AKASHI_EXPORTS'] = 's3://exports/packages';
  process.env['AKASHI_KNOWN'] = 's3://exports/known.head';
  await world.put(keyOf(1), trailLog(1, 2, 3));
  await call('ingest', { Records: [message('m', notification(keyOf(1)))] });
  await call('seal');
}, 30_000);
afterAll(() => world.stop());

test('verify asks of what is due once a head is remembered, of all when told to, and says so on record', async () => {
  await call('verify');
  expect(await call('verify')).toMatchObject({ ok: true, asked: { withinDays: 28 } });
  expect(await call('verify', { all: true })).toMatchObject({ ok: true, asked: { withinDays: null } });
  const records = world.stateKeys('pending/custody-').map((key) => {
    const { body } = world.double.buckets.get('state')!.keys.get(key)!.at(-1)!;
    return String((JSON.parse(body.toString()) as { result?: unknown }).result);
  });
  expect(records).toContainEqual(expect.stringMatching(/^nothing wrong; locks asked of \d+ of \d+ bodies, /));
  expect(records).toContain('nothing wrong');
});

test('verify remembers the head outside the lake, and from then on knows when it was put back', async () => {
  expect(await call('verify')).toMatchObject({ ok: true, level: 'structure' });
  const known = () => inExports('known.head')!.at(-1)!.body;
  const first = known();
  const state = world.double.buckets.get('state')!.keys;
  const before = new Map(state);
  // Its own record is sealed now, and the next head is remembered.
  await call('seal');
  expect(await call('verify', { deep: true })).toMatchObject({ ok: true, level: 'bytes' });
  expect(known()).not.toEqual(first);
  for (const key of state.keys()) state.delete(key);
  for (const [key, versions] of before) state.set(key, versions);
  const { ok, problems } = (await call('verify')) as Verification;
  expect([ok, problems.map(({ code }) => code)]).toEqual([false, expect.arrayContaining(['ROLLED_BACK'])]);
});

test('compact gives up old snapshots when told to, and otherwise at its hour alone', async () => {
  vi.setSystemTime(new Date('2026-03-01T07:00:00Z'));
  try {
    expect(await call('compact')).toMatchObject({ expired: null });
    expect(await call('compact', { expire: true })).toMatchObject({ expired: { removed: 0 } });
    vi.setSystemTime(new Date('2026-03-01T02:10:00Z'));
    expect(await call('compact')).toMatchObject({ expired: { removed: 0 } });
  } finally {
    vi.useRealTimers();
  }
});

test('stamp without an authority, and compact without time, do nothing', async () => {
  expect(await call('stamp')).toEqual({ outcome: 'no authority' });
  expect(await call('compact', {}, () => 100_000)).toMatchObject({ days: 0, expired: null });
});

test('export puts a package into its bucket, on record', async () => {
  const asked = { sql: 'select uid, action from events order by uid' };
  const answer = (await call('export', { asked, records: 'none', rows: ['csv'] })) as ExportAnswer;
  expect(answer).toMatchObject({ bucket: 'exports', rows: 3 });
  expect(answer.key).toMatch(/^packages\/[0-9a-f-]{36}\/akashi-evidence-[0-9a-f]{16}\.zip$/);
  expect(inExports(answer.key)!.at(-1)!.body).toHaveLength(answer.bytes);
  expect(world.stateKeys('pending/custody-').length).toBeGreaterThan(0);
  await expect(call('export', { asked: {} })).rejects.toThrow(/give "sql" or "name"/);
});
