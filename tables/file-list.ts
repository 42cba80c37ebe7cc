/**
 * The data files of a table, in the order they were sealed. Those that came long ago stand in parts, immutable and named
 * by their content, so that a seal writes the few newest again and names the rest. Parts of like size that follow one
 * another become one: their number grows with the logarithm of the files at first, then with one for some thousands.
 */

import { createHash } from 'node:crypto';
import { AkashiError } from '../schema/error.ts';
import { makeKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';
import type { VaultStore, WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';

export interface DataFileEntry {
  /** Key in the vault. */
  readonly key: string;
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** SHA-256 of the sidecar with the hashes of its column chunks. */
  readonly ranges: string;
  /** Earliest and latest time, microseconds; null when no row has one. */
  readonly minTime: number | null;
  readonly maxTime: number | null;
  /** It holds only copies that a compaction set aside for better ones: no rows of `events`, but of `events_all`. */
  readonly copies?: true;
}

/** Files that stand elsewhere, and what is known of all of them. */
export interface FilePart {
  readonly sha256: string;
  readonly files: number;
  /** Least and greatest day, as texts. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Earliest and latest time; null where some file has none. */
  readonly minTime: number | null;
  readonly maxTime: number | null;
}

export interface FileList {
  readonly parts: readonly FilePart[];
  /** The files after those of all parts. */
  readonly files: readonly DataFileEntry[];
}

/** Files that a seal writes again, at most. */
const TAIL_FILES = 128;
/** Parts of one size that become one. */
const FAN = 8;
/** None grows beyond: some 3 MB. */
const MOST_FILES = 8192;
const READS_AT_ONCE = 8;

/** A part by its key in the vault of a table. */
export const partKey = (table: string, { sha256 }: Pick<FilePart, 'sha256'>): string =>
  makeKey('tablePart', { table, sha256 });

/** The files of the parts that are wanted, and all that stand in no part. Throws TABLE_DAMAGED, and as the vault does. */
export async function filesOf(
  vault: VaultStore,
  table: string,
  { parts, files }: FileList,
  wanted: (part: FilePart) => boolean = () => true,
): Promise<DataFileEntry[]> {
  const chosen = parts.filter(wanted);
  const read = await pooled(chosen, READS_AT_ONCE, (part) => readPart(vault, table, part));
  return [...read.flat(), ...files];
}

/** Whether a part may hold files of one of these days. */
export const holdsDay =
  (days: ReadonlySet<string>) =>
  ({ firstDay, lastDay }: FilePart): boolean =>
    [...days].some((day) => firstDay <= day && day <= lastDay);

/** Parts that were read or written lately: what their hash names never changes. */
const recent = new Map<string, readonly DataFileEntry[]>();
const RECENT_FILES = 50_000;

function remember(sha256: string, files: readonly DataFileEntry[]): void {
  recent.delete(sha256);
  recent.set(sha256, files);
  let held = 0;
  for (const list of recent.values()) held += list.length;
  for (const [oldest, list] of recent) {
    if (held <= RECENT_FILES) break;
    recent.delete(oldest);
    held -= list.length;
  }
}

async function readPart(vault: VaultStore, table: string, part: FilePart): Promise<readonly DataFileEntry[]> {
  const known = recent.get(part.sha256);
  if (known !== undefined) {
    remember(part.sha256, known);
    return known;
  }
  const key = partKey(table, part);
  const { body } = await vault.get(key);
  const files = hashOf(body) === part.sha256 ? parsed(body) : null;
  if (files === null)
    throw new AkashiError(
      'TABLE_DAMAGED',
      `"${key}" is not the part of ${table} that was sealed. Run \`akashi verify\` to see what was changed.`,
    );
  remember(part.sha256, files);
  return files;
}

function parsed(body: Uint8Array): readonly DataFileEntry[] | null {
  try {
    const { format, files } = JSON.parse(Buffer.from(body).toString('utf8')) as {
      readonly format: number;
      readonly files: readonly DataFileEntry[];
    };
    return format === 1 && Array.isArray(files) ? files : null;
  } catch {
    return null;
  }
}

/** A list on its way to be stored. */
export interface ListChange {
  readonly list: FileList;
  /** Parts that have to be stored before anything names them. */
  readonly writes: readonly WriteItem[];
  /** Keys of parts that it names no longer. */
  readonly removed: readonly string[];
}

/** A part of a list, or files that are to become one. */
type Piece = { readonly part: FilePart } | { readonly fresh: readonly DataFileEntry[] };

const countOf = (piece: Piece): number => ('part' in piece ? piece.part.files : piece.fresh.length);

/** The list without some files, found by their keys and days, and with others after all the rest. */
export async function changedList(
  vault: VaultStore,
  table: string,
  before: FileList,
  {
    added,
    removed,
  }: { readonly added: readonly DataFileEntry[]; readonly removed: readonly DataFileEntry[] },
): Promise<ListChange> {
  const gone = new Set(removed.map(({ key }) => key));
  const touched = holdsDay(new Set(removed.map(({ day }) => day)));
  const read = (piece: Piece) => ('part' in piece ? readPart(vault, table, piece.part) : piece.fresh);
  let pieces: Piece[] = [];
  for (const part of before.parts) {
    const files = gone.size > 0 && touched(part) ? await readPart(vault, table, part) : [];
    const left = files.filter(({ key }) => !gone.has(key));
    if (left.length === files.length) pieces.push({ part });
    else if (left.length > 0) pieces.push({ fresh: left });
  }
  pieces = joinedFresh(pieces);
  let tail = [...before.files.filter(({ key }) => !gone.has(key)), ...added];
  if (tail.length > TAIL_FILES) {
    for (let from = 0; from < tail.length; from += MOST_FILES)
      pieces.push({ fresh: tail.slice(from, from + MOST_FILES) });
    tail = [];
    pieces = await merged(pieces, read);
  }
  const writes: WriteItem[] = [];
  const parts = pieces.map((piece) => {
    if ('part' in piece) return piece.part;
    const { part, write } = partOf(table, piece.fresh);
    writes.push(write);
    return part;
  });
  const named = new Set(parts.map(({ sha256 }) => sha256));
  return {
    list: { parts, files: tail },
    writes,
    removed: before.parts.filter(({ sha256 }) => !named.has(sha256)).map((part) => partKey(table, part)),
  };
}

/** What a replacement left of parts that follow one another, in one. */
function joinedFresh(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const fits = last !== undefined && countOf(last) + countOf(piece) <= MOST_FILES;
    if (fits && 'fresh' in last && 'fresh' in piece)
      joined[joined.length - 1] = { fresh: [...last.fresh, ...piece.fresh] };
    else joined.push(piece);
  }
  return joined;
}

const levelOf = (piece: Piece): number => {
  const files = countOf(piece);
  return files >= MOST_FILES ? 2 : Number(files >= MOST_FILES / FAN);
};

/** Merges the last parts while there are `FAN` of one size. */
async function merged(
  pieces: readonly Piece[],
  read: (piece: Piece) => Promise<readonly DataFileEntry[]> | readonly DataFileEntry[],
): Promise<Piece[]> {
  let left = [...pieces];
  for (;;) {
    const last = left.slice(-FAN);
    const total = last.reduce((sum, piece) => sum + countOf(piece), 0);
    const alike = last.every((piece) => levelOf(piece) === levelOf(last[0]!));
    if (last.length < FAN || !alike || total > 2 * MOST_FILES) return left;
    const files = (await pooled(last, READS_AT_ONCE, async (piece) => read(piece))).flat();
    left = [...left.slice(0, -FAN), { fresh: files }];
  }
}

function partOf(
  table: string,
  files: readonly DataFileEntry[],
): { readonly part: FilePart; readonly write: WriteItem } {
  const body = Buffer.from(`${JSON.stringify({ format: 1, table, files })}\n`);
  const days = files.map(({ day }) => day).sort();
  const times = (of: (file: DataFileEntry) => number | null, better: (a: number, b: number) => number) =>
    files.reduce<number | null>((found, file, at) => {
      const time = of(file);
      return time === null || (found === null && at > 0) ? null : found === null ? time : better(found, time);
    }, null);
  const part: FilePart = {
    sha256: hashOf(body),
    files: files.length,
    firstDay: days[0]!,
    lastDay: days.at(-1)!,
    minTime: times(({ minTime }) => minTime, Math.min),
    maxTime: times(({ maxTime }) => maxTime, Math.max),
  };
  remember(part.sha256, files);
  return { part, write: { key: partKey(table, part), body, kind: WRITE_KINDS.tablePart } };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
