/** Data files of a store elsewhere, read in parts: each part is what the ledger commits to, or it is not read. */

import { hash } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AkashiError } from '../../schema/error.ts';
import { cutFooter, readFooter, type StoredFooter } from '../../tables/parquet/stored-footer.ts';
import { pooled } from '../../vault/pool.ts';
import type { Store } from '../../vault/store.ts';
import type { DataParts, StagedFiles, StoredFile, WantedFile } from '../plan/parts.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { coalesce } from './coalesce.ts';
import type { PartCache } from './part-cache.ts';
import { type Part, type PartHashes, readPartHashes } from './sidecar.ts';
import { type FilePlan, laySparse } from './sparse-file.ts';

const REQUESTS = 32;
/** A footer seldom is longer, and is then asked for again. */
const LIKELY_FOOTER_BYTES = 32 * 1024;

export interface PartSource {
  readonly cache: PartCache;
  /** The vault: what it gives is the oldest version, which counts. */
  readonly vault: Pick<Store, 'get' | 'getRange'>;
  /** What a key names now, faster; it is only believed where its hash is right. */
  readonly newest: (
    key: string,
    range: { readonly start: number; readonly end: number } | null,
  ) => Promise<Uint8Array>;
}

/** Of the data file's hashes; beside the file. */
export const sidecarKey = (dataKey: string): string => dataKey.replace(/\.parquet$/, '.ranges.json');

export function remoteParts(source: PartSource): DataParts {
  /** A footer and the hashes are small, and are asked for by planning and by staging. */
  const known = new Map<string, Promise<{ hashes: PartHashes; footer: StoredFooter; footerBytes: Buffer }>>();
  const factsOf = (file: SnapshotFile) => {
    const stored = storedOf(file);
    let facts = known.get(stored.sha256);
    if (facts === undefined) {
      facts = readFacts(source, stored, file.bytes);
      // A failure is told, and the next one asks again.
      facts.catch(() => known.delete(stored.sha256));
      known.set(stored.sha256, facts);
    }
    return facts;
  };
  const missingOf = async (parts: readonly Part[]): Promise<readonly Part[]> => {
    const missing = await pooled(parts, REQUESTS, async (part) => !(await source.cache.has(part.sha256)));
    return parts.filter((_, at) => missing[at]);
  };
  return {
    footers: (files) => pooled(files, REQUESTS, async (file) => (await factsOf(file)).footer),

    async blooms(file, ranges) {
      const { hashes } = await factsOf(file);
      const parts = ranges.map(({ offset }) => partAt(hashes, offset, file));
      const found = new Map<Part, Uint8Array>();
      await readParts(source, storedOf(file), parts, async (part, bytes) => void found.set(part, bytes));
      return parts.map((part) => found.get(part)!);
    },

    async extent(files) {
      const ranges = await pooled(files, REQUESTS, async (wanted) => {
        const { hashes } = await factsOf(wanted.file);
        return coalesce(await missingOf(chunksOf(wanted, hashes)));
      });
      const all = ranges.flat();
      return { requests: all.length, bytes: all.reduce((sum, { start, end }) => sum + end - start, 0) };
    },

    plans: (files) =>
      pooled(files, REQUESTS, async (wanted) => planOf(wanted, (await factsOf(wanted.file)).hashes)),

    async stage(files) {
      const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-staged-'));
      const release = () => rm(folder, { recursive: true, force: true });
      try {
        const paths = await pooled(files, REQUESTS, async (wanted) => {
          const path = join(folder, `${storedOf(wanted.file).sha256}.parquet`);
          const { hashes } = await factsOf(wanted.file);
          await laySparse(path, planOf(wanted, hashes), (take) =>
            readParts(source, storedOf(wanted.file), chunksOf(wanted, hashes), take),
          );
          return path;
        });
        await source.cache.makeRoom();
        return { paths, release } satisfies StagedFiles;
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

const storedOf = ({ stored, path }: SnapshotFile): StoredFile => {
  if (stored !== undefined) return stored;
  throw new Error(`"${path}" lies on this machine and was to be fetched`);
};

function partAt({ parts }: PartHashes, offset: number, { path }: SnapshotFile): Part {
  const part = parts.get(offset);
  if (part !== undefined) return part;
  throw altered(path, `no hash was sealed of what its footer says is at byte ${offset}`);
}

async function readFacts(source: PartSource, file: StoredFile, size: number) {
  const key = sidecarKey(file.key);
  const tailStart = Math.max(0, size - LIKELY_FOOTER_BYTES);
  const held = await source.cache.get(file.ranges);
  const [sidecar, tail] = await Promise.all([
    held ?? checked(source, key, file.ranges, null),
    held === null ? source.newest(file.key, { start: tailStart, end: size }).catch(() => null) : null,
  ]);
  const hashes = readPartHashes(sidecar, file.key);
  const { offset, length, sha256 } = hashes.footer;
  const early = tail !== null && offset >= tailStart ? tail.subarray(offset - tailStart) : null;
  let footerBytes = await source.cache.get(sha256);
  if (footerBytes === null && early !== null && hash('sha256', early, 'hex') === sha256)
    footerBytes = Buffer.from(early);
  footerBytes ??= Buffer.from(
    await checked(source, file.key, sha256, { start: offset, end: offset + length }),
  );
  if (held === null) {
    await source.cache.put(file.ranges, sidecar);
    await source.cache.put(sha256, footerBytes);
  }
  return { hashes, footerBytes, footer: readFooter(footerBytes) };
}

/** What a key holds, of this hash. Throws DATA_ALTERED. */
async function checked(
  { newest, vault }: PartSource,
  key: string,
  sha256: string,
  range: { readonly start: number; readonly end: number } | null,
): Promise<Uint8Array> {
  const isRight = (bytes: Uint8Array) => hash('sha256', bytes, 'hex') === sha256;
  // Somebody may have put another version, or a mark of deletion, over the one that counts.
  const now = await newest(key, range).catch(() => null);
  if (now !== null && isRight(now)) return now;
  const oldest =
    range === null ? (await vault.get(key)).body : await vault.getRange(key, range.start, range.end);
  if (isRight(oldest)) return oldest;
  throw altered(key, 'it holds other bytes than were sealed');
}

const altered = (key: string, what: string): AkashiError =>
  new AkashiError(
    'DATA_ALTERED',
    `"${key}" cannot be read: ${what}. Run \`akashi verify --deep\` to see everything that was changed.`,
  );

/** Hands over every part, from this machine or from the store, in no order. */
async function readParts(
  source: PartSource,
  { key }: StoredFile,
  parts: readonly Part[],
  take: (part: Part, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const missing: Part[] = [];
  for (const part of parts) {
    const held = await source.cache.get(part.sha256);
    if (held === null) missing.push(part);
    else await take(part, held);
  }
  await pooled(coalesce(missing), REQUESTS, async (range) => {
    const bytes = await source.newest(key, range).catch(() => null);
    for (const part of range.parts) {
      const at = part.offset - range.start;
      let piece = bytes?.subarray(at, at + part.length) ?? null;
      if (piece === null || hash('sha256', piece, 'hex') !== part.sha256) {
        piece = await checked(source, key, part.sha256, {
          start: part.offset,
          end: part.offset + part.length,
        });
      }
      await source.cache.put(part.sha256, piece);
      await take(part, piece);
    }
  });
}

function chunksOf({ file, footer, groups, columns }: WantedFile, hashes: PartHashes): readonly Part[] {
  return groups
    .flatMap((index) => footer.groups[index]!.chunks)
    .filter(({ column }) => columns === null || columns.has(column))
    .map(({ offset }) => partAt(hashes, offset, file));
}

const planOf = (wanted: WantedFile, hashes: PartHashes): FilePlan => ({
  key: storedOf(wanted.file).key,
  footerOffset: hashes.footer.offset,
  footer: cutFooter(wanted.footer, wanted.groups),
  ranges: coalesce(chunksOf(wanted, hashes)),
});
