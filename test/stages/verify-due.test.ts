/** What a daily verification asks one by one, and what it finds whatever is due. */

import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../stages/collect.ts';
import { dueOf, SHARE_DAYS } from '../../stages/verify/due.ts';
import type { Verification } from '../../stages/verify/report.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { S3Double } from '../vault/s3/double.ts';
import type { Version } from '../vault/s3/double-model.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { scratchFolder } from '../vault/scratch.ts';

useTestCredentials();
const DAY = 86_400_000;
const newFolder = scratchFolder();
const double = new S3Double();
const home = process.env['AKASHI_HOME'];
let folder: string;
let known: string;
let endpoint: string;
let lakes = 0;

beforeAll(async () => {
  endpoint = await double.start();
});
afterAll(async () => {
  await double.stop();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});
beforeEach(async () => {
  folder = await newFolder();
  known = join(folder, 'known');
  process.env['AKASHI_HOME'] = join(folder, `home-${lakes++}`);
  double.buckets.clear();
  double.addBucket('vault', true);
  double.addBucket('state', false);
  double.now = () => new Date(Date.now() - DAY);
  for (const user of ['alice', 'bob', 'carol']) await collectOf(user);
  expect(await check({ onlyDue: false })).toMatchObject({ ok: true, asked: { locks: 3, promised: 3 } });
});

const address = () => `s3://vault/trail?state=state&endpoint=${endpoint}&mode=governance&retention=30`;
async function collectOf(user: string): Promise<void> {
  const path = join(folder, `in-${user}`);
  mkdirSync(path);
  const line = `Mar  1 10:00:00 host sshd[7]: Accepted password for ${user} from 192.0.2.1 port 22 ssh2\n`;
  writeFileSync(join(path, 'auth.log'), line);
  await collect(await openLake(address()), [path], { threads: 1, source: 'linux.auth' });
}

/** Some day from tomorrow on, the day after a clean verification: the head is remembered as of the day before. */
async function check({ onlyDue = true, day = 0 } = {}): Promise<Verification> {
  const now = new Date(Math.ceil(Date.now() / DAY) * DAY + day * DAY + DAY / 2);
  const last = new Date(now.getTime() - DAY);
  if (day > 0) utimesSync(known, last, last);
  return verify(await openLakeForReading(address()), { known, onlyDue, now });
}
const bodies = (): [string, Version[]][] =>
  [...double.buckets.get('vault')!.keys].filter(([key]) => key.includes('/evidence/'));
const keyIn = (path: string) => path.replace('trail/vault/', '');

/** A day on which no body has its turn, and one on which this one has. */
async function daysOf(sha256: string): Promise<{ without: number; with: number }> {
  const turns = (day: number, hash: string) => {
    const now = new Date(Math.ceil(Date.now() / DAY) * DAY + day * DAY + DAY / 2);
    return dueOf(0, new Date(now.getTime() - DAY), now).hasTurn(hash);
  };
  const days = Array.from({ length: SHARE_DAYS }, (_, at) => at + 1);
  const all = bodies().map(([key]) => key.slice(-64));
  return {
    without: days.find((day) => !all.some((hash) => turns(day, hash)))!,
    with: days.find((day) => turns(day, sha256))!,
  };
}

describe('a verification of what is due', () => {
  test('asks for the lock of a body on its day, says what it did not ask, and asks for all when told to', async () => {
    const [[key, versions]] = bodies() as [[string, Version[]]];
    const days = await daysOf(key.slice(-64));
    versions[0]!.retention = { ...versions[0]!.retention!, until: new Date(Date.now() + DAY) };
    const other = await check({ day: days.without });
    expect(other).toMatchObject({ ok: true, asked: { promised: 3, locks: 0, withinDays: SHARE_DAYS } });
    expect(other.caveats.join()).toContain('asked until when it keeps 0 of 3 bodies');
    const harm = [{ code: 'LOCK_SHORTER', key: keyIn(key) }];
    expect((await check({ day: days.with })).problems).toMatchObject(harm);
    expect((await check({ onlyDue: false, day: days.without })).problems).toMatchObject(harm);
  });

  test('finds what is gone, marked as deleted or written over, whoever has a turn', async () => {
    const [[gone, was], [marked, under], [over, first]] = bodies() as [
      [string, Version[]],
      [string, Version[]],
      [string, Version[]],
    ];
    const day = (await daysOf(gone.slice(-64))).without;
    const { keys } = double.buckets.get('vault')!;
    keys.delete(gone);
    keys.set(marked, [{ ...under[0]!, id: 'marker', isMarker: true }, ...under]);
    const forged = { ...was[0]!, id: 'forged', body: Buffer.from('forged'), etag: 'f'.repeat(32) };
    keys.set(over, [forged, ...first]);
    const { problems, asked } = await check({ day });
    expect(asked.locks).toBe(0);
    expect(new Set(problems.map(({ code, key }) => `${code} ${key}`))).toEqual(
      new Set([`MISSING ${keyIn(gone)}`, `DELETE_MARKER ${keyIn(marked)}`, `LATER_VERSION ${keyIn(over)}`]),
    );
  });

  test('reads a body that was removed and put anew since, and asks for its lock', async () => {
    const [[key, versions]] = bodies() as [[string, Version[]]];
    const day = (await daysOf(key.slice(-64))).without;
    const body = Buffer.from(versions[0]!.body);
    body[3]! ^= 1;
    const modified = new Date(Date.now() + (day + 1) * DAY);
    double.buckets
      .get('vault')!
      .keys.set(key, [{ ...versions[0]!, body, modified, checksum: null, headers: {}, retention: null }]);
    const { problems, asked } = await check({ day });
    expect(asked.locks).toBe(1);
    expect(problems).toMatchObject([
      { code: 'ALTERED', key: keyIn(key) },
      { code: 'LOCK_MISSING', key: keyIn(key) },
    ]);
  });

  test('asks for the locks of what was sealed since', async () => {
    const day = (await daysOf(bodies()[0]![0].slice(-64))).without;
    await collectOf('dave');
    expect(await check({ day })).toMatchObject({ ok: true, asked: { promised: 4, locks: 1 } });
  });

  test('reads a sealed checkpoint that was put anew, and says of the others that they are there', async () => {
    const { keys } = double.buckets.get('vault')!;
    const [key, versions] = [...keys].find(([name]) => name.includes('/ledger/checkpoints/'))!;
    const days = Array.from({ length: SHARE_DAYS }, (_, at) => at + 1);
    let day = 0;
    for (const one of days)
      if (day === 0 && (await check({ day: one })).asked.unreadCheckpoints === 2) day = one;
    const body = Buffer.from(versions[0]!.body);
    body[0]! ^= 1;
    const forged = { ...versions[0]!, body, checksum: null, headers: {} };
    keys.set(key, [{ ...forged, modified: new Date(Date.now() + (day + 1) * DAY) }]);
    expect((await check({ day })).problems).toMatchObject([{ key: keyIn(key) }]);
    keys.delete(key);
    expect((await check({ day })).problems).toMatchObject([{ code: 'MISSING', key: keyIn(key) }]);
  });

  test('is of everything where the remembered head is of a time that is still to come', async () => {
    const later = new Date(Date.now() + 9 * DAY);
    utimesSync(known, later, later);
    const asked = { promised: 3, locks: 3, unreadCheckpoints: 0, withinDays: null };
    expect(await check()).toMatchObject({ ok: true, asked });
    expect(statSync(known).mtimeMs).toBeLessThanOrEqual(Date.now());
  });

  test('is of everything where bytes are hashed, or no head is remembered', async () => {
    const lake = await openLakeForReading(address());
    for (const options of [{ deep: true, known }, {}])
      expect(await verify(lake, { ...options, onlyDue: true })).toMatchObject({
        asked: { promised: 3, locks: 3, unreadCheckpoints: 0, withinDays: null },
      });
  });
});

test('a head is remembered as of when its verification began, whatever happens and whichever day begins meanwhile', async () => {
  const file = join(folder, 'other');
  let looking = 0;
  const onProgress = () => {
    looking ||= Date.now();
  };
  const before = Math.floor(Date.now());
  await verify(await openLakeForReading(address()), { known: file, onProgress });
  const { mtimeMs } = statSync(file);
  expect([mtimeMs >= before, mtimeMs <= looking]).toEqual([true, true]);
});

describe('turns', () => {
  const hash = fc.nat(0xffffffff).map((number) => number.toString(16).padStart(8, '0'));
  const day = fc.integer({ min: 18_000, max: 40_000 });
  const at = (number: number, hours: number) => new Date(number * DAY + hours * 3_600_000);

  test('whatever days verification failed on or did not run, each has one within four weeks of runs', () => {
    fc.assert(
      fc.property(
        hash,
        day,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
        (one, first, gaps) => {
          let last = first;
          let waited = 0;
          for (const gap of gaps) {
            const today = last + gap;
            waited += gap;
            if (dueOf(0, at(last, 23), at(today, 1)).hasTurn(one)) waited = 0;
            expect(waited).toBeLessThan(SHARE_DAYS);
            last = today;
          }
        },
      ),
    );
  });

  test('a day has a twenty-eighth, however often it is verified, and whichever way the clock went', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -3, max: 1 }), (today, ago) => {
        const due = dueOf(0, at(today - ago, 5), at(today, 5));
        const turns = Array.from({ length: SHARE_DAYS }, (_, n) =>
          due.hasTurn(n.toString(16).padStart(8, '0')),
        );
        expect(turns.filter(Boolean)).toHaveLength(1);
      }),
    );
  });
});
