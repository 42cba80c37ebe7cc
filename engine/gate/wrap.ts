/** Putting an admitted statement inside another without it reaching out of its place. */

import { AkashiError } from '../../schema/error.ts';
import type { SqlParser, Syntax, SyntaxNode } from './parse.ts';

/**
 * `SELECT * FROM (statement) LIMIT maxRows`, proven to hold exactly that statement: the wrapping is parsed again and the
 * tree inside it compared with the tree that was admitted. Throws AkashiError SQL_NOT_ALLOWED when that fails.
 */
export async function wrapWithLimit(parser: SqlParser, sql: string, maxRows: number): Promise<string> {
  const [admitted] = await parser.parse(sql);
  // A trailing semicolon cannot stand inside brackets; the line break ends a trailing comment. Where both follow, the
  // parser's own wording of the statement has neither.
  for (const text of [sql, sql.replace(/[\s;]+$/, ''), await parser.reworded(sql)]) {
    const wrapped = `SELECT * FROM (\n${text}\n) LIMIT ${maxRows}`;
    const inner = await innerQuery(parser, wrapped);
    if (inner !== null && sameTree(inner, admitted!['node'] ?? null)) return wrapped;
  }
  throw new AkashiError(
    'SQL_NOT_ALLOWED',
    'this statement cannot be written to Parquet as it stands; remove comments and semicolons',
  );
}

/** The query inside `SELECT * FROM (…)`, if the text is exactly one statement of that form. */
async function innerQuery(parser: SqlParser, wrapped: string): Promise<Syntax> {
  try {
    const statements = await parser.parse(wrapped);
    const from = (statements[0]?.['node'] as SyntaxNode | undefined)?.['from_table'] as
      | SyntaxNode
      | undefined;
    if (statements.length !== 1 || from?.['type'] !== 'SUBQUERY') return null;
    return ((from['subquery'] as SyntaxNode)['node'] ?? null) as Syntax;
  } catch {
    return null;
  }
}

const sameTree = (a: Syntax, b: Syntax): boolean => withoutPlaces(a) === withoutPlaces(b);

const withoutPlaces = (tree: Syntax): string =>
  JSON.stringify(tree, (member, value: Syntax) => (member === 'query_location' ? undefined : value));
