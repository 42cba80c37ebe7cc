/** Entry bundles (https://c2sp.org/tlog-tiles): up to 256 entries, each after its length as two bytes, big-endian. */

import { accepted, type Outcome, refused } from './outcome.ts';
import { TILE_WIDTH } from './tiles.ts';

/** Largest entry the length field can name, bytes. */
export const MAX_ENTRY_BYTES = 65_535;

const LENGTH_BYTES = 2;

/** Joins entries of at most MAX_ENTRY_BYTES each. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const size = entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const entry of entries) {
    at = out.writeUInt16BE(entry.length, at);
    out.set(entry, at);
    at += entry.length;
  }
  return out;
}

/** The entries as views into `bytes`. Refuses bytes that end within an entry, and more than 256 entries. */
export function decodeBundle(bytes: Uint8Array): Outcome<Uint8Array[]> {
  const entries = wholeEntries(bytes);
  const read = entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
  if (read === bytes.length) return accepted(entries);
  return refused(
    'BUNDLE_MALFORMED',
    entries.length === TILE_WIDTH
      ? `more than ${TILE_WIDTH} entries`
      : `ends within entry ${entries.length}, at byte ${bytes.length}`,
  );
}

/** As many entries as can be read, at most 256. */
export function wholeEntries(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at + LENGTH_BYTES <= bytes.length && entries.length < TILE_WIDTH; ) {
    const start = at + LENGTH_BYTES;
    const end = start + bytes[at]! * 256 + bytes[at + 1]!;
    if (end > bytes.length) break;
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}
