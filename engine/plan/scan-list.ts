/** Scans as another process tells them: only their form is believed. */

import { ANY, type Condition, type Constant } from './condition.ts';
import type { RawScan } from './duckdb-plan.ts';

const MOST_DEPTH = 50;

/** Null, which is anything, for what is no list of scans. */
export function readScanList(value: unknown): readonly RawScan[] | null {
  if (!Array.isArray(value)) return null;
  const scans = (value as readonly unknown[]).map((one): RawScan | null => {
    const { name, columns, condition } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !Array.isArray(columns)) return null;
    if (!columns.every((column) => typeof column === 'string')) return null;
    return { name, columns: columns as string[], condition: readCondition(condition, 0) };
  });
  return scans.every((scan) => scan !== null) ? scans : null;
}

function readCondition(value: unknown, depth: number): Condition {
  const { kind, of, column, than, value: constant, values, is } = (value ?? {}) as Record<string, unknown>;
  if (depth > MOST_DEPTH) return ANY;
  if ((kind === 'and' || kind === 'or') && Array.isArray(of) && of.length > 0) {
    return { kind, of: (of as readonly unknown[]).map((part) => readCondition(part, depth + 1)) };
  }
  if (typeof column !== 'string') return ANY;
  if (kind === 'compare' && isSign(than) && isConstant(constant))
    return { kind, column, than, value: constant };
  if (kind === 'in' && Array.isArray(values) && values.every(isConstant)) return { kind, column, values };
  if (kind === 'null' && typeof is === 'boolean') return { kind, column, is };
  return ANY;
}

const isSign = (value: unknown): value is '=' | '<' | '<=' | '>' | '>=' =>
  typeof value === 'string' && ['=', '<', '<=', '>', '>='].includes(value);
const isConstant = (value: unknown): value is Constant =>
  ['string', 'number', 'boolean'].includes(typeof value);
