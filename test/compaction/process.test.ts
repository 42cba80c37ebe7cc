/** Compaction of a lake in a folder, in a process of its own, as a query sees it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { compact } from '../../compaction/compact.ts';
import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { Workshop } from '../stages/memory-lake.ts';
import { copyOfTrail, flows, LATER, trail } from './lake.ts';

let shop: Workshop;
let lake: Lake;
beforeAll(async () => {
  shop = new Workshop();
  lake = await openLake(`${shop.folder}/folder-lake`);
});
afterAll(() => shop.close());

async function ask(sql: string): Promise<unknown[][]> {
  const answer = await runQuery({ sql, snapshot: await readSnapshot(lake), views: nativeViews() });
  const rows: unknown[][] = [];
  for await (const batch of answer) rows.push(...(batch as unknown as unknown[][]));
  return rows;
}

const QUESTIONS = [
  'select * exclude (conflict), coalesce(conflict, false) from events order by all',
  'select * exclude (conflict), coalesce(conflict, false) from events_all order by uid, evidence, locator',
  'select * from flows order by all',
  'select count(*), count(distinct uid) from events where action is not null',
  'select * from aws_cloudtrail order by all',
];

test('queries answer the same before and after, and copies that come later are still one event', async () => {
  const put = (...paths: string[]) => collect(lake, paths, { threads: 1 });
  await put(trail(shop, 1), trail(shop, 2), flows(shop, 1));
  await put(copyOfTrail(shop, 1));
  await put(
    copyOfTrail(shop, 2, 3, function forged(record) {
      record['errorCode'] = 'AccessDenied';
    }),
  );
  const before = await Promise.all(QUESTIONS.slice(1).map(ask));
  const shown = await ask(QUESTIONS[0]!);
  expect(shown).toHaveLength(9);
  const result = await compact(lake, { now: LATER });
  expect(result).toMatchObject({ copies: 3, passedOver: 0 });
  expect(await ask(QUESTIONS[0]!)).toEqual(shown);
  // events_all says of conflicts what a compaction found.
  expect((await ask(QUESTIONS[1]!)).map((row) => row.slice(0, -1))).toEqual(
    before[0]!.map((row) => row.slice(0, -1)),
  );
  expect(await Promise.all(QUESTIONS.slice(2).map(ask))).toEqual(before.slice(1));
  await put(
    copyOfTrail(shop, 1, 3, function again() {}),
    flows(shop, 2),
  );
  expect(await ask('select count(*) from events')).toEqual([[9]]);
  expect(await ask('select count(*) from events_all')).toEqual([[12]]);
  await compact(lake, { now: LATER });
  expect(await ask(QUESTIONS[0]!)).toEqual(shown);
  expect(await verify(lake, { rederive: true, threads: 1 })).toMatchObject({ ok: true, problems: [] });
});
