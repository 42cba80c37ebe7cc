/** Which packs a table's needle index consists of. Immutable, named by its hash, which the head and the ledger have. */

import { hash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import { makeKey } from '../../vault/keys.ts';
import type { NeedleTable } from './columns.ts';

export interface Pack {
  readonly key: string;
  /** Where its directory stands. */
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
  readonly pairs: number;
  readonly files: number;
}

export interface NeedleManifest {
  readonly format: 1;
  readonly table: NeedleTable;
  readonly packs: readonly Pack[];
  /** What the one before still names and this one no longer: to be removed by the next. */
  readonly superseded: readonly string[];
}

export const emptyManifest = (table: NeedleTable): NeedleManifest => ({
  format: 1,
  table,
  packs: [],
  superseded: [],
});

export const packKey = (table: NeedleTable, sha256: string): string =>
  makeKey('needles', { table, sha256, part: 'pack' });
export const manifestKey = (table: NeedleTable, sha256: string): string =>
  makeKey('needles', { table, sha256, part: 'json' });
export const needlePrefix = (table: NeedleTable): string => `index/${table}/needles/`;

export function encodeManifest(manifest: NeedleManifest): { bytes: Uint8Array; sha256: string } {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  return { bytes, sha256: hash('sha256', bytes, 'hex') };
}

/** Throws INDEX_DAMAGED unless the bytes are those of that hash. */
export function parseManifest(bytes: Uint8Array, sha256: string, table: NeedleTable): NeedleManifest {
  if (hash('sha256', bytes, 'hex') === sha256) {
    const manifest = JSON.parse(Buffer.from(bytes).toString()) as NeedleManifest;
    if (manifest.format === 1 && manifest.table === table) return manifest;
  }
  throw new AkashiError('INDEX_DAMAGED', `the needle index of ${table} is not the one that was sealed`);
}
