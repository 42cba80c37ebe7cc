/** The tables that questions read, as plain tables of one DuckDB that are filled and emptied again. */

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Parameters, wireParameters } from '../../engine/parameters.ts';
import { isNumeric } from '../../engine/result.ts';
import { bind } from '../../engine/sandbox/answer.ts';
import { quoteName, quoteText } from '../../engine/sql-text.ts';
import { DUCKDB_TYPES } from '../../engine/views/relation.ts';
import type { CaseRow, CaseRows } from '../../queries/cases.ts';
import { TABLES, type TableName } from '../../schema/columns.ts';
import { caseRows } from './case-rows.ts';

export class QuestionLake {
  readonly #connection: DuckDBConnection;
  readonly #filled = new Set<TableName>();

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<QuestionLake> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const [table, columns] of Object.entries(TABLES)) {
      const list = columns.map(({ name, type }) => `${quoteName(name)} ${DUCKDB_TYPES[type]}`).join(', ');
      await connection.run(`CREATE TABLE ${table} (${list})`);
    }
    return new QuestionLake(connection);
  }

  /** Leaves exactly these rows in the lake, stored in this order or backwards. */
  async fill(parts: Readonly<Record<string, CaseRows | undefined>>, backwards = false): Promise<void> {
    for (const table of this.#filled) await this.#connection.run(`DELETE FROM ${table}`);
    this.#filled.clear();
    for (const [table, list] of caseRows(parts)) {
      const rows = list.map((row) => rowSql(table, row));
      this.#filled.add(table);
      const select = (backwards ? rows.reverse() : rows).join(' UNION ALL BY NAME ');
      await this.#connection.run(`INSERT INTO ${table} BY NAME ${select}`);
    }
  }

  /** The answer, with whole numbers as numbers and times as ISO 8601. Parameters are bound as a query's are. */
  async ask(sql: string, parameters: Parameters): Promise<Record<string, unknown>[]> {
    const values = bind(wireParameters(parameters, new Set(Object.keys(parameters))));
    const reader = await this.#connection.runAndReadAll(sql, values);
    const columns = reader.columnNames().map((name, at) => [name, String(reader.columnType(at))] as const);
    return reader
      .getRowsJson()
      .map((row) => Object.fromEntries(columns.map(([name, type], at) => [name, plain(row[at], type)])));
  }
}

/** Row as a SELECT; null is left out. */
function rowSql(table: TableName, row: CaseRow): string {
  const types = new Map<string, string>(TABLES[table].map(({ name, type }) => [name, DUCKDB_TYPES[type]]));
  const cells = Object.entries(row).flatMap(([column, value]) => {
    const type = types.get(column);
    if (type === undefined) throw new Error(`${table} has no column ${column}`);
    if (value === null) return [];
    const text = Array.isArray(value)
      ? `[${value.map((item) => quoteText(String(item))).join(', ')}]`
      : quoteText(String(value));
    return [`CAST(${text} AS ${type}) AS ${quoteName(column)}`];
  });
  return `SELECT ${cells.join(', ')}`;
}

function plain(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value;
  if (isNumeric(type)) return Number(value);
  return type === 'TIMESTAMP WITH TIME ZONE' ? value.replace(' ', 'T').replace(/\+00$/, 'Z') : value;
}
