/** Values found in a lake on S3, and in older snapshots. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FindRequest, find, planFind } from '../../../engine/find/find.ts';
import { needleOf } from '../../../engine/find/needle.ts';
import { storesAt } from '../../../stages/at.ts';
import type { Stores } from '../../../vault/evidence.ts';
import { compacted, trail } from '../../compaction/lake.ts';
import { newWorld, rowsIn, storesOf, Workshop } from '../../stages/memory-lake.ts';
import { Machines } from '../../vault/s3/machines.ts';
import { found } from './lake.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-find-'));
const machines = new Machines(folder);
let shop: Workshop;
beforeAll(() => machines.start());
afterAll(async () => {
  await machines.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  shop = new Workshop();
  machines.startAfresh();
});
afterEach(() => shop.close());

test('older snapshots answer with the rows of then, before a compaction and after one', async () => {
  const stores: Stores = storesOf(newWorld());
  await shop.collect(stores, trail(shop, 1));
  await shop.collect(stores, trail(shop, 2));
  const uids = (await rowsIn(stores, 'events')).map((row) =>
    String((JSON.parse(row) as { uid: string }).uid),
  );
  const askedAt = async (sequence: number) => {
    const then = await storesAt(stores, await shop.identity(), { sequence });
    const rows = await Promise.all(uids.map((uid) => found(then, uid, { columns: ['uid'] })));
    return rows.flatMap((answer) => answer.rows).sort();
  };
  const [one, two] = [await askedAt(1), await askedAt(2)];
  expect(one).toHaveLength(3);
  expect(two).toHaveLength(6);
  await compacted(shop, stores);
  expect([await askedAt(1), await askedAt(2), await askedAt(3)]).toEqual([one, two, two]);
});

test('a lake on S3 answers from what is newest, and from what counts where something else lies over it', async () => {
  const lake = await machines.open('a');
  await machines.collect(lake, machines.logOf('mallory'));
  const request: FindRequest = {
    vault: lake.vault,
    state: lake.state,
    newest: lake.remote!.newest,
    needle: needleOf('mallory'),
    columns: ['actor_name'],
  };
  const asked = async (of: FindRequest): Promise<unknown[]> => {
    const rows: unknown[] = [];
    for await (const batch of find(of, await planFind(of))) rows.push(...batch);
    return rows;
  };
  const requests = async (of: FindRequest) => {
    const before = machines.double.log.length;
    expect(await asked(of)).toEqual([['mallory']]);
    return machines.double.log.length - before;
  };
  const { newest: _, ...slow } = request;
  expect(await requests(request)).toBeLessThanOrEqual(await requests(slow));
  const altered: FindRequest = {
    ...request,
    newest: async (key, range) => (await request.newest!(key, range)).map((byte) => byte ^ 1),
  };
  expect(await asked(altered)).toEqual([['mallory']]);
});
