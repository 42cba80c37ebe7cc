/** `--explain`: what a statement would read, and who would be asked. */

import { explainPlaced } from '../engine/athena/ask.ts';
import type { Choice } from '../engine/athena/choose.ts';
import type { QueryPlan } from '../engine/explain.ts';
import type { QueryRequest } from '../engine/query.ts';
import type { Asking } from './query-engine.ts';
import { bytesText, counted, grouped, jsonText, textTable } from './terminal.ts';

/** Prints what a statement would read, and which engine would be asked. */
export async function explain(
  request: QueryRequest,
  { engine, athena }: Asking,
  json: boolean,
): Promise<number> {
  const { plan, choice } = await explainPlaced(request, { engine });
  if (json) {
    process.stdout.write(`${jsonText(athena === null ? plan : { ...plan, ...choice })}\n`);
    return 0;
  }
  const right = true as const;
  const rows = plan.scans.map((scan) => [
    scan.table,
    grouped(scan.files),
    grouped(scan.rowGroups),
    bytesText(scan.bytes),
    columnsText(scan.columns),
    scan.filters.join(' and '),
  ]);
  const columns = [
    { title: 'table' },
    ...['files', 'row groups', 'bytes'].map((title) => ({ title, right })),
    { title: 'columns' },
    { title: 'filters' },
  ];
  process.stdout.write(
    `${textTable(columns, rows)}\n\n${counted(plan.files, 'file')}, ${counted(plan.rowGroups, 'row group')}, ` +
      `${bytesText(plan.bytes)} to read, ${(100 * plan.share).toFixed(1)} % of the ${bytesText(plan.tableBytes)} in those tables\n` +
      `${fetchText(plan)}about ${secondsText(plan.seconds)}; head ${plan.head}\n${athena === null ? '' : placeText(choice)}`,
  );
  return 0;
}

/** Most columns of a table that are named; --json names all. */
const NAMED = 8;

/** Of `select *` the count says more than a line of several hundred characters. */
export const columnsText = (names: readonly string[]): string =>
  names.length <= NAMED + 1
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${grouped(names.length - NAMED)} more`;

const placeText = ({ engine, why, athenaDollars }: Choice): string =>
  `asked of ${engine === 'athena' ? 'Athena' : 'DuckDB on this machine'}, because ${why}; Athena would ask $${athenaDollars.toFixed(4)} or more\n`;

/** What a store elsewhere is asked for; parts that lie on this machine already are not. */
const fetchText = ({ requests, fetchBytes, dollars }: QueryPlan): string =>
  requests === 0
    ? ''
    : `${bytesText(fetchBytes)} to fetch in ${counted(requests, 'request')}, at most $${dollars.toFixed(4)} where the store charges for transfer; `;

const secondsText = (seconds: number): string =>
  seconds < 10
    ? `${seconds.toFixed(1)} s`
    : seconds < 120
      ? `${Math.round(seconds)} s`
      : `${Math.round(seconds / 60)} min`;
