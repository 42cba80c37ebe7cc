/** Reads logs without keeping them, and counts which of their fields the mapping puts into columns. */

import { readFile } from 'node:fs/promises';
import { countFields, type FieldCounts } from '../connectors/field-coverage.ts';
import { normaliserFor } from '../connectors/normalise.ts';
import { recognise, SAMPLE_BYTES, sampleOf } from '../connectors/recognise.ts';
import { Context } from '../schema/ocsf/read.ts';
import { fallbackOf } from '../schema/ocsf/settle.ts';
import { EXPANSION_LIMITS, expand } from './expand.ts';
import { checkPaths, walk } from './walk.ts';

export interface SourceCoverage {
  readonly source: string;
  records: number;
  events: number;
  /** Events whose class is more general than the one that was meant, because a fact it requires is absent. */
  fellBack: number;
  /** Field values, and of those, how many stand in a column. */
  values: number;
  landed: number;
  /** Fields that never landed, most frequent first. */
  onlyInRaw: { readonly field: string; readonly seen: number }[];
}

export interface CoverageReport {
  readonly sources: SourceCoverage[];
}

export async function coverageOf(paths: readonly string[]): Promise<CoverageReport> {
  await checkPaths(paths);
  const sources = new Map<string, { coverage: SourceCoverage; fields: FieldCounts }>();
  for await (const found of walk(paths, [])) {
    if ('code' in found) continue;
    const parts: Uint8Array[] = [];
    for await (const chunk of expand(await readFile(found.path), EXPANSION_LIMITS, () => {}))
      parts.push(chunk);
    const body = Buffer.concat(parts);
    const recognised = recognise(
      sampleOf(found.path, body.subarray(0, SAMPLE_BYTES), body.length <= SAMPLE_BYTES),
    );
    if (recognised === null || recognised.recognition.role !== 'records') continue;
    const { connector } = recognised;
    let own = sources.get(connector.id);
    if (own === undefined) {
      own = {
        coverage: {
          source: connector.id,
          records: 0,
          events: 0,
          fellBack: 0,
          values: 0,
          landed: 0,
          onlyInRaw: [],
        },
        fields: new Map(),
      };
      sources.set(connector.id, own);
    }
    const { coverage, fields } = own;
    const facts = { sha256: '0'.repeat(64), origin: found.path, modified: found.modified };
    const normalise = normaliserFor(connector, facts);
    const splitter = connector.records(
      {
        record(record) {
          const outcome = normalise(record);
          coverage.records++;
          if (outcome.kind === 'event') {
            coverage.events++;
            if (fallbackOf(new Context(outcome.event)) !== null) coverage.fellBack++;
            countFields(fields, record.value ?? record.raw, outcome.event);
          } else if (outcome.kind === 'flow') {
            countFields(fields, record.value ?? record.raw, outcome.flow);
          }
        },
        broken: () => {},
        skipped: () => {},
      },
      facts,
    );
    splitter.push(body);
    await splitter.end();
  }
  return {
    sources: [...sources.values()]
      .map(({ coverage, fields }) => summed(coverage, fields))
      .sort((a, b) => (a.source < b.source ? -1 : 1)),
  };
}

function summed(coverage: SourceCoverage, fields: FieldCounts): SourceCoverage {
  for (const [field, { seen, landed }] of fields) {
    coverage.values += seen;
    coverage.landed += landed;
    if (landed === 0) coverage.onlyInRaw.push({ field, seen });
  }
  coverage.onlyInRaw.sort((a, b) => b.seen - a.seen || (a.field < b.field ? -1 : 1));
  return coverage;
}
