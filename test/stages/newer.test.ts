/** Two versions beside each other: what a newer one left is passed over, waits, or is refused, and never lost or damaged. */

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../ledger/canonical.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { preserve } from '../../vault/evidence.ts';
import { HEAD_KEY, makeKey, pendingKey } from '../../vault/keys.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { trailLog } from '../functions/world.ts';
import { codeOf, scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const newLake = async (): Promise<Lake> => openLake(join(await newFolder(), 'lake'));

const preserved = (lake: Lake, number: number) =>
  preserve(lake, {
    source: 'aws.cloudtrail',
    role: 'records',
    body: Buffer.from(trailLog(number)),
    provenance: {
      origin: `trail-${number}`,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1_773_136_800_000_000,
      collector: 'akashi/test',
    },
  });

/** Puts another manifest in the place of a body's own. */
async function restaged(lake: Lake, number: number, change: object): Promise<string> {
  const { sha256, pendingKey: key } = await preserved(lake, number);
  const manifest = JSON.parse(Buffer.from((await lake.state.get(key)).body).toString()) as object;
  const written = canonicalJson({ ...manifest, ...change });
  const bytes = Buffer.from(written.ok ? written.value : '');
  await lake.state.remove(key);
  const other = pendingKey(sha256, hashBytes(bytes).slice(0, 16));
  await lake.state.putIfAbsent(other, bytes, WRITE_KINDS.pending);
  return other;
}

test('a manifest with a member that nobody knew is sealed by what is known of it', async () => {
  const lake = await newLake();
  await restaged(lake, 1, { weather: 'fine' });
  const result = await collect(lake, [], { threads: 1 });
  expect([result.objects, result.events, result.inboxProblems]).toEqual([1, 1, []]);
});

test('one of a newer format waits for its version, and keeps nothing else from being sealed', async () => {
  const lake = await newLake();
  const key = await restaged(lake, 1, { format: 2, weather: 'fine' });
  await preserved(lake, 2);
  const result = await collect(lake, [], { threads: 1 });
  expect([result.objects, result.leftObjects]).toEqual([1, 0]);
  expect(result.inboxProblems).toEqual([{ key, newer: true, problem: expect.stringContaining('newer') }]);
  expect(await lake.state.stat(key)).not.toBeNull();
  expect((await verify(lake, { deep: true, threads: 1 })).problems).toEqual([]);
});

test('so does a record of a newer format, in the chain of custody too', async () => {
  const lake = await newLake();
  const note = canonicalJson({ kind: 'custody', v: 2, previous: null, weather: 'fine' });
  const bytes = Buffer.from(note.ok ? note.value : '');
  const key = makeKey('note', { kind: 'custody', sha256: hashBytes(bytes) });
  await lake.state.putIfAbsent(key, bytes, WRITE_KINDS.pending);
  const windows = Buffer.from('{"format":2,"windows":{}}\n');
  const other = makeKey('note', { kind: 'windows', sha256: hash('sha256', windows, 'hex') });
  await lake.state.putIfAbsent(other, windows, WRITE_KINDS.pending);
  await preserved(lake, 1);
  const result = await collect(lake, [], { threads: 1 });
  expect([result.objects, result.inboxProblems.map(({ newer }) => newer)]).toEqual([1, [true]]);
  for (const one of [key, other]) expect(await lake.state.stat(one)).not.toBeNull();
  expect((await verify(lake, { threads: 1 })).problems).toEqual([]);
});

test('a head of a newer format, or with a table of one, is built upon by nobody', async () => {
  const lake = await newLake();
  await preserved(lake, 1);
  await collect(lake, [], { threads: 1 });
  await preserved(lake, 2);
  const { body, version } = await lake.state.get(HEAD_KEY);
  const head = JSON.parse(Buffer.from(body).toString()) as { format: number; tables: object };
  for (const newer of [
    { ...head, format: head.format + 1 },
    { ...head, tables: { ...head.tables, weather: 'tables/weather/metadata/1.json' } },
  ]) {
    const swapped = await lake.state.putIfUnchanged(
      HEAD_KEY,
      Buffer.from(JSON.stringify(newer)),
      (await lake.state.get(HEAD_KEY)).version,
    );
    expect(await codeOf(collect(lake, [], { threads: 1 }))).toBe('LAKE_NEWER');
    expect((await lake.state.get(HEAD_KEY)).version).toBe(swapped);
  }
  const current = (await lake.state.get(HEAD_KEY)).version;
  expect(version).not.toBe(current);
  // The newer version finds what waited.
  await lake.state.putIfUnchanged(
    HEAD_KEY,
    Buffer.from(JSON.stringify({ ...head, weather: 'fine' })),
    current,
  );
  expect((await collect(lake, [], { threads: 1 })).objects).toBe(1);
  expect((await readHead(lake.state)).head.sequence).toBe(2);
});

test('what stands in the place of a manifest and calls itself newer is not what its name was made from', async () => {
  const lake = await newLake();
  const { pendingKey: key } = await preserved(lake, 1);
  await lake.state.remove(key);
  await lake.state.putIfAbsent(key, Buffer.from('{"format":99}'), WRITE_KINDS.pending);
  expect((await verify(lake, { threads: 1 })).problems).toMatchObject([{ code: 'ALTERED', key }]);
});
