/**
 * A folder with one Iceberg table as engines find it without a catalogue: `metadata/v<N>.metadata.json`, the highest
 * number being the current one, and `metadata/version-hint.text` with that number.
 */

import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import type { TableJson } from '../tables/iceberg/table-json.ts';
import { fileUri as uriOfPath } from '../vault/file-uri.ts';

export interface TableVersion {
  readonly version: number;
  readonly json: TableJson;
}

/** A path as URI. Throws ICEBERG_PATH for one that engines read differently. */
export function fileUri(path: string): string {
  const uri = uriOfPath(path);
  if (uri !== null) return uri;
  throw new AkashiError(
    'ICEBERG_PATH',
    `${JSON.stringify(resolve(path))} holds one of ? # % or a control character, which engines read differently. ` +
      'Choose a folder without, or copy the data files into one with --copy-data.',
  );
}

export class TableFolder {
  readonly #folder: string;
  /** URI by which the folder will be read. */
  readonly uri: string;

  constructor(folder: string, uri: string) {
    this.#folder = folder;
    this.uri = uri;
  }

  /** URI of a file of the table's metadata. */
  metadataUri(name: string): string {
    return `${this.uri}/metadata/${name}`;
  }

  /** The newest version; null when there is none. Throws ICEBERG_TAKEN when it cannot be read. */
  async current(): Promise<TableVersion | null> {
    const names = await readdir(join(this.#folder, 'metadata')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const versions = names
      .flatMap((name) => /^v([1-9]\d*)\.metadata\.json$/.exec(name)?.[1] ?? [])
      .map(Number);
    if (versions.length === 0) return null;
    const version = Math.max(...versions);
    try {
      const text = await readFile(this.#pathOf(versionName(version)), 'utf8');
      return { version, json: parsed(text) };
    } catch (cause) {
      throw taken(this.#folder, `${versionName(version)} cannot be read`, cause);
    }
  }

  /** A file of the metadata by its URI. Throws ICEBERG_TAKEN when it lies elsewhere. */
  async read(uri: string): Promise<Buffer> {
    const prefix = this.metadataUri('');
    const name = uri.slice(prefix.length);
    if (uri.startsWith(prefix) && /^[\w-]+\.avro$/.test(name)) return readFile(this.#pathOf(name));
    throw taken(this.#folder, `its metadata lies at ${uri}`);
  }

  /** Stores a file named by its content, and says under which URI. */
  async put(name: string, bytes: Uint8Array): Promise<string> {
    await mkdir(join(this.#folder, 'metadata'), { recursive: true });
    await replace(this.#pathOf(name), bytes);
    return this.metadataUri(name);
  }

  /** Makes a version current. Throws ICEBERG_TAKEN when somebody else wrote one with its number. */
  async publish({ version, json }: TableVersion): Promise<void> {
    await mkdir(join(this.#folder, 'metadata'), { recursive: true });
    const path = this.#pathOf(versionName(version));
    const partial = `${path}.partial-${process.pid}`;
    await writeFile(partial, JSON.stringify(json));
    try {
      // Unlike a rename, a link never replaces.
      await link(partial, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw taken(this.#folder, 'another export wrote to it meanwhile', error);
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** Tells engines which version is the current one. */
  async hint(version: number): Promise<void> {
    await replace(this.#pathOf('version-hint.text'), Buffer.from(String(version)));
  }

  #pathOf(name: string): string {
    return join(this.#folder, 'metadata', name);
  }
}

/** As far as we rely on it; throws otherwise. */
function parsed(text: string): TableJson {
  const json = JSON.parse(text) as Partial<TableJson> | null;
  if (json?.['format-version'] === 2 && Array.isArray(json.snapshots) && Array.isArray(json.schemas))
    return json as TableJson;
  throw new Error('it is no Iceberg v2 table');
}

export const versionName = (version: number): string => `v${version}.metadata.json`;

/** Writes a file that is seen whole or not at all. `check` may refuse, by throwing, what was written before it is seen. */
export async function replace(
  path: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  check: () => void = () => {},
): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await writeFile(partial, body);
    check();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

export const taken = (folder: string, why: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'ICEBERG_TAKEN',
    `"${folder}" holds a table that this export cannot add to: ${why}. Nothing of it was changed. Name another folder.`,
    { cause },
  );
