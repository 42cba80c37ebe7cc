import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { flowOfRow } from '../parts/aws-flow-row.ts';
import { parseTime } from '../parts/time.ts';
import { isObject } from '../parts/value.ts';

/** Columns that Tailpipe named otherwise than AWS names the field. */
const FIELDS: Readonly<Record<string, string>> = {
  src_addr: 'srcaddr',
  dst_addr: 'dstaddr',
  src_port: 'srcport',
  dst_port: 'dstport',
  start_time: 'start',
  end_time: 'end',
  pkt_src_addr: 'pkt_srcaddr',
  pkt_dst_addr: 'pkt_dstaddr',
};

/** Not of the record: when CloudWatch Logs exported it. */
const OTHERS = new Set(['export_timestamp']);

export function normalise({ value }: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(value))
    return { kind: 'unreadable', code: 'not_an_object', path: '', problem: 'a row is an object' };
  const row: Record<string, unknown> = {};
  for (const [column, cell] of Object.entries(value)) {
    if (column.startsWith('tp_') || OTHERS.has(column)) continue;
    const field = Object.hasOwn(FIELDS, column) ? FIELDS[column]! : column;
    row[field] = field === 'start' || field === 'end' ? secondsOf(cell) : cell;
  }
  return flowOfRow(row, undefined);
}

/** As AWS writes times, seconds since 1970; what is none stays as it is, and is told as wrong. */
function secondsOf(cell: unknown): unknown {
  const micros = parseTime(cell);
  return micros === null ? cell : Math.floor(micros / 1e6);
}
