/**
 * What a statement would look at, told by DuckDB's own optimiser over empty stand-ins of the lake's tables. It knows all
 * about pushing conditions through views, joins, subqueries and WITH; we only read what arrives at the scans.
 *
 * Sound because the optimised plan is the statement: each scan of it needs no row but those that satisfy the scan's own
 * conditions, whatever the table holds. So a table cut down to what any of its scans may need gives the same answer.
 */

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Column, TABLES } from '../../schema/columns.ts';
import { quoteName } from '../sql-text.ts';
import { DUCKDB_TYPES } from '../views/relation.ts';
import { type NativeView, publishedViews, withDependencies } from '../views.ts';
import { type RawScan, scansOf } from './duckdb-plan.ts';

/**
 * Only what moves conditions and columns may run. Left out above all is what looks at the rows there are: of empty
 * tables it would prove anything.
 */
const KEPT = new Set(
  (
    'expression_rewriter filter_pullup filter_pushdown cte_filter_pusher regex_range in_clause deliminator ' +
    'unnest_rewriter unused_columns common_subexpressions common_aggregate column_lifetime duplicate_groups ' +
    'reorder_filter extension materialized_cte sum_rewriter cte_inlining limit_pushdown build_side_probe_side'
  ).split(' '),
);

const PLANNER_OPTIONS: Readonly<Record<string, string>> = {
  threads: '1',
  temp_directory: '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  enable_external_access: 'false',
};

export interface Question {
  readonly statements: readonly {
    /** Admitted by the gate. */
    readonly sql: string;
    /** The same with the values of its parameters in their places; null where they cannot be written there. */
    readonly literal: string | null;
  }[];
  /** Published views they name. */
  readonly views: readonly string[];
  readonly native: readonly NativeView[];
  readonly sourceRank: readonly string[];
}

export interface Told {
  /** Null where the plan cannot be told: then anything may be read. */
  readonly scans: readonly RawScan[] | null;
}

/** An engine of its own with the stand-ins of every view that reads a table; it opens no file. */
export class StandIns {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<StandIns> {
    const instance = await DuckDBInstance.create(':memory:', { ...PLANNER_OPTIONS });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const tables = [...publishedViews([]).values()].flatMap(({ name, table }) =>
      table === null ? [] : [`CREATE TABLE ${quoteName(name)} (${definitions(TABLES[table])})`],
    );
    await connection.run(tables.join('; '));
    const names = await connection.runAndReadAll('SELECT name FROM duckdb_optimizers()');
    const dropped = names
      .getRows()
      .flat()
      .filter((name) => !KEPT.has(String(name)));
    await connection.run(`SET disabled_optimizers = '${dropped.join(',')}'`);
    await connection.run('SET lock_configuration = true');
    return new StandIns(connection);
  }

  /** What is done for the first time takes five times as long. */
  async warmUp(): Promise<void> {
    const sql = "SELECT action, count(*) FROM events WHERE src_ip = '' AND time >= '2000-01-01' GROUP BY 1";
    const statements = [{ sql, literal: sql }];
    await this.scans({ statements, views: ['events'], native: [], sourceRank: [] });
  }

  /** Throws what DuckDB says of a statement that fits no view. */
  async scans({ statements, views, native, sourceRank }: Question): Promise<Told> {
    for (const plan of withDependencies(publishedViews(native, sourceRank), views)) {
      if (plan.table !== null) continue;
      await this.#connection.run(
        `CREATE OR REPLACE VIEW ${quoteName(plan.name)} AS ${plan.sql(NO_FILES, new Map())}`,
      );
    }
    const all: (readonly RawScan[] | null)[] = [];
    for (const { sql, literal } of statements) {
      const scans = literal === null ? null : await this.#planned(literal);
      // A statement that fits no view is told so before anything is fetched for it, and in the words DuckDB has for it.
      if (scans === null) await this.#bind(sql);
      all.push(scans);
    }
    return { scans: all.every((scans) => scans !== null) ? all.flat() : null };
  }

  async #bind(sql: string): Promise<void> {
    try {
      (await this.#connection.prepare(sql)).destroySync();
    } catch (error) {
      if (/^(?:Binder|Catalog) Error/.test(String((error as Error).message))) throw error;
    }
  }

  async #planned(sql: string): Promise<readonly RawScan[] | null> {
    const asked = 'SELECT json_serialize_plan($1::VARCHAR, skip_null := true, optimize := true)';
    const reader = await this.#connection.runAndReadAll(asked, [sql]);
    return readScans(String(reader.getRows()[0]?.[0]));
  }
}

const NO_FILES = {
  head: '',
  tables: Object.fromEntries(Object.keys(TABLES).map((table) => [table, { files: [] }])),
} as unknown as Parameters<ReturnType<typeof withDependencies>[number]['sql']>[0];

const definitions = (columns: readonly Column[]): string =>
  columns.map(({ name, type }) => `${quoteName(name)} ${DUCKDB_TYPES[type]}`).join(', ');

function readScans(text: string): readonly RawScan[] | null {
  let answer: { error?: unknown; plans?: unknown };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    // Infinity stands bare in it.
    return null;
  }
  if (answer.error !== false) return null;
  const plans = Array.isArray(answer.plans) ? (answer.plans as readonly unknown[]) : [];
  return plans.length === 1 ? scansOf(plans[0]) : null;
}
