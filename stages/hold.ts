/**
 * HOLD: objects that must stay for a case, whatever their retention date.
 *
 * The order of writes: the list of objects, then the case in `state/holds` (from there on the hold exists), then the
 * note that the ledger will record, then the store's flags, then the mark that it is settled. Whoever comes after a
 * crash finds what is not settled and does the rest again; all of it may be repeated.
 */

import { randomUUID } from 'node:crypto';
import type { LogIdentity } from '../ledger/checkpoint.ts';
import { hasCode } from '../ledger/store.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import {
  changeHolds,
  encodeList,
  type HoldFacts,
  type HoldsRecord,
  listsHeld,
  putList,
  readHolds,
  readLists,
  swapHolds,
  timeOfNext,
} from '../vault/holds.ts';
import { makeKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';
import { type Custodian, headFacts, TOOL } from './custody.ts';
import { readProofs } from './hold-proofs.ts';
import { encodeNote, putNote } from './notes.ts';

/** Flags set at once. */
const CONCURRENT = 16;
/** A release that another process has under way is left to it; after this long it is taken for dead. */
const ABANDONED_MICROS = 3600e6;

export interface HoldOutcome {
  readonly facts: HoldFacts;
  /** The case held exactly these objects already. */
  readonly already: boolean;
  /** Objects the store was told to keep or to let go, proofs among them. */
  readonly flagged: number;
  /** Objects of the case that another case holds as well. */
  readonly shared: number;
  /** Objects that the store does not have. */
  readonly missing: readonly string[];
  /** False where the store keeps no holds: they are recorded, and nothing enforces them. */
  readonly enforced: boolean;
}

export interface PlaceRequest {
  readonly case: string;
  /** How the objects were chosen, in the words of whoever chose. */
  readonly scope: string;
  readonly objects: ReadonlySet<string>;
  readonly by: Custodian;
  readonly now: number;
}

/** Holds objects for a case. Throws HOLD_EMPTY, HOLDS_DAMAGED, NOTE_TOO_LONG. */
export async function placeHold(
  stores: Stores,
  identity: LogIdentity | null,
  { case: name, scope, objects, by, now }: PlaceRequest,
): Promise<HoldOutcome> {
  if (objects.size === 0)
    throw new AkashiError(
      'HOLD_EMPTY',
      'No preserved object was chosen, so there is nothing to hold. Widen the SQL or the time range.',
    );
  const objectsSha256 = await putList(stores, objects);
  let facts: HoldFacts = {
    ...(await newFacts(stores, name, by, now)),
    action: 'place',
    scope,
    objects: objects.size,
    objectsSha256,
  };
  let already = false;
  await changeHolds(stores.state, async (record) => {
    const same = record.holds.find(
      ({ facts: held }) => held.case === name && held.objectsSha256 === objectsSha256,
    );
    already = same !== undefined;
    if (same !== undefined) {
      facts = same.facts;
      return null;
    }
    facts = { ...facts, at: timeOfNext(record, now) };
    // A hold whose record cannot be put would stay unfinished for good, and keep every other from being settled.
    encodeNote(facts);
    return { ...record, latest: facts.at, holds: [...record.holds, { facts, settled: false }] };
  });
  // The hold exists. A crash from here on leaves it unsettled, and the next to come settles it.
  const settled = await settleHolds(stores, identity, now, facts.id);
  const { record } = await readHolds(stores.state);
  return { facts, already, ...settled, shared: await countShared(stores, record, name, objects) };
}

/** Lets go of everything a case holds, but for what others hold. Throws HOLD_UNKNOWN, HOLDS_DAMAGED, NOTE_TOO_LONG. */
export async function releaseHold(
  stores: Stores,
  identity: LogIdentity | null,
  request: { readonly case: string; readonly by: Custodian; readonly now: number },
): Promise<HoldOutcome> {
  const { case: name, by, now } = request;
  const common = await newFacts(stores, name, by, now);
  let facts: HoldFacts | null = null;
  let objects: ReadonlySet<string> = new Set();
  await changeHolds(stores.state, async (record) => {
    const held = record.holds.filter((hold) => hold.facts.case === name);
    if (held.length === 0) {
      // One that died on the way is finished under its own name.
      facts = record.releases.find((release) => release.facts.case === name)?.facts ?? null;
      return null;
    }
    // What is released was placed, also where nobody came to record that.
    for (const hold of held) if (!hold.settled) await putNote(stores.state, hold.facts);
    const lists = [...new Set(held.map((hold) => hold.facts.objectsSha256))];
    objects = await readLists(stores, lists);
    const { sha256 } = encodeList(objects);
    const scope = held
      .map((hold) => hold.facts.scope)
      .join('\n')
      .slice(0, MAX_SCOPE);
    const at = timeOfNext(record, now);
    facts = { ...common, at, action: 'release', scope, objects: objects.size, objectsSha256: sha256 };
    encodeNote(facts);
    return {
      ...record,
      latest: at,
      holds: record.holds.filter((hold) => hold.facts.case !== name),
      releases: [...record.releases, { facts, lists }],
    };
  });
  const released = facts as HoldFacts | null;
  if (released === null)
    throw new AkashiError(
      'HOLD_UNKNOWN',
      `Case ${JSON.stringify(name)} holds nothing. \`akashi hold --list\` shows who holds what.`,
    );
  // The case holds nothing any more. What the store still keeps for it is let go by whoever comes next.
  const settled = await settleHolds(stores, identity, now, released.id);
  const { record } = await readHolds(stores.state);
  return {
    facts: released,
    already: false,
    ...settled,
    shared: await countShared(stores, record, name, objects),
  };
}

/** Longest text of a scope that is recorded, characters. */
export const MAX_SCOPE = 8192;

async function newFacts({ state }: Stores, name: string, by: Custodian, now: number) {
  const { actor, account, purpose: reason } = by;
  const head = headFacts((await readHead(state)).head);
  return {
    kind: 'hold' as const,
    id: randomUUID(),
    case: name,
    actor,
    account,
    reason,
    at: now,
    ...head,
    tool: TOOL,
  };
}

async function countShared(
  stores: Stores,
  record: HoldsRecord,
  name: string,
  objects: ReadonlySet<string>,
): Promise<number> {
  const others = record.holds.filter(({ facts }) => facts.case !== name);
  const held = await readLists(
    stores,
    others.map(({ facts }) => facts.objectsSha256),
  );
  return [...objects].filter((key) => held.has(key)).length;
}

type Settled = Pick<HoldOutcome, 'flagged' | 'missing' | 'enforced'>;

/**
 * Does the rest of every hold and release that is not settled, and holds proofs that came to lie in the vault since. To
 * be called after a seal and at every change. `own` is what the caller itself began.
 */
export async function settleHolds(
  stores: Stores,
  identity: LogIdentity | null,
  now: number,
  own: string | null = null,
): Promise<Settled> {
  const { vault, state } = stores;
  const touched = new Set<string>();
  const missing = new Set<string>();
  const enforced = vault.setLegalHold !== undefined;
  for (;;) {
    const { record, version } = await readHolds(state);
    const due = record.holds.filter(({ settled }) => !settled);
    if (due.length + record.releases.length === 0 && touched.size === 0 && !(await proofsDue(stores, record)))
      return { flagged: 0, missing: [], enforced };
    for (const { facts } of [...due, ...record.releases]) await putNote(state, facts);
    // The record is in the sealer's inbox: what the store is told from here on is on record.
    const proofs = await readProofs(stores, identity);
    const held = await readLists(stores, listsHeld(record));
    // Without its list nobody could say what is held.
    for (const sha256 of listsHeld(record)) held.add(makeKey('holdList', { sha256 }));
    const heldProofs = proofs.of(held);
    const lists = [
      ...due.map(({ facts }) => facts.objectsSha256),
      ...record.releases.flatMap((release) => release.lists),
    ];
    const changed = await readLists(stores, lists);
    for (const sha256 of lists) changed.add(makeKey('holdList', { sha256 }));
    for (const key of [...changed, ...proofs.of(changed), ...heldProofs]) touched.add(key);
    await pooled([...touched], CONCURRENT, async (key) => {
      try {
        await vault.setLegalHold?.(key, held.has(key) || heldProofs.has(key));
      } catch (error) {
        if (!hasCode(error, 'STORE_MISSING')) throw error;
        missing.add(key);
      }
    });
    const next: HoldsRecord = {
      ...record,
      holds: record.holds.map((hold) => ({ ...hold, settled: true })),
      // Another's release may be about to tell the store something older than what we know: it looks again at its end,
      // and until then stays on the list, so that somebody will if it dies.
      releases: record.releases.filter(({ facts: { id, at } }) => id !== own && at > now - ABANDONED_MICROS),
      proofsAt: proofs.size,
    };
    try {
      // Nobody changed who holds what while the store was told; otherwise all that was touched is looked at again.
      await swapHolds(state, next, version);
      return { flagged: enforced ? touched.size : 0, missing: [...missing], enforced };
    } catch (error) {
      if (!hasCode(error, 'STORE_CHANGED')) throw error;
    }
  }
}

/** Whether tiles were filled since proofs were last held. */
async function proofsDue({ state }: Stores, { holds, proofsAt }: HoldsRecord): Promise<boolean> {
  if (holds.length === 0) return false;
  const { headSize } = headFacts((await readHead(state)).head);
  return Math.floor(headSize / 256) > Math.floor(proofsAt / 256);
}
