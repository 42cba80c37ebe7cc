/** Files as bodies of requests: streamed, and never sent to their end when they are not what was announced. */

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileBody } from '../store.ts';
import { bodyChanged } from '../store-error.ts';

const CHUNK_BYTES = 1 << 18;

/** A piece of a file, and its hashes in hex. */
export interface Piece {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly sha256: string;
  readonly md5?: string;
}

/** The whole file as one piece, as it was announced. */
export const wholeOf = ({ size, sha256 }: FileBody): Piece => ({ start: 0, end: size, sha256 });

/**
 * Cuts a file into pieces with their hashes, reading it once. Throws STORE_BODY_CHANGED when it is not what was
 * announced.
 */
export async function piecesOf(
  body: FileBody,
  pieceBytes: number,
  withMd5: boolean,
  key: string,
): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const whole = createHash('sha256');
  for (let start = 0; start < body.size; start += pieceBytes) {
    const end = Math.min(start + pieceBytes, body.size);
    const sha256 = createHash('sha256');
    const md5 = createHash('md5');
    for await (const chunk of chunksOf(body, start, end, key)) {
      whole.update(chunk);
      sha256.update(chunk);
      if (withMd5) md5.update(chunk);
    }
    pieces.push({ start, end, sha256: sha256.digest('hex'), ...(withMd5 ? { md5: md5.digest('hex') } : {}) });
  }
  if (whole.digest('hex') !== body.sha256) throw bodyChanged(body.path, key);
  return pieces;
}

/**
 * The bytes of a piece. The last chunk is given only once the hash is known to be right: a request whose body ends early
 * stores nothing, on a server that compares checksums and on one that does not. Throws STORE_BODY_CHANGED.
 */
export async function* checkedChunks(body: FileBody, piece: Piece, key: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | null = null;
  for await (const chunk of chunksOf(body, piece.start, piece.end, key)) {
    hash.update(chunk);
    if (held !== null) yield held;
    held = chunk;
  }
  if (hash.digest('hex') !== piece.sha256) throw bodyChanged(body.path, key);
  if (held !== null) yield held;
}

async function* chunksOf(
  body: FileBody,
  start: number,
  end: number,
  key: string,
): AsyncGenerator<Uint8Array> {
  const file = await open(body.path, 'r');
  try {
    if ((await file.stat()).size !== body.size) throw bodyChanged(body.path, key);
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw bodyChanged(body.path, key);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
