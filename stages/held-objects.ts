/** Which objects of a source the lake holds, by where they came from and the version that place gave them. */

import { ETAG } from '../connectors/delivery/etag.ts';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import { drainPending, type Stores } from '../vault/evidence.ts';
import { readRows } from './parquet-rows.ts';

/** One text for an object as it was at a version. */
export const heldName = (origin: string, version: string): string => `${origin}\n${version}`;

/** Names of all bodies of a source, sealed or waiting, and hashes of those that are sealed. */
export async function heldObjects(
  stores: Stores,
  source: string,
): Promise<{ readonly names: Set<string>; readonly sealed: Set<string> }> {
  const names = new Set<string>();
  const sealed = new Set<string>();
  const take = (origin: string, metadata: Readonly<Record<string, unknown>>) => {
    const etag = metadata[ETAG];
    if (typeof etag === 'string') names.add(heldName(origin, etag));
  };
  const { head } = await readHead(stores.state);
  const { files } = await readTable(stores.vault, head, 'evidence');
  for (const { key } of files) {
    const rows = await readRows((await stores.vault.get(key)).body, [
      'sha256',
      'source',
      'origin',
      'metadata',
    ]);
    for (const row of rows) {
      sealed.add(String(row['sha256']));
      if (row['source'] === source && row['metadata'] !== null)
        take(String(row['origin']), parsed(String(row['metadata'])));
    }
  }
  for await (const item of drainPending(stores.state))
    if ('manifest' in item && item.manifest.source === source)
      take(item.manifest.origin, item.manifest.metadata);
  return { names, sealed };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
