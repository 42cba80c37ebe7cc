/** The lake's needle index as the planner asks it: which row groups may hold one of some texts in a column. */

import type { Head } from '../tables/head.ts';
import { NEEDLE_TABLES, type NeedleTable, needleColumns } from '../tables/needle/columns.ts';
import { type NeedleIndex as LakeIndex, openNeedleIndex } from '../tables/needle/lookup.ts';
import type { StateStore } from '../vault/store.ts';
import type { NeedleIndex, Places } from './plan/needle.ts';
import type { SnapshotFile } from './snapshot.ts';

/** Texts in one condition that are looked up; more of them would take longer than they spare. */
const MOST_VALUES = 64;

/** Opened when it is first asked. A part of it that is damaged says nothing, and its files may hold anything. */
export function needlePlaces(state: StateStore, head: Head): NeedleIndex {
  const opened = new Map<NeedleTable, Promise<LakeIndex>>();
  const open = (table: NeedleTable): Promise<LakeIndex> => {
    const known = opened.get(table) ?? openNeedleIndex(state, head, table);
    opened.set(table, known);
    return known;
  };
  return {
    async places(name, column, values, files) {
      const table = NEEDLE_TABLES.find((own) => own === name);
      const kind = needleColumns(name).get(column);
      if (table === undefined || kind === undefined || values.length > MOST_VALUES) return null;
      const index = await open(table);
      const answers = await Promise.all(values.map((value) => index.lookup(value)));
      const found = new Map<SnapshotFile, Places>();
      for (const file of files) {
        const key = file.stored?.key;
        if (key === undefined || !answers.every(({ known }) => known.has(key))) continue;
        const groups = new Set<number>();
        for (const { places } of answers)
          for (const [group, kinds] of places.get(key) ?? [])
            if ((kinds & (1 << kind)) !== 0) groups.add(group);
        found.set(
          file,
          [...groups].sort((a, b) => a - b),
        );
      }
      return found;
    },
  };
}
