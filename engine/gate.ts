/** The statement gate: what a query may say, decided on the parsed statement before any process is started for it. */

import { AkashiError } from '../schema/error.ts';
import { type Checked, checkTree } from './gate/check.ts';
import type { SqlParser, SyntaxNode } from './gate/parse.ts';
import { quoteText } from './sql-text.ts';

export { SqlParser } from './gate/parse.ts';

/** A statement that passed. */
export interface Admitted extends Checked {
  /** What to run: the text as given, or our own translation of SHOW TABLES. */
  readonly sql: string;
}

/**
 * Admits exactly one SELECT (also FROM first, WITH, VALUES, set operations, DESCRIBE and SUMMARIZE of a query, SHOW
 * TABLES) over published views, its own WITH names and reviewed functions.
 *
 * Throws AkashiError: SQL_SYNTAX, SQL_NOT_ALLOWED (what, the rule, the way out), SQL_UNKNOWN_TABLE (the views there are).
 */
export async function admit(parser: SqlParser, sql: string, published: readonly string[]): Promise<Admitted> {
  const statements = await parser.parse(sql);
  if (statements.length !== 1) {
    throw new AkashiError(
      'SQL_NOT_ALLOWED',
      `a query is exactly one statement, and these are ${statements.length}; run them one by one`,
    );
  }
  const statement = statements[0]!;
  if (isShowTables(statement)) {
    const rows = published.map((name) => `(${quoteText(name)})`).join(', ');
    return {
      sql: `SELECT name FROM (VALUES ${rows}) AS views(name)`,
      views: new Set(),
      parameters: new Set(),
    };
  }
  try {
    const { views, parameters } = checkTree(sql, statement, published);
    return { sql, views, parameters };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AkashiError('SQL_NOT_ALLOWED', 'the statement is nested too deeply; simplify it', {
      cause: error,
    });
  }
}

/** `SHOW TABLES`, `SHOW ALL TABLES` or a bare `DESCRIBE`, as the whole statement. */
function isShowTables({ node }: SyntaxNode): boolean {
  const from = (node as SyntaxNode | null)?.['from_table'] as SyntaxNode | null | undefined;
  return (
    from?.['type'] === 'SHOW_REF' &&
    from['query'] === null &&
    ['"tables"', '__show_tables_expanded'].includes(String(from['table_name']))
  );
}
