/** Undoes a body's compression, within bounds: a bomb is stopped, a cut or broken stream gives what could be read. */

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
const CHUNK = 2 ** 20;

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Yields the expanded body in chunks and reports at most one problem, after the last chunk that could be read. A body
 * that is not gzip passes through.
 */
export async function* expand(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (!isGzip(body)) {
      yield body;
      return;
    }
    const whole = expandAtOnce(body, limits, onProblem);
    if (whole !== null) {
      yield whole;
      return;
    }
    yield* expandStream(pieces(body), limits, onProblem);
    return;
  }
  const iterator = body[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const rest = resume(first.value, iterator);
  if (isGzip(first.value)) yield* expandStream(rest, limits, onProblem);
  else yield* rest;
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
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: ExpansionLimits,
  onProblem: (problem: ExpansionProblem) => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  let stored = 0;
  let expanded = 0;
  let ended = false;
  const fed = (async () => {
    for await (const chunk of body) {
      stored += chunk.length;
      if (ended || gunzip.destroyed) continue;
      if (!gunzip.write(chunk))
        await new Promise<void>((resolve) => {
          gunzip.once('drain', resolve);
          gunzip.once('close', resolve);
          gunzip.once('end', resolve);
        });
    }
    if (!gunzip.destroyed) gunzip.end();
  })();
  // A failure of the source itself must not be taken for a broken body.
  let sourceError: unknown = null;
  fed.catch((error: unknown) => {
    sourceError = error;
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      expanded += chunk.length;
      const exceeded = limitExceeded(stored, expanded, limits);
      if (exceeded !== null) {
        onProblem({ code: 'expansion_limit', problem: exceeded });
        return;
      }
      yield chunk;
    }
    ended = true;
    await fed;
    reportTrailing(stored - gunzip.bytesWritten, onProblem);
  } catch (error) {
    if (sourceError !== null) throw sourceError;
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'Z_BUF_ERROR') {
      onProblem({
        code: 'truncated_gzip',
        problem: `the gzip stream ends early, after ${expanded} expanded bytes`,
      });
    } else if (typeof cause.code === 'string' && cause.code.startsWith('Z_')) {
      onProblem({
        code: 'corrupt_gzip',
        problem: `the gzip stream is broken after ${expanded} expanded bytes: ${cause.message}`,
      });
    } else {
      throw error;
    }
  } finally {
    ended = true;
    gunzip.destroy();
  }
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

function* pieces(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += CHUNK) yield body.subarray(at, at + CHUNK);
}

async function* resume(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
