/**
 * Files that a service goes on writing to for an hour: what is new each time is kept as a segment, so that nothing is kept
 * twice, and at the end it is proven that the segments are the file.
 *
 * Two kinds grow in Azure's storage. Lines, appended: a segment ends with a line. One document, `{"records":[…]}`, whose
 * end `]}` moves on: its head and end are in no segment, so that each segment is a list of whole records; they stand in
 * the closing statement, and the head with the first segment.
 */

import { createHash } from 'node:crypto';

export interface Segment {
  /** Offset of the byte after it. */
  readonly end: number;
  /** Of its bytes, 64 hex digits. */
  readonly sha256: string;
}

/** What has been kept of a file. */
export interface Grown {
  readonly etag: string;
  /** Bytes before the first segment. */
  readonly head: string;
  readonly segments: readonly Segment[];
  /** Bytes that the file had when it was proven whole; null while it may still grow. */
  readonly closed: number | null;
}

export const UNKNOWN: Grown = { etag: '', head: '', segments: [], closed: null };

const HEAD = /^\s*\{\s*"records"\s*:\s*\[\s*/;
const END = /\s*\]\s*\}\s*$/;
/** No head or end is longer. */
const EDGE_BYTES = 64;

/** Offset of the first byte that no segment holds. */
export const keptOf = ({ head, segments }: Grown): number => segments.at(-1)?.end ?? Buffer.byteLength(head);

export interface Cut {
  /** Null when nothing of it can be kept yet. */
  readonly segment: Uint8Array | null;
  readonly grown: Grown;
}

/**
 * Takes what follows on the bytes kept so far, up to the file's present end. `last`: the file grows no more, so that what
 * is no whole line is kept too.
 */
export function cut(before: Grown, bytes: Uint8Array, etag: string, last: boolean): Cut {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirst = before.segments.length === 0 && before.head === '';
  const head = isFirst ? (HEAD.exec(text.toString('latin1', 0, EDGE_BYTES))?.[0] ?? '') : before.head;
  const start = isFirst ? head.length : 0;
  const from = isFirst ? head.length : keptOf(before);
  const end = endOf(text, start, head !== '', last);
  const grown = { ...before, etag, head };
  if (end <= start) return { segment: null, grown };
  const segment = text.subarray(start, end);
  const sha256 = createHash('sha256').update(segment).digest('hex');
  return {
    segment,
    grown: { ...grown, segments: [...before.segments, { end: from + segment.length, sha256 }] },
  };
}

function endOf(text: Buffer, start: number, isDocument: boolean, last: boolean): number {
  if (isDocument) {
    const from = Math.max(start, text.length - EDGE_BYTES);
    const found = END.exec(text.toString('latin1', from));
    if (found !== null) return from + found.index;
    return last ? text.length : start;
  }
  return last ? text.length : text.lastIndexOf(0x0a) + 1;
}

/** What a file turned out to be when it was read whole at its end. */
export interface Closing {
  /** Whether head, segments and end are the file, byte for byte. */
  readonly whole: boolean;
  readonly sha256: string;
  readonly size: number;
  /** Bytes behind the last segment. */
  readonly end: string;
  /** The first segment that the file does not hold as it was kept; null when all are there. */
  readonly differs: number | null;
}

/** Compares a file with what was kept of it. Reads it once, in pieces of any size; memory stays bounded. */
export async function close(grown: Grown, chunks: AsyncIterable<Uint8Array>): Promise<Closing> {
  const whole = createHash('sha256');
  const { head, segments } = grown;
  const edges = [Buffer.byteLength(head), ...segments.map(({ end }) => end)];
  const seen: Buffer[] = [];
  let part = createHash('sha256');
  let at = 0;
  let index = 0;
  let differs: number | null = null;
  const finish = () => {
    const digest = part.digest('hex');
    const expected =
      index === 0 ? createHash('sha256').update(head).digest('hex') : segments[index - 1]!.sha256;
    if (digest !== expected) differs ??= index;
    part = createHash('sha256');
    index++;
  };
  for await (const chunk of chunks) {
    whole.update(chunk);
    let rest: Uint8Array = chunk;
    while (rest.length > 0) {
      const edge = edges[index];
      const take = edge === undefined ? rest.length : Math.min(rest.length, edge - at);
      const piece = rest.subarray(0, take);
      if (edge === undefined) seen.push(Buffer.from(piece));
      else part.update(piece);
      at += take;
      rest = rest.subarray(take);
      while (index < edges.length && at === edges[index]) finish();
    }
  }
  while (index < edges.length && at === edges[index]) finish();
  if (index < edges.length) differs ??= index;
  const end = Buffer.concat(seen);
  // Behind the segments of a document stands its end and nothing else; behind lines, nothing.
  const ends =
    head === ''
      ? end.length === 0
      : new RegExp(END.source.replace('\\s*', '^\\s*')).test(end.toString('latin1'));
  return {
    whole: differs === null && ends,
    sha256: whole.digest('hex'),
    size: at,
    end: end.toString('latin1').slice(0, EDGE_BYTES),
    differs,
  };
}
