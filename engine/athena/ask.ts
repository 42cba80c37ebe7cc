/** A question asked where it fits: of our own engine, or of Athena where its plan exceeds what one function can do. */

import { hash } from 'node:crypto';
import { explainQuery, type QueryPlan } from '../explain.ts';
import { type Admitted, admit, SqlParser } from '../gate.ts';
import { withDefaults } from '../limits.ts';
import { wireParameters } from '../parameters.ts';
import { estimate } from '../plan/estimate.ts';
import { refuseBytes } from '../plan/extent.ts';
import { type QueryAnswer, type QueryRequest, type QuerySummary, runQuery } from '../query.ts';
import type { Batch } from '../result.ts';
import { publishedViews, tablesOf, withDependencies } from '../views.ts';
import {
  athenaDollars,
  type Choice,
  chooseEngine,
  type EngineAsked,
  LAMBDA,
  type OneFunction,
} from './choose.ts';
import { type AthenaPlace, askAthena } from './client.ts';
import { athenaStatement } from './statement.ts';
import { type AthenaTables, athenaKnows } from './views.ts';

export interface Athena {
  readonly place: AthenaPlace;
  /** The tables at the request's own snapshot. */
  readonly tables: AthenaTables;
  /** What one function can do, where that is not what a Lambda can. */
  readonly most?: OneFunction;
  /** Which is asked for; `auto` unless given. */
  readonly engine?: EngineAsked;
  /** Called before Athena is: it writes its answer into a bucket before anything of it is seen here. */
  readonly before?: (choice: Choice) => Promise<void>;
}

/** What Athena did for an answer. */
export interface AthenaRead {
  readonly engine: 'athena';
  /** Athena's own id of it. */
  readonly id: string;
  /** Scanned. */
  readonly bytes: number;
  /** What Athena asks for that. */
  readonly dollars: number;
}

export interface AthenaAnswered extends QueryAnswer {
  readonly read: AthenaRead;
}

export interface PlacedAnswer extends QueryAnswer {
  readonly choice: Choice;
}

/** Throws as `explainQuery` and `runQuery` do, as `before` does, and as Athena's statement and client do. */
export async function askWhereItFits(request: QueryRequest, athena: Athena): Promise<PlacedAnswer> {
  const parser = request.parser ?? new SqlParser();
  const own = { ...request, parser };
  try {
    const choice = await chosen(own, athena);
    if (choice.engine === 'duckdb') return { ...(await runQuery(own)), choice };
    await athena.before?.(choice);
    return { ...(await askOnlyAthena(own, athena)), choice };
  } finally {
    if (request.parser === undefined) await parser.close();
  }
}

/** Which engine a question would go to, and what it would read. Throws as `explainQuery` does. */
export async function explainPlaced(
  request: QueryRequest,
  { most, engine }: Pick<Athena, 'most' | 'engine'>,
): Promise<{ plan: QueryPlan; choice: Choice }> {
  const parser = request.parser ?? new SqlParser();
  try {
    const plan = await explainQuery({ ...request, parser });
    const { views } = await admitted(request, parser);
    return { plan, choice: chooseEngine(plan, hindranceOf(views), most, engine) };
  } finally {
    if (request.parser === undefined) await parser.close();
  }
}

/** Why a statement over these views cannot be asked of Athena; null where it can. */
export const hindranceOf = (views: Iterable<string>): string | null =>
  athenaKnows(views) ? null : 'names a view that Athena does not have';

/** Asks Athena, whatever the plan. Throws what the gate throws, and as Athena's statement and client do. */
export async function askOnlyAthena(
  request: QueryRequest,
  { place, tables }: Pick<Athena, 'place' | 'tables'>,
): Promise<AthenaAnswered> {
  const parser = request.parser ?? new SqlParser();
  try {
    const { sql, parameters, views } = await admitted(request, parser);
    const { sourceRank = [] } = request;
    const wired = wireParameters(request.parameters ?? [], parameters);
    const statement = athenaStatement({ sql, parameters: wired, views: [...views], sourceRank }, tables);
    return await fromAthena(request, place, statement);
  } finally {
    if (request.parser === undefined) await parser.close();
  }
}

const admitted = ({ sql, views, sourceRank }: QueryRequest, parser: SqlParser): Promise<Admitted> =>
  admit(parser, sql, [...publishedViews(views, sourceRank).keys()]);

async function chosen(
  request: QueryRequest & { readonly parser: SqlParser },
  { most = LAMBDA, engine = 'auto' }: Athena,
): Promise<Choice> {
  const { views } = await admitted(request, request.parser);
  const hindrance = hindranceOf(views);
  // Whatever the conditions are, no more than all of its tables is read: most questions need no second plan to be placed.
  const whole = chooseEngine(wholeTables(request, views), hindrance, most, engine);
  if (whole.engine === 'duckdb') return whole;
  const plan = await explainQuery(request);
  refuseBytes(plan.bytes, request.maxReadBytes);
  return chooseEngine(plan, hindrance, most, engine);
}

/** What reading every file of the tables would take. */
function wholeTables(
  { snapshot, views, sourceRank }: QueryRequest,
  named: ReadonlySet<string>,
): Pick<QueryPlan, 'bytes' | 'fetchBytes' | 'seconds'> {
  const tables = tablesOf(withDependencies(publishedViews(views, sourceRank), [...named]));
  const files = tables.flatMap((table) => snapshot.tables[table].files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const elsewhere = snapshot.parts !== undefined;
  const fetchBytes = elsewhere ? bytes : 0;
  const { seconds } = estimate({
    bytes,
    fetchBytes,
    requests: files.length,
    files: files.length,
    elsewhere,
  });
  return { bytes, fetchBytes, seconds };
}

async function fromAthena(request: QueryRequest, place: AthenaPlace, sql: string): Promise<AthenaAnswered> {
  const started = performance.now();
  const { maxRows, maxBytes, timeoutMillis } = withDefaults(request.limits);
  const answer = await askAthena(place, {
    sql,
    // The same question at the same head, within the same minute: a caller that asks again after a lost answer.
    token: hash('sha256', `${request.snapshot.head} ${Math.floor(Date.now() / 60_000)} ${sql}`, 'hex'),
    timeoutMillis,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const { id, scannedBytes: bytes } = answer;
  const read: AthenaRead = { engine: 'athena', id, bytes, dollars: athenaDollars(bytes) };
  const summary = Promise.withResolvers<QuerySummary>();
  summary.promise.catch(() => {});
  async function* batches(): AsyncGenerator<Batch> {
    let [rowCount, given, truncated]: [number, number, QuerySummary['truncated']] = [0, 0, null];
    try {
      for await (const rows of answer) {
        const within = rows.slice(0, maxRows - rowCount);
        given += Buffer.byteLength(JSON.stringify(within));
        if (given > maxBytes) truncated = 'bytes';
        else if (within.length < rows.length) truncated = 'rows';
        if (truncated !== 'bytes' && within.length > 0) {
          rowCount += within.length;
          yield within;
        }
        if (truncated !== null) break;
      }
      const seconds = (performance.now() - started) / 1000;
      summary.resolve({ rowCount, truncated, head: request.snapshot.head, seconds, read });
    } catch (error) {
      summary.reject(error);
      throw error;
    }
  }
  return { columns: answer.columns, read, summary: summary.promise, [Symbol.asyncIterator]: batches };
}
