/** A question put to the lake: planned and put on record here, executed elsewhere. */

import { nativeViews } from '../../connectors/native-views.ts';
import { type AthenaRead, explainPlaced, hindranceOf } from '../../engine/athena/ask.ts';
import { type Choice, chooseEngine, type EngineAsked } from '../../engine/athena/choose.ts';
import { type AthenaAtHead, athenaOf, namesAthena } from '../../engine/athena/place.ts';
import type { QueryPlan } from '../../engine/explain.ts';
import { snapshotAt } from '../../engine/lake-snapshot.ts';
import { type Order, orderFor } from '../../engine/order.ts';
import { refuseBytes } from '../../engine/plan/extent.ts';
import type { QueryRequest } from '../../engine/query.ts';
import type { Batch, ResultColumn } from '../../engine/result.ts';
import { type StatementCoverage, tryVerdictOf, withCoverage } from '../../exports/query-coverage.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Custodian, type Deed, type Recorder, recorder } from '../../stages/custody.ts';
import { type Head, readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import type { Executed } from '../execute/answer.ts';
import { type Statement, subjectOf } from '../parts/asked.ts';
import { MOST_PACKED, type Packed, pack, unpack } from '../parts/payload.ts';
import { askAthenaOnRecord } from './athena.ts';
import { executedDollars, extentOfOrder, ONE_EXECUTE } from './most.ts';

export interface QueryLimitsAsked {
  readonly maxRows: number;
  /** Refuse a statement that would read more, bytes; `READ_BYTES` unless given. */
  readonly maxReadBytes?: number | undefined;
  readonly engine: EngineAsked;
}

export interface Answer {
  readonly columns: readonly ResultColumn[];
  readonly rows: Batch;
  readonly rowCount: number;
  readonly truncated: 'rows' | 'bytes' | null;
  /** Where rows are left out, that and what to do about it. */
  readonly notice: string | null;
  readonly head: string;
  /** Of the time that the statement asks about; null where it cannot be told. */
  readonly coverage: StatementCoverage | null;
  readonly engine: Choice['engine'];
  /** Why that engine. */
  readonly why: string;
  readonly read: Order['read'] | AthenaRead;
  /** What answering cost at list prices, US dollars: of the executor and its requests, or of Athena. */
  readonly dollars: number;
  readonly seconds: number;
}

/** Rows of an answer as JSON, bytes: what fits into a function's own. */
const MOST_BYTES = 3.5 * 2 ** 20;
const GiB = 2 ** 30;
/** What a question reads unless it says more: of an executor, and where Athena helps. */
const READ_BYTES = { alone: 2 * GiB, athena: 20 * GiB };
/** An executor reads no more, whatever is asked. */
const MOST_READ_ALONE = 20 * GiB;
/** Links work as long as an executor may run. */
const LINK_SECONDS = 300;

export type Execute = (order: Packed) => Promise<unknown>;

/** Who works on a question, and how long it may take. */
export interface Workers {
  readonly execute: Execute;
  readonly timeoutMillis: number;
}

/**
 * Throws as `runQuery` does, CUSTODY_NOT_KEPT rather than give out a row that is not on record, QUERY_TOO_WIDE for a
 * statement over more parts of files than an executor can be told of, and ATHENA_NONE.
 */
export async function ask(
  lake: Lake,
  statement: Statement,
  by: Custodian,
  limits: QueryLimitsAsked,
  workers: Workers,
): Promise<Answer> {
  const started = performance.now();
  const asOf = Date.now() * 1000;
  const { request, athena, onRecord } = await preparedFor(lake, statement, by, limits, workers);
  return withCoverage(lake, request, asOf, async (whole) => {
    const found = await answerFor(lake, whole, limits.engine, athena, workers, onRecord);
    const { columns, rows, truncated, choice, read, dollars } = found;
    return {
      columns,
      rows,
      rowCount: rows.length,
      truncated,
      notice: noticeOf(truncated, rows.length),
      head: whole.snapshot.head,
      coverage: await tryVerdictOf(lake, whole, asOf, () => {}),
      engine: choice.engine,
      why: choice.why,
      read,
      dollars,
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** What a question would read, and which engine it would go to: nothing of the lake's rows is read. Throws as `ask` does. */
export async function explainAsked(
  lake: Lake,
  statement: Statement,
  by: Custodian,
  limits: QueryLimitsAsked,
  workers: Workers,
): Promise<QueryPlan & Choice> {
  const { request, athena } = await preparedFor(lake, statement, by, limits, workers);
  return withCoverage(lake, request, Date.now() * 1000, async (whole) => {
    const { plan, choice } = await explainPlaced(whole, { engine: limits.engine, most: ONE_EXECUTE });
    if (athena !== null || choice.engine === 'duckdb') return { ...plan, ...choice };
    return { ...plan, ...chooseEngine(plan, NO_ATHENA, ONE_EXECUTE) };
  });
}

/** The tables are read for it once it is asked: most questions are not. */
type OpenAthena = () => Promise<AthenaAtHead>;

async function athenaAt(lake: Lake, head: Head): Promise<AthenaAtHead> {
  const found = await athenaOf(lake, head);
  if (found === null) throw noAthena();
  return found;
}

const noAthena = (): AkashiError =>
  new AkashiError(
    'ATHENA_NONE',
    'This deployment has no Athena work group that can open the tables. Leave "engine" out, or deploy one.',
  );

interface OnRecord {
  readonly recorder: Recorder;
  readonly deed: Deed;
}

async function preparedFor(
  lake: Lake,
  statement: Statement,
  by: Custodian,
  { maxRows, maxReadBytes, engine }: QueryLimitsAsked,
  { timeoutMillis }: Workers,
): Promise<{ request: QueryRequest; athena: OpenAthena | null; onRecord: OnRecord }> {
  const { head } = await readHead(lake.state);
  const athena = engine === 'duckdb' || !namesAthena(lake) ? null : () => athenaAt(lake, head);
  if (engine === 'athena' && athena === null) throw noAthena();
  const request: QueryRequest = {
    sql: statement.sql,
    parameters: statement.parameters,
    snapshot: await snapshotAt(lake, head),
    views: nativeViews(),
    maxReadBytes:
      athena === null
        ? Math.min(maxReadBytes ?? READ_BYTES.alone, MOST_READ_ALONE)
        : (maxReadBytes ?? READ_BYTES.athena),
    limits: { maxRows, maxBytes: MOST_BYTES, timeoutMillis },
  };
  const deed: Deed = {
    action: 'query',
    subject: subjectOf(statement),
    parameters: statement.parameters,
  };
  return {
    request,
    athena,
    onRecord: { recorder: recorder(lake.state, head, by, { required: true, onRefused: () => {} }), deed },
  };
}

interface Found extends Pick<Answer, 'columns' | 'rows' | 'truncated' | 'read' | 'dollars'> {
  readonly choice: Choice;
}

/** Athena cannot be asked this. */
const NOT_FOR_ATHENA = new Set(['ATHENA_SQL', 'ATHENA_NONE']);
const NO_ATHENA = 'this deployment has no Athena';

/** Of an executor: that it could not, rather than that the statement is wrong. */
const OUTGROWN = new Set(['SQL_MEMORY', 'SQL_TIMEOUT', 'QUERY_TOO_WIDE']);

async function answerFor(
  lake: Lake,
  request: QueryRequest,
  engine: EngineAsked,
  athena: OpenAthena | null,
  { execute }: Workers,
  onRecord: OnRecord,
): Promise<Found> {
  const { recorder: own, deed } = onRecord;
  const byAthena = async (choice: Choice): Promise<Found> => {
    const { read, ...found } = await askAthenaOnRecord(request, await athena!(), own, deed);
    return { ...found, choice, read, dollars: read.dollars };
  };
  if (engine === 'athena') {
    const { plan, choice } = await explainPlaced(request, { engine });
    refuseBytes(plan.bytes, request.maxReadBytes);
    return byAthena(choice);
  }
  const order = await orderFor(request, linkIn(lake));
  const hindrance = athena === null ? NO_ATHENA : hindranceOf(order.job.views);
  const choice = chooseEngine(extentOfOrder(order), hindrance, ONE_EXECUTE, engine);
  if (choice.engine === 'athena') return byAthena(choice);
  const begun = performance.now();
  try {
    const { columns, rows, truncated } = answered(unpack<Executed>(await execute(packed(order))));
    // On record before the first row leaves.
    await own.record({ ...deed, rows: rows.length });
    const dollars = executedDollars(order.read, (performance.now() - begun) / 1000);
    return { columns, rows, truncated, choice, read: order.read, dollars };
  } catch (error) {
    if (athena === null || !(error instanceof AkashiError) || !OUTGROWN.has(error.code)) throw error;
    const why = `one function could not do it (${error.code})`;
    return await byAthena({ ...choice, engine: 'athena', why }).catch((other: unknown) => {
      // The statement is none for Athena: what the function said is the answer.
      throw other instanceof AkashiError && NOT_FOR_ATHENA.has(other.code) ? error : other;
    });
  }
}

const linkIn =
  ({ remote, vault }: Lake) =>
  async (key: string): Promise<string> => {
    if (remote !== undefined) return remote.link(key, LINK_SECONDS);
    throw new AkashiError('STORE_UNSUPPORTED', `${vault.name} gives no links to what it holds.`);
  };

function packed(order: Order): Packed {
  const all = pack(order);
  if (all.packed.length <= MOST_PACKED) return all;
  throw new AkashiError(
    'QUERY_TOO_WIDE',
    `the statement reads parts of ${order.files.length} files, and an executor can be told of fewer. Ask for a shorter time ` +
      'range, or ask with `akashi query`.',
  );
}

function answered(executed: Executed): Extract<Executed, { kind: 'answer' }> {
  if (executed.kind === 'answer') return executed;
  throw new AkashiError(executed.code, executed.message);
}

function noticeOf(truncated: Answer['truncated'], rows: number): string | null {
  if (truncated === null) return null;
  const by = truncated === 'rows' ? 'maxRows' : 'the size of an answer over HTTP';
  return `The answer was cut after ${rows} rows by ${by}; there are more. Ask for less at a time, or export a package.`;
}
