/** The standards' rows as data: every sub-requirement is there, and none claims more than logs can show. */

import { describe, expect, test } from 'vitest';
import { conditionOf } from '../../../exports/report/populations.ts';
import { ISO27001 } from '../../../exports/report/standards/iso27001.ts';
import { PCI } from '../../../exports/report/standards/pci.ts';
import {
  type Requirement,
  requirementsOf,
  type Standard,
} from '../../../exports/report/standards/requirement.ts';
import { SOC2 } from '../../../exports/report/standards/soc2.ts';
import { questions } from '../../../queries/question.ts';

/** Written down from the standards, not from our tables. */
const SUB_REQUIREMENTS: readonly (readonly [Standard, string])[] = [
  [
    PCI,
    '10.1.1 10.1.2 10.2.1 10.2.1.1 10.2.1.2 10.2.1.3 10.2.1.4 10.2.1.5 10.2.1.6 10.2.1.7 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 ' +
      '10.4.1 10.4.1.1 10.4.2 10.4.2.1 10.4.3 10.5.1 10.6.1 10.6.2 10.6.3 10.7.1 10.7.2 10.7.3',
  ],
  // The last is no criterion: information made by the entity must be shown to be complete and accurate.
  [SOC2, 'CC6.1 CC6.2 CC6.3 CC6.4 CC6.5 CC6.6 CC6.7 CC6.8 CC7.1 CC7.2 CC7.3 CC7.4 CC7.5 CC8.1 IPE'],
  [
    ISO27001,
    'A.8.15-produced A.8.15-stored A.8.15-protected A.8.15-analysed A.8.16-networks A.8.16-systems A.8.16-evaluated ' +
      'A.8.17-synchronised A.8.17-sources',
  ],
];
const standards = SUB_REQUIREMENTS.map(([standard]) => [standard.name, standard] as const);
const byName = new Map(questions().map((question) => [question.name, question]));

/** Everything that is printed of a row. */
const textOf = ({ title, control, notCovered, statement, evidence }: Requirement): string =>
  [
    title,
    control,
    ...notCovered,
    statement?.needs ?? '',
    ...evidence.map((one) => (one.kind === 'facts' ? '' : one.says)),
  ].join('\n');

test.each(SUB_REQUIREMENTS.map(([standard, ids]) => [standard.name, standard, ids] as const))(
  '%s: each of its sub-requirements has a row, in its order',
  (_, standard, ids) => {
    expect(requirementsOf(standard).map(({ id }) => id)).toEqual(ids.split(' '));
  },
);

describe.each(standards)('%s', (name, standard) => {
  const rows = requirementsOf(standard);

  test('says of no row that it is satisfied, met, compliant or proven', () => {
    const claims = rows.filter((row) =>
      /\b(satisf|complian|compli(?:es|ed)|fulfil|guarantee|certif|passes\b)/i.test(textOf(row)),
    );
    expect(claims.map(({ id }) => id)).toEqual([]);
  });

  test('says of every row what logs do not cover', () => {
    expect(rows.filter(({ notCovered }) => notCovered.length === 0).map(({ id }) => id)).toEqual([]);
  });

  test('has a place for a person’s statement wherever logs do not show it whole', () => {
    const without = rows.filter(({ reach, statement }) => reach === 'person' && statement === null);
    expect(without.map(({ id }) => id)).toEqual([]);
    const wanted = rows.flatMap(({ statement }) => statement ?? []);
    expect(new Set(wanted.map((statement) => statement.name)).size).toBe(wanted.length);
    for (const statement of wanted) expect(statement.name.startsWith(`${name}-`)).toBe(true);
  });

  test('shows something of every row that logs are said to show', () => {
    const empty = rows.filter(({ reach, evidence }) => reach !== 'person' && evidence.length === 0);
    expect(empty.map(({ id }) => id)).toEqual([]);
  });

  test('asks questions there are, draws only from those that list events, with parameters they take', () => {
    for (const { id, evidence } of rows)
      for (const one of evidence) {
        if (one.kind === 'facts') continue;
        const question = byName.get(one.question);
        expect(question, `${id}: ${one.question}`).toBeDefined();
        if (one.kind === 'population') expect(conditionOf(question!), one.question).not.toBeNull();
        const known = question!.parameters.map((parameter) => parameter.name);
        expect(known).toEqual(expect.arrayContaining(Object.keys(one.parameters ?? {})));
        // One that must be given cannot be asked by a report.
        const missing = question!.parameters.filter(
          (parameter) => parameter.default === null && !['since', 'until'].includes(parameter.name),
        );
        expect(missing).toEqual([]);
        if (one.kind === 'table')
          for (const { column } of one.lookIf ?? [])
            expect(question!.sql).toMatch(new RegExp(`\\b${column}\\b`));
      }
  });

  test('a population has one meaning: the same question is asked with the same values everywhere', () => {
    const asked = new Map<string, string>();
    for (const { evidence } of rows)
      for (const one of evidence) {
        if (one.kind !== 'population') continue;
        const values = JSON.stringify(one.parameters ?? {});
        expect(asked.get(one.question) ?? values).toBe(values);
        asked.set(one.question, values);
      }
  });
});
