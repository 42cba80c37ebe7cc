/**
 * A table of the lake as an Iceberg table that follows it, seal by seal: each gets a snapshot whose manifests say which
 * files came, which are left of those that others replaced, and of small ones together what they said apart. What a
 * snapshot costs grows with the files it brings, and with the number of manifests, which is kept to some dozens.
 */

import { hash } from 'node:crypto';
import type { TableName } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { parseKey } from '../../vault/keys.ts';
import { pooled } from '../../vault/pool.ts';
import type { VaultStore, WriteItem } from '../../vault/store.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import type { DataFileEntry } from '../file-list.ts';
import { appendFiles, MANIFEST_FILES, snapshotIdOf } from './append.ts';
import type { IcebergDataFile } from './data-file.ts';
import { decodeManifestList, type ManifestFile } from './manifest-list.ts';
import type { PartitionSpec } from './partition.ts';
import { mayHoldDays, rewriteManifests } from './rewrite.ts';
import { storedFacts } from './stored-facts.ts';
import {
  currentSchema,
  currentSnapshot,
  newTable,
  type TableJson,
  withCurrentSchema,
  withoutOld,
} from './table-json.ts';

export interface Step {
  readonly vault: VaultStore & { readonly location: string };
  /** What engines call it: the table's name, or that and `_copies`. */
  readonly name: string;
  readonly table: TableName;
  /** The table so far; null for one that begins. */
  readonly before: TableJson | null;
  /** Whether it is begun anew although it might be gone on from. */
  readonly isAnew: boolean;
  readonly added: readonly DataFileEntry[];
  readonly removed: readonly DataFileEntry[];
  /** All its files afterwards, for a table that has to be begun anew. */
  readonly all: () => Promise<readonly DataFileEntry[]>;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly summary: Readonly<Record<string, string>>;
}

export interface Stepped {
  readonly json: TableJson;
  /** What has to be stored before anything names it. */
  readonly writes: readonly WriteItem[];
  /** Keys of manifests, and of lists of them, that the table names no longer. */
  readonly removed: readonly string[];
}

const READS_AT_ONCE = 16;
/** Manifests of one size that become one. */
const FAN = 8;
/** None grows beyond: some 16 MB. */
const MOST_FILES = 16 * MANIFEST_FILES;

/**
 * The table after this step. One that lay elsewhere before, or whose manifests are not what they were, is begun anew
 * from the footers of all files. Throws DATA_ALTERED and STORE_MISSING where not even those are as they were sealed, and
 * as the vault does.
 */
export async function follow(step: Step): Promise<Stepped> {
  const { before, vault, name, isAnew } = step;
  if (!isAnew && before?.location === icebergLocation(vault.location, name)) {
    try {
      return await stepped(step, before, step.added);
    } catch (error) {
      if (!(error instanceof NotAsItWas) && !isHarm(error)) throw error;
    }
  }
  const anew = await stepped(step, null, await step.all());
  return before === null ? anew : { ...anew, removed: await leftBehind(step, before) };
}

/** What only the table that was given up for a new one names, as far as it can still be read. */
async function leftBehind({ vault, name }: Step, before: TableJson): Promise<string[]> {
  const keyOf = (uri: string): string => metadataKey(name, uri);
  const newest = currentSnapshot(before);
  const manifests =
    newest === undefined
      ? []
      : await readList(vault, keyOf(newest['manifest-list'])).catch((error: unknown) => {
          if (error instanceof NotAsItWas || isHarm(error)) return [];
          throw error;
        });
  const uris = [
    ...before.snapshots.map((snapshot) => snapshot['manifest-list']),
    ...manifests.map(({ manifest_path: path }) => path),
  ];
  return uris.map(keyOf);
}

/** Whether it tells that stored bytes are gone or altered, and not that a store does not answer. */
export const isHarm = (error: unknown): boolean =>
  error instanceof AkashiError && ['STORE_MISSING', 'STORE_RANGE', 'DATA_ALTERED'].includes(error.code);

/** Manifests that do not say what they must: the table is begun anew. */
class NotAsItWas extends Error {}

/** The key of a manifest, or of a list of them, wherever the lake lay when it was named. */
export const metadataKey = (name: string, uri: string): string =>
  `tables/${name}/metadata/${uri.slice(uri.lastIndexOf('/') + 1)}`;

/** Where engines find a table of a vault. */
export const icebergLocation = (vault: string, name: string): string => `${vault}/tables/${name}`;

async function stepped(
  step: Step,
  before: TableJson | null,
  added: readonly DataFileEntry[],
): Promise<Stepped> {
  const { vault, name, table, now, summary } = step;
  const location = icebergLocation(vault.location, name);
  const base =
    before === null
      ? newTable({
          table,
          uuid: uuidOf([location, name, String(now), ...added.map(({ key }) => key)]),
          location,
          now,
        })
      : withCurrentSchema(before, table);
  const writes: WriteItem[] = [];
  const put = (file: string, body: Uint8Array): string => {
    writes.push({ key: `tables/${name}/metadata/${file}`, body, kind: WRITE_KINDS.manifest });
    return `${location}/metadata/${file}`;
  };
  const keyOf = (uri: string): string => metadataKey(name, uri);
  const parent = currentSnapshot(base);
  const held = parent === undefined ? [] : await readList(vault, keyOf(parent['manifest-list']));
  const kept = await lighter({ step, base, held, removed: before === null ? [] : step.removed, put, keyOf });
  const appended = await appendFiles({
    table,
    json: base,
    manifests: kept,
    removed: before === null ? NOTHING : countsOf(step.removed),
    added: described(vault, added),
    now,
    summary,
    put: async (file, body) => put(file, body),
  });
  const { json, dropped } = withoutOld(appended);
  const named = new Set(kept.map(({ manifest_path: path }) => path));
  const gone = held.map(({ manifest_path: path }) => path).filter((path) => !named.has(path));
  const lists = dropped.map((snapshot) => snapshot['manifest-list']);
  return { json, writes, removed: [...gone, ...lists].map(keyOf) };
}

/** Of what the table begins with, so that it can be made again as it was; in the form of version 8 of RFC 9562. */
function uuidOf(parts: readonly string[]): string {
  const digits = hash('sha256', parts.join('\n'), 'hex');
  const variant = (8 + (Number.parseInt(digits[16]!, 16) % 4)).toString(16);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

const NOTHING = { files: 0, rows: 0, bytes: 0 };

const countsOf = (files: readonly DataFileEntry[]) => ({
  files: files.length,
  rows: files.reduce((sum, { rows }) => sum + rows, 0),
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** In batches of near days, so that an engine opens few manifests for few days. */
async function* described(
  vault: Step['vault'],
  files: readonly DataFileEntry[],
): AsyncGenerator<IcebergDataFile[]> {
  const byDay = files.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)));
  for (let from = 0; from < byDay.length; from += MANIFEST_FILES)
    yield await pooled(byDay.slice(from, from + MANIFEST_FILES), READS_AT_ONCE, async (entry) => ({
      ...(await storedFacts(vault, entry)),
      path: `${vault.location}/${entry.key}`,
    }));
}

/** Bytes that are what the name of their key says. Throws NotAsItWas. */
export async function readNamed(vault: VaultStore, key: string): Promise<Uint8Array> {
  const parts = parseKey(key);
  const { body } = await vault.get(key);
  if (parts !== null && 'sha256' in parts && hash('sha256', body, 'hex') === parts.sha256) return body;
  throw new NotAsItWas(`"${key}" is not what its name says`);
}

const readList = async (vault: VaultStore, key: string): Promise<ManifestFile[]> =>
  decodeManifestList(await readNamed(vault, key));

interface Lightening {
  readonly step: Step;
  readonly base: TableJson;
  readonly held: readonly ManifestFile[];
  readonly removed: readonly DataFileEntry[];
  readonly put: (file: string, body: Uint8Array) => string;
  readonly keyOf: (uri: string) => string;
}

/** The manifests without files that were removed, and small ones together. */
async function lighter({ step, base, held, removed, put, keyOf }: Lightening): Promise<ManifestFile[]> {
  const { vault } = step;
  const gone = new Set(removed.map(({ key }) => `${vault.location}/${key}`));
  const sequenceNumber = base['last-sequence-number'] + 1;
  const snapshotId = snapshotIdOf(base['table-uuid'], sequenceNumber);
  const schema = currentSchema(base);
  /** Made here and not stored yet: one may be merged into another at once. */
  const fresh = new Map<string, Uint8Array>();
  let left = gone.size;
  const rewrite = async (
    spec: PartitionSpec,
    files: readonly ManifestFile[],
  ): Promise<ManifestFile | null> => {
    const manifests = await pooled(files, FAN, async (file) => ({
      file,
      bytes: fresh.get(file.manifest_path) ?? (await readNamed(vault, keyOf(file.manifest_path))),
    }));
    const { removed: found, made } = rewriteManifests({
      schema,
      spec,
      manifests,
      without: gone,
      snapshotId,
      sequenceNumber,
    });
    left -= found;
    if (made === null) return null;
    const path = `${base.location}/metadata/${hash('sha256', made.bytes, 'hex')}-m0.avro`;
    fresh.set(path, made.bytes);
    return { manifest_path: path, ...made.summary };
  };

  const days = new Set(removed.map(({ day }) => dayNumber(day)));
  const kept: ManifestFile[] = [];
  for (const spec of base['partition-specs']) {
    const own: ManifestFile[] = [];
    for (const file of held.filter((one) => one.partition_spec_id === spec['spec-id'])) {
      const touched = gone.size > 0 && mayHoldDays(file, days);
      const made = touched ? await rewrite(spec, [file]) : file;
      if (made !== null) own.push(made);
    }
    kept.push(...(await together(own, (files) => rewrite(spec, files))));
  }
  if (left !== 0) throw new NotAsItWas(`${left} files that were replaced stand in no manifest`);
  for (const { manifest_path: path } of kept) {
    const bytes = fresh.get(path);
    if (bytes !== undefined) put(path.slice(path.lastIndexOf('/') + 1), bytes);
  }
  return kept;
}

const DAY_MILLIS = 86_400_000;
const dayNumber = (day: string): number | null => {
  const millis = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(millis) ? null : millis / DAY_MILLIS;
};

const filesOf = (file: ManifestFile): number => file.added_files_count + file.existing_files_count;
const levelOf = (file: ManifestFile): number => Math.floor(Math.log(filesOf(file)) / Math.log(FAN));

/** Merges manifests until fewer than `FAN` are of one size. */
async function together(
  manifests: readonly ManifestFile[],
  rewrite: (files: readonly ManifestFile[]) => Promise<ManifestFile | null>,
): Promise<ManifestFile[]> {
  let left = [...manifests];
  for (let level = 0; level < 8; level++) {
    for (;;) {
      const alike = left.filter((file) => levelOf(file) === level).slice(0, FAN);
      const total = alike.reduce((sum, file) => sum + filesOf(file), 0);
      if (alike.length < FAN || total > MOST_FILES) break;
      const made = await rewrite(alike);
      left = [...left.filter((file) => !alike.includes(file)), ...(made === null ? [] : [made])];
    }
  }
  return left;
}
