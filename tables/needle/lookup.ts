/**
 * Which data files and row groups may hold a value. A file that the index does not know, or knows only by parts that are
 * not what was sealed, may hold anything: a missing, damaged or forged index costs time and hides nothing.
 */

import { hash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import type { StateStore } from '../../vault/store.ts';
import type { Meter } from '../data-chunks.ts';
import type { Head } from '../head.ts';
import type { NeedleTable } from './columns.ts';
import { emptyManifest, manifestKey, type NeedleManifest, type Pack, parseManifest } from './manifest.ts';
import { type Directory, PRINTS, packSource, parseDirectory, type Source } from './pack.ts';
import { KINDS, printOfText } from './print.ts';

/** The directory and the shards of a pack, read when they are asked for. */
export interface OpenPack {
  readonly pack: Pack;
  readonly directory: Directory;
  readonly source: Source;
}

/** Where a value may stand in one file: kinds of columns, as bits, by row group. */
export type MayHold = ReadonlyMap<number, number>;

export interface Candidates {
  /** By key of the data file. A file that is absent holds it nowhere, if it is in `known`. */
  readonly places: ReadonlyMap<string, MayHold>;
  /** Files that the answer speaks of; all others may hold anything anywhere. */
  readonly known: ReadonlySet<string>;
}

export interface NeedleIndex {
  /** What of the index could not be used, for people. */
  readonly problems: readonly string[];
  /** Where a value may stand that was folded or not, in any of its forms. */
  lookup(value: string): Promise<Candidates>;
}

/** The list of packs as the head names it. Throws INDEX_DAMAGED, and what the store throws. */
export async function readManifest(
  state: StateStore,
  head: Head,
  table: NeedleTable,
  meter: Meter = { bytes: 0, requests: 0 },
): Promise<NeedleManifest> {
  const sha256 = head.index[table];
  if (sha256 === undefined) return emptyManifest(table);
  const { body } = await state.get(manifestKey(table, sha256));
  meter.bytes += body.length;
  meter.requests++;
  return parseManifest(body, sha256, table);
}

/** Reads a pack's directory. Throws INDEX_DAMAGED, and what the store throws. */
export async function openPack(
  state: StateStore,
  pack: Pack,
  meter: Meter = { bytes: 0, requests: 0 },
): Promise<OpenPack> {
  const range = async (start: number, end: number): Promise<Uint8Array> => {
    if (start === end) return new Uint8Array();
    const bytes = await state.getRange(pack.key, start, end);
    meter.bytes += bytes.length;
    meter.requests++;
    return bytes;
  };
  const bytes = await range(pack.offset, pack.offset + pack.length);
  if (hash('sha256', bytes, 'hex') !== pack.sha256)
    throw new AkashiError('INDEX_DAMAGED', `"${pack.key}" is not what was sealed`);
  const directory = parseDirectory(bytes);
  return { pack, directory, source: packSource(directory, range) };
}

/** Opens the index of a table. Never throws for what is wrong with the index: that is told in `problems`. */
export async function openNeedleIndex(
  state: StateStore,
  head: Head,
  table: NeedleTable,
  meter: Meter = { bytes: 0, requests: 0 },
): Promise<NeedleIndex> {
  const problems: string[] = [];
  const usable = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!isIndexFault(error)) throw error;
      problems.push((error as Error).message);
      return null;
    }
  };
  const manifest = await usable(() => readManifest(state, head, table, meter));
  const opened = await Promise.all(
    (manifest?.packs ?? []).map((pack) => usable(() => openPack(state, pack, meter))),
  );
  const packs = opened.filter((pack) => pack !== null).map(placed);
  return {
    problems,
    async lookup(value) {
      const print = printOfText(value);
      const places = new Map<string, Map<number, number>>();
      const known = new Set<string>();
      for (const { files, starts, source } of packs) {
        const groups = await usable(async () => {
          const found: [group: number, kind: number][] = [];
          await source.read(print, Math.min(PRINTS, print + KINDS), (hit, group) =>
            found.push([group, hit - print]),
          );
          return found;
        });
        if (groups === null) continue;
        for (const { key } of files) known.add(key);
        for (const [group, kind] of groups) {
          const file = fileOf(starts, group);
          const { key } = files[file]!;
          const own = places.get(key) ?? new Map<number, number>();
          const rowGroup = group - starts[file]!;
          own.set(rowGroup, (own.get(rowGroup) ?? 0) | (1 << kind));
          places.set(key, own);
        }
      }
      return { places, known };
    },
  };
}

/** A fault of the index itself, which costs time only; any other is one of the store. */
export const isIndexFault = (error: unknown): boolean =>
  error instanceof AkashiError && ['INDEX_DAMAGED', 'STORE_MISSING', 'STORE_RANGE'].includes(error.code);

function placed({ directory: { files }, source }: OpenPack) {
  const starts = new Uint32Array(files.length);
  let at = 0;
  for (const [index, { rowGroups }] of files.entries()) {
    starts[index] = at;
    at += rowGroups;
  }
  return { files, starts, source };
}

function fileOf(starts: Uint32Array, group: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= group) low = middle;
    else high = middle;
  }
  return low;
}
