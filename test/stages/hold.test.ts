/** Holds: counted by case and object, whole after any crash, and found when tampered with. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { decodeEntry, type Entry } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { type HoldOutcome, placeHold, releaseHold } from '../../stages/hold.ts';
import { type Chosen, objectsBetween, objectsOfBodies } from '../../stages/hold-objects.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { readHolds, readLists } from '../../vault/holds.ts';
import { makeKey } from '../../vault/keys.ts';
import {
  BY,
  copyOf,
  newWorld,
  noteOf,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from './memory-lake.ts';

const NOW = 1_750_000_000_000_000;
const shop = new Workshop();
let base: World;
let identity: LogIdentity;
/** SHA-256 of the bodies: two trails and a flow log. */
let bodies: string[];

beforeAll(async () => {
  base = newWorld();
  const contents = [
    trailFile(1, 2, 1_700_000_000),
    trailFile(2, 2, 1_700_100_000),
    flowFile(1, 2, 1_700_000_000),
  ];
  bodies = contents.map((text) => hashBytes(Buffer.from(text)));
  await shop.collect(storesOf(base), ...contents.map((text, at) => shop.file(`body-${at}.log`, text)));
  identity = await shop.identity();
});
afterAll(() => shop.close());

let world: World;
let stores: Stores;
beforeEach(() => {
  world = copyOf(base);
  stores = storesOf(world);
});

const place = async (name: string, at: readonly number[], to: Stores = stores): Promise<HoldOutcome> => {
  const { objects } = await objectsOfBodies(stores, new Set(at.map((index) => bodies[index]!)));
  return placeHold(to, identity, { case: name, scope: `bodies ${at}`, objects, by: BY, now: NOW });
};
const release = (name: string, to: Stores = stores): Promise<HoldOutcome> =>
  releaseHold(to, identity, { case: name, by: BY, now: NOW - 5 });
const chosen = (at: number): Promise<Chosen> => objectsOfBodies(stores, new Set([bodies[at]!]));
const flags = (of: World = world): string[] =>
  [...of.inVault.keys()]
    .filter((key) => key.startsWith('.holds/'))
    .map((key) => key.slice('.holds/'.length))
    .sort();
const sealAll = (of: Stores = stores) => sealWaiting(shop.lakeOf(of));
const check = (of: World = world) => verification(of, identity);
const clean = { ok: true, problems: [] };

async function entries(of: Stores): Promise<Entry[]> {
  const reader = await openSealed(of, identity, (await noteOf(of))!);
  const found: Entry[] = [];
  for await (const { bytes } of reader.readEntries(0, reader.size)) found.push(need(decodeEntry(bytes)));
  return found;
}

/** The flags are those of what is held, no more and no less. */
async function mustAgree(of: World): Promise<void> {
  const { record } = await readHolds(storesOf(of).state);
  const lists = record.holds.map(({ facts }) => facts.objectsSha256);
  const held = await readLists(storesOf(of), lists);
  for (const sha256 of lists) held.add(makeKey('holdList', { sha256 }));
  expect(flags(of).filter((key) => !key.startsWith('ledger/'))).toEqual([...held].sort());
  expect(record.holds.every(({ settled }) => settled)).toBe(true);
}

describe('a hold', () => {
  test('of a body keeps it, its data files and what proves it, and is a link in the chain of custody', async () => {
    const { objects, bodies: count, dataFiles } = await chosen(0);
    expect({ count, files: [...objects].filter((key) => key.endsWith('.parquet')).length }).toEqual({
      count: 1,
      files: dataFiles,
    });
    expect([...objects].some((key) => key.startsWith('tables/events/'))).toBe(true);
    expect([...objects].some((key) => key.startsWith('tables/flows/'))).toBe(false);
    expect(await place('A', [0])).toMatchObject({ already: false, missing: [], enforced: true, shared: 0 });
    expect(flags()).toEqual(expect.arrayContaining([...objects]));
    expect(flags().some((key) => key.startsWith('ledger/checkpoints/'))).toBe(true);
    await sealAll();
    const kinds = (await entries(stores)).slice(-7).map((entry) => entry.kind);
    expect(kinds).toEqual(expect.arrayContaining(['hold', 'custody', 'data', 'metadata', 'seal']));
    expect(await check()).toMatchObject(clean);
  });

  test('of a time takes bodies whose records touch it, of one source if asked', async () => {
    const at = (seconds: number) => seconds * 1e6;
    const day = { from: at(1_699_990_000), to: at(1_700_050_000) };
    expect((await objectsBetween(stores, day, null)).bodies).toBe(2);
    expect((await objectsBetween(stores, day, 'aws.cloudtrail')).bodies).toBe(1);
    expect((await objectsBetween(stores, { from: 0, to: 1 }, null)).objects.size).toBe(0);
  });

  test('of nothing, and of a body that is not there, is refused', async () => {
    await expect(place('A', [])).rejects.toMatchObject({ code: 'HOLD_EMPTY' });
    await expect(objectsOfBodies(stores, new Set(['ab'.repeat(32)]))).rejects.toMatchObject({
      code: 'HOLD_NO_SUCH_BODY',
    });
  });

  test('with more to say than a record holds is refused, and leaves nothing unfinished', async () => {
    const { objects } = await chosen(0);
    const wordy = { ...BY, purpose: 'x'.repeat(65_000) };
    const request = { case: 'A', scope: 'body 0', objects, by: wordy, now: NOW };
    await expect(placeHold(stores, identity, request)).rejects.toMatchObject({ code: 'NOTE_TOO_LONG' });
    expect((await readHolds(stores.state)).record.holds).toEqual([]);
    await place('A', [0]);
    const again = releaseHold(stores, identity, { case: 'A', by: wordy, now: NOW });
    await expect(again).rejects.toMatchObject({ code: 'NOTE_TOO_LONG' });
    expect((await readHolds(stores.state)).record.releases).toEqual([]);
    await sealAll();
    expect(await check()).toMatchObject(clean);
  });

  test('placed again by the same case changes nothing', async () => {
    await place('A', [0]);
    const before = flags();
    expect(await place('A', [0])).toMatchObject({ already: true });
    expect(flags()).toEqual(before);
    expect((await readHolds(stores.state)).record.holds).toHaveLength(1);
  });

  test('is let go only when no case holds the object any more', async () => {
    await place('A', [0, 1]);
    await place('B', [1, 2]);
    await place('B', [2]);
    const [first, second, third] = [await chosen(0), await chosen(1), await chosen(2)];
    expect(await release('A')).toMatchObject({ shared: [...second.objects].length });
    for (const key of second.objects) expect(flags()).toContain(key);
    const own = [...first.objects].filter((key) => !second.objects.has(key) && !third.objects.has(key));
    expect(own.length).toBeGreaterThan(0);
    for (const key of own) expect(flags()).not.toContain(key);
    await mustAgree(world);
    await release('B');
    expect(flags()).toEqual([]);
    await expect(release('B')).rejects.toMatchObject({ code: 'HOLD_UNKNOWN' });
    await sealAll();
    expect(await check()).toMatchObject(clean);
    const log = (await entries(stores)).filter((entry) => entry.kind === 'hold');
    expect(log.map((entry) => `${entry.action} ${entry.case}`)).toEqual(
      expect.arrayContaining(['place A', 'place B', 'place B', 'release A', 'release B']),
    );
  });

  test('in a store that keeps none is on record, and says that nothing enforces it', async () => {
    const { setLegalHold: _, ...vault } = stores.vault;
    expect(await place('A', [0], { ...stores, vault })).toMatchObject({ enforced: false, flagged: 0 });
    expect((await readHolds(stores.state)).record.holds).toHaveLength(1);
  });

  test('keeps tiles that are filled later', async () => {
    await place('A', [0]);
    expect(flags().some((key) => key.startsWith('ledger/tile/'))).toBe(false);
    const more = Array.from({ length: 250 }, (_, n) => shop.file(`more-${n}.txt`, `nothing much ${n}\n`));
    await shop.collect(stores, ...more);
    expect(flags()).toEqual(expect.arrayContaining(['ledger/tile/0/000', 'ledger/tile/entries/000']));
    await release('A');
    expect(flags()).toEqual([]);
  });
});

describe('tampering', () => {
  beforeEach(async () => {
    await place('A', [0]);
    await sealAll();
    await place('B', [1]);
  });

  test('with any bit of the list of holds is found', async () => {
    const bytes = world.inState.get('holds')!;
    const rest = Buffer.from(bytes).indexOf('"latest"');
    for (let at = 0; at < bytes.length; at += 61) {
      // When it was last changed and how far proofs were held says nothing of who holds what.
      if (at > rest) break;
      const copy = copyOf(world);
      copy.inState.set('holds', bytes.with(at, bytes[at]! ^ (1 << (at % 8))));
      const problems = said(await check(copy));
      expect(problems.length, `byte ${at}`).toBeGreaterThan(0);
      for (const problem of problems) expect(problem).toMatch(/^(?:HOLD_DIFFERS|UNREADABLE) holds$/);
    }
  });

  test('by removing the list, or a case from it, is found for sealed holds and for waiting ones', async () => {
    const gone = copyOf(world);
    gone.inState.delete('holds');
    expect(said(await check(gone))).toEqual(['HOLD_DIFFERS holds', 'HOLD_DIFFERS holds']);
    const { record } = await readHolds(stores.state);
    for (const { facts } of record.holds) {
      const copy = copyOf(world);
      const holds = record.holds.filter((hold) => hold.facts.id !== facts.id);
      const { state } = storesOf(copy);
      await state.putIfUnchanged(
        'holds',
        Buffer.from(
          `${JSON.stringify({ format: 1, holds, latest: record.latest, proofsAt: record.proofsAt, releases: [] })}\n`,
        ),
        (await state.stat('holds'))!.version,
      );
      // Members must stand in canonical order to pass for the real thing.
      const found = await check(copy);
      expect(found.problems.map(({ key }) => key)).toContain('holds');
    }
  });

  test('by taking the store’s flag away is found and named', async () => {
    const [key] = [...(await chosen(0)).objects];
    await stores.vault.setLegalHold!(key!, false);
    expect(said(await check())).toEqual([`HOLD_MISSING ${key}`]);
  });

  test('by letting the list of what is held go is found and named', async () => {
    const list = [...world.inVault.keys()].find((key) => key.startsWith('holds/'))!;
    await stores.vault.setLegalHold!(list, false);
    expect(said(await check())).toEqual([`HOLD_MISSING ${list}`]);
  });

  test('by laying a list that no hold names beside the others is told', async () => {
    expect((await check()).orphans).toEqual([]);
    const body = Buffer.from('evidence/none\n');
    const key = makeKey('holdList', { sha256: hashBytes(body) });
    world.inVault.set(key, body);
    expect((await check()).orphans).toEqual([key]);
  });

  test('by removing the record of a hold that waits is found', async () => {
    const note = [...world.inState.keys()].find((key) => key.startsWith('pending/hold-'))!;
    world.inState.delete(note);
    expect(said(await check())).toEqual(['HOLD_DIFFERS holds']);
  });

  test('with what was held is found', async () => {
    const lists = [...world.inVault.keys()].filter((key) => key.startsWith('holds/'));
    expect(lists).toHaveLength(2);
    for (const key of lists) {
      const copy = copyOf(world);
      copy.inVault.set(key, Buffer.from('tables/none\n'));
      expect(said(await check(copy))).toEqual([
        expect.stringMatching(new RegExp(`^(?:ALTERED|TRUNCATED) ${key}$`)),
      ]);
    }
  });
});
