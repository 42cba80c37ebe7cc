/** One batch of preserved bodies through NORMALISE and STORE. Nothing it writes is visible before a seal. */

import { connectorById } from '../connectors/registry.ts';
import type { Row } from '../schema/columns.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey } from '../vault/keys.ts';
import type { Manifest } from '../vault/manifest.ts';
import { type ExpansionLimits, SYNC_STORED } from './expand.ts';
import type { HourCount } from './hour-tally.ts';
import { type BodyCounts, normaliseBody } from './normalise.ts';
import { type BatchFiles, BatchWriter, batchId } from './store.ts';

export interface JobResult {
  readonly files: BatchFiles;
  /** One row per body, with its counts. */
  readonly evidence: readonly Row<'evidence'>[];
  /** Its rows counted by hour. */
  readonly tally: readonly HourCount[];
  /** The needle index of its data files, by key; made again from a file whose own is not here. */
  readonly needles?: ReadonlyMap<string, FilePart>;
}

const NO_RECORDS: BodyCounts = {
  records: 0,
  events: 0,
  flows: 0,
  skipped: 0,
  unreadable: 0,
  skipReasons: {},
  expandedSize: 0,
  firstTime: null,
  lastTime: null,
};

/** `onBody` hears of each body's stored bytes as it is done. */
export async function runJob(
  stores: Stores,
  manifests: readonly Manifest[],
  limits: ExpansionLimits,
  onBody: (bytes: number, counts: BodyCounts) => void = () => {},
): Promise<JobResult> {
  // In the order of their hashes: rows, parts and their names do not depend on how the bodies were found.
  const bodies = [...manifests].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const mappings = bodies.map(({ source }) => connectorById(source)?.mappingVersion ?? 'none');
  const writer = new BatchWriter(
    stores.vault,
    stores.state,
    batchId(
      bodies.map(({ sha256 }) => sha256),
      mappings,
    ),
  );
  const evidence: Row<'evidence'>[] = [];
  for (const manifest of bodies) {
    const counts = await readBody(stores, manifest, limits, writer);
    evidence.push(evidenceRow(manifest, counts));
    onBody(manifest.size, counts);
  }
  return {
    files: await writer.finish(),
    evidence,
    tally: writer.tally.counts(),
    needles: writer.needles,
  };
}

/** A digest or an unrecognised body is kept and holds no records for us. */
async function readBody(
  { vault }: Stores,
  { source, role, sha256, size, origin, modified }: Manifest,
  limits: ExpansionLimits,
  writer: BatchWriter,
): Promise<BodyCounts> {
  const connector = connectorById(source);
  if (connector === undefined || role !== 'records') return NO_RECORDS;
  const key = evidenceKey(source, sha256);
  const body = size <= SYNC_STORED ? (await vault.get(key)).body : () => vault.openRead(key);
  return normaliseBody(connector, { sha256, origin, modified }, body, limits, writer);
}

function evidenceRow(manifest: Manifest, counts: BodyCounts): Row<'evidence'> {
  return {
    sha256: manifest.sha256,
    size: manifest.size,
    source: manifest.source,
    role: manifest.role,
    origin: manifest.origin,
    version_id: manifest.versionId,
    metadata: Object.keys(manifest.metadata).length === 0 ? null : JSON.stringify(manifest.metadata),
    modified_at: manifest.modified,
    received_at: manifest.receivedAt,
    expanded_size: counts.expandedSize,
    records: counts.records,
    events: counts.events,
    flows: counts.flows,
    skipped: counts.skipped,
    unreadable: counts.unreadable,
    skip_reasons: counts.skipped === 0 ? null : JSON.stringify(counts.skipReasons),
    first_time: counts.firstTime,
    last_time: counts.lastTime,
    mapping_version: connectorById(manifest.source)?.mappingVersion ?? null,
    // The store is asked when it is sealed.
    retain_until: null,
    // Whoever judges it later says so in rows and entries of their own.
    verdict: null,
    verdict_at: null,
  };
}
