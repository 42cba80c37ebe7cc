import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlParser } from '../../../engine/gate.ts';
import { type ColumnBounds, mayMatch } from '../../../engine/plan/bounds.ts';
import { withoutClock } from '../../../engine/plan/clock.ts';
import { type Condition, conditionText } from '../../../engine/plan/condition.ts';
import { withLiterals } from '../../../engine/plan/literals.ts';
import { readScanList } from '../../../engine/plan/scan-list.ts';

type Value = number | string | null;
type Row = Readonly<Record<'n' | 't', Value>>;

const number = fc.integer({ min: -3, max: 3 });
const text = fc.constantFrom('', 'a', 'b', 'é', '\u{10000}', '\uffff', 'ab');
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({ n: fc.option(number), t: fc.option(text) }) as fc.Arbitrary<Row>,
  { minLength: 1, maxLength: 6 },
);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    column: fc.constant('n'),
    than: fc.constantFrom('=' as const, '<', '<=', '>', '>='),
    value: number,
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    column: fc.constant('t'),
    than: fc.constantFrom('=' as const, '<', '<=', '>', '>='),
    value: text,
  }),
  fc.record({
    kind: fc.constant('in' as const),
    column: fc.constant('t'),
    values: fc.array(text, { minLength: 1 }),
  }),
  fc.record({ kind: fc.constant('null' as const), column: fc.constantFrom('n', 't'), is: fc.boolean() }),
  fc.constant<Condition>({ kind: 'any' }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or'),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const order = (a: string | number, b: string | number): number =>
  typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a - Number(b);

function holds(of: Condition, row: Row): boolean {
  switch (of.kind) {
    case 'any':
      return true;
    case 'and':
      return of.of.every((part) => holds(part, row));
    case 'or':
      return of.of.some((part) => holds(part, row));
    case 'null':
      return (row[of.column as 'n'] === null) === of.is;
    case 'in':
      return of.values.includes(row[of.column as 'n']!);
    default: {
      const value = row[of.column as 'n'];
      if (value === null) return false;
      const sign = order(value, of.value as string);
      return { '=': sign === 0, '<': sign < 0, '<=': sign <= 0, '>': sign > 0, '>=': sign >= 0 }[of.than];
    }
  }
}

test('rows that satisfy a condition are never passed over by their bounds', () => {
  fc.assert(
    fc.property(rows, condition, (held, of) => {
      const bounds = (column: string): ColumnBounds => {
        const values = held.map((row) => row[column as 'n']).filter((value) => value !== null);
        values.sort(order);
        const nulls = held.length - values.length;
        return { min: values[0] ?? null, max: values.at(-1) ?? null, values: held.length, nulls };
      };
      if (held.some((row) => holds(of, row))) expect(mayMatch(of, { bounds })).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('bounds leave out what cannot match', () => {
  const bounds = () => ({ min: Buffer.from('b'), max: Buffer.from('d'), values: 5, nulls: 0 });
  const compare = (than: '=' | '<' | '>', value: string): Condition => ({
    kind: 'compare',
    column: 't',
    than,
    value,
  });
  expect(mayMatch(compare('=', 'a'), { bounds })).toBe(false);
  expect(mayMatch(compare('<', 'b'), { bounds })).toBe(false);
  expect(mayMatch(compare('>', 'd'), { bounds })).toBe(false);
  expect(mayMatch(compare('=', 'c'), { bounds })).toBe(true);
  expect(mayMatch(compare('=', 'c'), { bounds, mayHold: () => false })).toBe(false);
  expect(mayMatch({ kind: 'null', column: 't', is: true }, { bounds })).toBe(false);
});

test('scans another process tells are believed in form only', () => {
  const scan = {
    name: 'events',
    columns: ['time'],
    condition: { kind: 'compare', column: 'time', than: '=', value: 1 },
  };
  expect(readScanList([scan])).toEqual([scan]);
  expect(
    readScanList([{ ...scan, condition: { kind: 'and', of: [{ kind: 'or', of: 'x' }] } }])?.[0]?.condition,
  ).toEqual({
    kind: 'and',
    of: [{ kind: 'any' }],
  });
  fc.assert(fc.property(fc.anything(), (value) => void readScanList(value)));
  for (const bad of [null, {}, [null], [{ name: 'x' }], [{ ...scan, columns: [1] }]])
    expect(readScanList(bad)).toBeNull();
});

test('the clock leaves lower bounds and what the statement says itself', () => {
  const of = (column: string, than: '=' | '<' | '>=', value: string | number): Condition => ({
    kind: 'compare',
    column,
    than,
    value,
  });
  const condition: Condition = {
    kind: 'and',
    of: [of('time', '>=', 5), of('time', '<', 9), of('src_ip', '=', '192.0.2.1')],
  };
  const scan = { name: 'events', columns: [], condition };
  const sql = "select * from events where time >= now() - interval 1 day and src_ip = '192.0.2.1'";
  const [settled] = withoutClock([scan], [{ sql, parameters: [] }]);
  expect(settled!.condition).toEqual({
    kind: 'and',
    of: [of('time', '>=', 5), of('src_ip', '=', '192.0.2.1')],
  });
  expect(withoutClock([scan], [{ sql: 'select known, user_agent from events', parameters: [] }])).toEqual([
    scan,
  ]);
});

test('parameters are written where they stand, and in no text that looks like one', async () => {
  const parser = new SqlParser();
  const written = (sql: string, values: Parameters<typeof withLiterals>[2]) =>
    withLiterals(parser, sql, values);
  const looksSo = `'{"class":"PARAMETER","type":"VALUE_PARAMETER","alias":"","query_location":1,"identifier":"a"}'`;
  const sql = `select ${looksSo}, $a, $b from events where x in ($a, $c) and t >= $t and l = $l`;
  const text = await written(sql, {
    a: "o'neill",
    b: { integer: '9007199254740993' },
    c: null,
    t: { time: '1767225600000000' },
    l: ['x', true],
  });
  expect(text).toContain(looksSo);
  expect(text).toContain("x IN ('o''neill', NULL)");
  expect(text).toContain("CAST('9007199254740993' AS HUGEINT)");
  expect(text).not.toContain('$');
  expect(await written('select ?, ?', ['one', 'two'])).toBe("SELECT 'one', 'two'");
  expect(await written('select $a', { b: 'x' })).toBeNull();
  expect(await written('select 1', [])).toBe('select 1');
  await parser.close();
});

test('a condition as people read it', () => {
  const of: Condition = {
    kind: 'and',
    of: [
      { kind: 'compare', column: 'time', than: '>=', value: 1_767_225_600_000_000 },
      {
        kind: 'or',
        of: [
          { kind: 'in', column: 'src_ip', values: ['a', "b'"] },
          { kind: 'null', column: 'src_ip', is: true },
        ],
      },
    ],
  };
  expect(conditionText(of, (column) => column === 'time')).toBe(
    "time >= 2026-01-01T00:00:00.000Z and (src_ip in ('a', 'b''') or src_ip is null)",
  );
});
