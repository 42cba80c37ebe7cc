/** What a sealer can get wrong, or do wrong on purpose, with the right key: only reading the rows again shows it. */

import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import type { DraftOf } from '../../ledger/entry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { collect } from '../../stages/collect.ts';
import { printsKey } from '../../stages/data-file.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { type JobResult, runJob } from '../../stages/job.ts';
import { openLedger } from '../../stages/ledger.ts';
import { readRows } from '../../stages/parquet-rows.ts';
import { readInbox, sealedEvidence } from '../../stages/recover.ts';
import { type SealMore, seal } from '../../stages/seal.ts';
import { BatchWriter } from '../../stages/store.ts';
import { readHead } from '../../tables/head.ts';
import { encodePrints } from '../../tables/identity-prints.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { evidenceKey } from '../../vault/keys.ts';
import { newWorld, said, storesOf, verification, Workshop, type World } from './memory-lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => shop.close());

const trail = () => shop.file('trail.json', trailFile(1, 2, 1_700_000_000));

/** Collects a file, and lets `edit` have its way with what is about to be sealed. */
async function sealed(edit: (result: JobResult) => JobResult | Promise<JobResult>): Promise<void> {
  const interrupted = {
    ...stores,
    state: { ...stores.state, putIfUnchanged: () => Promise.reject(new Error('stop')) },
  };
  await shop.collect(interrupted, trail()).catch(() => {});
  const { manifests, keys } = await readInbox(stores, await sealedEvidence(stores));
  const result = await edit(await runJob(stores, manifests, EXPANSION_LIMITS));
  await seal(stores, await openLedger(shop.lakeOf(stores)), [result], keys);
}

const honest = (result: JobResult): JobResult => result;

async function found(rederive = true): Promise<string[]> {
  return said(await verification(world, await shop.identity(), rederive ? { rederive } : { deep: true }));
}

/** Another data file in the place of the first one of `table`. */
async function withRows(result: JobResult, rows: readonly AuditEvent[]): Promise<JobResult> {
  const writer = new BatchWriter(stores.vault, stores.state, 'ab'.repeat(32));
  for (const row of rows) writer.event(row, null);
  const { events } = await writer.finish();
  return { ...result, files: { ...result.files, events } };
}

async function eventsOf(result: JobResult): Promise<AuditEvent[]> {
  const { body } = await stores.vault.get(result.files.events[0]!.key);
  return (await readRows(body)) as unknown as AuditEvent[];
}

const bodyKey = (result: JobResult): string => evidenceKey('aws.cloudtrail', result.evidence[0]!.sha256!);

test('an honest seal of this making is clean', async () => {
  await sealed(honest);
  expect(await found()).toEqual([]);
});

test('a row changed', async () => {
  let key = '';
  await sealed(async (result) => {
    key = bodyKey(result);
    const [first, second] = await eventsOf(result);
    return withRows(result, [{ ...first!, actor_name: 'somebody else' }, second!]);
  });
  expect(await found(false)).toEqual([]);
  expect(await found()).toEqual([`NOT_DERIVABLE ${key}`]);
});

test('a row left out, and another told twice in its place', async () => {
  let key = '';
  await sealed(async (result) => {
    key = bodyKey(result);
    const [first] = await eventsOf(result);
    return withRows(result, [first!, first!]);
  });
  expect(await found(false)).toEqual([]);
  expect(await found()).toEqual([`NOT_DERIVABLE ${key}`]);
});

test('rows that no evidence gives', async () => {
  let key = '';
  await sealed(async (result) => {
    key = bodyKey(result);
    const [first, second] = await eventsOf(result);
    return withRows(result, [first!, { ...second!, evidence: 'cd'.repeat(32) }]);
  });
  expect(await found(false)).toEqual([]);
  expect(await found()).toEqual(
    [`COUNT_DIFFERS ${key}`, 'NOT_DERIVABLE events', `NOT_DERIVABLE ${key}`].sort(),
  );
});

test('rows of a body whose mapping this version lacks are counted all the same', async () => {
  const other = (result: JobResult): JobResult => ({
    ...result,
    evidence: result.evidence.map((row) => ({ ...row, mapping_version: 'aws.cloudtrail/none' })),
  });
  let key = '';
  await sealed(async (result) => {
    key = bodyKey(result);
    const [first, second] = await eventsOf(result);
    return other(await withRows(result, [first!, { ...second!, evidence: 'cd'.repeat(32) }]));
  });
  expect(await found()).toEqual([`COUNT_DIFFERS ${key}`, 'NOT_DERIVABLE events'].sort());
});

test('fewer rows than were counted', async () => {
  await sealed(async (result) => withRows(result, (await eventsOf(result)).slice(1)));
  expect(await found(false)).toEqual(['COUNT_DIFFERS events']);
});

test('bounds by which a query passes over a file', async () => {
  let key = '';
  await sealed((result) => {
    const [file] = result.files.events;
    key = file!.key;
    return { ...result, files: { ...result.files, events: [{ ...file!, minTime: 0, maxTime: 1 }] } };
  });
  expect(await found()).toEqual([`ROW_DIFFERS ${key}`]);
});

test('a sidecar that vouches for other bytes', async () => {
  let ranges = '';
  await sealed(async (result) => {
    const [file] = result.files.events;
    const key = file!.key.replace('.parquet', '.ranges.json');
    const text = Buffer.from(world.inVault.get(key)!).toString();
    const forged = Buffer.from(text.replace(/"[0-9a-f]{64}"\]/, `"${'0'.repeat(64)}"]`));
    world.inVault.set(key, forged);
    ranges = key;
    return { ...result, files: { ...result.files, events: [{ ...file!, ranges: hashBytes(forged) }] } };
  });
  expect(await found(false)).toEqual([]);
  expect(await found()).toEqual([`ROW_DIFFERS ${ranges}`]);
});

test('a row of the evidence table that says otherwise than the ledger', async () => {
  let told = 0;
  let table = '';
  await sealed((result) => ({
    ...result,
    evidence: result.evidence.map((row) => ({
      ...row,
      // Said to the table first, and to the ledger last.
      get origin() {
        return told++ < 2 ? 'what the table is told' : 'what the ledger is told';
      },
    })),
  }));
  const { head } = await readHead(stores.state);
  table = (await readTable(stores.vault, head, 'evidence')).files[0]!.key;
  expect(await found(false)).toEqual([`ROW_DIFFERS ${table}`]);
});

test('fingerprints that hide a copy, whole in themselves', async () => {
  await shop.collect(stores, trail(), shop.file('flows.log', flowFile(1, 2, 1_700_000_000)));
  const { head } = await readHead(stores.state);
  const [file] = (await readTable(stores.vault, head, 'events')).files;
  const index = printsKey(file!.key);
  await stores.state.put(index, encodePrints([1, 2]));
  expect(await found()).toEqual([`ROW_DIFFERS ${index}`]);
  const { Records } = JSON.parse(trailFile(1, 2, 1_700_000_000)) as { Records: object[] };
  const copy = shop.file('copy.ndjson', Records.map((record) => JSON.stringify(record)).join('\n'));
  // The seal believes them, and queries would show each event twice.
  expect(await shop.collect(stores, copy)).toMatchObject({ duplicateEvents: 0 });
  expect(await found()).toEqual([`ROW_DIFFERS ${index}`, 'ROW_DIFFERS events'].sort());
});

test('an object stored with other bytes than were hashed', async () => {
  let key = '';
  await sealed(async (result) => {
    key = result.files.events[0]!.key;
    const other = 'ef'.repeat(32);
    return { ...result, files: { ...result.files, events: [{ ...result.files.events[0]!, sha256: other }] } };
  });
  expect(await found(false)).toEqual([`ALTERED ${key}`]);
});

test('a body read under other bounds than the usual ones is not accused', async () => {
  const path = shop.file('large.json.gz', gzipSync(trailFile(3, 40, 1_700_000_000)));
  const limits = { ...EXPANSION_LIMITS, maxBytes: 20_000 };
  await collect(shop.lakeOf(stores), [path], { threads: 1, limits });
  const result = await verification(world, await shop.identity(), { rederive: true });
  expect(result).toMatchObject({ ok: true, rederived: { notCheckable: 1 } });
});

test('what a seal brought of an hour, said wrong: coverage would rest on it', async () => {
  await sealed((result) => ({
    ...result,
    tally: result.tally.map((count) => ({ ...count, records: count.records + 1 })),
  }));
  expect(await found(false)).toEqual([]);
  expect(new Set(await found())).toEqual(new Set(['COUNT_DIFFERS coverage_facts']));
});

test('hours that were brought left out, and hours that were not said to be', async () => {
  await sealed((result) => ({
    ...result,
    tally: result.tally.map((count) => ({ ...count, hour: count.hour - 5 })),
  }));
  expect(new Set(await found())).toEqual(new Set(['COUNT_DIFFERS coverage_facts']));
});

describe('verdicts', () => {
  const AT = 1_750_000_000_000_000;
  const row = (evidence: string) => ({
    evidence,
    source: 'aws.cloudtrail',
    proof: 'cloudtrail.digest',
    verdict: 'VALID',
    level: 'valid',
    judged_at: AT,
  });
  const entry = (...bodies: string[]): DraftOf<'verdict'> => ({
    kind: 'verdict',
    source: 'aws.cloudtrail',
    proof: 'cloudtrail.digest',
    verdict: 'VALID',
    level: 'valid',
    bodies,
    at: AT,
  });
  let body = '';
  beforeEach(async () => {
    await sealed((result) => {
      body = result.evidence[0]!.sha256!;
      return result;
    });
  });
  const sealMore = async (more: SealMore) =>
    seal(stores, await openLedger(shop.lakeOf(stores)), [], [], { asOf: AT, ...more });

  test('in table and ledger alike are clean', async () => {
    await sealMore({ verdicts: [row(body)], drafts: [entry(body)] });
    expect(await found()).toEqual([]);
  });

  test('a row that no entry says, and an entry that no row shows', async () => {
    await sealMore({ verdicts: [row(body)] });
    expect(await found(false)).toEqual(['ROW_DIFFERS verdicts']);
    await sealMore({ drafts: [entry(body)] });
    expect(await found(false)).toEqual([]);
    await sealMore({ drafts: [{ ...entry(body), verdict: 'HASH_MISMATCH', level: 'invalid' }] });
    expect(await found(false)).toEqual(['ROW_DIFFERS verdicts']);
  });

  test('on a body that was never sealed', async () => {
    await sealMore({ verdicts: [row('ab'.repeat(32))], drafts: [entry('ab'.repeat(32))] });
    expect((await found(false)).some((line) => line.startsWith('UNREADABLE ledger entry'))).toBe(true);
  });
});
