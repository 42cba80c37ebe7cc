/** A question put to the lake: planned and put on record here, executed elsewhere. */

import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { type Order, orderFor } from '../../engine/order.ts';
import type { QueryRequest } from '../../engine/query.ts';
import type { Batch, ResultColumn } from '../../engine/result.ts';
import { type StatementCoverage, tryVerdictOf, withCoverage } from '../../exports/query-coverage.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Custodian, recorder } from '../../stages/custody.ts';
import { readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import type { Executed } from '../execute/answer.ts';
import { type Statement, subjectOf } from '../parts/asked.ts';
import { MOST_PACKED, type Packed, pack, unpack } from '../parts/payload.ts';

export interface QueryLimitsAsked {
  readonly maxRows: number;
  /** Refuse a statement that would read more, bytes. */
  readonly maxReadBytes: number;
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
  readonly read: Order['read'];
  readonly seconds: number;
}

/** Rows of an answer as JSON, bytes: what fits into a function's own. */
const MOST_BYTES = 3.5 * 2 ** 20;
/** Links work as long as an executor may run. */
const LINK_SECONDS = 300;

export type Execute = (order: Packed) => Promise<unknown>;

/**
 * Throws as `runQuery` does, CUSTODY_NOT_KEPT rather than give out a row that is not on record, and QUERY_TOO_WIDE for a
 * statement over more parts of files than an executor can be told of.
 */
export async function ask(
  lake: Lake,
  statement: Statement,
  by: Custodian,
  limits: QueryLimitsAsked,
  execute: Execute,
): Promise<Answer> {
  const started = performance.now();
  const asOf = Date.now() * 1000;
  const { head } = await readHead(lake.state);
  const request: QueryRequest = {
    sql: statement.sql,
    parameters: statement.parameters,
    snapshot: await readSnapshot(lake),
    views: nativeViews(),
    maxReadBytes: limits.maxReadBytes,
    limits: { maxRows: limits.maxRows, maxBytes: MOST_BYTES },
  };
  return withCoverage(lake, request, asOf, async (whole) => {
    const order = await orderFor(whole, linkIn(lake));
    const { columns, rows, truncated } = answered(unpack<Executed>(await execute(packed(order))));
    // On record before the first row leaves.
    await recorder(lake.state, head, by, { required: true, onRefused: () => {} }).record({
      action: 'query',
      subject: subjectOf(statement),
      parameters: statement.parameters,
      rows: rows.length,
    });
    return {
      columns,
      rows,
      rowCount: rows.length,
      truncated,
      notice: noticeOf(truncated, rows.length),
      head: order.head,
      coverage: await tryVerdictOf(lake, whole, asOf, () => {}),
      read: order.read,
      seconds: (performance.now() - started) / 1000,
    };
  });
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
