/** From collected files to coverage: hours, late arrivals, digests on record, verdicts on evidence, and what verify says. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Invocation } from '../../cli/command.ts';
import { coverageCommand } from '../../cli/commands/coverage.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { verdictOf } from '../../exports/query-coverage.ts';
import type { Unit } from '../../ledger/coverage/units.ts';
import { decodeEntry, type EntryKind } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { collect } from '../../stages/collect.ts';
import { windowRow } from '../../stages/coverage-facts.ts';
import { verifyLakeDigests } from '../../stages/digests.ts';
import { isoMicros, lakeCoverage } from '../../stages/lake-coverage.ts';
import { openLedger } from '../../stages/ledger.ts';
import { recordDigests } from '../../stages/record-digests.ts';
import { recordGaps } from '../../stages/record-gaps.ts';
import { seal } from '../../stages/seal.ts';
import { verify } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { BEGIN, HOUR, keysOf, makeSigner, Trail } from '../ledger/digests/parts/trail.ts';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const signer = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);
const keys = keysOf(signer);

let folder: string;
let lake: Lake;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-coverage-test-'));
  lake = await openLake(at('lake'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => join(folder, ...parts);
const time = (text: string): number => Date.parse(text) * 1000;

function put(name: string, text: string | Uint8Array): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return at(name);
}

const event = (when: string, id: string) => ({
  eventVersion: '1.11',
  eventTime: when,
  eventID: id,
  eventSource: 's3.amazonaws.com',
  eventName: 'ListBuckets',
  awsRegion: 'eu-west-1',
  recipientAccountId: '123456789012',
  userIdentity: { type: 'Root', accountId: '123456789012' },
});
const log = (...events: object[]) => JSON.stringify({ Records: events });

async function run(now: string, ...paths: string[]) {
  return collect(lake, paths, { threads: 1, now: () => Date.parse(now) });
}

async function units(now: string): Promise<Unit[]> {
  const found: Unit[] = [];
  await lakeCoverage(lake, time(now), {}, (unit) => found.push(unit));
  return found;
}

const told = async (now: string) =>
  (await units(now)).flatMap(({ hour, hours, state, verdict, problem }) =>
    Array.from(
      { length: hours },
      (_, at) => `${new Date((hour + at) * HOUR).toISOString().slice(11, 13)} ${state} ${problem ?? verdict}`,
    ),
  );

async function entries(kind: EntryKind) {
  const ledger = await openLedger(lake);
  const log = await ledger.recover(async () => Buffer.from((await readHead(lake.state)).head.checkpoint!));
  const found = [];
  for await (const { bytes } of log.readEntries(0, log.size)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind === kind) found.push(entry);
  }
  return found;
}

const isWhole = async () => {
  const result = await verify(lake, { deep: true, rederive: true });
  expect(result.problems).toEqual([]);
};

describe('late arrivals', () => {
  test('reopen their hour, with a ledger entry that says so', async () => {
    await run(
      '2026-03-01T12:00:00Z',
      put('in/a.json', log(event('2026-03-01T10:10:00Z', 'a'), event('2026-03-01T10:50:00Z', 'b'))),
    );
    expect(await entries('gap')).toEqual([]);
    await run('2026-03-20T20:00:00Z', put('in/b.json', log(event('2026-03-01T10:20:00Z', 'c'))));
    expect(await entries('gap')).toMatchObject([
      {
        source: 'aws.cloudtrail',
        account: '123456789012',
        region: 'eu-west-1',
        from: time('2026-03-01T10:00:00Z'),
        to: time('2026-03-01T11:00:00Z'),
        state: 'reopened',
        held: 1,
        at: time('2026-03-20T20:00:00Z'),
      },
    ]);
    expect(await told('2026-03-20T20:05:00Z')).toEqual(['10 reopened presumed']);
    expect(await told('2026-03-20T20:20:00Z')).toEqual(['10 sealed presumed']);
    // As it was known before.
    expect((await units('2026-03-19T19:00:00Z'))[0]).toMatchObject({ records: 2, late: 0 });
    await isWhole();
  });

  test('are no late arrivals within one run, nor before the delay, nor of a day that nothing was told of', async () => {
    await run('2026-03-01T10:55:00Z', put('in/a.json', log(event('2026-03-01T10:10:00Z', 'a'))));
    await run('2026-03-01T11:10:00Z', put('in/b.json', log(event('2026-03-01T10:20:00Z', 'b'))));
    await run('2026-03-09T00:00:00Z', put('in/c.json', log(event('2026-03-02T10:20:00Z', 'c'))));
    expect(await entries('gap')).toEqual([]);
  });
});

test('silence goes on record with exact bounds, once, and is taken back when records come after all', async () => {
  const hours = Array.from({ length: 40 }, (_, hour) =>
    new Date(Date.UTC(2026, 2, 1, hour, 30)).toISOString(),
  );
  const logOf = (from: number, to: number) =>
    log(...hours.slice(from, to).map((when) => event(when, `e-${when}`)));
  await run('2026-03-10T00:00:00Z', put('in/a.json', logOf(0, 30)), put('in/b.json', logOf(33, 40)));
  const at_ = time('2026-03-10T01:00:00Z');
  expect(await recordGaps(lake, at_)).toMatchObject({ told: 3, takenBack: 0 });
  expect(await recordGaps(lake, at_ + 1)).toEqual({ told: 0, takenBack: 0, checkpoint: null });
  await run('2026-03-11T00:00:00Z', put('in/c.json', logOf(31, 32)));
  expect(await recordGaps(lake, time('2026-03-11T02:00:00Z'))).toMatchObject({ told: 0, takenBack: 1 });
  const said = (await entries('gap')) as { state: string; from: number; to: number }[];
  expect(
    said.map(({ state, from, to }) => [state, isoMicros(from).slice(8, 13), isoMicros(to).slice(8, 13)]),
  ).toEqual([
    ['silent', '02T06', '02T09'],
    ['reopened', '02T07', '02T08'],
    ['heard', '02T07', '02T08'],
  ]);
  expect((await coverageCalled({ record: true })).code).toBe(1);
  await isWhole();
});

test('windows of a pull are sealed as facts: fetched on end they prove an hour, and a break between two is a gap', async () => {
  await run('2026-03-01T12:00:00Z', put('in/a.json', log(event('2026-03-01T10:10:00Z', 'a'))));
  const asOf = time('2026-03-01T16:00:00Z');
  const stream = { source: 'aws.cloudtrail', account: '123456789012', region: null };
  const fetched = (from: string, to: string) =>
    windowRow({ stream, from: time(`2026-03-01T${from}:00Z`), to: time(`2026-03-01T${to}:00Z`), asOf });
  const facts = [fetched('10:00', '11:30'), fetched('11:30', '12:00'), fetched('13:00', '14:00')];
  await seal(lake, await openLedger(lake), [], [], { asOf, facts });
  expect((await told('2026-03-01T16:00:00Z')).slice(0, 4)).toEqual([
    '10 sealed complete',
    '11 sealed complete',
    '12 sealed WINDOW_GAP',
    '13 sealed complete',
  ]);
  expect(await recordGaps(lake, asOf)).toMatchObject({ told: 1 });
  expect(await entries('gap')).toMatchObject([{ state: 'unfetched', from: time('2026-03-01T12:00:00Z') }]);
  await isWhole();
});

test('the samples: one morning in three clouds, each source with an instant before which it is claimed', async () => {
  await run('2024-04-01T00:00:00Z', fileURLToPath(new URL('../../samples', import.meta.url)));
  const found = await units('2026-01-01T00:00:00Z');
  expect(found.reduce((sum, { records }) => sum + records, 0)).toBe(87);
  for (const { verdict, records } of found) expect(verdict).toBe(records > 0 ? 'presumed' : 'unknown');
  const { watermarks } = await lakeCoverage(lake, time('2026-01-01T00:00:00Z'), {}, () => {});
  expect(watermarks).toHaveLength(14);
  for (const { until } of watermarks) {
    expect(until).toBeGreaterThan(time('2024-03-12T08:00:00Z'));
    expect(until).toBeLessThanOrEqual(time('2024-03-12T10:00:00Z'));
  }
});

describe('digests on record', () => {
  let trail: Trail;
  beforeEach(() => {
    trail = new Trail({ signer });
    for (let hour = 0; hour < 5; hour++) trail.hour(hour === 2 ? [] : [10, 40]);
  });

  const NOW = '2026-03-02T00:00:00Z';
  function download(without: readonly string[] = []): void {
    for (const [key, { bytes, metadata }] of trail.objects) {
      if (without.includes(key)) continue;
      put(`in/${key}`, bytes);
      if (Object.keys(metadata).length > 0)
        put(`in/${key}.metadata.json`, JSON.stringify({ Metadata: metadata }));
    }
  }
  async function record(now = NOW) {
    const report = await verifyLakeDigests(lake, { keys, now: Date.parse(now) });
    return recordDigests(lake, report, time(now));
  }

  test('complete hours, a proven silence, and edges that the first and newest digest do not reach over', async () => {
    download();
    await run(NOW, at('in'));
    expect(await record()).toMatchObject({ verdicts: 13, opened: 0 });
    // Digests reach from 00:04 to 05:04; what happened at 02 was delivered until 03:15.
    expect(await told(NOW)).toEqual([
      '00 sealed unknown',
      '01 sealed complete',
      '02 sealed complete',
      '03 sealed complete',
      '04 sealed unknown',
      '05 sealed unknown',
    ]);
    // Logs that hold no record of that time, and at 02 no log at all.
    expect((await units(NOW))[1]).toMatchObject({ hours: 3, expected: 4, held: 4, records: 0 });
    await isWhole();
  });

  test('each body carries its verdict; judged again, nothing is added', async () => {
    download();
    const edited = trail.digests[3]!.logs[0]!.key;
    trail.objects.get(edited)!.bytes = gzipSync('{"Records":[]}');
    put(`in/${edited}`, trail.objects.get(edited)!.bytes);
    await run(NOW, at('in'));
    await record();
    expect(await record('2026-03-02T01:00:00Z')).toEqual({
      verdicts: 0,
      hours: 0,
      opened: 0,
      closed: 0,
      checkpoint: null,
    });
    const sql = 'select verdict, count(*) n, count(verdict_at) judged from evidence group by 1 order by 1';
    expect(query(sql).rows).toEqual([
      { verdict: 'HASH_MISMATCH', n: 1, judged: 1 },
      { verdict: 'VALID', n: 12, judged: 12 },
    ]);
    const judged = await entries('verdict');
    expect(judged).toMatchObject(
      [{ verdict: 'VALID' }, { verdict: 'HASH_MISMATCH', level: 'invalid' }].toSorted(),
    );
    expect(await told(NOW)).toContain('03 sealed HASH_MISMATCH');
    await isWhole();
  });

  test('a log removed makes its hour a gap; collected after all and judged again, it closes', async () => {
    const [lost] = trail.digests[1]!.logs;
    download([lost!.key]);
    await run(NOW, at('in'));
    expect((await coverageCalled()).out).toMatch(/nothing is held|akashi digests/);
    expect(await record()).toMatchObject({ opened: 1, closed: 0 });
    expect(await told(NOW)).toContain('01 sealed NOT_FOUND');
    expect((await units(NOW))[1]).toMatchObject({
      expected: 2,
      held: 1,
      detail: `s3://${trail.bucket}/${lost!.key}`,
    });
    expect(query("select problem, expected, held from coverage where verdict = 'gap'").rows).toEqual([
      { problem: 'NOT_FOUND', expected: 2, held: 1 },
    ]);
    const { code, out } = await coverageCalled();
    expect(code).toBe(1);
    expect(out).toContain(
      'gap aws.cloudtrail 123456789012 eu-west-1 2026-03-01 01:00Z to 2026-03-01 02:00Z: NOT_FOUND, 1 of 2',
    );
    put(`in/${lost!.key}`, trail.objects.get(lost!.key)!.bytes);
    await run('2026-03-03T00:00:00Z', at('in'));
    expect(await record('2026-03-03T00:00:00Z')).toMatchObject({
      verdicts: 1,
      hours: 1,
      opened: 0,
      closed: 1,
    });
    expect(await told('2026-03-03T00:00:00Z')).toContain('01 sealed complete');
    // What was said before is still what was said then.
    expect(await told(NOW)).toContain('01 sealed NOT_FOUND');
    expect((await entries('gap')).map((entry) => (entry as { state: string }).state)).toEqual([
      'missing',
      'closed',
    ]);
    await isWhole();
  });

  test('a digest removed leaves a hole of the hours whose deliveries it vouched for', async () => {
    download([trail.digests[2]!.key]);
    await run(NOW, at('in'));
    await record();
    // Deliveries between 02:04 and 03:04.
    expect(await told(NOW)).toEqual([
      '00 sealed unknown',
      '01 sealed MISSING_DIGEST',
      '02 sealed MISSING_DIGEST',
      '03 sealed MISSING_DIGEST',
      '04 sealed unknown',
      '05 sealed unknown',
    ]);
  });

  test('other keys record no verdict over one that was given', async () => {
    download();
    await run(NOW, at('in'));
    await record();
    const report = await verifyLakeDigests(lake, { keys: new Map(), now: Date.parse(NOW) });
    expect(await recordDigests(lake, report, time(NOW) + 1)).toMatchObject({ verdicts: 0, hours: 0 });
  });
});

describe('on the command line', () => {
  test('--json of a query says what is held of its time', async () => {
    await run('2026-03-10T12:00:00Z', put('in/a.json', log(event('2026-03-01T10:10:00Z', 'a'))));
    const { rows, head, coverage } = query(
      "select count(*) n from coverage where time >= '2026-03-01' and time < '2026-03-02'",
    );
    expect(rows).toEqual([{ n: 1 }]);
    expect(head).toMatch(/^1-/);
    expect(coverage).toMatchObject({
      range: 'statement',
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
      verdict: 'presumed',
      hours: { presumed: 1, gap: 0 },
      watermarks: { 'aws.cloudtrail': '2026-03-01T11:00:00.000Z' },
      ledger: { size: expect.any(Number), root: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const of = async (where: string) => {
      const sql = `select count(*) n from events ${where}`;
      return verdictOf(
        lake,
        { sql, snapshot: await readSnapshot(lake), views: [] },
        time('2026-04-01T00:00:00Z'),
      );
    };
    expect(await of('')).toMatchObject({ range: 'lake', from: null, to: null, verdict: 'presumed' });
    expect(await of("where time >= '2026-03-05'")).toMatchObject({ range: 'statement', verdict: null });
  });

  test('bars, a table and an exit code; nothing of a log drives the terminal', async () => {
    const hostile = {
      ...event('2026-03-01T10:10:00Z', 'x'),
      recipientAccountId: '\u001b[2J\u202eevil',
      awsRegion: 'r\n',
    };
    await run('2026-03-10T12:00:00Z', put('in/a.json', log(event('2026-03-01T10:10:00Z', 'a'), hostile)));
    const { out, code } = await coverageCalled();
    expect(code).toBe(0);
    expect(out).toMatch(/aws\.cloudtrail 123456789012 eu-west-1 +┃▒┃/);
    expect(out).not.toMatch(/[\u001b\u202e]/);
    expect(out).toContain('nothing missing');
    expect(JSON.parse((await coverageCalled({ account: '123456789012' }, true)).out).rows).toHaveLength(1);
    expect(out).not.toContain('akashi digests');
    expect((await coverageCalled({ until: '2020-01-01' })).out).toContain('nothing is held of that time');
    await expect(coverageCalled({ since: 'soon' })).rejects.toThrow('--since');
  });
});

/** Within this process, which is faster. */
async function coverageCalled(values: Invocation['values'] = {}, json = false) {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    const code = await coverageCommand.run({ words: [], values, lake: lake.root, json });
    return { code, out };
  } finally {
    write.mockRestore();
  }
}

interface Printed {
  readonly rows: readonly Record<string, unknown>[];
  readonly head: string;
  readonly coverage: object;
}

function query(sql: string): Printed {
  const { stdout } = spawnSync(process.execPath, [AKASHI, 'query', sql, '--json', '--lake', lake.root], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return JSON.parse(stdout) as Printed;
}
