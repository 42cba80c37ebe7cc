/** Chains of roles and keys, copies that disagree, hours that are missing, and values of any size, collected like any trail. */

import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timelineText } from '../../../cli/timeline-text.ts';
import { timelineHtml } from '../../../exports/timeline/html.ts';
import {
  type GapLine,
  proofWord,
  type RecordLine,
  type TimelineData,
} from '../../../exports/timeline/model.ts';
import { gapText, messageOf } from '../../../exports/timeline/words.ts';
import { assumed, Lakes, session, timelineOf, trail, user } from './lakes.ts';

const lakes = new Lakes();
afterAll(() => lakes.remove());
let lake = '';

const EVE = user('eve', 'AKIAEXAMPLEEVE000001');
const LONG = `curl/8 ${'A'.repeat(1_000_000)}\u001b[2J\u202e`;
const HOUR = 3_600_000;
const START = Date.parse('2024-05-01T00:00:00Z');

beforeAll(async () => {
  const chain = trail([
    { ...EVE, ...assumed('deploy', 'ci-run', 'ASIAEXAMPLESESSION1'), eventTime: '2024-03-12T08:00:00Z' },
    {
      ...session('deploy', 'ci-run', 'ASIAEXAMPLESESSION1'),
      ...assumed('admin', 'hop', 'ASIAEXAMPLESESSION2'),
      eventTime: '2024-03-12T08:05:00Z',
    },
    {
      ...session('admin', 'hop', 'ASIAEXAMPLESESSION2'),
      eventName: 'DeleteBucket',
      eventTime: '2024-03-12T08:06:00Z',
    },
    // Before the key was made, and with another key under the same name: somebody else's.
    { ...session('admin', 'hop', 'ASIAEXAMPLESESSION2'), eventTime: '2024-03-12T07:59:00Z' },
    { ...session('deploy', 'ci-run', 'ASIAEXAMPLEOTHERRUN'), eventTime: '2024-03-12T08:07:00Z' },
    { ...EVE, eventName: 'GetBucketAcl', userAgent: LONG, eventTime: '2024-03-12T09:30:00Z' },
    { ...EVE, eventID: 'copied', eventName: 'GetBucketTagging', eventTime: '2024-03-12T09:40:00Z' },
  ]);
  const forged = trail([
    { ...EVE, eventID: 'copied', eventName: 'DeleteBucketPolicy', eventTime: '2024-03-12T09:40:00Z' },
  ]);
  const hours = Array.from({ length: 40 }, (_, hour) => hour).filter((hour) => hour < 30 || hour > 32);
  const steady = trail(
    hours.flatMap((hour) =>
      [0, 1, 2].map((at) => ({
        ...user(at === 0 ? 'carol' : 'backup', 'AKIAEXAMPLECAROL0001'),
        eventID: `steady-${hour}-${at}`,
        awsRegion: 'eu-west-1',
        eventTime: new Date(START + hour * HOUR + at * 60_000).toISOString(),
      })),
    ),
  );
  lake = await lakes.collect('lake', [
    lakes.files('trails', { 'a.json': chain, 'b.json': forged, 'c.json': steady }),
  ]);
});

const records = (data: TimelineData) => data.lines.filter((line): line is RecordLine => line.kind !== 'gap');
const told = (data: TimelineData) =>
  records(data).map(({ row, links }) => [row['operation'], links.map(({ kind }) => kind).join(' ')]);

describe('a chain', () => {
  test('leads from a person through the roles they assumed, and to nobody else', async () => {
    const data = await timelineOf(lake, { actors: ['eve'] });
    expect(told(data)).toEqual([
      ['AssumeRole', 'actor'],
      ['AssumeRole', 'credential'],
      ['DeleteBucket', 'credential'],
      ['GetBucketAcl', 'actor'],
      ['DeleteBucketPolicy', 'actor'],
      ['GetBucketTagging', 'actor'],
    ]);
    expect(records(data)[2]!.links[0]!.because).toBe(
      'key ASIAEXAMPLESESSION2, made by deploy/ci-run at 08:05:00',
    );
    expect(data.unknowns.map(({ text }) => text)).toContain(
      '2 lines are copies that disagree with another of the same event; all of them are shown',
    );
    const text = [...timelineText(data, 100, false)].join('\n');
    expect(text.match(/CONFLICT/g)).toHaveLength(2);
    expect(text).toContain('┆ 1 h 24 min later');
  });

  test('leads from a key back to whoever stands behind it', async () => {
    const data = await timelineOf(lake, { keys: ['ASIAEXAMPLESESSION2'] });
    expect(told(data)).toEqual([
      ['ListBuckets', 'key'],
      ['AssumeRole', 'behind'],
      ['AssumeRole', 'key'],
      ['DeleteBucket', 'key credential'],
    ]);
    expect(messageOf(records(data)[1]!)).toContain('eve iam.role.assume');
  });

  test('a megabyte of user agent is cut everywhere, and said to be', async () => {
    const data = await timelineOf(
      lake,
      { actors: ['eve'] },
      {
        follow: false,
        span: {
          from: Date.parse('2024-03-12T09:29:00Z') * 1000,
          to: Date.parse('2024-03-12T09:31:00Z') * 1000,
        },
      },
    );
    const [line] = records(data);
    expect(String(line!.row['user_agent'])).toHaveLength(4_097);
    expect(Number(line!.row['raw_length'])).toBeGreaterThan(1_000_000);
    const html = [...timelineHtml(data, null)].join('');
    expect(html.length).toBeLessThan(120_000);
    expect(html).toMatch(/the first 65,536 of 1,00\d,\d{3} characters/);
  });
});

test('hours in which nothing came of a stream that is never silent stand as a gap in their place', async () => {
  const data = await timelineOf(lake, { actors: ['carol'] });
  const at = data.lines.findIndex(({ kind }) => kind === 'gap');
  const gap = data.lines[at] as GapLine;
  expect(gap).toMatchObject({
    verdict: 'silent',
    time: (START + 30 * HOUR) * 1000,
    end: (START + 33 * HOUR) * 1000,
  });
  expect(gapText(gap)).toBe(
    'aws.cloudtrail 111122223333 eu-west-1 silent for 3 h: nothing held, usually 9 records',
  );
  expect(data.lines[at - 1]!.time).toBe((START + 29 * HOUR) * 1000);
  expect(data.lines[at + 1]!.time).toBe((START + 33 * HOUR) * 1000);
  expect(data.lines).toHaveLength(records(data).length + 1);
  const text = [...timelineText(data, 80, true)].join('\n');
  expect(text).toMatch(/\n▒ 06:00 to 09:00 aws {3}aws\.cloudtrail .*silent for/);
});

test('a body that was altered, and one that is gone, leave their lines in sight and not proven', async () => {
  const folder = join(lake, 'vault', 'evidence', 'aws.cloudtrail');
  const bodies = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  const of = (text: string) => bodies.find((path) => readFileSync(path, 'utf8').includes(text))!;
  const [forged, steady] = [of('DeleteBucketPolicy'), of('steady-1-0')];
  chmodSync(forged, 0o600);
  writeFileSync(forged, readFileSync(forged, 'utf8').replace('192.0.2.10', '192.0.2.11'));
  rmSync(steady, { force: true });
  const data = await timelineOf(lake, { actors: ['eve', 'carol'] }, { follow: false });
  const states = new Map(
    records(data).map(({ row, proof }) => [row['operation'], [proof.held, proofWord(proof)]]),
  );
  expect(states.get('DeleteBucketPolicy')).toEqual(['altered', 'broken']);
  expect(states.get('ListBuckets')).toEqual(['missing', 'broken']);
  expect(states.get('GetBucketTagging')).toEqual(['whole', 'sealed']);
  expect(data.unknowns[0]!.text).toMatch(/^\d+ lines cannot be proven/);
});
