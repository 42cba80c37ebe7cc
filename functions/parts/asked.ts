/** What is asked, by SQL or by a saved question's name, and by whom, as events and requests say it. */

import { z } from 'zod';
import type { Parameters } from '../../engine/parameters.ts';
import { bindParameters, questionByName } from '../../queries/question.ts';
import type { Custodian } from '../../stages/custody.ts';

const MAX_NAME = 200;
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME)
  .regex(/^\P{C}+$/u, 'must have no characters that do not show')
  .transform((text) => text.normalize('NFC'));

/** For which case it is asked, and why. */
export const CUSTODY = { case: name.optional(), reason: z.string().max(2000).optional() };

/** `{ "sql": "select …", "params": {…} }` or `{ "name": "who-did-what", "params": {…} }`. */
export const ASKED = z
  .strictObject({
    sql: z.string().min(1).max(100_000).optional(),
    name: z.string().optional(),
    params: z.record(z.string(), value).default({}),
    ...CUSTODY,
  })
  .refine(({ sql, name: question }) => (sql === undefined) !== (question === undefined), {
    message: 'give "sql" or "name", and not both',
  });

export interface Statement {
  readonly name: string | null;
  readonly title: string | null;
  readonly sql: string;
  readonly parameters: Parameters;
}

/** Throws as a saved question does for a name or a parameter it does not know. */
export function statementOf({
  sql,
  name: question,
  params,
}: Pick<z.output<typeof ASKED>, 'sql' | 'name' | 'params'>): Statement {
  if (question === undefined) return { name: null, title: null, sql: sql!, parameters: params };
  const found = questionByName(question);
  const given = new Map(Object.entries(params).map(([key, one]) => [key, String(one)]));
  return {
    name: question,
    title: found.title,
    sql: found.sql,
    parameters: bindParameters(found, given),
  };
}

/** As it goes on record. */
export const subjectOf = ({ name: question, sql }: Statement): string =>
  question === null ? sql : `question ${question}: ${sql}`;

/** A caller, whose account is what IAM says. */
export const callerCustodian = (
  account: string,
  { case: of, reason }: Pick<z.output<typeof ASKED>, 'case' | 'reason'>,
): Custodian => ({ actor: account, account, case: of ?? null, purpose: reason ?? null });
