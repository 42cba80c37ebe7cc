/** JSON in one spelling only, so that equal content has equal bytes and hash. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 (https://www.rfc-editor.org/rfc/rfc8785): no white space, members ordered by UTF-16 code units, numbers
 * and strings as ECMAScript writes them. A lone surrogate, which the RFC leaves an error, is written as its escape:
 * logs hold such strings. Throws RangeError for NaN and infinities, which JSON cannot say.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON form`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`);
  return `{${members.join(',')}}`;
}

// Array.isArray alone does not narrow a readonly array away.
const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);
