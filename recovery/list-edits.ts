/** In which ways a seal may have made the lists of a table, told from what it named and what it left behind. */

import type { EntryOf } from '../ledger/entry.ts';
import type { TableEdit } from '../stages/table-change.ts';
import { metadataKey } from '../tables/iceberg/follow.ts';
import { currentSnapshot } from '../tables/iceberg/table-json.ts';
import { emptyRoot, type TableRoot } from '../tables/table-metadata.ts';
import { parseKey } from '../vault/keys.ts';

/** An edit of a table, its files by their keys. */
export interface ListEdit extends Pick<TableEdit, 'before' | 'followed'> {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface ListEdits {
  /** The likeliest first. */
  readonly edits: readonly ListEdit[];
  /** What a rebuild does that cannot make lists again: it begins a table with all its files. Null where none can have. */
  readonly whole: ListEdit | null;
}

/**
 * A seal that finds a list for other engines gone or altered begins that table anew from all its files, and one that
 * finds a data file so does without. A replay meets neither, so that it has to be told.
 */
export function listEdits(
  before: TableRoot,
  lists: readonly EntryOf<'lists'>[],
  { added, removed, files }: Record<'added' | 'removed' | 'files', readonly string[]>,
): ListEdits {
  const { table, iceberg, copies } = before;
  const left = new Set(lists.flatMap((one) => one.removed));
  const named = new Set(
    lists
      .flatMap((one) => one.added)
      .flatMap((key) => {
        const parts = parseKey(key);
        return parts?.class === 'manifestList' ? [parts.table] : [];
      }),
  );
  const newest = iceberg === null ? undefined : currentSnapshot(iceberg);
  // The newest snapshot of a table that is gone on from stays.
  const shownAnew = newest !== undefined && left.has(metadataKey(table, newest['manifest-list']));
  const followed = { without: !named.has(table), shownAnew, copiesAnew: false };
  const usual = { before, added, removed, followed };
  const hasCopies = copies !== null && named.has(`${table}_copies`);
  return {
    edits: hasCopies ? [usual, { ...usual, followed: { ...followed, copiesAnew: true } }] : [usual],
    whole: shownAnew || iceberg === null ? { before: emptyRoot(table), added: files, removed: [] } : null,
  };
}
