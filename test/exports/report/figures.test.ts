/** Every figure is what its question answers when it is asked by hand, and nothing that a log says acts. */

import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeViews } from '../../../connectors/native-views.ts';
import { readSnapshot } from '../../../engine/lake-snapshot.ts';
import { runSeries } from '../../../engine/query-series.ts';
import type { Cell } from '../../../engine/result.ts';
import { withCoverageTable } from '../../../exports/coverage-table.ts';
import { reportKinds } from '../../../exports/report/kinds.ts';
import { conditionOf, sampleSize } from '../../../exports/report/populations.ts';
import { makeReport, type Report } from '../../../exports/report/report.ts';
import { bindParameters, questionByName } from '../../../queries/question.ts';
import type { Lake } from '../../../vault/lake.ts';
import { MARCH, sampleLake, scratch } from './sample-lake.ts';

/** What an attacker may write where a name stands. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://192.0.2.1","x")',
  '\u202egnp.exe',
  '\u001b[2J\u0007',
  '../../etc/passwd',
  'x'.repeat(9_000),
];
const hostileTrail = JSON.stringify({
  Records: HOSTILE.map((name, at) => ({
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser',
      userName: name,
      arn: `arn:aws:iam::123456789012:user/${at}`,
      accountId: '123456789012',
    },
    eventTime: `2024-03-20T10:00:0${at}Z`,
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    awsRegion: 'us-east-1',
    sourceIPAddress: name,
    userAgent: name,
    requestParameters: { userName: name },
    readOnly: false,
    eventID: `hostile ${name}`,
    eventType: 'AwsApiCall',
    recipientAccountId: '123456789012',
  })),
});

const folder = scratch();
let lake: Lake;
const reports = new Map<string, Report>();
beforeAll(async () => {
  lake = await sampleLake(folder, { 'hostile.json': hostileTrail });
  for (const kind of reportKinds.filter(({ statements }) => statements.length > 0))
    reports.set(kind.name, await makeReport(kind, lake, MARCH, new Map()));
}, 180_000);

const fileOf = (report: Report, path: string) =>
  Buffer.from(report.files.find((file) => file.path === path)!.bytes).toString('utf8');

interface Figure {
  readonly id: string;
  readonly value: number | string | null;
  readonly origin: string;
}
interface Origin {
  readonly id: string;
  readonly question: string | null;
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Answers of many questions, asked one by one as a person would. */
async function askAll(origins: readonly Origin[]): Promise<Map<string, readonly (readonly Cell[])[]>> {
  const snapshot = await readSnapshot(lake);
  const rows = new Map<string, readonly (readonly Cell[])[]>();
  const statements = origins.map(({ question, parameters }) => {
    const { sql } = questionByName(question!);
    const given = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const);
    return { sql, parameters: bindParameters(questionByName(question!), new Map(given)) };
  });
  const { newest } = newestOf();
  await withCoverageTable(lake, snapshot, newest, async (whole) => {
    let at = 0;
    for await (const answer of runSeries({ snapshot: whole, views: nativeViews() }, statements))
      rows.set(origins[at++]!.id, answer.rows);
  });
  return rows;
}

/** The instant of the snapshot, by which coverage is judged, microseconds. */
const newestOf = () => ({ newest: Date.parse([...reports.values()][0]!.instant) * 1000 });

test('every figure is the number of rows of its question, asked by hand', { timeout: 120_000 }, async () => {
  for (const report of reports.values()) {
    const { figures, origins } = JSON.parse(fileOf(report, 'report.json')) as {
      figures: Figure[];
      origins: Origin[];
    };
    const byHand = await askAll(origins.filter(({ question }) => question !== null));
    const counts = figures.filter(({ id }) => id.endsWith('/rows'));
    expect(counts.length).toBeGreaterThan(20);
    const told = counts.map(({ id, value }) => [id, value]);
    expect(told).toEqual(counts.map(({ id, origin }) => [id, byHand.get(origin)!.length]));
    // Not all of them are nothing.
    expect(counts.filter(({ value }) => Number(value) > 0).length).toBeGreaterThan(10);
  }
});

test('a sample is drawn again by its rule', { timeout: 60_000 }, async () => {
  const report = reports.get('pci')!;
  const question = questionByName('identity-change-list');
  const sql = `select uid from events where time >= $since and time < $until and ${conditionOf(question)}`;
  const snapshot = await readSnapshot(lake);
  const statements = [{ sql, parameters: { since: MARCH.from, until: MARCH.to } }];
  for await (const { rows } of runSeries({ snapshot, views: nativeViews() }, statements)) {
    const hash = (uid: string) => createHash('sha256').update(`${report.ledger.root}${uid}`).digest('hex');
    const uids = rows.map(([uid]) => String(uid)).sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
    const drawn = fileOf(report, 'samples/identity-change-list.jsonl').trim().split('\n');
    const told = drawn.map((line) => (JSON.parse(line) as { uid: string }).uid);
    expect([...told].sort()).toEqual(uids.slice(0, sampleSize(rows.length)).sort());
  }
});

test('each drawn event names its evidence and the ledger entry of that', () => {
  for (const report of reports.values())
    for (const { path, bytes } of report.files.filter((file) => file.path.endsWith('.jsonl')))
      for (const line of Buffer.from(bytes).toString('utf8').trim().split('\n')) {
        const row = JSON.parse(line) as Record<string, unknown>;
        expect(row['evidence'], path).toMatch(/^[0-9a-f]{64}$/);
        expect(row['ledger_index'], path).toBeTypeOf('number');
      }
});

describe('an attacker’s values', () => {
  const sampled = () => fileOf(reports.get('pci')!, 'samples/account-lifecycle.jsonl');

  test('are drawn into the sample, bytes unchanged once read as JSON', () => {
    const names = sampled()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { actor_name: string }).actor_name);
    expect(names).toEqual(expect.arrayContaining(HOSTILE));
  });

  test('do not act on the page', () => {
    for (const report of reports.values()) {
      const html = fileOf(report, 'report.html');
      expect(html).not.toMatch(/<script|<img|onerror=[^&]*>|\u202e|\u001b/);
      expect(html).toContain('&lt;script&gt;');
    }
  });

  test('are no formula in CSV, and nothing in JSON drives a terminal', () => {
    for (const { path, bytes } of reports.get('pci')!.files) {
      if (path.endsWith('.pdf')) continue;
      const text = Buffer.from(bytes).toString('utf8');
      expect(text, path).not.toMatch(/[\u001b\u0007\u202e]/);
      if (path.endsWith('.csv')) expect(text, path).not.toMatch(/(?:^|[,\n])"?=/);
    }
  });

  test('lead to no file outside the folder', () => {
    for (const { files } of reports.values())
      for (const { path } of files) expect(path).toMatch(/^(?:samples\/)?[a-z0-9-]+\.[a-z]+$/);
  });
});
