/**
 * Structures written as text by Trino and its kin: `{type=Role, arn=null, attributes={a=b}}`, `[{…}, {…}]`. Nothing in
 * them is quoted, so a value may hold what looks like the next member: whatever can be read in two ways is not read.
 */

import { isObject, type JsonObject, parseJson } from './value.ts';

/** Lower-case member → the name it has with the vendor, and what is inside where that is a structure. */
export interface Shape {
  readonly [member: string]: readonly [name: string, inside?: Shape | 'map'];
}

/** Longer texts are no structure of ours, and only cost time. */
const LONGEST = 256 * 1024;
const DEEPEST = 8;
const MEMBER = /, (?=[A-Za-z_][A-Za-z0-9_]*=)/y;

/** The structure under the vendor's names, from text, or from JSON with names in other letter case. Null where it is neither. */
export function structure(value: unknown, shape: Shape): JsonObject | null {
  if (isObject(value)) return named(value, shape, 0);
  if (typeof value !== 'string' || value.length > LONGEST) return null;
  const parsed = value.startsWith('{"') ? parseJson(value) : null;
  return isObject(parsed) ? named(parsed, shape, 0) : fromText(value, shape, 0);
}

/** A list of structures, likewise. */
export function structures(value: unknown, shape: Shape): JsonObject[] | null {
  const list = typeof value === 'string' && value.startsWith('[{"') ? parseJson(value) : value;
  if (Array.isArray(list)) {
    const read = list.map((item) => structure(item, shape));
    return read.every((item) => item !== null) ? read : null;
  }
  if (typeof value !== 'string' || value.length > LONGEST || !/^\[.*\]$/s.test(value)) return null;
  const items = value.slice(1, -1);
  const read = items === '' ? [] : items.split(/(?<=\}), (?=\{)/).map((item) => fromText(item, shape, 0));
  return read.every((item) => item !== null) ? read : null;
}

/** A map: JSON as it stands; text only where it holds one entry, since of several nobody can tell where they end. */
export function mapOf(value: unknown): JsonObject | null {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || value.length > LONGEST) return null;
  if (value.startsWith('{"')) {
    const parsed = parseJson(value);
    return isObject(parsed) ? parsed : null;
  }
  const [, name, text] = /^\{([^={},]+)=(.*)\}$/s.exec(value) ?? [];
  if (name === undefined || text!.includes(', ')) return null;
  const inner = /^[{[]/.test(text!) ? parseJson(text) : null;
  return { [name]: text === 'null' ? null : (inner ?? text) };
}

function named(value: JsonObject, shape: Shape, depth: number): JsonObject | null {
  const result: Record<string, unknown> = {};
  for (const [written, member] of Object.entries(value)) {
    const known = entryOf(shape, written.toLowerCase());
    if (known === undefined || member === null || depth > DEEPEST) continue;
    const [name, inside] = known;
    result[name] =
      inside === undefined || inside === 'map' || !isObject(member)
        ? member
        : named(member, inside, depth + 1);
  }
  return result;
}

function fromText(text: string, shape: Shape, depth: number): JsonObject | null {
  const members = depth > DEEPEST ? null : membersOf(text);
  if (members === null) return null;
  const result: Record<string, unknown> = {};
  const seen = new Set<string>();
  let before: string | null = null;
  for (const [written, value] of members) {
    const member = written.toLowerCase();
    const known = entryOf(shape, member);
    if (known === undefined) {
      // A member of a newer structure, or the rest of the value before it.
      if (before !== null) delete result[before];
      continue;
    }
    if (seen.has(member)) return null;
    seen.add(member);
    const [name, inside] = known;
    before = name;
    if (value === 'null' || value === '') continue;
    if (inside === undefined) {
      if (/[{}]/.test(value)) return null;
      result[name] = value;
      continue;
    }
    const inner = inside === 'map' ? mapOf(value) : fromText(value, inside, depth + 1);
    if (inner !== null) result[name] = inner;
    else if (inside !== 'map') return null;
  }
  return result;
}

const entryOf = (shape: Shape, member: string): Shape[string] | undefined =>
  Object.hasOwn(shape, member) ? shape[member] : undefined;

/** `{a=1, b={c=2}}` → its members; null where braces do not pair. */
function membersOf(text: string): [name: string, value: string][] | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  const members: [string, string][] = [];
  const end = text.length - 1;
  let depth = 0;
  let from = 1;
  const take = (to: number): boolean => {
    const equals = text.indexOf('=', from);
    if (equals < 0 || equals > to) return false;
    members.push([text.slice(from, equals), text.slice(equals + 1, to)]);
    return true;
  };
  for (let at = 1; at < end; at++) {
    const char = text[at];
    if (char === '{') depth++;
    else if (char === '}' && --depth < 0) return null;
    else if (char === ',' && depth === 0) {
      MEMBER.lastIndex = at;
      if (!MEMBER.test(text)) continue;
      if (!take(at)) return null;
      from = at + 2;
    }
  }
  if (depth !== 0) return null;
  return from >= end || take(end) ? members : null;
}
