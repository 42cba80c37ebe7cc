/** Every saved question: its header, its cases, the gate, and what it may say where it calls itself portable. */

import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeViews } from '../../connectors/native-views.ts';
import { admit, SqlParser } from '../../engine/gate.ts';
import { publishedViews } from '../../engine/views.ts';
import { type CaseRows, casesOf } from '../../queries/cases.ts';
import { GROUPS } from '../../queries/groups.ts';
import { bindParameters, type ParameterType, type Question, questions } from '../../queries/question.ts';
import { allActions } from '../../schema/actions/table.ts';
import { TABLES } from '../../schema/columns.ts';
import { QuestionLake } from './question-lake.ts';

const all = questions().map((question) => [question.name, question] as const);

let lake: QuestionLake;
const parser = new SqlParser();
const published = [...publishedViews(nativeViews()).keys()];
beforeAll(async () => {
  lake = await QuestionLake.open();
});
afterAll(() => parser.close());

/** Values for its parameters: those of its cases, and its defaults. */
const given = (question: Question, more: Record<string, string> = {}) =>
  bindParameters(question, new Map(Object.entries({ ...casesOf(question.name).parameters, ...more })));

const count = (rows: CaseRows) => Object.values(rows).flat().length;

test('there are at least 60, in every group, and no case without its question', () => {
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(new Set(all.map(([, { group }]) => group))).toEqual(new Set(Object.keys(GROUPS)));
  const files = readdirSync(new URL('../../queries/', import.meta.url)).filter((file) =>
    file.endsWith('.cases.json'),
  );
  expect(files.map((file) => file.slice(0, -'.cases.json'.length)).sort()).toEqual(all.map(([name]) => name));
});

describe('cases', () => {
  test.each(all)('%s finds what must match, in order, and nothing else', async (name, question) => {
    const { context, match, miss, answer } = casesOf(name);
    expect(count(match), 'rows that must match').toBeGreaterThan(0);
    expect(count(miss), 'rows that must not').toBeGreaterThan(0);
    expect(answer.length).toBeGreaterThan(0);
    await lake.fill({ context, miss });
    expect(await lake.ask(question.sql, given(question))).toEqual([]);
    await lake.fill({ context, match, miss });
    const found = await lake.ask(question.sql, given(question));
    expect(found).toMatchObject([...answer]);
    // The order rows are stored in does not show.
    await lake.fill({ context, match, miss }, true);
    expect(await lake.ask(question.sql, given(question))).toEqual(found);
  });

  test.each(all)(
    '%s takes whatever a parameter holds as a value, and answers nothing on an empty lake',
    async (name, question) => {
      const { context, match, miss, parameters } = casesOf(name);
      await lake.fill({ context, match, miss });
      for (const { name: parameter, type } of question.parameters) {
        for (const value of HOSTILE[type]) {
          const found = await lake.ask(question.sql, given(question, { [parameter]: value }));
          if (parameters?.[parameter] !== undefined && FILTERS.has(parameter)) expect(found).toEqual([]);
        }
      }
      await lake.fill({});
      expect(await lake.ask(question.sql, given(question))).toEqual([]);
    },
  );
});

/** Parameters that rows must hold. */
const FILTERS = new Set([
  'who',
  'user',
  'address',
  'target',
  'operation',
  'text',
  'session',
  'account',
  'command',
  'source',
  'host',
]);
const HOSTILE: Readonly<Record<ParameterType, readonly string[]>> = {
  text: ["' or 1=1 --", '%%', '_%_', '$since', '\u202egnp.exe', 'x'.repeat(10_000)],
  integer: ['0', '-1', '1000000'],
  time: ['0001-01-01', '9999-12-31'],
};

describe('the text of a question', () => {
  const text = (question: Question) => question.sql.replace(/--.*$/gm, '').trim();
  const actions = new Set(allActions().map(({ action }) => action));

  test.each(all)('%s passes the gate, and says which tables and parameters it uses', async (_, question) => {
    const admitted = await admit(parser, question.sql, published);
    expect([...admitted.views].sort()).toEqual([...question.tables].sort());
    expect([...admitted.parameters].sort()).toEqual(question.parameters.map(({ name }) => name).sort());
  });

  test.each(all)('%s names only actions of the vocabulary, and orders its answer', (_, question) => {
    const quoted = [...text(question).matchAll(/'([a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+)'/g)].map(
      (match) => match[1]!,
    );
    expect(quoted.filter((action) => !actions.has(action))).toEqual([]);
    expect(text(question)).toMatch(/\norder by [^\n]+$/);
    // A pattern that a parameter is part of would read % and _ in its value.
    expect(text(question)).not.toMatch(/like[^\n]*\$/);
  });

  test.each(all)('%s names techniques and controls in the usual form', (_, { attack, controls }) => {
    expect(attack.filter((id) => !/^T\d{4}(\.\d{3})?$/.test(id))).toEqual([]);
    expect(controls.filter((id) => !CONTROL.test(id))).toEqual([]);
    expect(controls.length).toBeGreaterThan(0);
  });

  test.each(all.filter(([, { portable }]) => portable))(
    '%s says nothing that only DuckDB understands',
    (_, question) => {
      const sql = text(question).replace(/'[^']*'/g, "''");
      const calls = [...sql.matchAll(/\b([a-z_]+)\s*\(/g)].map((match) => match[1]!);
      expect(calls.filter((call) => !TRINO.has(call))).toEqual([]);
      expect(sql).not.toMatch(
        /::|\bilike\b|\bqualify\b|\bexclude\b|\bgroup by all\b|\[|\banti join\b|\basof\b/,
      );
      // DuckDB counts the hours begun and Trino those that are full: the same once both ends are cut to the unit.
      expect(text(question)).not.toMatch(/date_diff\('\w+', (?!date_trunc\(|date ')/);
      expect(Object.keys(TABLES)).toEqual(expect.arrayContaining([...question.tables]));
    },
  );
});

/** PCI DSS v4.0.1 requirement 10, the SOC 2 criteria CC6 to CC8, and ISO/IEC 27001:2022 A.8.15 to A.8.17. */
const CONTROL = /^(?:pci:10\.[1-7]\.\d(?:\.\d)?|soc2:CC(?:6\.[1-8]|7\.[1-5]|8\.1)|iso27001:A\.8\.1[567])$/;

/** Functions, and words before brackets, with the same meaning in DuckDB and in Trino: https://trino.io/docs/current/functions.html */
const TRINO = new Set(
  (
    'array_agg avg cast coalesce concat count date_diff date_trunc extract lag lead length lower max min replace round row_number ' +
    'split_part stddev_pop strpos sum try_cast and as filter from having in not or over when where'
  ).split(' '),
);
