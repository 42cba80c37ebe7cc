/** Total readers of parsed JSON: anything unexpected reads as null, never as a guess. */

export type JsonObject = { readonly [key: string]: unknown };

const EMPTY: JsonObject = Object.freeze(Object.create(null)) as JsonObject;

/** The value if it is a JSON object, otherwise an empty one, so that members of members read as null. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is an array, otherwise an empty one. */
export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text as it stands; numbers and booleans as JSON writes them; empty text and everything else null. */
export function text(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return null;
}

/** The first that has text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const found = text(value);
    if (found !== null) return found;
  }
  return null;
}

/** A safe integer, from a number or from decimal text; null otherwise. */
export function integer(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (typeof value === 'string' && /^-?\d{1,16}$/.test(value)) {
    const parsed = Number(value);
    return Number.isSafeInteger(parsed) ? parsed : null;
  }
  return null;
}

/** true and false, also as text in any casing. */
export function boolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const lower = value.toLowerCase();
    if (lower === 'true') return true;
    if (lower === 'false') return false;
  }
  return null;
}

/** JSON text of an object or array that holds something; plain text is kept as a JSON string; else null. */
export function jsonText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  try {
    const written = JSON.stringify(value);
    return written === '{}' || written === '[]' || written === undefined ? null : written;
  } catch {
    // Nested deeper than the stack allows: the record's raw text still holds it.
    return null;
  }
}

/** Parses JSON text found inside a record; null when it is none. */
export function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return null;
  }
}

/** A member by name whatever its casing; the exact name first. Azure's exporters disagree about casing. */
export function member(value: JsonObject, name: string): unknown {
  if (Object.hasOwn(value, name)) return value[name];
  const wanted = name.toLowerCase();
  for (const key of Object.keys(value)) if (key.toLowerCase() === wanted) return value[key];
  return undefined;
}
