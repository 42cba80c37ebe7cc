/** Runs one body through a connector as the pipeline does, and keeps every outcome in order. */

import { createHash } from 'node:crypto';
import type { BodyFacts, BrokenRecord, Normalised, Source, SourceRecord } from '../../connectors/contract.ts';
import { normaliserFor } from '../../connectors/normalise.ts';

export interface Outcome {
  readonly locator: string | null;
  readonly record: SourceRecord | null;
  readonly outcome: Normalised;
}

/** A fixed last-modified time, so that lines without a year always give the same rows: 2024-01-15T00:00:00Z. */
export const SAMPLE_MODIFIED = Date.UTC(2024, 0, 15) * 1000;

export async function readBody(
  source: Source,
  body: Uint8Array,
  options: { origin?: string; chunkBytes?: number } = {},
): Promise<Outcome[]> {
  const facts: BodyFacts = {
    sha256: createHash('sha256').update(body).digest('hex'),
    origin: options.origin ?? 'sample',
    modified: SAMPLE_MODIFIED,
  };
  const outcomes: Outcome[] = [];
  const normalise = normaliserFor({ mappingVersion: `${source.id}/test`, ...source }, facts);
  const splitter = source.records(
    {
      record: (record) => {
        outcomes.push({
          locator: record.locator,
          record: { ...record, bytes: record.bytes?.slice() ?? null },
          outcome: normalise(record),
        });
      },
      broken: ({ locator, code, path, problem }: BrokenRecord) => {
        outcomes.push({ locator, record: null, outcome: { kind: 'unreadable', code, path, problem } });
      },
      skipped: (reason) => {
        outcomes.push({ locator: null, record: null, outcome: { kind: 'skipped', reason } });
      },
    },
    facts,
  );
  const size = options.chunkBytes ?? Math.max(1, body.length);
  for (let at = 0; at < body.length; at += size) splitter.push(Buffer.from(body.subarray(at, at + size)));
  await splitter.end();
  return outcomes;
}
