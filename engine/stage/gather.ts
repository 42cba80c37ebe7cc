/**
 * Many files of this machine as two: the few columns and row groups that a statement needs, copied one after another behind
 * a footer of their own. The engine opens each file for half a millisecond, and learns of every column that it holds;
 * copying a little of many files takes a tenth of that. What is much, and what holds copies, is read in place.
 */

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import {
  type ChunkParts,
  chunkIn,
  type FooterParts,
  readFooterParts,
} from '../../tables/parquet/footer-parts.ts';
import { MAGIC } from '../../tables/parquet/format.ts';
import { type JoinedGroup, joinedFooter, schemaColumns } from '../../tables/parquet/joined-footer.ts';
import { FOOTER_TAIL, footerLength, type StoredFooter } from '../../tables/parquet/stored-footer.ts';
import type { ChosenTable } from '../plan/choose.ts';
import { wantedParts } from '../plan/row-groups.ts';
import type { SnapshotFile } from '../snapshot.ts';

export interface Gathered {
  /** In the place of all that were chosen. */
  readonly files: readonly SnapshotFile[];
  release(): Promise<void>;
}

/** Opening fewer costs less than this. */
const FEWEST_FILES = 4;
/** What takes as long to copy as it takes to open a file, and what is copied at all. */
const MOST_BYTES_EACH = 256 * 1024;
const MOST_BYTES = 64 * 2 ** 20;
/** Files looked into before others get their turn. */
const FILES_AT_ONCE = 16;
const BUFFER_BYTES = 4 * 2 ** 20;

/** Null where it would not pay, and where a file is not as expected: whoever reads it in place says what is wrong. */
export async function gather(chosen: ChosenTable): Promise<Gathered | null> {
  const { columns } = chosen;
  const isPlain = (file: SnapshotFile) => file.fieldIds === true && !file.overlaps;
  const plain = chosen.files.filter(isPlain);
  if (columns === null || plain.length < FEWEST_FILES) return null;
  try {
    const known = await footersOf(plain);
    const [first] = known;
    const { root, columns: schema } = schemaColumns(first!.parts.schema);
    const alike = known.filter(({ parts }) => Buffer.compare(parts.schema, first!.parts.schema) === 0);
    const kept = schema.map(({ name }, at) => (columns.has(name) ? at : -1)).filter((at) => at >= 0);
    // Rows are counted by any column, and none of it is read.
    if (kept.length === 0) kept.push(smallest(first!));
    const opened = new Map(alike.map(({ file, parts }) => [file, openParts(parts, kept)]));
    const wanted = await wantedParts(
      { ...chosen, files: alike.map(({ file }) => file) },
      { footers: async (files) => files.map((file) => opened.get(file)!.footer), blooms: async () => [] },
    );
    const parts = wanted.map(({ file, groups }) => ({
      path: file.path,
      groups: groups.map((index) => opened.get(file)!.groups[index]!),
    }));
    const bytes = parts.reduce((sum, { groups }) => sum + bytesOf(groups), 0);
    if (bytes > Math.min(MOST_BYTES, MOST_BYTES_EACH * alike.length)) return null;
    const rest = chosen.files.filter((file) => !opened.has(file));
    if (parts.length === 0) return { files: rest, release: async () => {} };
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-gathered-'));
    const release = () => rm(folder, { recursive: true, force: true });
    try {
      const files = [...rest];
      for (const [at, part] of shares(parts).entries()) {
        const path = join(folder, `${chosen.table}-${at}.parquet`);
        const joined = await copyParts(part, path);
        const tail = joinedFooter(
          root,
          kept.map((index) => schema[index]!),
          joined,
        );
        append(path, tail);
        const rows = joined.reduce((sum, group) => sum + group.rows, 0);
        const bytes = part.reduce((sum, { groups }) => sum + bytesOf(groups), 0) + tail.length;
        files.push({ path, day: 'undated', rows, bytes, overlaps: false, fieldIds: true });
      }
      return { files, release };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    if (error instanceof RangeError || isFileError(error)) return null;
    throw error;
  }
}

/** The engine reads one file whose columns it is told by one thread, and several by all. */
const FILES_MADE = 2;

function shares<T>(parts: readonly T[]): readonly (readonly T[])[] {
  const each = Math.ceil(parts.length / FILES_MADE);
  return [parts.slice(0, each), parts.slice(each)].filter((share) => share.length > 0);
}

const isFileError = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';

interface KnownFile {
  readonly file: SnapshotFile;
  readonly parts: FooterParts;
}

/** Of files that were asked for lately, by the hash of the file: they never change. Some 20 KB each. */
const remembered = new Map<string, FooterParts>();
const MOST_REMEMBERED = 4_096;

async function footersOf(files: readonly SnapshotFile[]): Promise<readonly KnownFile[]> {
  const known: KnownFile[] = [];
  for (const [at, file] of files.entries()) {
    const name = file.stored?.sha256;
    let parts = name === undefined ? undefined : remembered.get(name);
    if (parts === undefined) {
      if (at % FILES_AT_ONCE === 0) await others();
      parts = readFooterParts(footerBytes(file.path));
    }
    if (name !== undefined) {
      remembered.delete(name);
      remembered.set(name, parts);
      if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    }
    known.push({ file, parts });
  }
  return known;
}

const LIKELY_FOOTER_BYTES = 32 * 1024;

function footerBytes(path: string): Uint8Array {
  return opened(path, (handle) => {
    const { size } = fstatSync(handle);
    const tail = bytesAt(
      handle,
      Math.max(0, size - LIKELY_FOOTER_BYTES),
      Math.min(size, LIKELY_FOOTER_BYTES),
    );
    const length = footerLength(tail.subarray(-FOOTER_TAIL));
    if (length === null || length > size) throw new RangeError('a data file has no footer');
    return length <= tail.length
      ? Buffer.copyBytesFrom(tail, tail.length - length)
      : bytesAt(handle, size - length, length);
  });
}

/** The kept chunks of every row group, and what they say as a footer. */
function openParts(parts: FooterParts, kept: readonly number[]) {
  const groups = parts.groups.map(({ rows, starts }) => ({
    rows,
    chunks: kept.map((at) => chunkIn(parts, starts[at] ?? parts.bytes.length)),
  }));
  const footer: StoredFooter = {
    rows: parts.rows,
    groups: groups.map(({ rows, chunks }) => ({
      rows,
      // The filters are not read: the index says what they say.
      chunks: chunks.map(({ chunk }) => ({ ...chunk, bloom: null })),
    })),
    tree: [],
  };
  return { groups, footer };
}

interface OpenGroup {
  readonly rows: number;
  readonly chunks: readonly ChunkParts[];
}

const bytesOf = (groups: readonly OpenGroup[]): number =>
  groups.reduce((sum, { chunks }) => sum + chunks.reduce((own, { chunk }) => own + chunk.length, 0), 0);

function smallest({ parts }: KnownFile): number {
  const sizes = [...(parts.groups[0]?.starts ?? [])].map((start) => chunkIn(parts, start).chunk.length);
  return sizes.indexOf(Math.min(...sizes));
}

/** Copies every chunk, neighbours in one read, and says where they came to lie. */
async function copyParts(
  files: readonly { readonly path: string; readonly groups: readonly OpenGroup[] }[],
  path: string,
): Promise<readonly JoinedGroup[]> {
  const out = openSync(path, 'wx', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let held = MAGIC.copy(buffer);
    let written = 0;
    const flush = () => {
      writeAll(out, buffer.subarray(0, held));
      written += held;
      held = 0;
    };
    const copy = (handle: number, from: number, length: number) => {
      let at = from;
      while (at < from + length) {
        if (held === buffer.length) flush();
        const most = Math.min(buffer.length - held, from + length - at);
        const read = readSync(handle, buffer, held, most, at);
        if (read === 0) throw new RangeError('a data file ends early');
        held += read;
        at += read;
      }
    };
    const joined: JoinedGroup[] = [];
    for (const [number, { path: source, groups }] of files.entries()) {
      if (number % FILES_AT_ONCE === 0) await others();
      opened(source, (handle) => {
        for (const { rows, chunks } of groups) {
          const moved: JoinedGroup['chunks'][number][] = [];
          let first = 0;
          for (const [at, { metadata, chunk }] of chunks.entries()) {
            const begun = chunks[first]!.chunk.offset;
            moved.push({ metadata, from: chunk.offset, to: written + held + chunk.offset - begun });
            const end = chunk.offset + chunk.length;
            if (chunks[at + 1]?.chunk.offset === end) continue;
            copy(handle, begun, end - begun);
            first = at + 1;
          }
          joined.push({ rows, chunks: moved });
        }
      });
    }
    flush();
    return joined;
  } finally {
    closeSync(out);
  }
}

function append(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, 'a');
  try {
    writeAll(handle, bytes);
  } finally {
    closeSync(handle);
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at);
}

function opened<T>(path: string, work: (handle: number) => T): T {
  const handle = openSync(path, 'r');
  try {
    return work(handle);
  } finally {
    closeSync(handle);
  }
}

function bytesAt(handle: number, at: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(handle, buffer, 0, length, at));
}
