import type { BodySample, Recognition } from '../contract.ts';
import { isTailpipePath, isTailpipeTable } from '../parts/tailpipe-rows.ts';

export const TABLE = 'gcp_audit_log';
/** Columns that no other table of Tailpipe's has together. */
export const COLUMNS = ['insert_id', 'log_name', 'authentication_info'] as const;

export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return isTailpipePath(key, TABLE) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  return isTailpipeTable(sample, TABLE, COLUMNS) ? { role: 'records', confidence: 0.95 } : null;
}
