/**
 * Golden pairs: `samples/<name>` as the vendor sends it, `samples/<name>.expected.json` beside it with one outcome per
 * record, in order: `{"event":{column: value}}`, `{"flow":{…}}`, `{"skipped":"reason"}` or `{"unreadable":"code"}`.
 * Times are written as ISO 8601. Columns left out must be null, but for those every source gets alike.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Normalised } from '../../connectors/contract.ts';

/** Filled for every record by the pipeline or the vocabulary, and tested there. Expected files may still name them. */
const COMMON = new Set([
  'source',
  'read_only',
  'cloud',
  'class',
  'class_uid',
  'activity',
  'type_uid',
  'severity',
  'action',
  'identity',
  'raw',
  'evidence',
  'locator',
  'mapping_version',
  'ocsf_extra',
]);

export interface GoldenPair {
  readonly name: string;
  readonly body: Buffer;
  readonly expected: readonly Record<string, unknown>[];
}

export function goldenPairs(connectorFolder: URL): GoldenPair[] {
  const samples = new URL('samples/', connectorFolder);
  const names = readdirSync(samples);
  return names
    .filter((name) => !name.endsWith('.expected.json'))
    .map((name) => {
      const body = readFileSync(new URL(name, samples));
      const expectedName = `${name}.expected.json`;
      if (!names.includes(expectedName)) throw new Error(`${name} has no ${expectedName} beside it`);
      return {
        name,
        body: name.endsWith('.gz') ? gunzipSync(body) : body,
        expected: JSON.parse(readFileSync(new URL(expectedName, samples), 'utf8')) as Record<
          string,
          unknown
        >[],
      };
    });
}

/** What an outcome says, in the form of the expected files, with the columns that `expected` does not ask for left out. */
export function comparable(
  outcome: Normalised,
  expected: Record<string, unknown> | undefined,
): Record<string, unknown> {
  switch (outcome.kind) {
    case 'skipped':
      return { skipped: outcome.reason };
    case 'unreadable':
      return { unreadable: outcome.code };
    case 'event':
      return { event: columnsOf(outcome.event, expected?.['event']) };
    case 'flow':
      return { flow: columnsOf(outcome.flow, expected?.['flow']) };
  }
}

function columnsOf(row: object, expected: unknown): Record<string, unknown> {
  const asked = new Set(Object.keys((expected ?? {}) as object));
  const shown: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    if (value === null || (COMMON.has(column) && !asked.has(column))) continue;
    if (column === 'uid' && !asked.has(column) && /^[0-9a-f]{32}$/.test(String(value))) continue;
    if (
      (column === 'request' || column === 'response' || column === 'extra' || column === 'ocsf_extra') &&
      typeof value === 'string'
    ) {
      shown[column] = JSON.parse(value);
    } else if ((column === 'time' || column === 'end_time') && typeof value === 'number') {
      shown[column] = iso(value);
    } else {
      shown[column] = value;
    }
  }
  return shown;
}

/** `2023-07-10T11:45:00Z`, with as many digits of the second as it needs. */
function iso(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const text = new Date(seconds * 1000).toISOString().replace('.000Z', '');
  const rest = micros - seconds * 1e6;
  return rest === 0 ? `${text}Z` : `${text}.${String(rest).padStart(6, '0').replace(/0+$/, '')}Z`;
}
