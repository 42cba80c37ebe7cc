import type { BodySample, Recognition } from '../contract.ts';
import { isTailpipePath, isTailpipeTable } from '../parts/tailpipe-rows.ts';

export const TABLE = 'azure_activity_log';
/** Columns that no other table of Tailpipe's has together. */
export const COLUMNS = ['event_data_id', 'authorization_info', 'resource_provider_name'] as const;

export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return isTailpipePath(key, TABLE) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  return isTailpipeTable(sample, TABLE, COLUMNS) ? { role: 'records', confidence: 0.95 } : null;
}
