/**
 * Bodies that were preserved and not sealed: their manifests lay in the inbox, and went with the state store. They are
 * put into the inbox again, with what is still known of where they came from.
 */

import { recognise, SAMPLE_BYTES, sampleOf } from '../connectors/recognise.ts';
import { connectorById } from '../connectors/registry.ts';
import { decodeGrowth } from '../ledger/growth.ts';
import type { Row } from '../schema/columns.ts';
import { expandedHead } from '../stages/collect.ts';
import { COLLECTOR } from '../stages/custody.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { hashObject } from '../stages/verify/hashing.ts';
import { hashBytes } from '../vault/durable-file.ts';
import { drainPending, type Stores } from '../vault/evidence.ts';
import { PREFIXES, parseKey, pendingKey } from '../vault/keys.ts';
import { encodeManifest, type Manifest } from '../vault/manifest.ts';
import { pooled } from '../vault/pool.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import type { PassedOver } from './sealed-tree.ts';

export interface Orphans {
  /** Put into the inbox; the next seal takes them. */
  readonly taken: number;
  /** Of those, how many still know where they came from: a seal that was interrupted had said it. */
  readonly withOrigin: number;
  readonly passedOver: readonly PassedOver[];
}

const AT_ONCE = 8;

/** `sealed`: SHA-256 of every body the ledger names. `later`: keys of growths of seals that never came to count. */
export async function takeOrphans(
  stores: Stores,
  sealed: ReadonlySet<string>,
  later: readonly string[],
  now: number,
): Promise<Orphans> {
  const waiting = new Set<string>();
  for await (const item of drainPending(stores.state))
    if ('manifest' in item) waiting.add(item.manifest.sha256);
  const passedOver: PassedOver[] = [];
  const orphans: { key: string; source: string; sha256: string; size: number }[] = [];
  for await (const { key, size } of stores.vault.list(PREFIXES.evidence)) {
    const named = parseKey(key);
    if (named?.class !== 'evidence') passedOver.push({ key, problem: 'no body has such a name' });
    else if (!sealed.has(named.sha256) && !waiting.has(named.sha256)) orphans.push({ key, size, ...named });
  }
  if (orphans.length === 0) return { taken: 0, withOrigin: 0, passedOver };
  const known = await originsIn(stores, later);
  let taken = 0;
  let withOrigin = 0;
  await pooled(orphans, AT_ONCE, async ({ key, source, sha256, size }) => {
    const hashed = await hashObject(stores.vault, key);
    if ('problem' in hashed || hashed.sha256 !== sha256) {
      const problem = 'problem' in hashed ? hashed.problem : 'its bytes are not those its name was made from';
      passedOver.push({ key, problem });
      return;
    }
    const origin = known.get(sha256);
    const manifest: Manifest = origin ?? {
      format: 1,
      source,
      role: await roleOf(stores, key, source, size),
      sha256,
      size,
      origin: `${key}, found again without its provenance`,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: now,
      collector: COLLECTOR,
    };
    const bytes = encodeManifest(manifest);
    await stores.state.putIfAbsent(
      pendingKey(sha256, hashBytes(bytes).slice(0, 16)),
      bytes,
      WRITE_KINDS.pending,
    );
    taken++;
    if (origin !== undefined) withOrigin++;
  });
  return { taken, withOrigin, passedOver };
}

/** What an interrupted seal had said of bodies. Nobody signed it, as nobody signs what waits in the inbox. */
async function originsIn({ vault }: Stores, growths: readonly string[]): Promise<Map<string, Manifest>> {
  const known = new Map<string, Manifest>();
  for (const key of growths) {
    const growth = decodeGrowth(key, (await vault.get(key)).body);
    if (!growth.ok) continue;
    for (const { table, rows } of growth.value.rows) {
      if (table !== 'evidence') continue;
      for (const row of rows) {
        const manifest = manifestOf(row as Row<'evidence'>);
        if (manifest !== null) known.set(manifest.sha256, manifest);
      }
    }
  }
  return known;
}

function manifestOf(row: Row<'evidence'>): Manifest | null {
  try {
    const manifest: Manifest = {
      format: 1,
      source: row.source!,
      role: row.role as Manifest['role'],
      sha256: row.sha256!,
      size: row.size!,
      origin: row.origin!,
      versionId: row.version_id,
      metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, string>),
      modified: row.modified_at,
      receivedAt: row.received_at!,
      collector: COLLECTOR,
    };
    encodeManifest(manifest);
    return manifest;
  } catch {
    // Anybody may have left it there.
    return null;
  }
}

/** What the body itself says, as far as its source is known. */
async function roleOf(
  { vault }: Stores,
  key: string,
  source: string,
  size: number,
): Promise<Manifest['role']> {
  if (connectorById(source) === undefined) return 'unrecognised';
  if (size === 0) return 'records';
  const head = await vault.getRange(key, 0, Math.min(size, 2 * SAMPLE_BYTES));
  const { bytes, complete } = await expandedHead(head, head.length === size, EXPANSION_LIMITS);
  const found = recognise(sampleOf(key, bytes, complete));
  return found?.connector.id === source ? found.recognition.role : 'records';
}
