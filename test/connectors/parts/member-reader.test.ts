import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyWindow } from '../../../connectors/parts/body-window.ts';
import { MemberReader, type MemberShape, placesOf } from '../../../connectors/parts/member-reader.ts';

const INNER = { x: 'value', y: 'unused' } as const satisfies MemberShape;
const SHAPE = {
  a: 'value',
  b: 'value',
  inner: INNER,
  id: 'unique',
  skipped: 'unused',
} as const satisfies MemberShape;
const PLACE = placesOf(SHAPE);

/** What is read of a text, and where it ends; null where JSON.parse has to read it. */
function read(text: string, reader = new MemberReader(SHAPE)) {
  const window = new BodyWindow();
  // Something always comes after a record that is read this way.
  window.append(Buffer.from(`${text},{"a"`), 0);
  const end = reader.read(window, 0);
  if (end < 0) return null;
  const { a, b, inner, id } = PLACE;
  const at = (place: number) => reader.members[place];
  const opened = at(inner) as unknown[] | null | undefined;
  return { end, a: at(a), b: at(b), inner: opened ? { x: opened[0] } : opened, id: at(id) };
}

describe('what is read', () => {
  test('texts, literals, whole values and opened objects', () => {
    const text =
      '{"a":"one","b":{"k":[1,2,"}"]},"inner":{"x":true,"y":"z"},"id":"i-1","skipped":[{"deep":null}]}';
    expect(read(text)).toEqual({
      end: text.length,
      a: 'one',
      b: { k: [1, 2, '}'] },
      inner: { x: true },
      id: 'i-1',
    });
  });

  test('members in any order, and absent ones stay absent after a record that had them', () => {
    const reader = new MemberReader(SHAPE);
    expect(read('{"a":"one","b":"two","id":"three"}', reader)).toMatchObject({ b: 'two', id: 'three' });
    expect(read('{"id":"three","a":"one"}', reader)).toMatchObject({ a: 'one', b: undefined, id: 'three' });
    expect(read('{"inner":null}', reader)).toMatchObject({ a: undefined, inner: null });
  });

  test('equal pieces give the same value, however often they come', () => {
    const reader = new MemberReader(SHAPE);
    const values = Array.from({ length: 5 }, () => read('{"a":"again","b":{"same":"object"}}', reader));
    for (const value of values) expect(value).toMatchObject({ a: 'again', b: { same: 'object' } });
    expect(values[4]?.b).toBe(values[3]?.b);
  });
});

test.each([
  ['a member that is not in the layout', '{"a":"1","other":"2"}'],
  ['a member twice', '{"a":"1","a":"2"}'],
  ['white space', '{"a": "1"}'],
  ['an escape', '{"a":"1\\n"}'],
  ['an escape in a name', '{"\\u0061":"1"}'],
  ['text beyond ASCII', '{"a":"ü"}'],
  ['a control character', '{"a":"\t"}'],
  ['a number', '{"a":1}'],
  ['a text where an object is expected', '{"inner":"x"}'],
  ['a list where an object is expected', '{"inner":["x"]}'],
  ['an empty object', '{}'],
  ['a comma too many', '{"a":"1",}'],
  ['a value that is no JSON', '{"b":{"k":}}'],
  ['brackets that do not pair', '{"b":[{]}}'],
  ['an unused value that is no JSON', '{"skipped":{"k"}}'],
  ['a word that is none', '{"a":truely}'],
  ['a list', '["a"]'],
  ['a record cut short', '{"a":"1","b":{"k":1}'],
])('left to JSON.parse: %s', (_, text) => {
  expect(read(text)).toBeNull();
});

/** JSON text of the layout, with whatever may stand there. */
const piece = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    'true',
    'false',
    'null',
    '{}',
    '[]',
    '""',
    '{"x":"1"}',
    '{"y":null,"x":"v"}',
    '1e3',
    '{"x":',
  ),
);
const member = fc.tuple(fc.constantFrom('a', 'b', 'inner', 'id', 'skipped', 'other'), piece);
const record = fc
  .array(member, { maxLength: 7 })
  .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`);

test('whatever is read is what JSON.parse reads', () => {
  const reader = new MemberReader(SHAPE);
  fc.assert(
    fc.property(record, fc.nat(), fc.option(fc.constantFrom(...'"{}[],:\\ x1')), (text, at, byte) => {
      const place = at % text.length;
      const changed = byte === null ? text : text.slice(0, place) + byte + text.slice(place + 1);
      const found = read(changed, reader);
      if (found === null) return;
      const parsed = JSON.parse(changed.slice(0, found.end)) as Record<string, unknown>;
      const { a, b, inner, id } = found;
      const x = inner ? (parsed['inner'] as Record<string, unknown>)['x'] : undefined;
      expect([a, b, id, inner?.x, inner === null]).toEqual([
        parsed['a'],
        parsed['b'],
        parsed['id'],
        x,
        parsed['inner'] === null,
      ]);
    }),
    { numRuns: 2000 },
  );
});
