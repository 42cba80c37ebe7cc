/** The range of time a statement asks about, where it says so plainly. */

import type { Syntax, SyntaxNode } from './gate/parse.ts';
import { SqlParser } from './gate.ts';
import type { Parameter, Parameters } from './parameters.ts';
import { foldName } from './sql-text.ts';

/** Microseconds since the epoch, `to` exclusive; null where it is open. */
export interface TimeRange {
  readonly from: number | null;
  readonly to: number | null;
}

/** Tables whose `time` is that of the record. */
const TIMED = new Set(['events', 'events_all', 'flows', 'timeline', 'coverage']);
const TIME_TYPES = new Set(['VARCHAR', 'DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE']);
const MIRRORED: Readonly<Record<string, string>> = {
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_EQUAL: 'COMPARE_EQUAL',
};

/**
 * The time that `time` is compared with in one SELECT from one table of events or flows, all conditions joined by AND.
 * Null for anything else: then the statement asks about the whole lake, as far as can be told. Never narrower than what
 * the statement reads: what cannot be understood only widens it. Throws as the parser does.
 */
export async function timeRange(sql: string, parameters: Parameters = []): Promise<TimeRange | null> {
  const parser = new SqlParser();
  try {
    const [statement, ...more] = await parser.parse(sql);
    const node = statement?.['node'] as SyntaxNode | undefined;
    if (more.length > 0 || node?.['type'] !== 'SELECT_NODE' || tablesIn(node) !== 1) return null;
    const table = node['from_table'] as SyntaxNode | null;
    if (table?.['type'] !== 'BASE_TABLE' || !TIMED.has(foldName(String(table['table_name'])))) return null;
    const range = { from: null as number | null, to: null as number | null };
    narrow((node['where_clause'] ?? null) as SyntaxNode | null, parameters, range);
    return range.from === null && range.to === null ? null : range;
  } finally {
    await parser.close();
  }
}

/** Tables and calls in FROM anywhere in the tree. */
function tablesIn(value: Syntax): number {
  if (value === null || typeof value !== 'object') return 0;
  const parts = Array.isArray(value) ? value : Object.values(value);
  const type = Array.isArray(value) ? undefined : (value as SyntaxNode)['type'];
  const own = type === 'BASE_TABLE' || type === 'TABLE_FUNCTION' ? 1 : 0;
  return parts.reduce<number>((sum, part) => sum + tablesIn(part as Syntax), own);
}

function narrow(
  condition: SyntaxNode | null,
  parameters: Parameters,
  range: { from: number | null; to: number | null },
): void {
  if (condition === null) return;
  const type = String(condition['type']);
  const side = (name: string) => condition[name] as SyntaxNode;
  const value = (name: string) => instant(side(name), parameters);
  if (type === 'CONJUNCTION_AND') {
    for (const child of condition['children'] as readonly SyntaxNode[]) narrow(child, parameters, range);
    return;
  }
  const bound = (comparison: string, time: number | null) => {
    if (time === null) return;
    if (comparison.startsWith('COMPARE_GREATER') || comparison === 'COMPARE_EQUAL')
      range.from = Math.max(range.from ?? -Infinity, time);
    // The instant itself belongs to it, or at least does no harm.
    if (comparison === 'COMPARE_LESSTHAN') range.to = Math.min(range.to ?? Infinity, time);
    else if (!comparison.startsWith('COMPARE_GREATER')) range.to = Math.min(range.to ?? Infinity, time + 1);
  };
  if (type === 'COMPARE_BETWEEN' && isTime(side('input'))) {
    bound('COMPARE_GREATERTHANOREQUALTO', value('lower'));
    bound('COMPARE_LESSTHANOREQUALTO', value('upper'));
  } else if (Object.hasOwn(MIRRORED, type)) {
    if (isTime(side('left'))) bound(type, value('right'));
    else if (isTime(side('right'))) bound(MIRRORED[type]!, value('left'));
  }
}

function isTime(node: SyntaxNode): boolean {
  const names = node['class'] === 'COLUMN_REF' ? (node['column_names'] as readonly string[]) : [];
  return foldName(names.at(-1) ?? '') === 'time';
}

/** Microseconds of a constant, a constant cast to a time, or a parameter; null for anything else. */
function instant(node: SyntaxNode, parameters: Parameters): number | null {
  switch (node['class']) {
    case 'CAST': {
      const type = String((node['cast_type'] as SyntaxNode)['id']);
      return TIME_TYPES.has(type) ? instant(node['child'] as SyntaxNode, parameters) : null;
    }
    case 'CONSTANT': {
      const value = (node['value'] as SyntaxNode)['value'];
      return typeof value === 'string' ? microsOf(value) : null;
    }
    case 'PARAMETER': {
      const name = String(node['identifier']);
      const given = (
        Array.isArray(parameters)
          ? parameters[Number(name) - 1]
          : Object.hasOwn(parameters, name)
            ? (parameters as Record<string, Parameter>)[name]
            : null
      ) as Parameter | undefined;
      if (given instanceof Date) return given.getTime() * 1000;
      return typeof given === 'string' ? microsOf(given) : null;
    }
    default:
      return null;
  }
}

/** As DuckDB reads it in a session whose zone is UTC. */
function microsOf(text: string): number | null {
  const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] =
    /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*$/i.exec(
      text,
    ) ?? [];
  if (day === undefined) return null;
  const offset = /^[+-]\d\d$/.test(zone)
    ? `${zone}:00`
    : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase();
  const millis = Date.parse(`${day}T${clock}${offset}`);
  return Number.isNaN(millis) ? null : millis * 1000 + Number(fraction.padEnd(6, '0'));
}
