/** Asks the same of planned parts, laid into sparse files, and of whole files by plain DuckDB. */

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { chooseFiles } from '../../../engine/plan/choose.ts';
import { broughtFiles } from '../../../engine/plan/extent.ts';
import { StandIns } from '../../../engine/plan/stand-ins.ts';
import { configure, createViews } from '../../../engine/sandbox/prepare.ts';
import type { Snapshot, SnapshotFile } from '../../../engine/snapshot.ts';
import { publishedViews, withDependencies } from '../../../engine/views.ts';
import { TABLES, type TableName } from '../../../schema/columns.ts';
import { jobFor } from '../lake.ts';
import { viewsIn } from './random-sql.ts';

export interface Outcome {
  /** The answer's rows as text, sorted; or what was thrown. */
  readonly planned: string;
  readonly whole: string;
  /** Files read, of those there are. */
  readonly files: number;
  readonly isPruned: boolean;
}

export class Comparison {
  readonly #standIns = StandIns.open();
  readonly #whole: Promise<DuckDBConnection>;
  #last = { sql: '', answer: '' };

  /** `plain` has every file whole, at its path. */
  constructor(plain: Snapshot) {
    this.#whole = open(plain, ['events', 'flows', 'timeline', 'events_all']);
  }

  async of(snapshot: Snapshot, sql: string): Promise<Outcome> {
    const views = viewsIn(sql);
    const plans = withDependencies(publishedViews([]), views);
    const { scans } = await (await this.#standIns).scans({
      statements: [{ sql, literal: sql }],
      views,
      native: [],
      sourceRank: [],
    });
    const chosen = await chooseFiles(snapshot, plans, scans);
    const tables = Object.fromEntries(
      Object.keys(TABLES).map((table) => [table, { files: [] }]),
    ) as unknown as Record<TableName, { files: readonly SnapshotFile[] }>;
    const releases: (() => Promise<void>)[] = [];
    for (const part of chosen) {
      const { files, release } = await broughtFiles(snapshot, part);
      releases.push(release);
      tables[part.table] = { files };
    }
    const planned = await this.#ofParts({ head: '', tables }, views, sql);
    for (const release of releases) await release();
    return {
      planned,
      whole: await this.#ofWhole(sql),
      files: Object.values(tables).reduce((sum, { files }) => sum + files.length, 0),
      isPruned: scans !== null,
    };
  }

  /** In a catalogue of its own: opening an engine takes longer than most statements. */
  async #ofParts(snapshot: Snapshot, views: readonly string[], sql: string): Promise<string> {
    const connection = await this.#whole;
    await connection.run("ATTACH ':memory:' AS parts; USE parts");
    try {
      await createViews(connection, jobOver(snapshot, views));
      return await answer(connection, sql);
    } finally {
      await connection.run('USE memory; DETACH parts');
    }
  }

  /** The same statement is asked of several stores, one after the other. */
  async #ofWhole(sql: string): Promise<string> {
    if (this.#last.sql !== sql) this.#last = { sql, answer: await answer(await this.#whole, sql) };
    return this.#last.answer;
  }
}

async function open(snapshot: Snapshot, views: readonly string[]): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await configure(connection);
  await createViews(connection, jobOver(snapshot, views));
  return connection;
}

const jobOver = (snapshot: Snapshot, views: readonly string[]) => ({
  ...jobFor(snapshot, '', views),
  engineMemory: 2 ** 28,
});

async function answer(connection: DuckDBConnection, sql: string): Promise<string> {
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowsJson();
    return rows
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  } catch (error) {
    return `threw ${(error as Error).message.split('\n')[0]}`;
  }
}
