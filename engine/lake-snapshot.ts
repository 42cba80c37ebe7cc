/** The lake at one head, as the query engine wants it. */

import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { TABLES, type TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { type Head, readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import { needlePlaces } from './needle-places.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';
import { PartCache } from './stage/part-cache.ts';
import { remoteParts } from './stage/remote-parts.ts';

/** Reads the head and lists every table's files as paths. The lake may grow meanwhile: the snapshot stays what it is. */
export async function readSnapshot(lake: Lake): Promise<Snapshot> {
  return snapshotAt(lake, (await readHead(lake.state)).head);
}

/** The same at a head that was read before. */
export async function snapshotAt(lake: Lake, head: Head): Promise<Snapshot> {
  const { remote } = lake;
  const tables = {} as Record<TableName, { files: SnapshotFile[] }>;
  for (const table of Object.keys(TABLES) as TableName[]) {
    const { files, overlapDays } = await readTable(lake.vault, head, table);
    const overlapping = new Set(overlapDays);
    tables[table] = {
      files: files.map((file) => ({
        path: remote === undefined ? ownFile(placeOf(lake, file.key)) : file.key,
        day: file.day,
        rows: file.rows,
        bytes: file.bytes,
        overlaps: overlapping.has(file.day),
        copies: file.copies === true,
        minTime: file.minTime,
        maxTime: file.maxTime,
        fieldIds: true,
        stored: { key: file.key, sha256: file.sha256, ranges: file.ranges },
      })),
    };
  }
  const needles = needlePlaces(lake.state, head);
  if (remote === undefined) return { head: headName(head), needles, tables };
  const cache = new PartCache(join(lake.root, 'cache'), () => lake.scratchPath('.part'));
  const parts = remoteParts({ cache, vault: lake.vault, newest: (key, range) => remote.newest(key, range) });
  return { head: headName(head), parts, needles, tables };
}

function placeOf({ vault }: Lake, key: string): string {
  if (vault.localPath !== undefined) return vault.localPath(key);
  throw new AkashiError(
    'STORE_UNSUPPORTED',
    `The files of ${vault.name} can be read by no query: it has neither paths on this machine nor a way to fetch them.`,
  );
}

/** The path, if it is no link: in a lake that came from somebody else one could point at any file of this machine. Throws DATA_IS_LINK. */
export function ownFile(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new AkashiError(
      'DATA_IS_LINK',
      `"${path}" is a link, and a lake holds files only: it was put there by somebody else. Run \`akashi verify --deep\`.`,
    );
  }
  return path;
}

/** Names a state of the lake: the seal's number and a hash of what it points to. */
export function headName(head: Head): string {
  const digest = createHash('sha256').update(JSON.stringify(head.tables)).digest('hex').slice(0, 16);
  return `${head.sequence}-${digest}`;
}
