/** The lake's data files for an Iceberg export: what is known of each, and where it is to be read. */

import { createHash, hash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ownFile } from '../engine/lake-snapshot.ts';
import { AkashiError } from '../schema/error.ts';
import type { IcebergDataFile } from '../tables/iceberg/data-file.ts';
import { factsOfFooter } from '../tables/iceberg/file-facts.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { makeKey, parseKey } from '../vault/keys.ts';
import type { VaultStore } from '../vault/store.ts';
import { fileUri, replace } from './iceberg-folder.ts';

/** Makes a data file readable for engines, and says under which URI. */
export type Placing = (entry: DataFileEntry) => Promise<string>;

/**
 * The file stays where it lies in the lake. Throws STORE_UNSUPPORTED for a lake whose objects are no files of this
 * machine, DATA_IS_LINK, ICEBERG_PATH.
 */
export function inPlace(vault: VaultStore): Placing {
  return async ({ key }) => {
    if (vault.localPath !== undefined) return fileUri(ownFile(vault.localPath(key)));
    throw new AkashiError(
      'STORE_UNSUPPORTED',
      `The data files of ${vault.name} are no files of this machine that metadata could point to. Copy them with --copy-data.`,
    );
  };
}

/** The file is copied to `<folder>/data/<day>/`, to be read below `uri`. Throws DATA_ALTERED when it is not the one that was sealed. */
export function copied(vault: VaultStore, folder: string, uri: string): Placing {
  return async ({ key, sha256 }) => {
    const name = key.split('/').slice(-2).join('/');
    const path = join(folder, 'data', name);
    await mkdir(dirname(path), { recursive: true });
    const digest = createHash('sha256');
    async function* read() {
      for await (const chunk of vault.openRead(key)) {
        digest.update(chunk);
        yield chunk;
      }
    }
    await replace(path, read(), () => {
      if (digest.digest('hex') !== sha256) throw altered(key, 'its bytes are not those that were sealed');
    });
    return `${uri}/data/${name}`;
  };
}

/**
 * What a manifest says of a data file, by its footer. Throws DATA_ALTERED when the footer, or the hashes beside the file
 * by which it is checked, are not those that were sealed.
 */
export async function describe(
  vault: VaultStore,
  entry: DataFileEntry,
  place: Placing,
): Promise<IcebergDataFile> {
  const footer = await readFooter(vault, entry);
  const facts = factsOfFooter(footer, entry.bytes);
  if (facts.rows !== entry.rows) throw altered(entry.key, `it holds ${facts.rows} rows, not ${entry.rows}`);
  return { ...facts, path: await place(entry) };
}

async function readFooter(vault: VaultStore, { key, ranges }: DataFileEntry): Promise<Uint8Array> {
  const { body } = await vault.get(besideOf(key));
  if (hash('sha256', body, 'hex') !== ranges)
    throw altered(key, 'the hashes beside it are not those that were sealed');
  const { footer } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly footer: { readonly offset: number; readonly length: number; readonly sha256: string };
  };
  const bytes = await vault.getRange(key, footer.offset, footer.offset + footer.length);
  if (hash('sha256', bytes, 'hex') === footer.sha256) return bytes;
  throw altered(key, 'its footer is not the one that was sealed');
}

/** Key of the file's hashes. Throws DATA_ALTERED for what is no key of a data file. */
function besideOf(key: string): string {
  const parts = parseKey(key);
  if (parts?.class === 'data' || parts?.class === 'compacted') {
    const { class: kind, ...file } = parts;
    return makeKey(kind === 'data' ? 'ranges' : 'compactedRanges', file);
  }
  throw altered(key, 'it is no data file');
}

const altered = (key: string, what: string): AkashiError =>
  new AkashiError('DATA_ALTERED', `"${key}" cannot be exported: ${what}. Run \`akashi verify --deep\`.`);
