import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, MAX_JSON_DEPTH, parseCanonicalJson } from '../../ledger/canonical.ts';

const written = (value: unknown): string => {
  const outcome = canonicalJson(value);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.value;
};

/** Section 3.2.2 and appendix B of RFC 8785. */
test.each([
  [0, '0'],
  [-0, '0'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [9007199254740992, '9007199254740992'],
  [295147905179352830000, '295147905179352830000'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [0.000001, '0.000001'],
  [Number('333333333.33333329'), '333333333.3333333'],
  [-1.5, '-1.5'],
])('the number %d is written %s', (value, text) => expect(written(value)).toBe(text));

test('strings escape what must be escaped and nothing else', () => {
  expect(written('\u20ac$\u000f\nA\'B"\\\\"/\u2028\u007f')).toBe(
    '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u2028\u007f"',
  );
  expect(written('\b\t\f\r\u001f')).toBe('"\\b\\t\\f\\r\\u001f"');
});

test('members are ordered by UTF-16 code units: an emoji stands before a ligature', () => {
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '\ud83d\ude00': 5,
    '\u0080': 6,
    '\u00f6': 7,
    '10': 8,
    '2': 9,
  };
  expect(Object.values(JSON.parse(written(value)) as object)).toHaveLength(9);
  expect(written(value)).toBe(
    '{"\\r":2,"1":4,"10":8,"2":9,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
});

test('equal values have equal bytes, which read back as the same value', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, item]) => [name, shuffled(item)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = written(value);
      expect(written(shuffled(value))).toBe(text);
      expect(parseCanonicalJson(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) });
      expect(written(JSON.parse(JSON.stringify(value, null, 1)))).toBe(text);
    }),
  );
});

class Point {
  x = 1;
}
const cycle: unknown[] = [];
cycle.push(cycle);

test.each([
  ['NaN', Number.NaN],
  ['an infinity', [Number.NEGATIVE_INFINITY]],
  ['half a surrogate pair', 'a\ud800'],
  ['half a surrogate pair as a name', { '\udc00': 1 }],
  ['undefined', undefined],
  ['an undefined member', { a: undefined }],
  ['a hole', Array(1)],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol.iterator],
  ['a date', new Date(0)],
  ['an object of a class', new Point()],
  ['a cycle', cycle],
])('%s has no canonical form', (_, value) => {
  expect(canonicalJson(value)).toMatchObject({ ok: false, code: 'JSON_NOT_CANONICAL' });
});

test('depth is bounded, so that no input exhausts the stack', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  expect(parseCanonicalJson(Buffer.from(nested(MAX_JSON_DEPTH))).ok).toBe(true);
  for (const levels of [MAX_JSON_DEPTH + 2, 30_000]) {
    expect(parseCanonicalJson(Buffer.from(nested(levels)))).toMatchObject({ code: 'JSON_NOT_CANONICAL' });
  }
});

test.each([
  '',
  ' 1',
  '{"b":1,"a":2}',
  '{"a":1,"a":1}',
  '{"a": 1}',
  '1.0',
  '-0',
  '1e400',
  '"\\u0041"',
  '"\\/"',
  '"\\ud800"',
  '\ufeff1',
])('%j is not the canonical spelling of anything', (text) => {
  expect(parseCanonicalJson(Buffer.from(text)).ok).toBe(false);
});

test('bytes that are no UTF-8 are refused', () => {
  expect(parseCanonicalJson(Uint8Array.of(0x22, 0xc0, 0x80, 0x22)).ok).toBe(false);
});

test('any bytes read as a value or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const parsed = parseCanonicalJson(bytes);
        if (parsed.ok) expect(written(parsed.value)).toBe(Buffer.from(bytes).toString());
      },
    ),
  );
});
