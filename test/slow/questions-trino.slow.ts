/** The questions that call themselves portable, asked in Trino itself over their cases: the answers are DuckDB's. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { casesOf } from '../../queries/cases.ts';
import { bindParameters, questions } from '../../queries/question.ts';
import { QuestionLake } from '../queries/question-lake.ts';
import { comparable, trinoStatement } from '../queries/trino-sql.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const statements = mkdtempSync(join(tmpdir(), 'akashi-trino-'));
afterAll(() => rmSync(statements, { recursive: true, force: true }));

const portable = questions()
  .filter((question) => question.portable)
  .map((question) => [question.name, question] as const);
const given = (name: string, question: (typeof portable)[number][1]) =>
  bindParameters(question, new Map(Object.entries(casesOf(name).parameters ?? {})));

let missing: string | null = null;
let lake: QuestionLake;

beforeAll(async () => {
  lake = await QuestionLake.open();
  for (const [name, question] of portable) {
    const { context, match, miss } = casesOf(name);
    const sql = trinoStatement(question, given(name, question), { context, match, miss });
    writeFileSync(join(statements, `${name}.sql`), sql);
  }
  try {
    execFileSync(path('./trino.sh'), [path('../../node_modules/.cache/trino'), statements], {
      stdio: 'inherit',
    });
  } catch (error) {
    missing = String(error);
    console.warn(`Trino could not be run: ${missing}`);
  }
}, 1_200_000);

test.for(portable)('%s', async ([name, question], { skip }) => {
  if (missing !== null) skip(missing);
  const { context, match, miss } = casesOf(name);
  await lake.fill({ context, match, miss });
  const wanted = await lake.ask(question.sql, given(name, question));
  const [columns, ...rows] = readFileSync(join(statements, `${name}.out`), 'utf8').split(/\nrow\n/);
  expect(columns!.split('\t')).toEqual(Object.keys(wanted[0]!));
  expect(rows.map((row) => row.split('\n').map(comparable))).toEqual(
    wanted.map((row) => Object.values(row).map(comparable)),
  );
});
