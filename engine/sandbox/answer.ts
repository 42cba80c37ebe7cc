/** Runs an admitted statement in the locked instance and hands its rows to the parent. */

import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  SQLNULL,
  timestampTZValue,
} from '@duckdb/node-api';
import { chunkCollector } from '../garbage.ts';
import type { ResultColumn } from '../result.ts';
import { hasUnnamedFields, toCell } from './cell.ts';
import { encodeRows, type Frame, type Job, type Truncation, type WireParameter } from './protocol.ts';

/** Rows are sent when this many characters of them are together. */
const BATCH_CHARACTERS = 256 * 1024;

/** Resolves once the parent has room for more. */
export interface Outlet {
  frame(frame: Frame): Promise<void>;
  bytes(encoded: Buffer): Promise<void>;
}

/** Streams the rows, stopping at the job's row and byte limits. */
export async function answerRows(connection: DuckDBConnection, job: Job, out: Outlet): Promise<void> {
  const result = await connection.stream(job.sql, bind(job.parameters), bindTypes(job.parameters));
  const types = result.columnTypes();
  const columns = result
    .deduplicatedColumnNames()
    .map((name, index): ResultColumn => ({ name, type: types[index]!.alias ?? String(types[index]) }));
  const unnamed = columns.find((_, index) => hasUnnamedFields(types[index]!));
  if (unnamed !== undefined) {
    throw new Error(
      `Binder Error: column "${unnamed.name}" holds a row without field names; name them: {'a': x, 'b': y} instead of (x, y)`,
    );
  }
  await out.frame({ kind: 'columns', columns });
  const sender = new RowSender(out, job);
  const chunkDone = chunkCollector();
  while (sender.truncated === null) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    await sender.send(chunk);
    await chunkDone();
  }
  await sender.flush();
  await out.frame({ kind: 'done', rowCount: sender.rowCount, truncated: sender.truncated });
}

class RowSender {
  rowCount = 0;
  truncated: Truncation = null;
  readonly #out: Outlet;
  readonly #job: Job;
  #rows: string[] = [];
  #characters = 0;
  #bytes = 0;

  constructor(out: Outlet, job: Job) {
    this.#out = out;
    this.#job = job;
  }

  async send(chunk: DuckDBDataChunk): Promise<void> {
    const vectors = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
    for (let row = 0; row < chunk.rowCount; row++) {
      if (this.rowCount === this.#job.maxRows) {
        this.truncated = 'rows';
        return;
      }
      // One row at a time, so that a chunk of large values is never in memory twice as a whole.
      const text = JSON.stringify(vectors.map((vector) => toCell(vector.getItem(row), vector.type)));
      this.#bytes += Buffer.byteLength(text);
      if (this.#bytes > this.#job.maxBytes) {
        this.truncated = 'bytes';
        return;
      }
      this.rowCount++;
      this.#rows.push(text);
      this.#characters += text.length;
      if (this.#characters >= BATCH_CHARACTERS) await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const encoded = encodeRows(this.#rows);
    this.#rows = [];
    this.#characters = 0;
    await this.#out.bytes(encoded);
  }
}

/** Parameters as DuckDB values. */
export function bind(parameters: Job['parameters']): DuckDBValue[] | Record<string, DuckDBValue> {
  if (Array.isArray(parameters)) return parameters.map(toValue);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, toValue(value)]));
}

/** Types for what does not tell its own: a list without elements, which then fits a list of any. */
export function bindTypes(parameters: Job['parameters']): Record<string, DuckDBType> | DuckDBType[] {
  const typeOf = (parameter: WireParameter) =>
    Array.isArray(parameter) && parameter.length === 0 ? LIST(SQLNULL) : undefined;
  // The library's types leave out that it works out those that are undefined by itself.
  if (Array.isArray(parameters)) return parameters.map(typeOf) as DuckDBType[];
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeOf(value)]),
  ) as Record<string, DuckDBType>;
}

function toValue(parameter: WireParameter): DuckDBValue {
  if (parameter === null || typeof parameter !== 'object') return parameter;
  if ('integer' in parameter) return BigInt(parameter.integer);
  if ('time' in parameter) return timestampTZValue(BigInt(parameter.time));
  return listValue(parameter.map(toValue));
}
