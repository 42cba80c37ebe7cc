/**
 * Cases of a saved question: rows made up for it, and what it must answer. In `<name>.cases.json`:
 *
 *     {
 *       "parameters": { "who": "mallory" },
 *       "context": { "events": [ … ] },
 *       "match":   { "events": [ … ] },
 *       "miss":    { "events": [ … ] },
 *       "answer":  [ { "actor_name": "mallory" } ]
 *     }
 *
 * Rows are in terms of the column catalogue and say only what matters; times are texts. Over context and miss the answer
 * is empty; over all three it is `answer`, row by row in that order, each with at least the cells that are written.
 */

import { readFileSync } from 'node:fs';
import type { TableName } from '../schema/columns.ts';

export type CaseRow = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
export type CaseRows = Readonly<Partial<Record<TableName, readonly CaseRow[]>>>;

export interface QuestionCases {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Rows that are there in either case, such as what was usual before. */
  readonly context?: CaseRows;
  readonly match: CaseRows;
  readonly miss: CaseRows;
  readonly answer: readonly Readonly<Record<string, unknown>>[];
}

/** Throws where the question has no cases, or the file is no JSON. */
export const casesOf = (question: string): QuestionCases =>
  JSON.parse(readFileSync(new URL(`./${question}.cases.json`, import.meta.url), 'utf8')) as QuestionCases;
