/**
 * Reads gzip as CloudTrail writes it: one member and nothing after it (RFC 1952). Ordinary readers pass over what is
 * appended, or take a second member for more content, so that two of them may see two contents in one file.
 */

import { createHash, hash } from 'node:crypto';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { accepted, type Outcome, refused } from '../outcome.ts';

/** Bodies up to this size after expansion are expanded in one piece. */
const AT_ONCE = 64 * 2 ** 20;
/** CloudTrail starts another file long before; what expands beyond is none of its. */
const MOST_EXPANDED = 2 ** 32 - 1;
const TRAILER = 8;
const FLAGS = { headerCrc: 2, extra: 4, name: 8, comment: 16 };

export const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

const broken = (problem: string): Outcome<never> => refused('INVALID_FORMAT', problem);

/** Where the compressed data begin; -1 for a header that ends early or says something unknown. */
function headerLength(body: Uint8Array): number {
  if (body.length < 10 + TRAILER || !isGzip(body) || body[2] !== 8) return -1;
  const flags = body[3]!;
  let at = 10;
  if ((flags & 0xe0) !== 0) return -1;
  if ((flags & FLAGS.extra) !== 0) at += 2 + (body[at]! | (body[at + 1]! << 8));
  for (const text of [FLAGS.name, FLAGS.comment]) {
    if ((flags & text) === 0) continue;
    const end = body.indexOf(0, at);
    if (end < 0) return -1;
    at = end + 1;
  }
  if ((flags & FLAGS.headerCrc) !== 0) {
    const said = body[at]! | (body[at + 1]! << 8);
    if (said !== (crc32(body.subarray(0, at)) & 0xffff)) return -1;
    at += 2;
  }
  return at + TRAILER <= body.length ? at : -1;
}

const word = (body: Uint8Array, at: number): number =>
  new DataView(body.buffer, body.byteOffset + at, 4).getUint32(0, true);

/** What is wrong with the eight bytes after the compressed data; null when they fit. */
function trailerFault(body: Uint8Array, end: number, crc: number, size: number): string | null {
  if (end + TRAILER > body.length) return 'the gzip file ends early';
  const fits = word(body, end) === crc && word(body, end + 4) === size % 2 ** 32;
  return fits ? null : 'its checksum does not fit: it was altered or cut';
}

const appendedFault = (bytes: number): string | null =>
  bytes === 0 ? null : `${bytes} bytes follow after the end of the gzip file`;

export interface GzipMember {
  readonly content: Uint8Array;
  /** What is wrong with the file beyond this member; null when it is all there is. */
  readonly problem: string | null;
}

/** The first member of a small gzip file, at most 64 MiB when expanded. */
export function gunzipOne(body: Uint8Array): Outcome<GzipMember> {
  const start = headerLength(body);
  if (start < 0) return broken('it is no gzip file');
  try {
    // `info` also gives the engine, which counts the bytes it took; Node's types leave it out.
    const { buffer, engine } = inflateRawSync(body.subarray(start), {
      maxOutputLength: AT_ONCE,
      info: true,
    } as object) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    const end = start + engine.bytesWritten;
    const fault = trailerFault(body, end, crc32(buffer), buffer.length);
    if (fault !== null) return broken(fault);
    return accepted({ content: buffer, problem: appendedFault(body.length - end - TRAILER) });
  } catch (error) {
    return broken(`it cannot be decompressed: ${messageOf(error)}`);
  }
}

/** What the bytes of a log say of it. */
export interface LogHashes {
  /** SHA-256 of the bytes as stored. */
  readonly stored: string;
  /** SHA-256 of the content; null when it cannot be had. */
  readonly content: string | null;
  readonly gzip: boolean;
  /** Why the content cannot be had. */
  readonly problem: string | null;
}

/** Hashes a body of any expansion in bounded memory beside the body itself. Total. */
export async function hashLog(body: Uint8Array): Promise<LogHashes> {
  const stored = hash('sha256', body, 'hex');
  if (!isGzip(body)) return { stored, content: stored, gzip: false, problem: null };
  const content = await hashContent(body);
  return content.ok
    ? { stored, content: content.value, gzip: true, problem: null }
    : { stored, content: null, gzip: true, problem: content.problem };
}

async function hashContent(body: Uint8Array): Promise<Outcome<string>> {
  // The last four bytes give the size, if they can be believed: a wrong guess only costs time.
  if (body.length < TRAILER || word(body, body.length - 4) > AT_ONCE) return hashStreamed(body);
  const member = gunzipOne(body);
  if (!member.ok) return member;
  const { content, problem } = member.value;
  return problem === null ? accepted(hash('sha256', content, 'hex')) : broken(problem);
}

async function hashStreamed(body: Uint8Array): Promise<Outcome<string>> {
  const start = headerLength(body);
  if (start < 0) return broken('it is no gzip file');
  const inflate = createInflateRaw({ chunkSize: 2 ** 18 });
  const digest = createHash('sha256');
  let crc = 0;
  let size = 0;
  try {
    inflate.end(body.subarray(start));
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      digest.update(chunk);
      crc = crc32(chunk, crc);
      size += chunk.length;
      if (size > MOST_EXPANDED) return broken('it expands beyond 4 GiB, as no CloudTrail log does');
    }
  } catch (error) {
    return broken(`it cannot be decompressed: ${messageOf(error)}`);
  } finally {
    inflate.destroy();
  }
  const end = start + inflate.bytesWritten;
  const fault = trailerFault(body, end, crc, size) ?? appendedFault(body.length - end - TRAILER);
  return fault === null ? accepted(digest.digest('hex')) : broken(fault);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
