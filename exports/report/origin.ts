/** Where a number comes from: what was asked, with what values, of which state of the lake. */

import { createHash } from 'node:crypto';
import type { Parameter } from '../../engine/parameters.ts';
import { shortInstant } from './period.ts';

export interface Origin {
  /** Place on the report's page that the number links to. */
  readonly id: string;
  /** What it counts, in a few words. */
  readonly title: string;
  /** Name of the saved question; null for SQL or for facts that no query gives. */
  readonly question: string | null;
  /** The statement as it can be run by hand; null for facts that no query gives. */
  readonly sql: string | null;
  readonly sqlSha256: string | null;
  /** Times as ISO 8601. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** What gives the same by hand. */
  readonly command: string;
}

/** Of a saved question, or of a statement that is none; `defaults` are parameters that hold their default and need not be given. */
export function queryOrigin(
  id: string,
  title: string,
  question: string | null,
  sql: string,
  parameters: Readonly<Record<string, Parameter>>,
  defaults: readonly string[] = [],
): Origin {
  const plain = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, plainValue(value)]),
  );
  const given = Object.entries(plain)
    .filter(([name]) => !defaults.includes(name))
    .map(([name, value]) => ` --param ${shellWord(`${name}=${value}`)}`);
  const asked = question === null ? shellWord(sql) : `--name ${question}`;
  return {
    id,
    title,
    question,
    sql,
    sqlSha256: createHash('sha256').update(sql).digest('hex'),
    parameters: plain,
    command: `akashi query ${asked}${given.join('')}`,
  };
}

/** Of facts that another command tells. */
export const commandOrigin = (id: string, title: string, command: string): Origin => ({
  id,
  title,
  question: null,
  sql: null,
  sqlSha256: null,
  parameters: {},
  command,
});

const plainValue = (value: Parameter): string | number =>
  value instanceof Date ? shortInstant(value) : typeof value === 'number' ? value : String(value);

const shellWord = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
