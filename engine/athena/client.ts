/** One statement asked of Athena: started, waited for, its rows read page by page. */

import {
  type AthenaClient,
  type Datum,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { AkashiError } from '../../schema/error.ts';
import type { Batch, Cell, ResultColumn } from '../result.ts';

export interface AthenaPlace {
  readonly client: AthenaClient;
  readonly database: string;
  /** It says where results go, and what a statement may scan at most. */
  readonly workGroup: string;
  /** Where results go, for a work group that does not say. */
  readonly output?: string;
}

export interface AthenaAnswer extends AsyncIterable<Batch> {
  readonly columns: readonly ResultColumn[];
  readonly id: string;
  /** What it is billed for. */
  readonly scannedBytes: number;
}

export interface AthenaRequest {
  readonly sql: string;
  /** The same token is the same question: asked again after a lost answer, it is not paid for twice. 32 characters or more. */
  readonly token: string;
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal;
  /** Milliseconds between looks, at first; each is longer, to two seconds. */
  readonly pollMillis?: number;
}

const PAGE_ROWS = 1000;
const MOST_POLL_MILLIS = 2000;

/**
 * Resolves once the answer is there. Throws ATHENA_FAILED with Athena's own words, SQL_TIMEOUT and SQL_CANCELLED, after
 * either of which it was told to stop.
 */
export async function askAthena(place: AthenaPlace, request: AthenaRequest): Promise<AthenaAnswer> {
  const { client, database, workGroup, output } = place;
  const id = await inOurWords(async () => {
    const started = await client.send(
      new StartQueryExecutionCommand({
        QueryString: request.sql,
        ClientRequestToken: request.token,
        QueryExecutionContext: { Database: database },
        WorkGroup: workGroup,
        ...(output === undefined ? {} : { ResultConfiguration: { OutputLocation: output } }),
      }),
    );
    return started.QueryExecutionId!;
  });
  const scannedBytes = await finished(client, id, request);
  const first = await page(client, id, undefined);
  const columns = first.columns;
  async function* batches(): AsyncGenerator<Batch> {
    // The first page begins with the columns' names.
    let { rows, next }: Pick<Page, 'rows' | 'next'> = { rows: first.rows.slice(1), next: first.next };
    for (;;) {
      if (rows.length > 0)
        yield rows.map((row) => columns.map((column, at) => cellOf(column.type, row[at]?.VarCharValue)));
      if (next === undefined) return;
      ({ rows, next } = await page(client, id, next));
    }
  }
  return { columns, id, scannedBytes, [Symbol.asyncIterator]: batches };
}

async function finished(
  client: AthenaClient,
  id: string,
  { timeoutMillis, signal, pollMillis = 200 }: AthenaRequest,
): Promise<number> {
  const until = performance.now() + timeoutMillis;
  for (let wait = pollMillis; ; wait = Math.min(wait * 1.5, MOST_POLL_MILLIS)) {
    const { QueryExecution: found } = await inOurWords(() =>
      client.send(new GetQueryExecutionCommand({ QueryExecutionId: id })),
    );
    const { State: state, StateChangeReason: reason } = found?.Status ?? {};
    if (state === 'SUCCEEDED') return found?.Statistics?.DataScannedInBytes ?? 0;
    if (state === 'FAILED' || state === 'CANCELLED')
      throw new AkashiError(
        'ATHENA_FAILED',
        `Athena ended the query ${id} as ${state}: ${reason ?? 'no reason given'}.`,
      );
    const late = performance.now() > until;
    if (late || signal?.aborted === true) {
      await inOurWords(() => client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })));
      if (late)
        throw new AkashiError(
          'SQL_TIMEOUT',
          `Athena had not answered ${id} after ${Math.round(timeoutMillis / 1000)} s and was told to stop. Ask about less time.`,
        );
      throw new AkashiError('SQL_CANCELLED', 'the query was cancelled');
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

interface Page {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Datum[])[];
  readonly next: string | undefined;
}

async function page(client: AthenaClient, id: string, token: string | undefined): Promise<Page> {
  const answer = await inOurWords(() =>
    client.send(
      new GetQueryResultsCommand({
        QueryExecutionId: id,
        MaxResults: PAGE_ROWS,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  return {
    columns: (answer.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(
      ({ Name = '', Type = 'varchar' }) => ({
        name: Name,
        type: DUCKDB_NAMES[Type] ?? Type.toUpperCase(),
      }),
    ),
    rows: (answer.ResultSet?.Rows ?? []).map(({ Data = [] }) => Data),
    next: answer.NextToken,
  };
}

/** Athena's types as our own answers call them. */
const DUCKDB_NAMES: Readonly<Record<string, string>> = {
  'timestamp with time zone': 'TIMESTAMP WITH TIME ZONE',
  array: 'VARCHAR',
  real: 'FLOAT',
};

/** A cell as our own engine would give it out: whole numbers that fit and truth values as such, all else as text. */
function cellOf(type: string, text: string | undefined): Cell {
  if (text === undefined) return null;
  switch (type) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'DOUBLE':
    case 'FLOAT':
      return Number(text);
    case 'BIGINT': {
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : text;
    }
    case 'BOOLEAN':
      return text === 'true';
    case 'TIMESTAMP WITH TIME ZONE': {
      const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC$/.exec(text);
      return found === null ? text : `${found[1]}T${found[2]}Z`;
    }
    default:
      return text;
  }
}

async function inOurWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AkashiError) throw error;
    const { name, message } = error as Error;
    throw new AkashiError('ATHENA_FAILED', `Athena refused: ${message} (${name}).`, { cause: error });
  }
}
