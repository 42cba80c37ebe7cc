/** Which row groups of the chosen files a statement may need, by what their footers and bloom filters say. */

import { bloomMayHold } from '../../tables/parquet/bloom-filter.ts';
import type { StoredFooter, StoredGroup } from '../../tables/parquet/stored-footer.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { type ColumnBounds, mayMatch } from './bounds.ts';
import { type ChosenTable, columnsOfFile } from './choose.ts';
import type { Condition } from './condition.ts';
import type { DataParts, WantedFile } from './parts.ts';

/** What is to be read of each chosen file with a row group that may hold a row of interest. */
export async function wantedParts(
  chosen: ChosenTable,
  parts: Pick<DataParts, 'footers' | 'blooms'>,
): Promise<readonly WantedFile[]> {
  const footers = await parts.footers(chosen.files);
  const wanted = await Promise.all(
    chosen.files.map(async (file, at): Promise<WantedFile> => {
      const footer = footers[at]!;
      return {
        file,
        footer,
        groups: await groupsOf(chosen, file, footer, parts),
        columns: columnsOfFile(chosen, file),
      };
    }),
  );
  return wanted.filter(({ groups }) => groups.length > 0);
}

async function groupsOf(
  { condition, places }: ChosenTable,
  file: SnapshotFile,
  { groups }: StoredFooter,
  parts: Pick<DataParts, 'blooms'>,
): Promise<readonly number[]> {
  const all = groups.map((_, index) => index);
  // Rows are numbered through a file, and copies are told by their numbers.
  if (file.overlaps) return all;
  const likely = all.filter((index) =>
    mayMatch(condition, {
      bounds: boundsIn(groups[index]!),
      mayHold: (column, values) => places.mayHold(file, index, column, values),
    }),
  );
  const asked = columnsLookedUp(condition);
  const blooms = likely.flatMap((index) =>
    groups[index]!.chunks.flatMap(({ column, bloom }) =>
      bloom !== null && asked.has(column) ? [{ index, column, ...bloom }] : [],
    ),
  );
  if (blooms.length === 0) return likely;
  const filters = await parts.blooms(file, blooms);
  const filterOf = new Map(blooms.map(({ index, column }, at) => [`${index} ${column}`, filters[at]!]));
  return likely.filter((index) =>
    mayMatch(condition, {
      bounds: boundsIn(groups[index]!),
      mayHold: (column, values) => {
        const filter = filterOf.get(`${index} ${column}`);
        return filter === undefined || values.some((value) => bloomMayHold(filter, value));
      },
    }),
  );
}

function boundsIn(group: StoredGroup): (column: string) => ColumnBounds | undefined {
  const chunks = new Map(group.chunks.filter(({ flat }) => flat).map((chunk) => [chunk.column, chunk]));
  return (column) => chunks.get(column);
}

/** Columns that are compared with texts for equality. */
function columnsLookedUp(condition: Condition): ReadonlySet<string> {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return new Set(condition.of.flatMap((part) => [...columnsLookedUp(part)]));
    case 'compare':
      return new Set(condition.than === '=' && typeof condition.value === 'string' ? [condition.column] : []);
    case 'in':
      return new Set(condition.values.every((value) => typeof value === 'string') ? [condition.column] : []);
    default:
      return new Set();
  }
}
