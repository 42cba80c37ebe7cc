/** The lake's data files for an Iceberg export: what is known of each, and where it is to be read. */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ownFile } from '../engine/lake-snapshot.ts';
import { AkashiError } from '../schema/error.ts';
import type { IcebergDataFile } from '../tables/iceberg/data-file.ts';
import { storedFacts } from '../tables/iceberg/stored-facts.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
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
  return { ...(await storedFacts(vault, entry)), path: await place(entry) };
}

const altered = (key: string, what: string): AkashiError =>
  new AkashiError('DATA_ALTERED', `"${key}" cannot be exported: ${what}. Run \`akashi verify --deep\`.`);
