import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapOf, type Shape, structure, structures } from '../../../connectors/parts/row-text.ts';

const SHAPE: Shape = {
  type: ['type'],
  username: ['userName'],
  account: ['account'],
  inner: ['inner', { a: ['a'], type: ['type'] }],
};

test('members under the vendor names, whatever their letter case; null and empty ones left out', () => {
  const text = '{type=Role, username=Doe, Jane, account=null, inner={a=1, type=x}}';
  expect(structure(text, SHAPE)).toEqual({
    type: 'Role',
    userName: 'Doe, Jane',
    inner: { a: '1', type: 'x' },
  });
  expect(structure('{"Type":"Role","INNER":{"a":1}}', SHAPE)).toEqual({ type: 'Role', inner: { a: 1 } });
  expect(structures('[{a=1, type=x}, {a=2, type=null}]', { a: ['a'], type: ['type'] })).toEqual([
    { a: '1', type: 'x' },
    { a: '2' },
  ]);
  expect(structures('[]', SHAPE)).toEqual([]);
});

test.each([
  ['a name that repeats a member', '{type=Role, username=x, account=9, account=1, inner=null}'],
  ['a name that closes the structure', '{type=Role, username=x}, account=9, account=1}'],
  ['a name with a structure of its own', '{type=Role, username=x{, account=9}, account=1}'],
  ['not a structure', 'type=Role'],
])('%s is not read', (_, text) => expect(structure(text, SHAPE)).toBeNull());

test('what a newer structure adds takes the value before it along, since that may be its end', () => {
  expect(structure('{type=Role, username=x, other=y, account=1}', SHAPE)).toEqual({
    type: 'Role',
    account: '1',
  });
});

test('a map of one entry is read, of several it is not', () => {
  expect(mapOf('{ConsoleLogin=Failure}')).toEqual({ ConsoleLogin: 'Failure' });
  expect(mapOf('{a={"b":1}}')).toEqual({ a: { b: 1 } });
  expect(mapOf('{a=1, b=2}')).toBeNull();
  expect(mapOf('{"a":1}')).toEqual({ a: 1 });
});

test('a member is told as it was written, or not at all', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (username, account) => {
      const read = structure(
        `{type=Role, username=${username}, account=${account}, inner={a=1, type=x}}`,
        SHAPE,
      );
      if (read === null) return;
      const same = (found: unknown, written: string) => found === undefined || found === written;
      expect(read['type']).toBe('Role');
      expect(same(read['account'], account) || same(read['userName'], username)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('total, and quick on what nests or repeats', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      structure(text, SHAPE);
      structures(text, SHAPE);
      mapOf(text);
    }),
  );
  const started = performance.now();
  structure(`{${'inner={'.repeat(30_000)}`, SHAPE);
  structure(`{type=${', a='.repeat(50_000)}}`, SHAPE);
  structures(`[${'{a=1}, '.repeat(30_000)}]`, SHAPE);
  expect(performance.now() - started).toBeLessThan(1500);
});
