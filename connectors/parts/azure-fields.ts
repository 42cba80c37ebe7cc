/**
 * Reads members of Azure records whatever their spelling. The same field comes as `resourceId`, `ResourceId`,
 * `resourceid`, `_ResourceId` or `resource_id`, depending on who exported it, and objects come as JSON text.
 */

import { isObject, type JsonObject, object, parseJson, text } from './value.ts';

/** Words that exporters write where there is no value. */
const NOTHING: ReadonlySet<unknown> = new Set(['', '<null>', '<NULL>', 'None', 'N/A']);

/** Field names are few, but they come from the body: what is remembered of them is bounded. */
const folds = new Map<string, string>();
const FOLDS_LIMIT = 20_000;

/** `_ResourceId`, `resource_id` and `resourceid` are one name. */
export function fold(name: string): string {
  const known = folds.get(name);
  if (known !== undefined) return known;
  const folded = name.replaceAll('_', '').toLowerCase();
  if (name.length > 256) return folded;
  if (folds.size >= FOLDS_LIMIT) folds.clear();
  folds.set(name, folded);
  return folded;
}

/** One JSON object seen through folded names. A name spelt exactly wins over one that only folds to it. */
export class Fields {
  readonly value: JsonObject;
  #folded: Map<string, unknown> | null = null;
  /** Objects already opened: several columns read the same one. */
  #inner: Map<string, Fields | null> | null = null;

  constructor(value: unknown) {
    this.value = object(value);
  }

  /** The first named member that holds something. */
  get(...names: readonly string[]): unknown {
    for (const name of names) {
      const found = this.#one(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The first named member that has text (or a number or boolean, as JSON writes it). */
  text(...names: readonly string[]): string | null {
    for (const name of names) {
      const found = text(this.#one(name));
      if (found !== null) return found;
    }
    return null;
  }

  /** Like `text`, and where the member is `{value, localizedValue}`, its value. */
  label(...names: readonly string[]): string | null {
    for (const name of names) {
      const found = this.#one(name);
      const label = isObject(found) ? new Fields(found).text('value') : text(found);
      if (label !== null) return label;
    }
    return null;
  }

  /** The first named member that holds something, parsed where it is an object or array written as JSON text. */
  json(...names: readonly string[]): unknown {
    return opened(this.get(...names));
  }

  /** The first named member that is an object with members, also as JSON text; an empty one where there is none. */
  fields(...names: readonly string[]): Fields {
    for (const name of names) {
      this.#inner ??= new Map();
      let inner = this.#inner.get(name);
      if (inner === undefined) {
        inner = this.#open(name);
        this.#inner.set(name, inner);
      }
      if (inner !== null) return inner;
    }
    return NO_FIELDS;
  }

  /** The first named member that is an array, also as JSON text; an empty one where there is none. */
  list(...names: readonly string[]): readonly unknown[] {
    for (const name of names) {
      const found = opened(this.#one(name));
      if (Array.isArray(found)) return found;
    }
    return [];
  }

  get isEmpty(): boolean {
    return isEmpty(this.value);
  }

  #open(name: string): Fields | null {
    const found = opened(this.#one(name));
    if (!isObject(found) || isEmpty(found)) return null;
    // PowerShell's objects keep their members one level down, in `Content`.
    const content = found['Content'];
    return new Fields(isObject(content) ? content : found);
  }

  #one(name: string): unknown {
    if (Object.hasOwn(this.value, name)) {
      const exact = this.value[name];
      if (holds(exact)) return exact;
    }
    this.#folded ??= foldedMembers(this.value);
    return this.#folded.get(fold(name));
  }
}

const NO_FIELDS = new Fields(null);

/** The value, parsed where it is an object or array written as JSON text. */
export function opened(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? (parseJson(value) ?? value) : value;
}

/** Like `opened`, for members of members too, so that a column of JSON can be asked about its parts. */
export function openedDeep(value: unknown, depth = 4): unknown {
  const inner = opened(value);
  if (depth === 0 || typeof inner !== 'object' || inner === null) return inner;
  if (Array.isArray(inner)) return openedItems(inner, depth - 1);
  const object = inner as JsonObject;
  // Copied only where something changes: most objects hold no JSON text.
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(object)) {
    const member = openedDeep(object[key], depth - 1);
    if (member === object[key]) continue;
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, object);
    copy[key] = member;
  }
  return copy ?? object;
}

function openedItems(items: readonly unknown[], depth: number): unknown {
  const opened = items.map((item) => openedDeep(item, depth));
  return opened.some((item, index) => item !== items[index]) ? opened : items;
}

function foldedMembers(value: JsonObject): Map<string, unknown> {
  const members = new Map<string, unknown>();
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (!holds(member)) continue;
    const name = fold(key);
    if (!members.has(name)) members.set(name, member);
  }
  return members;
}

function holds(value: unknown): boolean {
  return value !== null && value !== undefined && !NOTHING.has(value);
}

function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}
