/**
 * Which cases hold what: `state/holds`, changed by compare-and-swap alone, and the lists of objects that holds were
 * placed on. An object is held while any list of any case names it, so that no case releases what another holds.
 */

import { AkashiError } from '../schema/error.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import { hashBytes } from './durable-file.ts';
import type { Stores } from './evidence.ts';
import { HOLDS_KEY, makeKey } from './keys.ts';
import type { StateStore } from './store.ts';
import { WRITE_KINDS } from './write-kind.ts';

/** A hold placed or released, as the ledger records it. */
export interface HoldFacts {
  readonly kind: 'hold';
  readonly id: string;
  readonly case: string;
  readonly action: 'place' | 'release';
  /** How the objects were chosen. */
  readonly scope: string;
  readonly objects: number;
  /** SHA-256 of the list of objects: their keys, sorted, one a line. */
  readonly objectsSha256: string;
  readonly actor: string;
  readonly account: string | null;
  readonly reason: string | null;
  /** Microseconds since the epoch. */
  readonly at: number;
  readonly headSize: number;
  readonly headRoot: string | null;
  readonly tool: string | null;
}

export interface PlacedHold {
  readonly facts: HoldFacts;
  /** Whether its record was put and the store has been told of every object. */
  readonly settled: boolean;
}

/** A release whose objects the store may not have been told of yet. */
export interface DueRelease {
  readonly facts: HoldFacts;
  /** Lists that the case held. */
  readonly lists: readonly string[];
}

export interface HoldsRecord {
  readonly format: 1;
  readonly holds: readonly PlacedHold[];
  readonly releases: readonly DueRelease[];
  /** Size of the ledger whose proofs the store was last told to keep. */
  readonly proofsAt: number;
  /** Time of the newest hold or release ever. */
  readonly latest: number;
}

const NONE: HoldsRecord = { format: 1, holds: [], releases: [], proofsAt: 0, latest: 0 };

/** The record and the version to swap it by; an empty one with version null where there is none. Throws HOLDS_DAMAGED. */
export async function readHolds(state: StateStore): Promise<{ record: HoldsRecord; version: string | null }> {
  if ((await state.stat(HOLDS_KEY)) === null) return { record: NONE, version: null };
  const { body, version } = await state.get(HOLDS_KEY);
  return { record: parseHolds(body), version };
}

/** Throws STORE_CHANGED when another writer was first. */
export const swapHolds = (state: StateStore, record: HoldsRecord, version: string | null): Promise<string> =>
  state.putIfUnchanged(HOLDS_KEY, encodeHolds(record), version);

/** Changes the record, however many others do so at once; `change` may run several times and gives null to leave it. */
export async function changeHolds(
  state: StateStore,
  change: (record: HoldsRecord) => Promise<HoldsRecord | null>,
): Promise<void> {
  for (;;) {
    const { record, version } = await readHolds(state);
    const next = await change(record);
    if (next === null) return;
    try {
      await swapHolds(state, next, version);
      return;
    } catch (error) {
      if (!(error instanceof AkashiError && error.code === 'STORE_CHANGED')) throw error;
    }
  }
}

const encodeHolds = (record: HoldsRecord): Buffer =>
  Buffer.from(`${canonicalJson(record as unknown as Json)}\n`);

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value);
const isHash = (value: unknown): boolean => isText(value) && /^[0-9a-f]{64}$/.test(String(value));
const orNull =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || check(value);

const FACTS: Readonly<Record<keyof HoldFacts, (value: unknown) => boolean>> = {
  kind: (value) => value === 'hold',
  id: isText,
  case: isText,
  action: (value) => value === 'place' || value === 'release',
  scope: isText,
  objects: isCount,
  objectsSha256: isHash,
  actor: isText,
  account: orNull(isText),
  reason: orNull(isText),
  at: isCount,
  headSize: isCount,
  headRoot: orNull(isHash),
  tool: orNull(isText),
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFacts = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length === Object.keys(FACTS).length &&
  Object.entries(FACTS).every(([name, check]) => check(value[name]));

const isListOf = (value: unknown, check: (one: Readonly<Record<string, unknown>>) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => isObject(one) && check(one));

/** Total: HOLDS_DAMAGED for anything that `encodeHolds` does not write. */
export function parseHolds(bytes: Uint8Array): HoldsRecord {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw damaged(cause);
  }
  const known =
    isObject(value) &&
    value['format'] === 1 &&
    isCount(value['proofsAt']) &&
    isCount(value['latest']) &&
    isListOf(value['holds'], ({ facts, settled }) => isFacts(facts) && typeof settled === 'boolean') &&
    isListOf(
      value['releases'],
      ({ facts, lists }) => isFacts(facts) && Array.isArray(lists) && lists.every(isHash),
    );
  if (!known || Buffer.compare(encodeHolds(value as unknown as HoldsRecord), bytes) !== 0) throw damaged();
  return value as unknown as HoldsRecord;
}

const damaged = (cause?: unknown): AkashiError =>
  new AkashiError(
    'HOLDS_DAMAGED',
    'state/holds is not the list of holds that was written. The objects stay held; restore the file from a copy, or ' +
      'place the holds again that `akashi custody` shows.',
    { cause },
  );

/** Stores the list of a hold's objects; its hash names it. */
export async function putList({ vault }: Stores, keys: ReadonlySet<string>): Promise<string> {
  const { bytes, sha256 } = encodeList(keys);
  await vault.putIfAbsent(makeKey('holdList', { sha256 }), bytes, WRITE_KINDS.holdList);
  return sha256;
}

/** Keys, sorted, one a line. */
export function encodeList(keys: ReadonlySet<string>): { bytes: Uint8Array; sha256: string } {
  const bytes = Buffer.from(
    [...keys]
      .sort()
      .map((key) => `${key}\n`)
      .join(''),
  );
  return { bytes, sha256: hashBytes(bytes) };
}

/** The objects of lists, together. Throws STORE_MISSING, and HOLDS_DAMAGED for a list that is not what it is named. */
export async function readLists({ vault }: Stores, lists: Iterable<string>): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const sha256 of new Set(lists)) {
    const { body } = await vault.get(makeKey('holdList', { sha256 }));
    if (hashBytes(body) !== sha256)
      throw new AkashiError(
        'HOLDS_DAMAGED',
        `"${makeKey('holdList', { sha256 })}" was altered, so that it is not known what is held. Nothing was released; ` +
          'restore it from a copy.',
      );
    for (const key of Buffer.from(body).toString('utf8').split('\n')) if (key !== '') keys.add(key);
  }
  return keys;
}

/**
 * The time of the next change: never before the last one, whatever the clocks of those who make them say, so that their
 * records have one order.
 */
export const timeOfNext = ({ latest }: HoldsRecord, now: number): number => Math.max(now, latest + 1);

/** Lists that some case holds. */
export const listsHeld = ({ holds }: HoldsRecord): string[] => holds.map(({ facts }) => facts.objectsSha256);
