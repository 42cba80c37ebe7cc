import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORMATS, renderer } from '../../../engine/format/renderer.ts';
import { textWidth } from '../../../engine/format/width.ts';
import type { QuerySummary } from '../../../engine/query.ts';
import type { Cell, ResultColumn } from '../../../engine/result.ts';

const SUMMARY: QuerySummary = { rowCount: 2, truncated: null, head: 'head-1', seconds: 0.5 };
const text = (name: string): ResultColumn => ({ name, type: 'VARCHAR' });

function render(
  format: string,
  columns: readonly ResultColumn[],
  rows: readonly (readonly Cell[])[],
  { width = 80, terminal = false, summary = { ...SUMMARY, rowCount: rows.length } } = {},
): string {
  const render = renderer(format, { width, terminal });
  return render.begin(columns) + rows.map((row) => render.rows([row])).join('') + render.end(summary);
}

test('a format that does not exist is answered with those that do', () => {
  expect(FORMATS).toEqual(['table', 'json', 'ndjson', 'csv', 'parquet']);
  expect(() => renderer('xml', { width: 80, terminal: false })).toThrow(
    '"xml" is no text format; there are table, json, ndjson, csv',
  );
  expect(() => renderer('toString', { width: 80, terminal: false })).toThrow('no text format');
});

test('a table has numbers to the right, a rule under the names and a footer', () => {
  const columns = [text('who'), { name: 'n', type: 'BIGINT' }];
  expect(
    render('table', columns, [
      ['alice', 5],
      ['日本', 1000],
    ]),
  ).toBe(`who       n\n─────  ────\nalice     5\n日本   1000\n\n2 rows in 0.50 s\n`);
  expect(render('table', columns, [])).toBe('who  n\n───  ─\n0 rows in 0.50 s\n');
});

test('where room is short, account numbers stay whole, and longer ids of accounts give way', () => {
  const columns = [text('source'), text('account'), text('target_id')];
  const row = ['aws.cloudtrail', '111122223333', 'arn:aws:iam::111122223333:user/someone'];
  const long = ['azure.activity', '5b7c1c2d-2c43-4e7c-8f5e-6f3d2a1b0c9d', '/subscriptions/5b7c1c2d'];
  const out = render('table', columns, [row, long], { width: 36 });
  expect(out).toContain(' 111122223333 ');
  expect(out).toContain(' 5b7c1c2d-2c…');
});

test('where room is short, addresses stay whole, and actions as long as other texts can give way', () => {
  const columns = [text('actor_name'), text('action'), text('src_ip')];
  const row = ['somebody.with.a.long.name@example.com', 'logging.trail.delete', '198.51.100.7'];
  const at = (width: number) => render('table', columns, [row], { width }).split('\n')[2];
  expect(at(80)).toBe(row.join('  '));
  expect(at(50)).toBe('somebody.with…  logging.trail.delete  198.51.100.7');
  expect(at(40)).toBe('somebody.wi…  logging.tra…  198.51.100.7');
  expect(render('table', columns, [row], { width: 30 })).toContain('src_ip      198.51.100.7');
});

test('a table says when there is more', () => {
  const summary = { ...SUMMARY, rowCount: 1000, truncated: 'rows' as const };
  expect(render('table', [text('a')], [['x']], { summary })).toContain(
    'only the first 1,000 rows in 0.50 s: there are more; raise the row limit or ask for less',
  );
});

test('wide columns give way, whole instants and numbers do not', () => {
  const columns = [{ name: 'time', type: 'TIMESTAMP WITH TIME ZONE' }, text('a'), text('b')];
  const lines = render(
    'table',
    columns,
    [
      ['2026-01-31T10:00:00.000000Z', 'x'.repeat(100), 'short'],
      ['2026-01-31T10:00:00.120000Z', null, null],
    ],
    { width: 60 },
  ).split('\n');
  expect(lines[2]).toBe(`2026-01-31T10:00:00Z         ${'x'.repeat(23)}…  short`);
  expect(lines[3]).toBe('2026-01-31T10:00:00.120000Z');
});

test('what cannot be a table is shown row by row, values folded, empty ones left out', () => {
  const columns = Array.from({ length: 20 }, (_, index) => text(`column_${index}`));
  const row: Cell[] = columns.map((_, index) => (index < 2 ? 'abcdefgh'.repeat(6) : null));
  expect(render('table', columns, [row], { width: 40 })).toBe(
    [
      `── row 1 ${'─'.repeat(31)}`,
      `column_0   ${'abcdefgh'.repeat(6).slice(0, 29)}`,
      `           ${'abcdefgh'.repeat(6).slice(29)}`,
      `column_1   ${'abcdefgh'.repeat(6).slice(0, 29)}`,
      `           ${'abcdefgh'.repeat(6).slice(29)}`,
      '',
      '1 row in 0.50 s',
      '',
    ].join('\n'),
  );
});

test('nothing from a log acts on the terminal, and no line is longer than it is wide', () => {
  const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.array(cell, { minLength: 12, maxLength: 12 }), { maxLength: 4 }),
      fc.integer({ min: 40, max: 120 }),
      (names, rows, width) => {
        const shown = render('table', names.map(text), rows as Cell[][], { width });
        for (const line of shown.split('\n')) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
          expect(textWidth(line)).toBeLessThanOrEqual(Math.max(width, 60));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('ten thousand rows stream after the first few hundred', () => {
  const render = renderer('table', { width: 80, terminal: true });
  render.begin([text('a')]);
  const row = [['x']] as const;
  const pieces = Array.from({ length: 1_000 }, () => render.rows(row));
  expect(pieces.slice(0, 400).join('')).toBe('');
  expect(pieces.at(-1)).toBe('x\n');
});

test('CSV follows RFC 4180 and tells null from empty text', () => {
  const columns = [text('a,b'), { name: 'n', type: 'DOUBLE' }, text('c')];
  expect(
    render('csv', columns, [
      ['say "hi"', -1.5, null],
      ['two\r\nlines', null, ''],
      [' padded ', 2, true],
    ]),
  ).toBe('"a,b",n,c\r\n"say ""hi""",-1.5,\r\n"two\r\nlines",,""\r\n" padded ",2,true\r\n');
});

test.each([
  ['=1+1', "'=1+1"],
  ['+cmd|x', '"\'+cmd|x"'],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', '"\'\t=1"'],
  ['\r=1', '"\'\r=1"'],
  ['＝1', "'＝1"],
  ['a;=1', '"a;=1"'],
  ['192.0.2.1', '192.0.2.1'],
])('CSV text %j cannot become a formula', (value, field) => {
  expect(render('csv', [text('x')], [[value]])).toBe(`x\r\n${field}\r\n`);
});

test('CSV leaves typed numbers alone, also those written as text, and guards names', () => {
  const columns = [
    { name: '=n', type: 'DECIMAL(9,2)' },
    { name: 'big', type: 'HUGEINT' },
  ];
  expect(render('csv', columns, [['-1.50', '-170141183460469231731687303715884105728']])).toBe(
    "'=n,big\r\n-1.50,-170141183460469231731687303715884105728\r\n",
  );
});

test('CSV on a terminal is made visible, in a file it is left as it is', () => {
  expect(render('csv', [text('x')], [['\x1b[2J']], { terminal: true })).toBe('x\r\n\\x1b[2J\r\n');
  expect(render('csv', [text('x')], [['\x1b[2J']])).toBe('x\r\n\x1b[2J\r\n');
});

test('JSON is one object with columns, rows and the summary', () => {
  const columns = [text('a'), { name: 'n', type: 'BIGINT' }];
  const shown = render('json', columns, [
    ['\x9b', '9007199254740993'],
    [null, 1],
  ]);
  expect(shown).not.toContain('\x9b');
  expect(JSON.parse(shown)).toEqual({
    columns,
    rows: [
      { a: '\x9b', n: '9007199254740993' },
      { a: null, n: 1 },
    ],
    ...SUMMARY,
  });
  expect(JSON.parse(render('json', columns, []))).toMatchObject({ rows: [] });
});

test('NDJSON is one object a line, with names that JavaScript would treat specially', () => {
  const columns = [text('__proto__'), text('1'), text('a"b')];
  expect(render('ndjson', columns, [['x', 'y', ['z']]])).toBe('{"__proto__":"x","1":"y","a\\"b":["z"]}\n');
});
