/**
 * Splits a Parquet body into its rows. The format is read from its end, so the body is kept whole; beside it one page of
 * each column is held.
 */

import type { ProblemCode, RecordSink, Splitter } from '../contract.ts';
import { ColumnCursor } from './parquet-column.ts';
import type { ParquetValue } from './parquet-encoding.ts';
import { type ParquetFooter, type ParquetGroup, readFooter } from './parquet-footer.ts';

/** Largest body kept whole, bytes; AWS closes a flow log file at about 75 MB. */
const MAX_BODY_BYTES = 512 * 2 ** 20;
/**
 * How many times its size a body may unfold to, in pages and in text of rows, over an allowance for small ones. Repeated
 * values cost next to nothing in Parquet, so a few bytes could claim any number of rows.
 */
const MAX_EXPANSION = 1000;
const FREE_EXPANSION_BYTES = 64 * 2 ** 20;

export interface ParquetShape<Context> {
  /** What the column names mean, given to each row as its context; a sentence where they are not this source's. */
  contextOf(names: readonly string[]): Context | string;
}

/** Bytes a body may still unfold to. */
export class Budget {
  #left: number;
  spent = false;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    this.spent = true;
    throw new Error(`the body unfolds to more than ${MAX_EXPANSION} times its size`);
  }
}

/** Rows as records, `raw` their JSON, rebuilt. */
export function parquetRows<Context>(sink: RecordSink, shape: ParquetShape<Context>): Splitter {
  const broken = brokenTo(sink);

  const readBody = (body: Buffer): void => {
    const whole = `bytes=0-${body.length}`;
    let footer: ParquetFooter;
    try {
      footer = readFooter(body);
    } catch (error) {
      broken(whole, 'invalid_parquet', messageOf(error));
      return;
    }
    const context = shape.contextOf(footer.columns.map(({ name }) => name));
    if (typeof context === 'string') {
      broken(whole, 'invalid_parquet', context);
      return;
    }
    const budget = budgetOf(body);
    let row = 0;
    for (const group of footer.groups) {
      readGroup(body, footer, group, row, context, budget);
      if (budget.spent) return;
      row += group.rows;
    }
  };

  const readGroup = (
    body: Buffer,
    { columns }: ParquetFooter,
    group: ParquetGroup,
    from: number,
    context: Context,
    budget: Budget,
  ): void => {
    const cursors = columns.map(
      (column, index) => new ColumnCursor(body, column, group.chunks[index]!, group.rows, budget),
    );
    const keys = columns.map(({ name }, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    for (let row = from; row < from + group.rows; row++) {
      const value: Record<string, ParquetValue | null> = {};
      let raw = '{';
      try {
        for (let index = 0; index < cursors.length; index++) {
          const cell = cursors[index]!.next();
          value[columns[index]!.name] = cell;
          raw += keys[index]! + cellText(cell);
        }
        raw += '}';
        budget.take(raw.length);
        sink.record({ raw, bytes: null, value, locator: `row=${row};rebuilt`, context });
      } catch (error) {
        brokenRow(broken, row, budget, error);
        return;
      }
    }
  };

  return wholeBody(broken, readBody);
}

export type TellBroken = (locator: string, code: ProblemCode, problem: string) => void;

export const brokenTo =
  (sink: RecordSink): TellBroken =>
  (locator, code, problem) =>
    sink.broken({ locator, code, path: '', problem, raw: '' });

/** What all a body's pages and rows may unfold to. */
export const budgetOf = (body: Buffer): Budget =>
  new Budget(FREE_EXPANSION_BYTES + MAX_EXPANSION * body.length);

export function brokenRow(broken: TellBroken, row: number, { spent }: Budget, error: unknown): void {
  const rest = spent ? 'all rows from this one on' : 'this row and those after it in its row group';
  broken(`row=${row}`, spent ? 'expansion_limit' : 'invalid_parquet', `${rest}: ${messageOf(error)}`);
}

/** Keeps the body until its end, and then has it read. */
export function wholeBody(broken: TellBroken, readBody: (body: Buffer) => void): Splitter {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) chunks.length = 0;
      // A chunk's memory may be used again by whoever gave it.
      else chunks.push(Buffer.from(chunk));
    },
    end() {
      if (length <= MAX_BODY_BYTES) {
        readBody(Buffer.concat(chunks));
        return;
      }
      const problem = `a Parquet body of ${length} bytes; ${MAX_BODY_BYTES} is the most that is kept whole`;
      broken(`bytes=0-${length}`, 'record_too_large', problem);
    },
  };
}

/** The value as JSON; 64-bit integers keep all their digits. */
function cellText(value: ParquetValue | null): string {
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
