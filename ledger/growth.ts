/**
 * Growths: what one seal added, in one object of the vault. The newest entries of a ledger lie in the state store until
 * their bundle is full, and the rows of some tables lie in files that nothing else could be made into again. With these,
 * the vault alone is enough: entries are believed because they lead to the signed root, rows because the entries of
 * their files have the hash of what is made of them. JSON in zstd.
 */

import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { NEWER, newerFormat, newerText } from '../schema/newer.ts';
import { makeKey, parseKey } from '../vault/keys.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import { TILE_WIDTH } from './tiles.ts';

/** Rows of a table as they were handed to the writer of their files. */
export interface GrownRows {
  readonly table: string;
  /** In the names of the files. */
  readonly batch: string;
  readonly rows: readonly object[];
}

export interface GrowthRecord {
  /** Entries of the ledger after this seal. */
  readonly size: number;
  /** Leaf index of the first of `entries`. */
  readonly first: number;
  /** The entries from `first` to the end, each as its text. */
  readonly entries: readonly string[];
  readonly rows: readonly GrownRows[];
  /** Growth of the seal before, where it has entries of the same bundle. */
  readonly before: string | null;
}

/** What a growth is decompressed to at most: rows of 100,000 bodies are 100 MB. */
const MOST_BYTES = 2 ** 30;

/** First entry that the growth of a seal to `newSize` entries must hold: those before lie in full bundles. */
export const firstUncovered = (newSize: number): number => newSize - (newSize % TILE_WIDTH);

/** Its key and bytes; the same growth always gives the same. */
export function encodeGrowth(growth: GrowthRecord): { key: string; body: Uint8Array } {
  const body = zstdCompressSync(Buffer.from(`${JSON.stringify({ format: 1, ...growth })}\n`));
  return { key: makeKey('growth', { size: growth.size, sha256: hash('sha256', body, 'hex') }), body };
}

/** Reads one by the key it was found under: GROWTH_ALTERED unless its bytes are those of its name, LAKE_NEWER, GROWTH_MALFORMED. */
export function decodeGrowth(key: string, body: Uint8Array): Outcome<GrowthRecord> {
  const named = parseKey(key);
  if (named?.class !== 'growth' || hash('sha256', body, 'hex') !== named.sha256)
    return refused('GROWTH_ALTERED', 'its bytes are not those its name was made from');
  let value: unknown;
  try {
    value = JSON.parse(zstdDecompressSync(body, { maxOutputLength: MOST_BYTES }).toString('utf8'));
  } catch (error) {
    return refused('GROWTH_MALFORMED', error instanceof Error ? error.message : String(error));
  }
  const growth = value as GrowthRecord & { readonly format: number };
  const newer = newerFormat(growth?.format, 1);
  if (newer !== null) return refused(NEWER, `the growth ${newerText(newer, 1)}`);
  if (growth?.format !== 1 || growth.size !== named.size || !isWhole(growth))
    return refused('GROWTH_MALFORMED', 'it is not what version 1 writes');
  return accepted(growth);
}

const isWhole = ({ size, first, entries, rows, before }: GrowthRecord): boolean =>
  Number.isSafeInteger(first) &&
  first >= 0 &&
  first <= size &&
  Array.isArray(entries) &&
  entries.every((entry) => typeof entry === 'string') &&
  first + entries.length === size &&
  (before === null || parseKey(String(before))?.class === 'growth') &&
  Array.isArray(rows) &&
  rows.every(
    (one) =>
      typeof one?.table === 'string' &&
      /^[0-9a-f]{64}$/.test(String(one.batch)) &&
      Array.isArray(one.rows) &&
      one.rows.every((row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row)),
  );
