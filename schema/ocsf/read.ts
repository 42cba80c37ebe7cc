/** Expressions read from a row: one of the two readings of value.ts, the other is SQL. */

import { isIP } from 'node:net';
import type { AttributeFacts } from './model.ts';
import { OCSF_TYPES } from './model.ts';
import { typesOfKind } from './target-kinds.ts';
import type { Condition, Value } from './value.ts';

export type RowCells = Readonly<Record<string, unknown>>;

/** One row and what its JSON columns hold, parsed once and only when asked for. */
export class Context {
  readonly row: RowCells;
  #parsed: Map<string, unknown> | undefined;

  constructor(row: RowCells) {
    this.row = row;
  }

  /** A JSON column's value; undefined where there is none or the text is no JSON. */
  json(column: string): unknown {
    this.#parsed ??= new Map();
    if (this.#parsed.has(column)) return this.#parsed.get(column);
    const value = parseJson(this.row[column]);
    this.#parsed.set(column, value);
    return value;
  }

  /** A member of `ocsf_extra` by its path. */
  fact(path: readonly string[]): unknown {
    if (this.row['ocsf_extra'] === null) return undefined;
    let value = this.json('ocsf_extra');
    for (const part of path) value = memberOf(value, part);
    return value;
  }
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** Undefined where the row does not say. */
export type Read = (context: Context) => unknown;

const scalarText = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

/** A function that reads an expression, not yet converted to the attribute's type. */
export function reader(value: Value): Read {
  if ('column' in value) {
    const { column } = value;
    return ({ row }) => row[column] ?? undefined;
  }
  if ('constant' in value) return () => value.constant;
  if ('map' in value) return mapReader(value);
  if ('fact' in value) {
    const path = value.fact.split('.');
    return (context) => scalarText(context.fact(path));
  }
  if ('factList' in value) {
    const path = value.factList.split('.');
    return (context) => {
      const list = context.fact(path);
      return Array.isArray(list) && list.length > 0 ? list : undefined;
    };
  }
  if ('member' in value) {
    const [column, name] = value.member;
    return (context) => {
      if (context.row[column] === null) return undefined;
      return scalarText(memberOf(context.json(column), name));
    };
  }
  if ('match' in value) {
    const { match } = value;
    const pattern = new RegExp(value.pattern);
    return ({ row }) => {
      const text = row[match];
      return typeof text === 'string' ? (pattern.exec(text)?.[1] ?? undefined) : undefined;
    };
  }
  if ('first' in value) {
    const reads = value.first.map(reader);
    return (context) => {
      for (const read of reads) {
        const found = read(context);
        if (found !== undefined) return found;
      }
      return undefined;
    };
  }
  const holds = conditionReader(value.when);
  const read = reader(value.value);
  return (context) => (holds(context) ? read(context) : undefined);
}

function mapReader({ map, to, other, folded, empty }: Extract<Value, { map: string }>): Read {
  const known = new Map(Object.entries(to));
  return ({ row }) => {
    const value = row[map];
    if (value === null || value === undefined) return empty;
    const text = String(value);
    const found = known.get(folded === true ? asciiLower(text) : text);
    if (found !== undefined) return found;
    return other === 'same' ? text : (other ?? undefined);
  };
}

/** Vendors' type names are ASCII; longer words are no type's name and need no folding. */
const asciiLower = (text: string): string => (text.length > 200 ? text : text.toLowerCase());

export function conditionReader(condition: Condition): (context: Context) => boolean {
  if ('in' in condition) {
    const wanted = new Set<unknown>(condition.in);
    return ({ row }) => wanted.has(row[condition.column]);
  }
  if ('kind' in condition) {
    const types = new Set(typesOfKind(condition.kind));
    return ({ row }) => {
      const type = row['target_type'];
      return typeof type === 'string' && types.has(asciiLower(type));
    };
  }
  if ('present' in condition) return ({ row }) => row[condition.present] !== null;
  if ('noFact' in condition) {
    const path = [condition.noFact];
    return (context) => typeof context.fact(path) !== 'object' || context.fact(path) === null;
  }
  if ('not' in condition) {
    const holds = conditionReader(condition.not);
    return (context) => !holds(context);
  }
  const parts = ('all' in condition ? condition.all : condition.any).map(conditionReader);
  return 'all' in condition
    ? (context) => parts.every((holds) => holds(context))
    : (context) => parts.some((holds) => holds(context));
}

const baseType = (type: string): string => OCSF_TYPES.get(type)?.base ?? type;

/** A value as the attribute's type wants it; undefined for one that does not fit. */
export function converter({ type, array, values }: AttributeFacts): (value: unknown) => unknown {
  if (array) {
    return (value) => {
      const texts = (value as readonly unknown[]).filter((one) => typeof one === 'string');
      return texts.length === 0 ? undefined : texts;
    };
  }
  if (type === 'ip_t') return (value) => (isAddress(value) ? value : undefined);
  if (type === 'port_t') return (value) => inRange(integer(value), 0, 65_535);
  if (type === 'timestamp_t') return milliseconds;
  if (type === 'json_t') return jsonValue;
  if (values !== null && type === 'string_t')
    return (value) => (Object.hasOwn(values, String(value)) ? value : undefined);
  switch (baseType(type)) {
    case 'integer_t':
    case 'long_t':
      return integer;
    case 'boolean_t':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    default:
      return (value) => (typeof value === 'string' ? value : undefined);
  }
}

/** OCSF allows 40 characters, so that an address with a long zone is left out. */
const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 40 && isIP(value) !== 0;

function integer(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value)) return undefined;
  return Number(value);
}

const inRange = (value: number | undefined, low: number, high: number): number | undefined =>
  value !== undefined && value >= low && value <= high ? value : undefined;

/** Whole milliseconds since 1970, from whole microseconds. */
const milliseconds = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? Math.floor((value as number) / 1000) : undefined;

/** Text that is no JSON is a JSON value too: a text. */
function jsonValue(value: unknown): unknown {
  const parsed = parseJson(value);
  return parsed === undefined || parsed === null ? (typeof value === 'string' ? value : undefined) : parsed;
}

const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** RFC 3339 with microseconds; undefined for years of other than four digits. */
export function instantText(micros: number): string | undefined {
  const millis = Math.floor(micros / 1000);
  if (!(millis >= FIRST && millis <= LAST)) return undefined;
  const rest = micros - millis * 1000;
  return `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
