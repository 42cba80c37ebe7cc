/** The head: the one small object whose swap makes a seal visible. */

import { TABLES, type TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { NEWER, newerError, newerFormat } from '../schema/newer.ts';
import { HEAD_KEY, parseKey } from '../vault/keys.ts';
import type { StateStore } from '../vault/store.ts';

/** 2: tables may hold files of copies that were set aside, and the ledger entries about files that were replaced. 3: metadata in parts. */
export const HEAD_FORMAT = 3;

export interface Head {
  readonly format: number;
  /** Seals so far. */
  readonly sequence: number;
  /** Key of each table's metadata in the vault; absent before its first data file. */
  readonly tables: Readonly<Partial<Record<TableName, string>>>;
  /** The ledger's signed checkpoint at this seal; null before the first. */
  readonly checkpoint: string | null;
  /** Leaf index of the newest entry of each of the ledger's streams; the entries themselves say the same. */
  readonly tails: Readonly<Record<string, number>>;
  /** SHA-256 of the list of each table's needle index; absent where there is none. */
  readonly index: Readonly<Record<string, string>>;
  /** Where the vault has what the newest seal added; null where a version sealed that kept it in the state store alone. */
  readonly growth: string | null;
}

export const EMPTY_HEAD: Head = {
  format: HEAD_FORMAT,
  sequence: 0,
  tables: {},
  checkpoint: null,
  tails: {},
  index: {},
  growth: null,
};

/** The head and the version to swap it by; the empty head with version null in a new lake. */
export async function readHead(state: StateStore): Promise<{ head: Head; version: string | null }> {
  try {
    const { body, version } = await state.get(HEAD_KEY);
    return { head: parseHead(body), version };
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'STORE_MISSING')
      return { head: EMPTY_HEAD, version: null };
    throw error;
  }
}

/** Throws STORE_CHANGED when another writer was first: reload and begin again. */
export async function swapHead(state: StateStore, head: Head, version: string | null): Promise<string> {
  return state.putIfUnchanged(HEAD_KEY, Buffer.from(`${JSON.stringify(head, null, 1)}\n`), version);
}

function parseHead(bytes: Uint8Array): Head {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw damaged('it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw damaged('it is no object');
  const { format, sequence, tables, checkpoint, tails, index, growth } = value as Record<string, unknown>;
  const newer = newerFormat(format, HEAD_FORMAT);
  if (newer !== null) throw newerError("the lake's head", newer, HEAD_FORMAT);
  if (
    typeof format !== 'number' ||
    !Number.isSafeInteger(sequence) ||
    typeof tables !== 'object' ||
    tables === null
  ) {
    throw damaged('format, sequence or tables is missing');
  }
  const keys = Object.entries(tables as Record<string, unknown>);
  if (!keys.every(([, key]) => typeof key === 'string')) throw damaged('tables must map names to keys');
  // To seal without it would lose it.
  const unknown = keys.find(([name]) => !Object.hasOwn(TABLES, name));
  if (unknown !== undefined)
    throw new AkashiError(
      NEWER,
      `the lake has a table "${unknown[0].slice(0, 80)}", made by a newer version. Nothing was changed. Update akashi and run ` +
        'the command again.',
    );
  return {
    format,
    sequence: sequence as number,
    tables: tables as Head['tables'],
    checkpoint: typeof checkpoint === 'string' ? checkpoint : null,
    tails: tailsOf(tails),
    index: indexOf(index),
    growth: typeof growth === 'string' && parseKey(growth)?.class === 'growth' ? growth : null,
  };
}

function tailsOf(value: unknown): Head['tails'] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (!entries.every(([, index]) => Number.isSafeInteger(index)))
    throw damaged('tails must map streams to leaf numbers');
  return Object.fromEntries(entries) as Head['tails'];
}

/** An index that cannot be named is one that is not there: it only costs time. */
function indexOf(value: unknown): Head['index'] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([, sha256]) => /^[0-9a-f]{64}$/.test(String(sha256))));
}

function damaged(what: string, cause?: unknown): AkashiError {
  return new AkashiError(
    'HEAD_DAMAGED',
    `the lake's head cannot be read: ${what}. Evidence and data files are not touched by this; \`akashi rebuild\` makes state/head again.`,
    { cause },
  );
}
