/**
 * What Tailpipe's own list says of its files: since 0.7 a DuckLake catalogue, `metadata.sqlite`, in the folder of its data.
 * https://ducklake.select/docs/stable/specification/tables/ducklake_data_file
 */

import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface TailpipeList {
  readonly path: string;
  /** Data files that it lists as current, and those that it has replaced or removed, by name. */
  readonly current: readonly string[];
  readonly ended: readonly string[];
  /** Rows that delete files take out of current files. */
  readonly deletedRows: number;
  /** Tables with rows inside the catalogue itself. */
  readonly inlined: number;
}

/** Beyond these a catalogue is not read; one of a million files has some 200 MB. */
const MOST_BYTES = 2 ** 30;
const MOST_FILES = 5_000_000;

export const CATALOGUE = 'metadata.sqlite';

/** Files of Tailpipe's that hold no records of their own. */
export const isCompanion = (path: string): boolean =>
  /^(?:metadata\.sqlite(?:-wal|-shm)?(?:\.backup\..*)?|metadata\.sqlite\.backup\..*|collection_state.*\.json|.*-delete\.parquet|tailpipe.*\.db|.*\.tpc|migration\.json)$/.test(
    basename(path),
  );

/** Total: a list, or a sentence on why there is none. */
export async function readTailpipeList(path: string): Promise<TailpipeList | { readonly problem: string }> {
  let folder: string | null = null;
  try {
    if ((await stat(path)).size > MOST_BYTES)
      return { problem: `${path} is too large to be Tailpipe's list` };
    // A copy: reading one with a log of changes beside it would write there.
    folder = await mkdtemp(join(tmpdir(), 'akashi-tailpipe-'));
    const copy = join(folder, CATALOGUE);
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => {});
    return await readCopy(path, copy);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return { problem: `${path} cannot be read as Tailpipe's list: ${reason}` };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function readCopy(path: string, copy: string): Promise<TailpipeList | { readonly problem: string }> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(copy);
  try {
    database.exec('PRAGMA trusted_schema = OFF');
    // A view under a table's name may compute anything for ever.
    const tables = new Set(
      database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ducklake%'")
        .all()
        .map(({ name }) => String(name)),
    );
    if (!tables.has('ducklake_data_file')) return { problem: `${path} lists no data files` };
    const [current, ended]: [string[], string[]] = [[], []];
    const rows = database
      .prepare(`SELECT path, end_snapshot IS NULL AS current FROM ducklake_data_file LIMIT ${MOST_FILES}`)
      .iterate();
    for (const row of rows) (row['current'] === 1 ? current : ended).push(basename(String(row['path'])));
    const deletes = tables.has('ducklake_delete_file')
      ? database
          .prepare('SELECT sum(delete_count) AS n FROM ducklake_delete_file WHERE end_snapshot IS NULL')
          .get()
      : undefined;
    const inlined = tables.has('ducklake_inlined_data_tables')
      ? database.prepare('SELECT count(*) AS n FROM ducklake_inlined_data_tables').get()
      : undefined;
    return {
      path,
      current,
      ended,
      deletedRows: Number(deletes?.['n'] ?? 0),
      inlined: Number(inlined?.['n'] ?? 0),
    };
  } finally {
    database.close();
  }
}
