/** The evidence table as its readers need it: one row for each preserved body. */

import { type Head, readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { readRows } from './parquet-rows.ts';

export interface EvidenceRow {
  readonly sha256: string;
  readonly size: number;
  readonly source: string;
  readonly role: string;
  readonly origin: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly receivedAt: number;
  readonly records: number;
}

const COLUMNS = ['sha256', 'size', 'source', 'role', 'origin', 'metadata', 'received_at', 'records'];

export async function* evidenceRows({ vault, state }: Stores, at?: Head): AsyncGenerator<EvidenceRow> {
  const head = at ?? (await readHead(state)).head;
  const { files } = await readTable(vault, head, 'evidence');
  for (const { key } of files) {
    for (const row of await readRows((await vault.get(key)).body, COLUMNS))
      yield {
        sha256: String(row['sha256']),
        size: Number(row['size']),
        source: String(row['source']),
        role: String(row['role']),
        origin: String(row['origin']),
        metadata: metadataOf(row['metadata']),
        receivedAt: Number(row['received_at']),
        records: Number(row['records'] ?? 0),
      };
  }
}

/** As the pipeline wrote it; anything else counts as lost. */
function metadataOf(cell: unknown): Readonly<Record<string, string>> {
  if (typeof cell !== 'string') return {};
  try {
    const entries = Object.entries((JSON.parse(cell) ?? {}) as Record<string, unknown>);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
