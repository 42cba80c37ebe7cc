/** A small lake to be tampered with, and what verification must say of each class of key. */

import { flowFile, trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { printsKey } from '../../stages/data-file.ts';
import { printsOf } from '../../stages/prints.ts';
import type { HarmCode, Verification } from '../../stages/verify/report.ts';
import type { StoreOptions } from '../../stages/verify/verify.ts';
import { type Head, readHead } from '../../tables/head.ts';
import { type DataFileEntry, readTable } from '../../tables/table-metadata.ts';
import { type KeyClassName, parseKey } from '../../vault/keys.ts';
import {
  copyOf,
  halfOf,
  newWorld,
  storesOf,
  verification,
  type Workshop,
  type World,
} from './memory-lake.ts';

export interface TamperLake {
  /** After one seal, and after the other. */
  readonly before: World;
  readonly world: World;
  readonly identity: LogIdentity;
}

/** Two seals of tiny bodies: every table, and every class of key that a lake has at rest. At most 64 KiB. */
export async function tamperLake(shop: Workshop): Promise<TamperLake> {
  const world = newWorld();
  const stores = storesOf(world);
  // Records have ids drawn by chance; they are tampered with on their own.
  shop.by = null;
  await shop.collect(stores, shop.file('trail.json', trailFile(1, 1, 1_700_000_000)));
  const before = copyOf(world);
  const broken = `${flowFile(2, 2, 1_700_000_000)}2 123456789012 eni-1 not-an-address\n`;
  await shop.collect(stores, shop.file('flows.log', broken));
  return { before, world, identity: await shop.identity() };
}

export const bytesIn = ({ inVault, inState }: World): number =>
  [...inVault.values(), ...inState.values()].reduce((sum, { length }) => sum + length, 0);

export const keysIn = ({ inVault, inState }: World): string[] => [...inVault.keys(), ...inState.keys()];

export const classNameOf = (key: string): KeyClassName => parseKey(key)!.class;

/**
 * What `--deep` says of an object of which a bit was flipped: one of these codes, of that object and of no other.
 * `harmless`: it is made again, or its harm shows elsewhere. A bundle whose bits are flipped may end early.
 */
export const FLIPPED: Readonly<Record<KeyClassName, readonly HarmCode[] | 'harmless'>> = {
  evidence: ['ALTERED'],
  data: ['ALTERED'],
  ranges: ['ALTERED'],
  compacted: ['ALTERED'],
  compactedRanges: ['ALTERED'],
  tableMetadata: ['ALTERED'],
  tablePart: ['ALTERED'],
  manifestList: ['ALTERED'],
  manifest: ['ALTERED'],
  tile: ['ALTERED'],
  entries: ['ALTERED', 'TRUNCATED'],
  checkpoint: ['UNSIGNED'],
  timestamp: ['ALTERED'],
  timestampContext: ['ALTERED'],
  revocationList: ['ALTERED'],
  holdList: ['ALTERED'],
  growth: ['ALTERED'],
  head: 'harmless',
  publishedCheckpoint: ['UNSIGNED'],
  partialTile: ['ALTERED'],
  partialEntries: ['ALTERED', 'TRUNCATED'],
  staging: ['ALTERED'],
  pending: ['ALTERED'],
  note: ['ALTERED'],
  cursor: 'harmless',
  holds: ['HOLD_DIFFERS', 'UNREADABLE'],
  users: 'harmless',
  lakeNote: 'harmless',
  verifierKey: 'harmless',
  versionHint: 'harmless',
  index: 'harmless',
  needles: 'harmless',
  cache: 'harmless',
};

/** Whether other keys of a class may be named beside the one that was changed: what the change makes unreachable. */
const SPREADS: readonly KeyClassName[] = ['staging'];

/** A world in which one object has other bytes; null removes it. */
export function changed(world: World, key: string, edit: (bytes: Uint8Array) => Uint8Array | null): World {
  const copy = copyOf(world);
  const half = halfOf(copy, key);
  const bytes = edit(half.get(key)!);
  if (bytes === null) half.delete(key);
  else half.set(key, bytes);
  return copy;
}

export const flipped = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
  bytes.with(at, bytes[at]! ^ (1 << bit));

/** What is wrong with the verdict on a lake of which one bit was flipped; null when it is the one declared. */
export async function misjudgedFlip(
  { world, identity }: TamperLake,
  key: string,
  at: number,
  bit: number,
  options: StoreOptions = { deep: true },
): Promise<string | null> {
  const tampered = changed(world, key, (bytes) => flipped(bytes, at, bit));
  const found = await verification(tampered, identity, options).catch(
    (error: { code?: string }) => error.code,
  );
  // Of a format that a newer version may write nothing can be said.
  if (found === 'LAKE_NEWER' && key === 'head') return null;
  if (typeof found !== 'object') return `${key} byte ${at} bit ${bit}: threw ${found}`;
  const wrong = await misjudged(world, tampered, key, found);
  return wrong === null ? null : `${key} byte ${at} bit ${bit}: ${wrong}`;
}

async function misjudged(
  world: World,
  tampered: World,
  key: string,
  found: Verification,
): Promise<string | null> {
  const name = classNameOf(key);
  const allowed = FLIPPED[name];
  const text = JSON.stringify(found.problems.map(({ code, key: named }) => `${code} ${named}`));
  if (allowed !== 'harmless') {
    const own = found.problems.filter((problem) => problem.key === key);
    if (own.length === 0) return `not found, but ${text}`;
    if (!own.every(({ code }) => allowed.includes(code))) return `named as ${text}`;
    if (own.length < found.problems.length && !SPREADS.includes(name)) return `others are accused: ${text}`;
    return null;
  }
  if (name === 'head' && found.problems.some((problem) => problem.key === 'head')) return null;
  if (found.problems.length > 0) return `an alarm about what is harmless: ${text}`;
  if (name === 'head') return (await sameHead(world, tampered)) ? null : 'another head, and not found';
  if (name === 'index') return (await rebuilt(world, tampered, key)) ? null : 'fingerprints not made again';
  return null;
}

/** In all that anything is done with: the number of seals only gives names. */
async function sameHead(world: World, tampered: World): Promise<boolean> {
  const facts = ({ tables, checkpoint, tails }: Head) => JSON.stringify([tables, checkpoint, tails]);
  const [a, b] = await Promise.all([world, tampered].map((one) => readHead(storesOf(one).state)));
  return facts(a!.head) === facts(b!.head);
}

/** The next seal puts back what was there. */
async function rebuilt(world: World, tampered: World, key: string): Promise<boolean> {
  const stores = storesOf(tampered);
  await printsOf(stores, await fileOfPrints(world, key));
  return Buffer.compare((await stores.state.get(key)).body, halfOf(world, key).get(key)!) === 0;
}

export async function fileOfPrints(world: World, key: string): Promise<DataFileEntry> {
  const { vault, state } = storesOf(world);
  const { head } = await readHead(state);
  const tables = await Promise.all(
    (['events', 'flows'] as const).map((table) => readTable(vault, head, table)),
  );
  return tables.flatMap(({ files }) => files).find((file) => printsKey(file.key) === key)!;
}
