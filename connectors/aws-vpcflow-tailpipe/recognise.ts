import type { BodySample, Recognition } from '../contract.ts';
import { isTailpipePath, isTailpipeTable } from '../parts/tailpipe-rows.ts';

export const TABLE = 'aws_vpc_flow_log';
/** Columns that no other table of Tailpipe's has together. */
export const COLUMNS = ['src_addr', 'dst_addr', 'interface_id'] as const;

export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return isTailpipePath(key, TABLE) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  return isTailpipeTable(sample, TABLE, COLUMNS) ? { role: 'records', confidence: 0.95 } : null;
}
