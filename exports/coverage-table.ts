/** The table `coverage` for queries: derived as of an instant, in a private file that is gone afterwards. */

import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '../engine/snapshot.ts';
import { coverageFile } from '../stages/lake-coverage.ts';
import type { Head } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';

/** Runs `work` over the snapshot with that table in it; at the newest head, if none is given. `asOf` in microseconds. */
export async function withCoverageTable<T>(
  stores: Stores,
  snapshot: Snapshot,
  asOf: number,
  work: (snapshot: Snapshot) => Promise<T>,
  at?: Head,
): Promise<T> {
  const bytes = await coverageFile(stores, asOf, at);
  if (bytes === null) return work(snapshot);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-coverage-'));
  try {
    const path = join(folder, 'coverage.parquet');
    await writeFile(path, bytes, { mode: 0o400 });
    const file = { path, day: 'undated', rows: 0, bytes: bytes.length, overlaps: false };
    return await work({ ...snapshot, tables: { ...snapshot.tables, coverage: { files: [file] } } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
