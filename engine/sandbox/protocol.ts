/**
 * What goes between a query's process and the one that started it.
 *
 * In: lines of JSON, at most one question of what a statement looks at and then the job; the pipe stays open, and its end
 * means the parent is gone. Out: frames of a 32-bit little-endian length and that many bytes of JSON. The parent believes
 * nothing but the frames' form.
 */

import type { RawScan } from '../plan/duckdb-plan.ts';
import type { Question } from '../plan/stand-ins.ts';
import type { Batch, ResultColumn } from '../result.ts';
import type { Snapshot } from '../snapshot.ts';
import type { NativeView } from '../views.ts';

/** A parameter as JSON; `integer` and `time` carry what JSON cannot. */
export type WireParameter =
  | null
  | boolean
  | number
  | string
  | { readonly integer: string }
  | { readonly time: string }
  | readonly WireParameter[];

/** A statement that the gate admitted, with its values. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly WireParameter[] | Readonly<Record<string, WireParameter>>;
  /** The file that a further statement of a `parquet` job writes. */
  readonly output?: string;
}

/** Asks what a statement looks at. */
export interface PlanJob extends Question {
  readonly kind: 'plan';
  readonly engineMemory: number;
}

export interface Job {
  /** `rows` streams the answer, `parquet` writes it to `output`. */
  readonly kind: 'rows' | 'parquet';
  /** Admitted by the gate. */
  readonly sql: string;
  readonly parameters: readonly WireParameter[] | Readonly<Record<string, WireParameter>>;
  /** Further statements, answered one after the other in the same way, each up to a `done` of its own. */
  readonly more?: readonly Statement[];
  /** Published views the statement names. */
  readonly views: readonly string[];
  readonly native: readonly NativeView[];
  readonly sourceRank: readonly string[];
  /** Only the tables those views read have files in it. */
  readonly snapshot: Snapshot;
  readonly threads: number;
  /** DuckDB's own memory limit, bytes; below what the operating system enforces, so that it speaks first. */
  readonly engineMemory: number;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** The file a `parquet` job writes its first answer to; it may write no others but those of `more`. */
  readonly output: string | null;
}

/** Why an answer ends before its last row. */
export type Truncation = 'rows' | 'bytes' | null;

export type Frame =
  | { readonly kind: 'ready' }
  | { readonly kind: 'columns'; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'rows'; readonly rows: Batch }
  | { readonly kind: 'plan'; readonly scans: readonly RawScan[] | null }
  | { readonly kind: 'done'; readonly rowCount: number; readonly truncated: Truncation }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

const LENGTH_BYTES = 4;

export function encodeFrame(frame: Frame): Buffer {
  return encodeText(JSON.stringify(frame));
}

/** A frame whose rows are JSON already. */
export const encodeRows = (rows: readonly string[]): Buffer =>
  encodeText(`{"kind":"rows","rows":[${rows.join(',')}]}`);

function encodeText(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const buffer = Buffer.allocUnsafe(LENGTH_BYTES + bytes);
  buffer.writeUInt32LE(bytes, 0);
  buffer.write(text, LENGTH_BYTES);
  return buffer;
}

/**
 * Takes bytes in pieces of any size and gives back whole frames. Throws on a frame longer than `maxFrame` bytes or one
 * that is no frame: only a broken or hostile child writes those.
 */
export class FrameReader {
  readonly #maxFrame: number;
  #pieces: Buffer[] = [];
  #held = 0;

  constructor(maxFrame: number) {
    this.#maxFrame = maxFrame;
  }

  push(chunk: Buffer): Frame[] {
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    const frames: Frame[] = [];
    for (let size = this.#frameSize(); size !== null && this.#held >= size; size = this.#frameSize()) {
      const all = this.#joined();
      frames.push(decodeFrame(all.toString('utf8', LENGTH_BYTES, size)));
      this.#pieces = [all.subarray(size)];
      this.#held -= size;
    }
    return frames;
  }

  /** Length and payload of the frame at the front, or null while its length is not known. */
  #frameSize(): number | null {
    if (this.#held < LENGTH_BYTES) return null;
    if (this.#pieces[0]!.length < LENGTH_BYTES) this.#joined();
    const length = this.#pieces[0]!.readUInt32LE(0);
    if (length > this.#maxFrame) throw new Error(`frame of ${length} bytes`);
    return LENGTH_BYTES + length;
  }

  #joined(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]!;
  }
}

const KINDS = new Set(['ready', 'columns', 'rows', 'plan', 'done', 'error']);

function decodeFrame(text: string): Frame {
  const value = JSON.parse(text) as { kind?: unknown };
  if (!KINDS.has(String(value?.kind))) throw new Error('unknown frame');
  return value as Frame;
}
