/** A question asked where it fits: of our own engine, or of Athena where its plan exceeds what one function can do. */

import { hash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import { explainQuery } from '../explain.ts';
import { admit, SqlParser } from '../gate.ts';
import { withDefaults } from '../limits.ts';
import { wireParameters } from '../parameters.ts';
import { type QueryAnswer, type QueryRequest, type QuerySummary, runQuery } from '../query.ts';
import type { Batch } from '../result.ts';
import { publishedViews } from '../views.ts';
import { type Choice, chooseEngine, type OneFunction } from './choose.ts';
import { type AthenaPlace, askAthena } from './client.ts';
import { athenaStatement } from './statement.ts';
import { type AthenaTables, athenaKnows } from './views.ts';

export interface Athena {
  readonly place: AthenaPlace;
  /** The tables at the request's own snapshot. */
  readonly tables: AthenaTables;
  /** What one function can do, where that is not what a Lambda can. */
  readonly most?: OneFunction;
}

export interface PlacedAnswer extends QueryAnswer {
  readonly choice: Choice;
}

/** Throws as `explainQuery` and `runQuery` do, and as Athena's statement and client do. */
export async function askWhereItFits(request: QueryRequest, athena: Athena): Promise<PlacedAnswer> {
  const parser = request.parser ?? new SqlParser();
  try {
    const names = [...publishedViews(request.views, request.sourceRank).keys()];
    const admitted = await admit(parser, request.sql, names);
    const views = [...admitted.views];
    const plan = await explainQuery({ ...request, parser });
    const { maxReadBytes } = request;
    if (maxReadBytes !== undefined && plan.bytes > maxReadBytes)
      throw new AkashiError(
        'QUERY_TOO_LARGE',
        `the query would read ${plan.bytes} bytes, more than the ${maxReadBytes} allowed; bound its time`,
      );
    const choice = chooseEngine(plan, athenaKnows(views), athena.most);
    if (choice.engine === 'duckdb') return { ...(await runQuery({ ...request, parser })), choice };
    const parameters = wireParameters(request.parameters ?? [], admitted.parameters);
    const { sourceRank = [] } = request;
    const sql = athenaStatement({ sql: admitted.sql, parameters, views, sourceRank }, athena.tables);
    return { ...(await fromAthena(request, athena.place, sql)), choice };
  } finally {
    if (request.parser === undefined) await parser.close();
  }
}

async function fromAthena(request: QueryRequest, place: AthenaPlace, sql: string): Promise<QueryAnswer> {
  const started = performance.now();
  const { maxRows, maxBytes, timeoutMillis } = withDefaults(request.limits);
  const answer = await askAthena(place, {
    sql,
    // The same question at the same head, within the same minute: a caller that asks again after a lost answer.
    token: hash('sha256', `${request.snapshot.head} ${Math.floor(Date.now() / 60_000)} ${sql}`, 'hex'),
    timeoutMillis,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const summary = Promise.withResolvers<QuerySummary>();
  summary.promise.catch(() => {});
  async function* batches(): AsyncGenerator<Batch> {
    let [rowCount, bytes, truncated]: [number, number, QuerySummary['truncated']] = [0, 0, null];
    try {
      for await (const rows of answer) {
        const given = rows.slice(0, maxRows - rowCount);
        bytes += Buffer.byteLength(JSON.stringify(given));
        if (bytes > maxBytes) truncated = 'bytes';
        else if (given.length < rows.length) truncated = 'rows';
        if (truncated !== 'bytes' && given.length > 0) {
          rowCount += given.length;
          yield given;
        }
        if (truncated !== null) break;
      }
      const seconds = (performance.now() - started) / 1000;
      const read = { engine: 'athena', id: answer.id, bytes: answer.scannedBytes };
      summary.resolve({ rowCount, truncated, head: request.snapshot.head, seconds, read });
    } catch (error) {
      summary.reject(error);
      throw error;
    }
  }
  return { columns: answer.columns, summary: summary.promise, [Symbol.asyncIterator]: batches };
}
