/** What a run finds of earlier ones: bodies sealed already, and manifests still in the inbox. */

import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import { drainPending, type Stores } from '../vault/evidence.ts';
import type { Manifest } from '../vault/manifest.ts';

/** Hash and source of every body the head commits to. */
export async function readEvidenceRows({
  vault,
  state,
}: Stores): Promise<{ sha256: string; source: string }[]> {
  const { head } = await readHead(state);
  const { files } = await readTable(vault, head, 'evidence');
  const found: { sha256: string; source: string }[] = [];
  for (const { key } of files) {
    const { body } = await vault.get(key);
    const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer;
    const rows = await parquetReadObjects({ file, columns: ['sha256', 'source'], compressors });
    for (const row of rows) found.push({ sha256: String(row['sha256']), source: String(row['source']) });
  }
  return found;
}

/** SHA-256 of every body the head commits to. */
export async function sealedEvidence(stores: Stores): Promise<Set<string>> {
  return new Set((await readEvidenceRows(stores)).map(({ sha256 }) => sha256));
}

export interface Inbox {
  /** One manifest per body that is not sealed yet. */
  readonly manifests: readonly Manifest[];
  /** Every key of the inbox that is done with once those bodies are sealed. */
  readonly keys: readonly string[];
  /** What lies in the inbox and is no manifest: left where it is, and told. */
  readonly problems: readonly { readonly key: string; readonly problem: string }[];
}

/** Everything that waits to be sealed. */
export async function readInbox(stores: Stores, sealed: ReadonlySet<string>): Promise<Inbox> {
  const manifests = new Map<string, Manifest>();
  const keys: string[] = [];
  const problems: { key: string; problem: string }[] = [];
  for await (const item of drainPending(stores.state)) {
    if ('problem' in item) {
      problems.push(item);
      continue;
    }
    keys.push(item.key);
    // Of several manifests for one body the first by key decides; the ledger keeps them all.
    if (!sealed.has(item.manifest.sha256) && !manifests.has(item.manifest.sha256)) {
      manifests.set(item.manifest.sha256, item.manifest);
    }
  }
  return { manifests: [...manifests.values()], keys, problems };
}
