/** Undoes a body's compression, within bounds: a bomb is stopped, a cut or broken stream gives what could be read. */

import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { ProblemCode } from '../connectors/contract.ts';

/** How far one body may expand. Logs compress 10 to 60 times; gzip itself cannot go beyond 1,032. */
export interface ExpansionLimits {
  /** Largest expanded size read, bytes. */
  readonly maxBytes: number;
  /** Largest expanded ÷ stored size, looked at once more than `ratioFreeBytes` came out. */
  readonly maxRatio: number;
  readonly ratioFreeBytes: number;
}

export const EXPANSION_LIMITS: ExpansionLimits = {
  maxBytes: 64 * 2 ** 30,
  maxRatio: 400,
  ratioFreeBytes: 256 * 2 ** 20,
};

export interface ExpansionProblem {
  readonly code: Extract<
    ProblemCode,
    'truncated_gzip' | 'corrupt_gzip' | 'expansion_limit' | 'trailing_garbage'
  >;
  readonly problem: string;
}

/** Stored bodies up to this size are expanded in one piece when the result fits SYNC_EXPANDED, which is faster. */
export const SYNC_STORED = 8 * 2 ** 20;
const SYNC_EXPANDED = 32 * 2 ** 20;
/** Expanded at a time, and fed at a time, bytes. */
const CHUNK = 2 ** 20;
const INPUT = 16 * 1024;

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/** A stored body: in memory, or opened anew each time it is read. */
export type StoredBody = Uint8Array | (() => AsyncIterable<Uint8Array>);

/**
 * Yields the expanded body in chunks and reports at most one problem, after the last byte that could be read. A body
 * that is not gzip passes through. Chunks of a stream have at most `chunkBytes`.
 */
export async function* expand(
  body: StoredBody,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
  chunkBytes = CHUNK,
): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Uint8Array)) {
    const first = await firstChunk(body());
    if (first === null) return;
    yield* isGzip(first) ? expandStream(body, limits, onProblem, chunkBytes) : body();
    return;
  }
  if (!isGzip(body)) {
    yield body;
    return;
  }
  const whole = expandAtOnce(body, limits, onProblem);
  if (whole !== null) yield whole;
  else yield* expandStream(() => pieces([body], INPUT), limits, onProblem, chunkBytes);
}

/** The whole body at once, or null where it is too large for that, cut or broken. */
function expandAtOnce(
  body: Uint8Array,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
): Uint8Array | null {
  try {
    const maxOutputLength = Math.min(SYNC_EXPANDED, limits.maxBytes);
    const chunkSize = expectedSize(body, maxOutputLength);
    // `info` also gives the engine, which counts the bytes it took; Node's types leave it out.
    const result = gunzipSync(body, { maxOutputLength, chunkSize, info: true } as object) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    reportTrailing(body.length - result.engine.bytesWritten, onProblem);
    return result.buffer;
  } catch {
    return null;
  }
}

/**
 * The last four bytes of a gzip member say how long its content is (RFC 1952), which spares collecting it in pieces;
 * it may lie, so it is only believed within what gzip can do and what we allow.
 */
function expectedSize(body: Uint8Array, most: number): number {
  if (body.length < 18) return CHUNK;
  const said = new DataView(body.buffer, body.byteOffset + body.length - 4, 4).getUint32(0, true);
  return Math.max(1024, Math.min(said + 64, body.length * 1040, most + 64));
}

async function* expandStream(
  open: () => AsyncIterable<Uint8Array>,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  const progress: StreamProgress = { fed: 0, expanded: 0 };
  try {
    yield* inflate(pieces(open(), INPUT), progress, limits, onProblem, chunkBytes);
  } catch (error) {
    if (!isZlibError(error)) throw error;
    // zlib drops what it had expanded of the piece it failed in: read again up to there, then byte by byte.
    const { fed, expanded } = progress;
    const again: StreamProgress = { fed: 0, expanded: 0 };
    try {
      for await (const chunk of inflate(
        finerFrom(open(), fed - INPUT),
        again,
        limits,
        () => {},
        chunkBytes,
      )) {
        const fresh = again.expanded - expanded;
        if (fresh > 0) yield chunk.subarray(Math.max(0, chunk.length - fresh));
      }
    } catch (last) {
      if (!isZlibError(last)) throw last;
    }
    onProblem(describeFailure(error, again.expanded));
  }
}

interface StreamProgress {
  /** Stored bytes handed to zlib. */
  fed: number;
  expanded: number;
}

/** Each input piece is fed once the one before is expanded, so that a failure loses no more than one piece. */
async function* inflate(
  input: AsyncIterable<Uint8Array>,
  progress: StreamProgress,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const source = Readable.from(input, { objectMode: false, highWaterMark: INPUT });
  source.on('data', (chunk: Uint8Array) => {
    progress.fed += chunk.length;
  });
  source.pause();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      progress.expanded += chunk.length;
      const exceeded = limitExceeded(progress.fed, progress.expanded, limits);
      if (exceeded !== null) {
        onProblem({ code: 'expansion_limit', problem: exceeded });
        return;
      }
      yield chunk;
    }
    reportTrailing(progress.fed - gunzip.bytesWritten, onProblem);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

const isZlibError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');

/** What zlib says of the header of a second or later member: after the end of the first there is something else. */
const MEMBER_HEADER = /incorrect header check|unknown compression method|unknown header flags/;

function describeFailure(error: NodeJS.ErrnoException, expanded: number): ExpansionProblem {
  if (error.code === 'Z_BUF_ERROR') {
    return {
      code: 'truncated_gzip',
      problem: `the gzip stream ends early, after ${expanded} expanded bytes`,
    };
  }
  if (MEMBER_HEADER.test(error.message) && expanded > 0) {
    return {
      code: 'trailing_garbage',
      problem: `after ${expanded} expanded bytes the gzip stream ends and something else follows`,
    };
  }
  return {
    code: 'corrupt_gzip',
    problem: `the gzip stream is broken after ${expanded} expanded bytes: ${error.message}`,
  };
}

function limitExceeded(stored: number, expanded: number, limits: ExpansionLimits): string | null {
  if (expanded > limits.maxBytes) {
    return `the body expands beyond ${limits.maxBytes} bytes, the most that is read of one; raise it with --max-expanded-bytes`;
  }
  if (expanded > limits.ratioFreeBytes && expanded > stored * limits.maxRatio) {
    return `the body expands more than ${limits.maxRatio} times, as gzip bombs do; raise the bound with --max-expansion-ratio`;
  }
  return null;
}

function reportTrailing(bytes: number, onProblem: (problem: ExpansionProblem) => void): void {
  if (bytes > 0)
    onProblem({
      code: 'trailing_garbage',
      problem: `${bytes} bytes after the end of the gzip stream are not gzip`,
    });
}

async function firstChunk(body: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  for await (const chunk of body) if (chunk.length > 0) return chunk;
  return null;
}

async function* pieces(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}

/** Pieces of INPUT up to `from`, then single bytes. */
async function* finerFrom(body: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces(body, INPUT)) {
    const coarse = Math.max(0, Math.min(piece.length, from - at));
    if (coarse > 0) yield piece.subarray(0, coarse);
    yield* pieces([piece.subarray(coarse)], 1);
    at += piece.length;
  }
}
