/** Bodies whose rows were made by another mapping than this version's, as the ledger says. */

import { connectorById } from '../connectors/registry.ts';
import { decodeEntry } from '../ledger/entry.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import type { Manifest } from '../vault/manifest.ts';

export interface StaleBody {
  /** As far as reading its records needs it. */
  readonly manifest: Manifest;
  /** Times of its rows as they are stored, microseconds. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
}

/** In the order of their times, so that those that share days are near one another. */
export async function staleBodies(log: LedgerReader, source?: string): Promise<StaleBody[]> {
  const bodies = new Map<string, StaleBody & { readonly mapping: string | null }>();
  for await (const { bytes } of log.readEntries(0, log.size)) {
    const decoded = decodeEntry(bytes);
    if (!decoded.ok) continue;
    const entry = decoded.value;
    if (entry.kind === 'evidence' && entry.role === 'records') {
      const { sha256, size, role, origin, modified, receivedAt, firstTime, lastTime, mapping } = entry;
      const lost = { versionId: entry.versionId, metadata: {}, collector: '' };
      const manifest: Manifest = {
        format: 1,
        source: entry.source,
        role,
        sha256,
        size,
        origin,
        modified,
        receivedAt,
        ...lost,
      };
      bodies.set(sha256, { manifest, firstTime, lastTime, mapping });
    } else if (entry.kind === 'remap') {
      const body = bodies.get(entry.sha256);
      const { firstTime, lastTime, mapping } = entry;
      if (body !== undefined) bodies.set(entry.sha256, { ...body, firstTime, lastTime, mapping });
    }
  }
  const isStale = ({ manifest, mapping }: { manifest: Manifest; mapping: string | null }) => {
    const connector = connectorById(manifest.source);
    return (
      connector !== undefined &&
      connector.mappingVersion !== mapping &&
      (source === undefined || manifest.source === source)
    );
  };
  return [...bodies.values()]
    .filter(isStale)
    .sort(
      (a, b) => (a.firstTime ?? 0) - (b.firstTime ?? 0) || (a.manifest.sha256 < b.manifest.sha256 ? -1 : 1),
    );
}

/** A batch ends when its bodies are about this large after decompression, or this many. */
const BATCH_BYTES = 512 * 2 ** 20;
const BATCH_BODIES = 2000;
/** What gzip usually makes of logs, for guessing. */
const USUAL_RATIO = 12;

export function batchesOf(bodies: readonly StaleBody[], most = BATCH_BODIES): StaleBody[][] {
  const batches: StaleBody[][] = [];
  let bytes = Infinity;
  for (const body of bodies) {
    const { size, origin } = body.manifest;
    const own = size * (origin.endsWith('.gz') ? USUAL_RATIO : 1);
    if (bytes + own > BATCH_BYTES || batches.at(-1)!.length >= most) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(body);
    bytes += own;
  }
  return batches;
}
