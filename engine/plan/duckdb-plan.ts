/** Reads scans, their columns and their conditions out of a plan as DuckDB's `json_serialize_plan` writes it. */

import { ANY, allOf, type Condition, type Constant, oneOf } from './condition.ts';

/** One scan of a stand-in. */
export interface RawScan {
  readonly name: string;
  readonly columns: readonly string[];
  readonly condition: Condition;
}

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [member: string]: Json | undefined;
}

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : [];
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const member = (value: Json | undefined, name: string): JsonObject =>
  isObject(value) && isObject(value[name]) ? value[name] : {};

/** Null where the plan holds something that cannot be understood: then anything may be read. */
export function scansOf(plan: unknown): readonly RawScan[] | null {
  const scans: RawScan[] = [];
  const visit = (node: JsonObject, above: readonly JsonObject[]): boolean => {
    const children = objects(node['children']);
    if (node['type'] === 'LOGICAL_GET') {
      const scan = scanOf(node, above);
      if (scan !== null) scans.push(scan);
      return scan !== null && children.every((child) => visit(child, []));
    }
    // Conditions that did not reach the scan itself stand right above it; one more above may number columns otherwise.
    const filters = node['type'] === 'LOGICAL_FILTER' ? objects(node['expressions']) : [];
    return children.every((child) => visit(child, filters));
  };
  return isObject(plan as Json) && visit(plan as JsonObject, []) ? scans : null;
}

/** Functions in FROM read no table: nothing of theirs is a scan of ours. */
function scanOf(get: JsonObject, above: readonly JsonObject[]): RawScan | null {
  const table = member(get, 'function_data')['table'];
  if (typeof table !== 'string')
    return get['name'] === 'seq_scan' ? null : { name: '', columns: [], condition: ANY };
  const names = Array.isArray(get['names']) ? get['names'] : [];
  const indexes = objects(get['column_indexes']).map(({ index }) => Number(index));
  const nameAt = (index: number): string | null => {
    const name = names[index];
    return typeof name === 'string' ? name : null;
  };
  // An index beyond the columns is the row's own number, for counting: no column is read for it.
  const columns = indexes.map(nameAt).filter((name) => name !== null);
  const conditions = objects(member(get, 'table_filters')['filters']).map(({ key, value }) => {
    const name = nameAt(Number(key));
    return name === null ? ANY : filterCondition(value, name);
  });
  const projected = Array.isArray(get['projection_ids']) ? get['projection_ids'].map(Number) : [];
  const output = projected.length > 0 ? projected.map((at) => indexes[at] ?? -1) : indexes;
  const outputName = (at: number) => nameAt(output[at] ?? -1);
  for (const expression of above) conditions.push(expressionCondition(expression, outputName));
  return { name: table, columns, condition: allOf(conditions) };
}

/** A filter of the scan on one column. */
function filterCondition(filter: Json | undefined, column: string): Condition {
  if (!isObject(filter)) return ANY;
  const parts = () => objects(filter['child_filters']).map((part) => filterCondition(part, column));
  switch (filter['filter_type']) {
    case 'CONSTANT_COMPARISON':
      return comparison(String(filter['comparison_type']), column, constantOf(filter['constant']));
    case 'IN_FILTER':
      return inList(column, objects(filter['values']).map(constantOf));
    case 'IS_NULL':
      return { kind: 'null', column, is: true };
    case 'IS_NOT_NULL':
      return { kind: 'null', column, is: false };
    case 'CONJUNCTION_AND':
      return allOf(parts());
    case 'CONJUNCTION_OR':
      return parts().length === 0 ? ANY : oneOf(parts());
    // Another condition of the statement implies it.
    case 'OPTIONAL_FILTER':
      return filterCondition(filter['child_filter'], column);
    case 'EXPRESSION_FILTER':
      return expressionCondition(member(filter, 'expr'), (at) => (at === 0 ? column : null));
    default:
      return ANY;
  }
}

/** A bound expression over columns, which it names by number. */
function expressionCondition(expression: JsonObject, nameOf: (at: number) => string | null): Condition {
  const type = String(expression['type']);
  const children = objects(expression['children']);
  const refers = (node: JsonObject | undefined): string | null =>
    node?.['expression_class'] === 'BOUND_REF' ? nameOf(Number(node['index'])) : null;
  const value = (node: JsonObject | undefined): Constant | null =>
    node?.['expression_class'] === 'BOUND_CONSTANT' ? constantOf(node['value']) : null;
  switch (expression['expression_class']) {
    case 'BOUND_CONJUNCTION': {
      const parts = children.map((child) => expressionCondition(child, nameOf));
      return type === 'CONJUNCTION_AND' ? allOf(parts) : parts.length > 0 ? oneOf(parts) : ANY;
    }
    case 'BOUND_COMPARISON': {
      const [left, right] = [member(expression, 'left'), member(expression, 'right')];
      const column = refers(left);
      if (column !== null) return comparison(type, column, value(right));
      const mirrored = refers(right);
      return mirrored === null ? ANY : comparison(MIRRORED[type] ?? '', mirrored, value(left));
    }
    case 'BOUND_OPERATOR': {
      const column = refers(children[0]);
      if (column === null) return ANY;
      if (type === 'OPERATOR_IS_NULL') return { kind: 'null', column, is: true };
      if (type === 'OPERATOR_IS_NOT_NULL') return { kind: 'null', column, is: false };
      return type === 'COMPARE_IN' ? inList(column, children.slice(1).map(value)) : ANY;
    }
    default:
      return ANY;
  }
}

const MIRRORED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
};

const SIGNS = {
  COMPARE_EQUAL: '=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
} as const;

function comparison(type: string, column: string, value: Constant | null): Condition {
  if (value === null || !Object.hasOwn(SIGNS, type)) return ANY;
  return { kind: 'compare', column, than: SIGNS[type as keyof typeof SIGNS], value };
}

function inList(column: string, values: readonly (Constant | null)[]): Condition {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? ANY : { kind: 'in', column, values: known };
}

const NUMBERS = new Set(['TIMESTAMP WITH TIME ZONE', 'BIGINT', 'INTEGER']);

/** Null for a type whose order is not that of the stored values, and for null itself. */
function constantOf(value: Json | undefined): Constant | null {
  if (!isObject(value) || value['is_null'] === true) return null;
  const type = member(value, 'type')['id'];
  const given = value['value'];
  if (type === 'VARCHAR') return typeof given === 'string' ? given : null;
  if (type === 'BOOLEAN') return typeof given === 'boolean' ? given : null;
  return NUMBERS.has(String(type)) && typeof given === 'number' && Number.isFinite(given) ? given : null;
}
