/** Whether what cases hold is what was recorded, and whether the store keeps every object that they hold. */

import { canonicalJson, type Json } from '../../vault/canonical-json.ts';
import type { Stores } from '../../vault/evidence.ts';
import { type HoldFacts, type HoldsRecord, readHolds, readLists } from '../../vault/holds.ts';
import { HOLDS_KEY, makeKey } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import { type NoteDraft, readNotes } from '../notes.ts';
import type { Claims } from './claims.ts';
import { messageOf, type Verification } from './report.ts';

/** Objects asked about at once. */
const CONCURRENT = 32;
/** Changes waited out while comparing; more means that a writer never rests. */
const MAX_MOVED = 20;

/** `hasMoved`: whether somebody sealed since the claims were read. */
export async function checkHolds(
  stores: Stores,
  { holds: sealed, complete }: Claims,
  hasMoved: () => Promise<boolean>,
  result: Verification,
): Promise<void> {
  const { problems } = result;
  try {
    const { record, waiting } = await readTogether(stores);
    const recorded = heldBy(sealed, waiting);
    const said = compare(record, recorded);
    // What a damaged ledger does not say may have been recorded all the same.
    if (complete && said.length > 0 && !(await hasMoved()))
      problems.push(...said.map((detail) => ({ code: 'HOLD_DIFFERS' as const, key: HOLDS_KEY, detail })));
    const due = record.holds.filter(({ settled }) => !settled).map(({ facts }) => facts);
    for (const { case: name } of [...due, ...record.releases.map(({ facts }) => facts)])
      result.caveats.push(
        `A hold of case ${JSON.stringify(name)} was interrupted or is being changed; the next \`akashi hold\` finishes it.`,
      );
    const unsettled = new Set(due.map(({ id }) => id));
    const letGo = record.releases.flatMap(({ lists }) => lists);
    const releasing = new Set([
      ...(await listed(stores, letGo)),
      ...letGo.map((sha256) => makeKey('holdList', { sha256 })),
    ]);
    for (const facts of recorded.values())
      if (!unsettled.has(facts.id)) await checkFlags(stores, facts, releasing, result);
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: HOLDS_KEY, detail: messageOf(error) });
  }
}

/** The list of holds, and the notes that waited while it said so. */
async function readTogether({
  state,
}: Stores): Promise<{ record: HoldsRecord; waiting: readonly NoteDraft[] }> {
  for (let moved = 0; ; moved++) {
    const before = await readHolds(state);
    const { notes } = await readNotes(state);
    const after = await readHolds(state);
    if (before.version === after.version || moved === MAX_MOVED)
      return { record: after.record, waiting: notes.map(({ draft }) => draft) };
  }
}

/** What every case holds by the records, in their order. */
function heldBy(sealed: readonly HoldFacts[], waiting: readonly NoteDraft[]): Map<string, HoldFacts> {
  const known = new Set(sealed.map(({ id }) => id));
  const unsealed = waiting.filter((draft) => draft.kind === 'hold').filter(({ id }) => !known.has(id));
  const held = new Map<string, HoldFacts>();
  for (const facts of [...sealed, ...unsealed]) {
    if (facts.action === 'place') held.set(facts.id, facts);
    else for (const [id, { case: name }] of held) if (name === facts.case) held.delete(id);
  }
  return held;
}

/** What is wrong with `state/holds`, in sentences. */
function compare({ holds, releases }: HoldsRecord, recorded: ReadonlyMap<string, HoldFacts>): string[] {
  const wrong: string[] = [];
  const listedIds = new Set(holds.map(({ facts }) => facts.id));
  for (const { facts, settled } of holds) {
    const record = recorded.get(facts.id);
    const name = JSON.stringify(facts.case);
    if (record === undefined) {
      if (settled) wrong.push(`case ${name} holds ${facts.objects} objects, and no record says so`);
    } else if (textOf(record) !== textOf(facts)) {
      wrong.push(`what case ${name} holds is listed otherwise than it was recorded`);
    }
  }
  for (const { id, case: name, objects } of recorded.values()) {
    if (listedIds.has(id) || releases.some(({ facts }) => facts.case === name)) continue;
    wrong.push(
      `case ${JSON.stringify(name)} holds ${objects} objects by the record, and is not listed: a release was never recorded`,
    );
  }
  return wrong;
}

const textOf = (facts: HoldFacts): string => canonicalJson(facts as unknown as Json);

/** The objects of lists; a list that is gone or altered is named among the objects. */
const listed = (stores: Stores, lists: readonly string[]): Promise<ReadonlySet<string>> =>
  readLists(stores, lists).catch(() => new Set<string>());

async function checkFlags(
  stores: Stores,
  facts: HoldFacts,
  releasing: ReadonlySet<string>,
  { problems }: Verification,
): Promise<void> {
  const list = makeKey('holdList', { sha256: facts.objectsSha256 });
  // Without its list nobody could say what is held.
  const keys = [list, ...(await listed(stores, [facts.objectsSha256]))].filter((key) => !releasing.has(key));
  await pooled(keys, CONCURRENT, async (key) => {
    const found = await stores.vault.stat(key);
    if (found?.held !== false) return;
    const detail = `case ${JSON.stringify(facts.case)} holds it, and the store would let it go`;
    problems.push({ code: 'HOLD_MISSING', key, detail });
  });
}
