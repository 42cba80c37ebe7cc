/** Locators of records, taken apart and followed: from a row back to the bytes it was made of. */

import { EXPANSION_LIMITS, expand, type StoredBody } from './expand.ts';

export interface Locator {
  /** Bytes `start` to `end` (exclusive) of the expanded body; null where the format has no such bytes (a Parquet row). */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** JSON pointers (RFC 6901), each into the JSON text that the one before it leads to. */
  readonly pointers: readonly string[];
  /** The record's text was written anew from what stands there. */
  readonly rebuilt: boolean;
}

/** Null for a text that no connector writes. */
export function parseLocator(text: string): Locator | null {
  const [place = '', ...parts] = text.split(';');
  const rebuilt = parts.at(-1) === 'rebuilt';
  const pointers = (rebuilt ? parts.slice(0, -1) : parts).map((part) => /^pointer=(\/.*)$/s.exec(part)?.[1]);
  if (!pointers.every((pointer) => pointer !== undefined)) return null;
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(place) ?? [];
  if (start === undefined && !/^row=\d+$/.test(place)) return null;
  const range = start === undefined ? null : { start: Number(start), end: Number(end) };
  return { range, pointers, rebuilt };
}

/** Bytes `start` to `end` of a body once expanded; null when it does not reach that far. */
export async function cutBody(
  body: StoredBody,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for await (const chunk of expand(body, EXPANSION_LIMITS, () => {})) {
    if (at + chunk.length > start)
      // A copy: the chunk's memory may be used again.
      pieces.push(Uint8Array.from(chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))));
    at += chunk.length;
    if (at >= end) return Buffer.concat(pieces);
  }
  return null;
}

/** The text that a chain of pointers leads to; null where there is none. */
export function followPointers(json: string, pointers: readonly string[]): string | null {
  let text = json;
  for (const pointer of pointers) {
    const found = valueAt(text, pointer);
    if (typeof found !== 'string') return null;
    text = found;
  }
  return text;
}

function valueAt(json: string, pointer: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  for (const step of pointer.slice(1).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
