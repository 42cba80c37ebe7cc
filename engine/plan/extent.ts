/** How much a planned statement reads, and bringing it here. */

import { AkashiError } from '../../schema/error.ts';
import type { Snapshot, SnapshotFile } from '../snapshot.ts';
import { gather } from '../stage/gather.ts';
import type { ChosenTable } from './choose.ts';
import { inPlace, type WantedFile } from './parts.ts';
import { wantedParts } from './row-groups.ts';

/** What is read of one table. */
export interface TableExtent {
  readonly chosen: ChosenTable;
  readonly wanted: readonly WantedFile[];
  /** To read, or from a store elsewhere to fetch. */
  readonly bytes: number;
  /** Requests to the store, none where files lie in a folder. */
  readonly requests: number;
}

/** Whether a file has to be brought here. */
export const isElsewhere = ({ parts }: Snapshot, { stored }: SnapshotFile): boolean =>
  parts !== undefined && stored !== undefined;

/** Throws what reading the footers throws. */
export async function extentOf(snapshot: Snapshot, chosen: ChosenTable): Promise<TableExtent> {
  const elsewhere = chosen.files.filter((file) => isElsewhere(snapshot, file));
  const here = chosen.files.filter((file) => !isElsewhere(snapshot, file));
  const local = await wantedParts({ ...chosen, files: here }, inPlace);
  const bytes = local.reduce((sum, file) => sum + chunkBytes(file), 0);
  if (elsewhere.length === 0) return { chosen, wanted: local, bytes, requests: 0 };
  const parts = snapshot.parts!;
  const remote = await wantedParts({ ...chosen, files: elsewhere }, parts);
  const fetched = await parts.extent(remote);
  return { chosen, wanted: [...local, ...remote], bytes: bytes + fetched.bytes, requests: fetched.requests };
}

/** Compressed bytes of the wanted columns in the wanted row groups. */
export const chunkBytes = ({ footer, groups, columns }: WantedFile): number =>
  groups
    .flatMap((index) => footer.groups[index]!.chunks)
    .reduce((sum, { column, length }) => sum + (columns === null || columns.has(column) ? length : 0), 0);

/** Throws AkashiError QUERY_TOO_LARGE when the statement would read more than it may. */
export async function refuseBeyond(
  tables: readonly ChosenTable[],
  { snapshot, maxReadBytes }: { readonly snapshot: Snapshot; readonly maxReadBytes?: number },
): Promise<void> {
  if (maxReadBytes === undefined) return;
  let bytes = 0;
  for (const table of tables) bytes += (await extentOf(snapshot, table)).bytes;
  refuseBytes(bytes, maxReadBytes);
}

/** Throws AkashiError QUERY_TOO_LARGE for more bytes than may be read. */
export function refuseBytes(bytes: number, maxReadBytes: number | undefined): void {
  if (maxReadBytes === undefined || bytes <= maxReadBytes) return;
  throw new AkashiError(
    'QUERY_TOO_LARGE',
    `the query would read ${bytes} bytes, and may read at most ${maxReadBytes}. Ask for a shorter time range or fewer ` +
      'columns, or raise --max-bytes; --explain shows what it would read.',
  );
}

/** The chosen files at paths of this machine; those of a store elsewhere as far as they are needed. */
export async function broughtFiles(
  snapshot: Snapshot,
  chosen: ChosenTable,
): Promise<{ files: readonly SnapshotFile[]; release: () => Promise<void> }> {
  const elsewhere = chosen.files.filter((file) => isElsewhere(snapshot, file));
  if (elsewhere.length === 0)
    return (await gather(chosen)) ?? { files: chosen.files, release: async () => {} };
  const wanted = await wantedParts({ ...chosen, files: elsewhere }, snapshot.parts!);
  const { paths, release } = await snapshot.parts!.stage(wanted);
  const staged = new Map(wanted.map(({ file }, at) => [file, paths[at]!]));
  const files = chosen.files.flatMap((file) => {
    if (!isElsewhere(snapshot, file)) return [file];
    const path = staged.get(file);
    // A file without a row group of interest is not read at all.
    return path === undefined ? [] : [{ ...file, path }];
  });
  return { files, release };
}
