/**
 * Every key of a lake, made and parsed here and nowhere else. `CLASSES` is the storage layout on one screen: where
 * each class of key lives, what vouches for it, how it is written, what it looks like.
 */

import { AkashiError } from '../schema/error.ts';
import { isKey } from './key-syntax.ts';
import { parseTileIndexPath, TILE_WIDTH, tileIndexPath } from './tile-path.ts';
import { WRITE_KINDS, type WriteKind, type WriteKindName } from './write-kind.ts';

export interface DataFile {
  readonly table: string;
  /** `YYYY-MM-DD` in UTC; `undated` for rows whose record says no time. */
  readonly day: string;
  /** SHA-256 over what decides the rows: sorted evidence hashes, mapping and writer version. */
  readonly batch: string;
  readonly part: number;
}

/** What each class of key is made of. */
export interface KeyParts {
  // vault
  evidence: { readonly source: string; readonly sha256: string };
  data: DataFile;
  ranges: DataFile;
  compacted: DataFile;
  compactedRanges: DataFile;
  tableMetadata: { readonly table: string; readonly version: number; readonly sha256: string };
  tablePart: { readonly table: string; readonly sha256: string };
  manifestList: { readonly table: string; readonly snapshot: bigint; readonly sha256: string };
  manifest: { readonly table: string; readonly sha256: string };
  tile: { readonly level: number; readonly index: number };
  entries: { readonly index: number };
  checkpoint: { readonly size: number };
  timestamp: { readonly size: number };
  timestampContext: { readonly size: number; readonly token: string };
  revocationList: { readonly sha256: string };
  holdList: { readonly sha256: string };
  growth: { readonly size: number; readonly sha256: string };
  // state
  head: object;
  publishedCheckpoint: object;
  partialTile: { readonly level: number; readonly index: number; readonly width: number };
  partialEntries: { readonly index: number; readonly width: number };
  staging: { readonly size: number; readonly root: string };
  pending: { readonly sha256: string; readonly manifest: string };
  note: { readonly kind: string; readonly sha256: string };
  cursor: { readonly feed: string };
  holds: object;
  users: object;
  lakeNote: object;
  verifierKey: object;
  versionHint: { readonly table: string };
  needles: { readonly table: string; readonly sha256: string; readonly part: string };
  index: { readonly table: string; readonly name: string };
  cache: { readonly name: string };
}

export type KeyClassName = keyof KeyParts;

/** A key taken apart. */
export type Key = { [N in KeyClassName]: { readonly class: N } & KeyParts[N] }[KeyClassName];

export interface KeyClass {
  readonly home: 'vault' | 'state';
  /**
   * What `verify` may say of it. `covered`: the ledger commits to its bytes. `rebuildable`: can be made again from
   * covered ones. `mutable`: may change at any time; harm shows elsewhere.
   */
  readonly verdict: 'covered' | 'rebuildable' | 'mutable';
  /** Stored once and never replaced; in the state store such an object may still be removed. */
  readonly writeOnce: boolean;
  readonly kind: WriteKind;
}

interface Shape<N extends KeyClassName> extends KeyClass {
  readonly pattern: RegExp;
  readonly parts: (groups: readonly string[]) => KeyParts[N];
  readonly text: (parts: KeyParts[N]) => string;
}

type HowKept = readonly [KeyClass['home'], KeyClass['verdict'], 'once' | 'replaced', WriteKindName];

const shape = <N extends KeyClassName>(
  [home, verdict, written, kind]: HowKept,
  pattern: string,
  parts: Shape<N>['parts'],
  text: Shape<N>['text'],
): Shape<N> => ({
  home,
  verdict,
  writeOnce: written === 'once',
  kind: WRITE_KINDS[kind],
  pattern: new RegExp(`^${pattern}$`),
  parts,
  text,
});

const SHA256 = '([0-9a-f]{64})';
/** Connector ids: `aws.cloudtrail`. */
const SOURCE = '([a-z0-9]+(?:[.-][a-z0-9]+)*)';
const TABLE = '([a-z][a-z0-9_]*)';
const NUMBER = '(0|[1-9]\\d*)';
const INDEX = '((?:x\\d{3}/)*\\d{3})';
const NAME = '(.+)';
const DATA = (mark: string, end: string) =>
  `tables/${TABLE}/data/(\\d{4}-\\d{2}-\\d{2}|undated)/${mark}${SHA256}-${NUMBER}${end}`;

const dataFile = ([table = '', day = '', batch = '', part]: readonly string[]): DataFile => ({
  table,
  day,
  batch,
  part: Number(part),
});
const dataText = (mark: string, end: string) => (file: DataFile) =>
  `tables/${file.table}/data/${file.day}/${mark}${file.batch}-${file.part}${end}`;
const tileIndex = (path = ''): number => parseTileIndexPath(path) ?? Number.NaN;
const nothing = () => ({});

const CLASSES: { readonly [N in KeyClassName]: Shape<N> } = {
  /** Two digits of the hash spread a source over 256 folders. */
  evidence: shape(
    ['vault', 'covered', 'once', 'evidence'],
    `evidence/${SOURCE}/[0-9a-f]{2}/${SHA256}`,
    ([source = '', sha256 = '']) => ({ source, sha256 }),
    ({ source, sha256 }) => `evidence/${source}/${sha256.slice(0, 2)}/${sha256}`,
  ),
  data: shape(
    ['vault', 'covered', 'once', 'data'],
    DATA('', '\\.parquet'),
    dataFile,
    dataText('', '.parquet'),
  ),
  /** One hash per column chunk and footer of the data file beside it. */
  ranges: shape(
    ['vault', 'covered', 'once', 'ranges'],
    DATA('', '\\.ranges\\.json'),
    dataFile,
    dataText('', '.ranges.json'),
  ),
  /** Told apart by name, since a day with one batch has the same batch hash before and after compaction. */
  compacted: shape(
    ['vault', 'covered', 'once', 'compacted'],
    DATA('compacted-', '\\.parquet'),
    dataFile,
    dataText('compacted-', '.parquet'),
  ),
  compactedRanges: shape(
    ['vault', 'covered', 'once', 'compactedRanges'],
    DATA('compacted-', '\\.ranges\\.json'),
    dataFile,
    dataText('compacted-', '.ranges.json'),
  ),
  /** Iceberg's files are named by their content, so that a commit made again writes the same keys. */
  tableMetadata: shape(
    ['vault', 'covered', 'once', 'tableMetadata'],
    `tables/${TABLE}/metadata/(\\d{5,})-${SHA256}\\.metadata\\.json`,
    ([table = '', version, sha256 = '']) => ({ table, version: Number(version), sha256 }),
    ({ table, version, sha256 }) =>
      `tables/${table}/metadata/${String(version).padStart(5, '0')}-${sha256}.metadata.json`,
  ),
  /** Data files of a table that came one after another: what its metadata lists by reference. */
  tablePart: shape(
    ['vault', 'covered', 'once', 'tablePart'],
    `tables/${TABLE}/metadata/${SHA256}-files\\.json`,
    ([table = '', sha256 = '']) => ({ table, sha256 }),
    ({ table, sha256 }) => `tables/${table}/metadata/${sha256}-files.json`,
  ),
  manifestList: shape(
    ['vault', 'covered', 'once', 'manifest'],
    `tables/${TABLE}/metadata/snap-${NUMBER}-${SHA256}\\.avro`,
    ([table = '', snapshot = '', sha256 = '']) => ({ table, snapshot: BigInt(snapshot), sha256 }),
    ({ table, snapshot, sha256 }) => `tables/${table}/metadata/snap-${snapshot}-${sha256}.avro`,
  ),
  manifest: shape(
    ['vault', 'covered', 'once', 'manifest'],
    `tables/${TABLE}/metadata/${SHA256}-m0\\.avro`,
    ([table = '', sha256 = '']) => ({ table, sha256 }),
    ({ table, sha256 }) => `tables/${table}/metadata/${sha256}-m0.avro`,
  ),
  /** `ledger/` is the root of a tlog-tiles log: full tiles lie here in the vault, partial ones in the state store. */
  tile: shape(
    ['vault', 'covered', 'once', 'tile'],
    `ledger/tile/${NUMBER}/${INDEX}`,
    ([level, index]) => ({ level: Number(level), index: tileIndex(index) }),
    ({ level, index }) => `ledger/tile/${level}/${tileIndexPath(index)}`,
  ),
  entries: shape(
    ['vault', 'covered', 'once', 'tile'],
    `ledger/tile/entries/${INDEX}`,
    ([index]) => ({ index: tileIndex(index) }),
    ({ index }) => `ledger/tile/entries/${tileIndexPath(index)}`,
  ),
  /** Each sealed checkpoint. */
  checkpoint: shape(
    ['vault', 'covered', 'once', 'checkpoint'],
    `ledger/checkpoints/${NUMBER}`,
    ([size]) => ({ size: Number(size) }),
    ({ size }) => `ledger/checkpoints/${size}`,
  ),
  timestamp: shape(
    ['vault', 'covered', 'once', 'timestamp'],
    `ledger/timestamps/${NUMBER}\\.tsr`,
    ([size]) => ({ size: Number(size) }),
    ({ size }) => `ledger/timestamps/${size}.tsr`,
  ),
  /** What was asked for a token; named by the token, so that one that came to nothing is in nobody's way. */
  timestampContext: shape(
    ['vault', 'covered', 'once', 'timestampContext'],
    `ledger/timestamps/${NUMBER}-${SHA256}\\.json`,
    ([size, token = '']) => ({ size: Number(size), token }),
    ({ size, token }) => `ledger/timestamps/${size}-${token}.json`,
  ),
  /** What an issuer of certificates had revoked when a token was made: one list serves many tokens. */
  revocationList: shape(
    ['vault', 'covered', 'once', 'revocationList'],
    `ledger/timestamps/crls/${SHA256}\\.crl`,
    ([sha256 = '']) => ({ sha256 }),
    ({ sha256 }) => `ledger/timestamps/crls/${sha256}.crl`,
  ),
  /** The keys of the objects that a hold was placed on, named by the hash that the ledger has of it. */
  holdList: shape(
    ['vault', 'covered', 'once', 'holdList'],
    `holds/${SHA256}\\.txt`,
    ([sha256 = '']) => ({ sha256 }),
    ({ sha256 }) => `holds/${sha256}.txt`,
  ),
  /** What one seal added, so that the vault alone can bring back a lake whose state store is gone; named by its content. */
  growth: shape(
    ['vault', 'covered', 'once', 'growth'],
    `ledger/growth/${NUMBER}-${SHA256}`,
    ([size, sha256 = '']) => ({ size: Number(size), sha256 }),
    ({ size, sha256 }) => `ledger/growth/${size}-${sha256}`,
  ),

  /** The commit point. */
  head: shape(['state', 'mutable', 'replaced', 'head'], 'head', nothing, () => 'head'),
  publishedCheckpoint: shape(
    ['state', 'rebuildable', 'replaced', 'publishedCheckpoint'],
    'ledger/checkpoint',
    nothing,
    () => 'ledger/checkpoint',
  ),
  partialTile: shape(
    ['state', 'rebuildable', 'once', 'partialTile'],
    `ledger/tile/${NUMBER}/${INDEX}\\.p/${NUMBER}`,
    ([level, index, width]) => ({ level: Number(level), index: tileIndex(index), width: Number(width) }),
    ({ level, index, width }) => `ledger/tile/${level}/${tileIndexPath(index)}.p/${width}`,
  ),
  /** Covered: readable entries lie nowhere else until their bundle is full; packed ones in the growths of the vault. */
  partialEntries: shape(
    ['state', 'covered', 'once', 'partialTile'],
    `ledger/tile/entries/${INDEX}\\.p/${NUMBER}`,
    ([index, width]) => ({ index: tileIndex(index), width: Number(width) }),
    ({ index, width }) => `ledger/tile/entries/${tileIndexPath(index)}.p/${width}`,
  ),
  /** Everything a seal publishes: stored before the head is swapped, replayed after. */
  staging: shape(
    ['state', 'mutable', 'once', 'staging'],
    `staging/${NUMBER}-${SHA256}`,
    ([size, root = '']) => ({ size: Number(size), root }),
    ({ size, root }) => `staging/${size}-${root}`,
  ),
  /** The sealer's inbox: provenance manifests of preserved bodies, named by body and manifest. */
  pending: shape(
    ['state', 'mutable', 'once', 'pending'],
    `pending/${SHA256}-([0-9a-f]{16})\\.json`,
    ([sha256 = '', manifest = '']) => ({ sha256, manifest }),
    ({ sha256, manifest }) => `pending/${sha256}-${manifest}.json`,
  ),
  /** What else waits to be sealed: custody records, holds, gaps. */
  note: shape(
    ['state', 'mutable', 'once', 'pending'],
    `pending/([a-z]+)-${SHA256}\\.json`,
    ([kind = '', sha256 = '']) => ({ kind, sha256 }),
    ({ kind, sha256 }) => `pending/${kind}-${sha256}.json`,
  ),
  cursor: shape(
    ['state', 'mutable', 'replaced', 'record'],
    `cursors/${SOURCE}\\.json`,
    ([feed = '']) => ({ feed }),
    ({ feed }) => `cursors/${feed}.json`,
  ),
  holds: shape(['state', 'mutable', 'replaced', 'record'], 'holds', nothing, () => 'holds'),
  users: shape(['state', 'mutable', 'replaced', 'record'], 'users', nothing, () => 'users'),
  /** Format of a lake on S3, and which vault its state store belongs to; a lake in a folder has its own beside the stores. */
  lakeNote: shape(['state', 'mutable', 'once', 'record'], 'lake\\.json', nothing, () => 'lake.json'),
  /** Of a lake on S3, where other machines find it. */
  verifierKey: shape(['state', 'rebuildable', 'once', 'vkey'], 'ledger\\.vkey', nothing, () => 'ledger.vkey'),
  versionHint: shape(
    ['state', 'rebuildable', 'replaced', 'hint'],
    `tables/${TABLE}/version-hint\\.text`,
    ([table = '']) => ({ table }),
    ({ table }) => `tables/${table}/version-hint.text`,
  ),
  /** The needle index: packs by the hash of their directory, lists of packs by their own, which head and ledger name. */
  needles: shape(
    ['state', 'rebuildable', 'replaced', 'index'],
    `index/${TABLE}/needles/${SHA256}\\.(pack|json)`,
    ([table = '', sha256 = '', part = '']) => ({ table, sha256, part }),
    ({ table, sha256, part }) => `index/${table}/needles/${sha256}.${part}`,
  ),
  index: shape(
    ['state', 'rebuildable', 'replaced', 'index'],
    `index/${TABLE}/(?!needles/)${NAME}`,
    ([table = '', name = '']) => ({ table, name }),
    ({ table, name }) => `index/${table}/${name}`,
  ),
  cache: shape(
    ['state', 'rebuildable', 'replaced', 'cache'],
    `cache/${NAME}`,
    ([name = '']) => ({ name }),
    ({ name }) => `cache/${name}`,
  ),
};

/** Names of all classes. */
export const KEY_CLASSES = Object.keys(CLASSES) as readonly KeyClassName[];

/** How the keys of a class are kept. */
export const keyClass = (name: KeyClassName): KeyClass => CLASSES[name];

const MAX_TILE_LEVEL = 63;
/** Iceberg's snapshot ids are signed 64-bit. */
const MAX_SNAPSHOT = 2n ** 63n - 1n;

/** What a pattern cannot say: numbers JavaScript counts exactly, levels and widths of tiles, days there are. */
function inBounds(parts: Record<string, unknown>): boolean {
  return Object.entries(parts).every(([name, value]) => {
    if (typeof value === 'bigint') return value <= MAX_SNAPSHOT;
    if (name === 'day') return value === 'undated' || isDay(String(value));
    if (typeof value !== 'number') return true;
    if (name === 'level') return value <= MAX_TILE_LEVEL;
    if (name === 'width') return value >= 1 && value < TILE_WIDTH;
    return Number.isSafeInteger(value);
  });
}

/** 2026-02-30 is none. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function parseAs<N extends KeyClassName>(name: N, text: string): KeyParts[N] | null {
  const { pattern, parts, text: write } = CLASSES[name];
  const match = pattern.exec(text);
  if (match === null) return null;
  const found = parts(match.slice(1));
  // One spelling only: what would be written otherwise is no key of ours.
  return inBounds({ ...found }) && write(found) === text ? found : null;
}

/** Takes a text apart; null when it is no key of the layout. Total: any text may be asked about. */
export function parseKey(text: string): Key | null {
  if (!isKey(text)) return null;
  for (const name of KEY_CLASSES) {
    const parts = parseAs(name, text);
    if (parts !== null) return { class: name, ...parts } as Key;
  }
  return null;
}

/** The class of a key and how it is kept; null when it is no key of the layout. */
export function classOf(text: string): (KeyClass & { readonly name: KeyClassName }) | null {
  const key = parseKey(text);
  if (key === null) return null;
  const { home, verdict, writeOnce, kind } = CLASSES[key.class];
  return { name: key.class, home, verdict, writeOnce, kind };
}

/** Whether a store keeps keys of a class until their retention date. */
export const isLocked = (name: KeyClassName): boolean => CLASSES[name].kind.locked;

/** Whether a store keeps what lies under this key until its retention date. */
export const isLockedKey = (text: string): boolean => classOf(text)?.kind.locked ?? false;

/** What other files may take the place of: rows again, or lists of them. Evidence and the ledger are never among it. */
const REPLACEABLE: ReadonlySet<KeyClassName> = new Set([
  'data',
  'ranges',
  'compacted',
  'compactedRanges',
  'tableMetadata',
  'tablePart',
  'manifestList',
  'manifest',
]);

/** Whether what lies under this key may be removed once others have taken its place and its date has passed. */
export const isReplaceableKey = (text: string): boolean =>
  REPLACEABLE.has(parseKey(text)?.class ?? 'evidence');

/** Whether nothing may ever replace what lies under this key. */
export const isWriteOnceKey = (text: string): boolean => classOf(text)?.writeOnce ?? false;

/** Makes the key of a class. Throws STORE_BAD_KEY for parts that `parseKey` would not give back the same. */
export function makeKey<N extends KeyClassName>(name: N, parts: KeyParts[N]): string {
  const text = CLASSES[name].text(parts);
  const back = isKey(text) ? parseAs(name, text) : null;
  if (back !== null && equalParts(back, parts)) return text;
  throw new AkashiError(
    'STORE_BAD_KEY',
    `${JSON.stringify(text.slice(0, 200))} is no ${name} key: ${CLASSES[name].pattern.source} is its shape, with ` +
      'days and numbers that exist.',
  );
}

const equalParts = (found: object, given: object): boolean =>
  Object.entries(found).every(([name, value]) => (given as Record<string, unknown>)[name] === value);

/** Where a body lies: under its own hash. */
export const evidenceKey = (source: string, sha256: string): string =>
  makeKey('evidence', { source, sha256 });
/** A batch's data file. */
export const dataKey = (table: string, file: Omit<DataFile, 'table'>): string =>
  makeKey('data', { table, ...file });
/** A provenance manifest that waits to be sealed. */
export const pendingKey = (sha256: string, manifest: string): string =>
  makeKey('pending', { sha256, manifest });
/** How far a feed has got, by the name it is configured under: a connector's id unless it has one of its own. */
export const cursorKey = (feed: string): string => makeKey('cursor', { feed });
/** The commit point. */
export const HEAD_KEY = 'head';
/** Which cases hold what. */
export const HOLDS_KEY = 'holds';

/** Beginnings of keys, for listing. */
export const PREFIXES = {
  evidence: 'evidence/',
  tables: 'tables/',
  ledger: 'ledger/',
  timestamps: 'ledger/timestamps/',
  growth: 'ledger/growth/',
  pending: 'pending/',
  staging: 'staging/',
  cursors: 'cursors/',
} as const;
