/** Samples as files: CSV that a spreadsheet can open without acting on it, and JSON lines for programs. */

import { csvRenderer } from '../../engine/format/csv.ts';
import { visibleJson } from '../../engine/format/visible.ts';
import type { SampleFile } from './kind.ts';
import { SAMPLE_COLUMNS } from './samples.ts';

const COLUMNS = [
  ...SAMPLE_COLUMNS.map((name) => ({ name, type: 'VARCHAR' })),
  { name: 'ledger_index', type: 'BIGINT' },
];

export function sampleCsv({ rows }: SampleFile): string {
  // As on a terminal: what hides or reorders text is shown as an escape.
  const render = csvRenderer({ width: 0, terminal: true });
  return [
    render.begin(COLUMNS),
    render.rows(rows.map((row) => [...SAMPLE_COLUMNS.map((name) => row[name]), row.ledger_index])),
  ].join('');
}

export const sampleLines = ({ rows }: SampleFile): string =>
  rows.map((row) => `${visibleJson(JSON.stringify(row))}\n`).join('');
