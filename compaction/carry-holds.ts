/** Holds are carried forward: what a case holds rows of stays held in the files that those rows come to lie in. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { systemAccount } from '../stages/custody.ts';
import { placeHold } from '../stages/hold.ts';
import { readRows } from '../stages/parquet-rows.ts';
import type { Replacement } from '../stages/replace.ts';
import { rangesKey } from '../stages/verify/claims.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { readHolds, readLists } from '../vault/holds.ts';
import { parseKey } from '../vault/keys.ts';

/** Tables whose rows say which body they come from; rows of `evidence` are named by it themselves. */
const BODY_COLUMN: Readonly<Record<string, string>> = { evidence: 'sha256' };

/**
 * Holds the files of replacements for every case that holds a file they replace and whose rows they have. To be called
 * before they are committed, and once more after: a hold may be placed meanwhile. Resolves to how many files were held.
 */
export async function carryHolds(
  stores: Stores,
  identity: LogIdentity | null,
  replacements: readonly Replacement[],
  now: number,
): Promise<number> {
  const { record } = await readHolds(stores.state);
  let carried = 0;
  for (const name of new Set(record.holds.map(({ facts }) => facts.case))) {
    const lists = record.holds.filter(({ facts }) => facts.case === name);
    const held = await readLists(
      stores,
      lists.map(({ facts }) => facts.objectsSha256),
    );
    const objects = await objectsFor(stores, held, replacements);
    if (objects.size === 0) continue;
    const account = systemAccount();
    const by = { actor: account, account, case: name, purpose: 'carried forward' };
    const scope = `rows of held files that were merged into ${objects.size / 2} others`;
    await placeHold(stores, identity, { case: name, scope, objects, by, now });
    carried += objects.size / 2;
  }
  return carried;
}

async function objectsFor(
  stores: Stores,
  held: ReadonlySet<string>,
  replacements: readonly Replacement[],
): Promise<Set<string>> {
  const bodies = new Set(
    [...held].flatMap((key) => {
      const parts = parseKey(key);
      return parts?.class === 'evidence' ? [parts.sha256] : [];
    }),
  );
  const objects = new Set<string>();
  const tables = new Set(
    replacements.flatMap(({ table, removed }) => (removed.some(({ key }) => held.has(key)) ? [table] : [])),
  );
  for (const { table, added } of replacements) {
    if (!tables.has(table)) continue;
    for (const file of added) {
      if (held.has(file.key) || !(await holdsAny(stores, file, BODY_COLUMN[table] ?? 'evidence', bodies)))
        continue;
      objects.add(file.key).add(rangesKey(file.key));
    }
  }
  return objects;
}

async function holdsAny(
  { vault }: Stores,
  { key }: DataFileEntry,
  column: string,
  bodies: ReadonlySet<string>,
): Promise<boolean> {
  const rows = await readRows((await vault.get(key)).body, [column]);
  return rows.some((row) => bodies.has(String(row[column])));
}
