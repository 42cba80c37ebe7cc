/** What people state about things that no log shows: printed as theirs, with a hash, and never mixed with what logs say. */

import { createHash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';

export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Who states it, as they wrote it. */
  readonly by: string;
  /** The day they gave for it. */
  readonly on: string | null;
  /** SHA-256 of the text, UTF-8. */
  readonly sha256: string;
}

export type Statements = ReadonlyMap<string, Statement>;

const LONGEST = 20_000;
const SHAPE =
  'Write {"pci-10.4.1": {"text": "Logs are reviewed daily by …", "by": "Jane Example, CISO", "on": "2026-09-30"}}.';

/**
 * Reads a file of statements: JSON, an object of `{ text, by, on? }` by name. Throws STATEMENTS_INVALID, naming what is at fault
 * and the names there are.
 *
 * @param known Names that the report has a place for.
 */
export function readStatements(json: string, known: readonly string[]): Statements {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no object');
  return new Map(
    Object.entries(value).map(([name, given]) => {
      if (!known.includes(name))
        throw invalid(
          `the report has no place for "${name}"; it has ${known.length === 0 ? 'none at all' : `these: ${known.join(', ')}`}`,
        );
      return [name, statementOf(name, given)];
    }),
  );
}

function statementOf(name: string, given: unknown): Statement {
  const { text, by, on, ...more } = (given ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw invalid(`"${name}" has a member "${unknown}"; it takes text, by and on`);
  if (typeof text !== 'string' || text.trim() === '') throw invalid(`"${name}" has no text`);
  if (text.length > LONGEST)
    throw invalid(`"${name}" has ${text.length} characters; ${LONGEST} is the most that is printed`);
  if (typeof by !== 'string' || by.trim() === '')
    throw invalid(`"${name}" does not say by whom it is: a statement is somebody's`);
  if (on !== undefined && (typeof on !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(on)))
    throw invalid(`"${name}": on is a day such as 2026-09-30`);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name, text, by, on: on ?? null, sha256 };
}

const invalid = (what: string, cause?: unknown): AkashiError =>
  new AkashiError('STATEMENTS_INVALID', `The file of statements cannot be used: ${what}. ${SHAPE}`, {
    cause,
  });
