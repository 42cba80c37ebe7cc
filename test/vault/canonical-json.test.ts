import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../vault/canonical-json.ts';

test('members are ordered, white space is none', () => {
  expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'x' })).toBe(
    '{"a":"x","b":[1,{"c":true,"d":null}]}',
  );
});

// The order of names in https://www.rfc-editor.org/rfc/rfc8785#section-3.2.3 is by UTF-16 units, not code points.
test('names beyond the basic plane sort by their UTF-16 units', () => {
  expect(canonicalJson({ '\u{1F600}': 1, '\uFB33': 2, '€': 3, '\r': 4, '1': 5, ö: 6, '\u0080': 7 })).toBe(
    '{"\\r":4,"1":5,"\u0080":7,"ö":6,"€":3,"\u{1F600}":1,"\uFB33":2}',
  );
});

test('numbers are written as ECMAScript writes them', () => {
  expect(canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
    '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
  );
});

test('what JSON cannot say is refused', () => {
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError);
  expect(() => canonicalJson([Number.POSITIVE_INFINITY])).toThrow(RangeError);
});

test('a member called __proto__ is a member like any other', () => {
  expect(canonicalJson(JSON.parse('{"z":1,"__proto__":{"a":2}}') as Json)).toBe(
    '{"__proto__":{"a":2},"z":1}',
  );
});

test('parses back to the same, and equal content has equal text however it was built', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      const shuffled: Json = JSON.parse(text, (_, inner: unknown) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).reverse())
          : inner,
      );
      expect(canonicalJson(shuffled)).toBe(text);
    }),
  );
});
