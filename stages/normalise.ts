/** NORMALISE: one preserved body → rows and counts. Pure: the same bytes, facts and mapping give the same rows. */

import type { BodyFacts, BrokenRecord, Connector } from '../connectors/contract.ts';
import { normaliserFor } from '../connectors/normalise.ts';
import type { AuditEvent, Flow, Row } from '../schema/columns.ts';
import { dropMemory } from '../tables/parquet/memory-pool.ts';
import { type ExpansionLimits, expand, type StoredBody } from './expand.ts';

/** Where rows go. `exactRaw` are the record's bytes, valid during the call only. */
export interface RowSink {
  event(row: AuditEvent, exactRaw: Uint8Array | null): void;
  flow(row: Flow, exactRaw: Uint8Array | null): void;
  quarantine(row: Row<'quarantine'>): void;
  /** Called between chunks of the body: the place to write out what has gathered. */
  settle(): Promise<void> | void;
}

/** records = events + flows + skipped + unreadable, always. */
export interface BodyCounts {
  records: number;
  events: number;
  flows: number;
  skipped: number;
  unreadable: number;
  /** Skipped records by reason. */
  skipReasons: Record<string, number>;
  /** Bytes after decompression. */
  expandedSize: number;
  /** Earliest and latest time of its rows, microseconds since the epoch. */
  firstTime: number | null;
  lastTime: number | null;
}

const newCounts = (): BodyCounts => ({
  records: 0,
  events: 0,
  flows: 0,
  skipped: 0,
  unreadable: 0,
  skipReasons: {},
  expandedSize: 0,
  firstTime: null,
  lastTime: null,
});

/** Chunks handed to a splitter at most this long, so that `settle` gets its turn. */
const PUSH_BYTES = 2 ** 20;

/** Reads a whole body through its connector. Throws only when the body cannot be read from its store. */
export async function normaliseBody(
  connector: Connector,
  facts: BodyFacts,
  body: StoredBody,
  limits: ExpansionLimits,
  rows: RowSink,
): Promise<BodyCounts> {
  const counts = newCounts();
  const normalise = normaliserFor(connector, facts);

  const broken = (record: BrokenRecord) => {
    counts.records++;
    counts.unreadable++;
    rows.quarantine({
      evidence: facts.sha256,
      source: connector.id,
      locator: record.locator,
      path: record.path,
      problem: record.problem,
      code: record.code,
      raw: record.raw,
      mapping_version: connector.mappingVersion,
    });
  };

  const skipped = (reason: string) => {
    counts.records++;
    counts.skipped++;
    counts.skipReasons[reason] = (counts.skipReasons[reason] ?? 0) + 1;
  };

  const splitter = connector.records(
    {
      record(record) {
        const outcome = normalise(record);
        switch (outcome.kind) {
          case 'event':
            counts.records++;
            counts.events++;
            widen(counts, outcome.event.time);
            rows.event(outcome.event, record.bytes);
            return;
          case 'flow':
            counts.records++;
            counts.flows++;
            widen(counts, outcome.flow.time);
            rows.flow(outcome.flow, record.bytes);
            return;
          case 'skipped':
            skipped(outcome.reason);
            return;
          case 'unreadable':
            broken({ ...outcome, locator: record.locator, raw: record.raw.slice(0, 4096) });
            return;
          default:
            outcome satisfies never;
        }
      },
      broken,
      skipped,
    },
    facts,
  );

  let expansion: BrokenRecord | null = null;
  const chunks = expand(body, limits, ({ code, problem }) => {
    expansion = { locator: '', code, path: '', problem, raw: '' };
  });
  let chunkCount = 0;
  let only: Uint8Array | null = null;
  for await (const chunk of chunks) {
    only = chunkCount++ === 0 && chunk !== body ? chunk : null;
    for (let at = 0; at < chunk.length; at += PUSH_BYTES) {
      splitter.push(chunk.subarray(at, at + PUSH_BYTES));
      await rows.settle();
    }
    counts.expandedSize += chunk.length;
  }
  await splitter.end();
  // Nothing looks at the body any more. One that came in many chunks was let go of chunk by chunk.
  if (only !== null && body instanceof Uint8Array) dropMemory(only);
  if (expansion !== null)
    broken({
      ...(expansion as BrokenRecord),
      locator: `bytes=${counts.expandedSize}-${counts.expandedSize}`,
    });
  await rows.settle();
  return counts;
}

function widen(counts: BodyCounts, time: number | null): void {
  if (time === null) return;
  if (counts.firstTime === null || time < counts.firstTime) counts.firstTime = time;
  if (counts.lastTime === null || time > counts.lastTime) counts.lastTime = time;
}
