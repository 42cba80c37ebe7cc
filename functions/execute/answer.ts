/** What the executor answers, whole or cut by a limit. */

import type { QueryLimits } from '../../engine/limits.ts';
import { execute, type Order } from '../../engine/order.ts';
import type { Batch, ResultColumn } from '../../engine/result.ts';
import type { Truncation } from '../../engine/sandbox/protocol.ts';
import { fetchOver } from '../../engine/stage/linked-parts.ts';
import { AkashiError } from '../../schema/error.ts';

export type Executed =
  | {
      readonly kind: 'answer';
      readonly columns: readonly ResultColumn[];
      readonly rows: Batch;
      readonly truncated: Truncation;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Runs an order. What is the statement's fault, or the lake's, is an answer as well. */
export async function answerTo(order: Order, limits: QueryLimits, signal: AbortSignal): Promise<Executed> {
  let columns: readonly ResultColumn[] = [];
  const rows: Batch[number][] = [];
  let truncated: Truncation = null;
  try {
    for await (const frame of execute(order, limits, fetchOver(signal), signal)) {
      if (frame.kind === 'columns') columns = frame.columns;
      if (frame.kind === 'rows') rows.push(...frame.rows);
      if (frame.kind === 'done') truncated = frame.truncated;
    }
    return { kind: 'answer', columns, rows, truncated };
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    return { kind: 'refused', code: error.code, message: error.message };
  }
}
