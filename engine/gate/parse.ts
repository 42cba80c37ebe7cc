/** SQL text to DuckDB's own syntax tree, without running anything. */

import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AkashiError } from '../../schema/error.ts';
import { placeInText } from './place.ts';

/** Longest statement: enough for a list of ten thousand addresses. */
export const MAX_SQL_BYTES = 256 * 1024;
/** The parser's time grows with the square of nested comments: 20,000 of them take ten seconds, 200 take none. */
const MAX_COMMENTS = 200;

/** A node of the tree as `json_serialize_sql` writes it. */
export type SyntaxNode = { readonly [member: string]: Syntax };
export type Syntax = null | boolean | number | string | readonly Syntax[] | SyntaxNode;

/** Parses with an instance of its own that opens no file and never sees the data or runs the statement. */
export class SqlParser {
  readonly #connection: Promise<DuckDBConnection>;

  constructor() {
    this.#connection = openParser();
    // A failure to open is reported by the first `parse`.
    this.#connection.catch(() => {});
  }

  /**
   * The statements of `sql`, each a query node tree. Throws AkashiError: SQL_SYNTAX with line, column and excerpt,
   * SQL_NOT_ALLOWED when a statement is no SELECT or the text is too large.
   */
  async parse(sql: string): Promise<readonly SyntaxNode[]> {
    refuseUnparseable(sql);
    const connection = await this.#connection;
    const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const answer = JSON.parse(String(reader.getRows()[0]?.[0])) as SyntaxNode;
    if (answer['error'] !== true) return answer['statements'] as readonly SyntaxNode[];
    const message = String(answer['error_message']);
    if (message.startsWith('Only SELECT statements')) {
      throw new AkashiError(
        'SQL_NOT_ALLOWED',
        'this statement is no query; a query only reads: write SELECT, FROM, WITH, VALUES, DESCRIBE, SUMMARIZE or SHOW TABLES',
      );
    }
    // Counted in characters.
    throw new AkashiError('SQL_SYNTAX', placeInText(sql, Number(answer['position'] ?? Number.NaN), message));
  }

  /** A parsable statement in the parser's own words: no comments, no semicolon. */
  async reworded(sql: string): Promise<string> {
    refuseUnparseable(sql);
    const connection = await this.#connection;
    const query = 'SELECT json_deserialize_sql(json_serialize_sql($1::VARCHAR))';
    return String((await connection.runAndReadAll(query, [sql])).getRows()[0]?.[0]);
  }

  /**
   * A parsable statement with an expression in the place of each parameter, by name; positional ones are `1`, `2`, …
   * Null where that cannot be written, or reads back as anything else.
   */
  async withExpressions(sql: string, expressions: ReadonlyMap<string, string>): Promise<string | null> {
    refuseUnparseable(sql);
    const nodes = new Map<string, string>();
    for (const [name, expression] of expressions) {
      const found = SELECT_LIST.exec(await this.#serialized(`SELECT ${expression}`))?.[1];
      if (found === undefined) return null;
      nodes.set(name, found);
    }
    let isWhole = true;
    // Inside a text of the tree its quotes would be escaped: what fits is a parameter.
    const named = (await this.#serialized(sql)).replace(PARAMETER_NAMES, '"named_param_map":[]}]}');
    const tree = named.replace(PARAMETER, (_, identifier: string) => {
      const node = nodes.get(String(JSON.parse(identifier)));
      if (node === undefined) isWhole = false;
      return node ?? '';
    });
    if (!isWhole) return null;
    const connection = await this.#connection;
    const reader = await connection.runAndReadAll('SELECT json_deserialize_sql($1::JSON)', [tree]);
    const text = String(reader.getRows()[0]?.[0]);
    const again = await this.#serialized(text);
    return again.replaceAll(PLACE, '') === tree.replaceAll(PLACE, '') ? text : null;
  }

  async #serialized(sql: string): Promise<string> {
    const connection = await this.#connection;
    const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    return String(reader.getRows()[0]?.[0]);
  }

  async close(): Promise<void> {
    (await this.#connection.catch(() => undefined))?.closeSync();
  }
}

const JSON_TEXT = '"(?:[^"\\\\]|\\\\.)*"';
const PLACE = /"query_location":\d+,?/g;
/** A parameter in a serialised tree; its name is captured as JSON. */
const PARAMETER = new RegExp(
  `\\{"class":"PARAMETER","type":"VALUE_PARAMETER","alias":${JSON_TEXT},"query_location":\\d+,"identifier":(${JSON_TEXT})\\}`,
  'g',
);
/** The list of their names, which ends a tree. */
const PARAMETER_NAMES = /"named_param_map":\[[^[\]]*\]\}\]\}$/;
/** The one expression of a serialised `SELECT expression`. */
const SELECT_LIST = /"select_list":\[(\{.*\})\],"from_table":/;

async function openParser(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '256MB',
    temp_directory: '',
    enable_external_access: 'false',
    lock_configuration: 'true',
  });
  return await DuckDBConnection.create(instance);
}

function refuseUnparseable(sql: string): void {
  const bytes = Buffer.byteLength(sql);
  if (bytes > MAX_SQL_BYTES) {
    throw new AkashiError(
      'SQL_NOT_ALLOWED',
      `the statement is ${bytes} bytes long; at most ${MAX_SQL_BYTES} are allowed: pass long lists as a parameter`,
    );
  }
  if (sql.includes('\0')) {
    throw new AkashiError(
      'SQL_NOT_ALLOWED',
      'the statement holds a NUL character, which SQL cannot hold; remove it',
    );
  }
  if (sql.split('/*').length - 1 > MAX_COMMENTS) {
    throw new AkashiError(
      'SQL_NOT_ALLOWED',
      `the statement holds "/*" more than ${MAX_COMMENTS} times; remove comments`,
    );
  }
}
