/** Timelines of the sample incident: one human in three clouds, as every form tells it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { summaryText } from '../../../cli/timeline-summary.ts';
import { timelineText } from '../../../cli/timeline-text.ts';
import { nativeViews } from '../../../connectors/native-views.ts';
import { readSnapshot } from '../../../engine/lake-snapshot.ts';
import { runQuery } from '../../../engine/query.ts';
import type { RecordLine, TimelineData } from '../../../exports/timeline/model.ts';
import { compareLines } from '../../../exports/timeline/order.ts';
import { timesketchLines } from '../../../exports/timeline/timesketch.ts';
import { messageOf } from '../../../exports/timeline/words.ts';
import { openLake } from '../../../vault/lake.ts';
import { Lakes, SAMPLES, timelineOf } from './lakes.ts';

const lakes = new Lakes();
afterAll(() => lakes.remove());
let lake = '';
let byIp: TimelineData;
const records = (data: TimelineData) => data.lines.filter((line): line is RecordLine => line.kind !== 'gap');
const text = (data: TimelineData, width: number, all = false): string =>
  // The last line names the lake's head, which no two lakes share.
  `${[...timelineText(data, width, all), '', ...summaryText(data, width).slice(0, -1)].join('\n')}\n`;

beforeAll(async () => {
  lake = await lakes.collect('lake', [SAMPLES]);
  byIp = await timelineOf(lake, { ips: ['203.0.113.66'] });
});

async function count(sql: string): Promise<number> {
  const answer = await runQuery({
    sql,
    snapshot: await readSnapshot(await openLake(lake)),
    views: nativeViews(),
  });
  let found = 0;
  for await (const batch of answer) found = Number(batch[0]?.[0]);
  return found;
}

describe('an address is all that is known', () => {
  test.each([80, 120, 160])('the timeline at %i columns', async (width) => {
    const told = text(byIp, width);
    await expect(told).toMatchFileSnapshot(`incident-${width}.txt`);
    expect(told.split('\n').filter((line) => line.length > width)).toEqual([]);
  });

  test('has every event and flow of it once, and what was done with what it made', async () => {
    const direct = records(byIp).filter(({ links }) => links.some(({ kind }) => kind === 'ip'));
    const where = (...columns: string[]) =>
      columns.map((column) => `${column} = '203.0.113.66'`).join(' or ');
    const events = await count(
      `select count(*) from events where ${where('src_ip', 'dst_ip')} or contains(command, '203.0.113.66')`,
    );
    const flows = await count(`select count(*) from flows where ${where('src_ip', 'dst_ip')}`);
    expect(direct).toHaveLength(events + flows);
    const keys = records(byIp).map(({ row }) => `${row['source']} ${row['uid']}`);
    expect(new Set(keys).size).toBe(keys.length);
    const followed = records(byIp).filter((line) => !direct.includes(line));
    expect(new Set(followed.flatMap(({ links }) => links.map(({ kind }) => kind)))).toEqual(
      new Set(['account', 'started']),
    );
    expect(followed.map(messageOf)).toContain(
      'deploy host.command.execute web-1: /usr/sbin/useradd -m -G sudo support2 (ok)',
    );
  });

  test('every line is proven', () => {
    for (const { proof } of records(byIp)) {
      expect(proof).toMatchObject({ held: 'whole', problem: null, checkpoint: byIp.head.size });
      expect(proof.index).toBeLessThan(byIp.head.size);
    }
  });

  test('unfolded, every record is a line of its own', () => {
    const lines = [...timelineText(byIp, 160, true)].filter((line) => /^○ \d\d:/.test(line));
    expect(lines).toHaveLength(records(byIp).length);
  });
});

describe('the order', () => {
  test('is total: shuffled lines sort back to where they were', () => {
    const shuffled = byIp.lines.map((line, at) => ({ line, key: (at * 7919) % byIp.lines.length }));
    const lines = shuffled.sort((a, b) => a.key - b.key).map(({ line }) => line);
    expect(lines.sort(compareLines)).toEqual(byIp.lines);
    for (const [at, line] of byIp.lines.slice(1).entries())
      expect(compareLines(byIp.lines[at]!, line)).toBeLessThan(0);
  });

  test('is the same whatever was collected first', async () => {
    const parts = ['hosts', 'gcp', 'kubernetes', 'azure', 'aws'].map((part) => `${SAMPLES}${part}`);
    let other = '';
    for (const part of parts) other = await lakes.collect('other', [part]);
    const again = await timelineOf(other, { ips: ['203.0.113.66'] });
    expect(text(again, 120)).toBe(text(byIp, 120));
    // Numbers of entries in the ledger are in the order of collecting, and nothing else is.
    const lines = (data: TimelineData) =>
      [...timesketchLines(data)].map((line) => ({
        ...JSON.parse(line),
        proof_ledger_index: 0,
        proof_checkpoint: 0,
      }));
    expect(lines(again)).toEqual(lines(byIp));
  });
});

describe('other ways in', () => {
  test('a person by name: nobody else, and what they made is followed', async () => {
    const data = await timelineOf(lake, { actors: ['mallory'] });
    const names = new Set(records(data).map(({ row }) => row['actor_name']));
    expect(names).toContain('svc-backup');
    for (const other of ['alice@example.com', 'deploy', 'autoscaling.amazonaws.com'])
      expect(names).not.toContain(other);
    expect(data.leads).toContainEqual(expect.objectContaining({ selector: 'ip', value: '203.0.113.66' }));
  });

  test('a key: who made it, what was done with it, and who deleted it', async () => {
    const data = await timelineOf(lake, { keys: ['AKIAEXAMPLESTOLEN001'] });
    expect(records(data).map(messageOf)).toEqual([
      'mallory@example.com iam.access_key.create svc-backup from 203.0.113.66 (ok)',
      'svc-backup storage.object.get exports/2024-03-11.parquet from 203.0.113.66 (ok)',
      'svc-backup storage.object.get exports/2024-03-12.parquet from 203.0.113.66 (ok)',
      'svc-backup iam.role.grant AdministratorAccess from 203.0.113.66 (failed AccessDenied)',
      'alice@example.com iam.access_key.delete AKIAEXAMPLESTOLEN001 from 198.51.100.7 (ok)',
    ]);
  });

  test('several selectors are all that fits one or another, and a limit keeps the first lines', async () => {
    const both = await timelineOf(
      lake,
      { targets: ['prod/database', 'audit-to-storage', 'TO-STORAGE'] },
      { follow: false, most: 1 },
    );
    expect(both.cut).toEqual({ shown: 1, found: 3 });
    expect(records(both).map(messageOf)).toEqual([
      'mallory@example.com secrets.secret.get prod/database from 203.0.113.66 (ok)',
    ]);
  });

  test('nothing is found of nobody', async () => {
    const data = await timelineOf(lake, { ips: ['192.0.2.255'], actors: ['mallor'] });
    expect(data).toMatchObject({ lines: [], span: null, cut: null });
  });
});
