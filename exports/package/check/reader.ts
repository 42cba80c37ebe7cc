/** A package as it was handed over, a folder or a zip: names and bytes, nothing believed. */

import { createReadStream, lstatSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, ZipFile } from 'yauzl';
import { AkashiError } from '../../../schema/error.ts';

export interface PackageReader {
  /** Every file by its name in the package; what is a link or a device has no size. */
  readonly files: ReadonlyMap<string, { readonly size: number | null }>;
  /** What is wrong with how it is packed, such as two files of one name. */
  readonly problems: readonly { readonly name: string; readonly detail: string }[];
  /** The folder that a zip has everything in. */
  readonly top: string | null;
  open(name: string): AsyncIterable<Uint8Array>;
  close(): void;
}

/** Largest file that is read as a whole: proofs and notes are far smaller, and a hostile one must not fill memory. */
const MAX_WHOLE = 256 * 2 ** 20;

/** A whole small file; null when it is not there. Throws PACKAGE_UNREADABLE beyond 256 MiB. */
export async function readWhole(reader: PackageReader, name: string): Promise<Buffer | null> {
  const found = reader.files.get(name);
  if (found === undefined || found.size === null) return null;
  if (found.size > MAX_WHOLE)
    throw new AkashiError(
      'PACKAGE_UNREADABLE',
      `"${name}" has ${found.size} bytes, more than such a file can have.`,
    );
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.open(name)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

/** Longest line read, bytes: a record of 64 MiB with every character escaped still fits. */
const MAX_LINE = 512 * 2 ** 20;

/** A file's lines without their ends. Throws PACKAGE_UNREADABLE for one that is endless. */
export async function* linesOf(reader: PackageReader, name: string): AsyncGenerator<string> {
  let waiting: Buffer[] = [];
  let held = 0;
  for await (const piece of reader.open(name)) {
    let from = 0;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, from)) {
      waiting.push(Buffer.from(piece.subarray(from, at)));
      yield Buffer.concat(waiting).toString('utf8');
      waiting = [];
      held = 0;
      from = at + 1;
    }
    held += piece.length - from;
    if (from < piece.length) waiting.push(Buffer.from(piece.subarray(from)));
    if (held > MAX_LINE) throw new AkashiError('PACKAGE_UNREADABLE', `"${name}" has a line without end.`);
  }
  if (held > 0) yield Buffer.concat(waiting).toString('utf8');
}

export async function folderReader(folder: string): Promise<PackageReader> {
  const files = new Map<string, { size: number | null }>();
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const name = path + entry.name;
      if (entry.isDirectory()) await walk(`${name}/`);
      else
        files.set(name, {
          size: entry.isFile()
            ? (lstatSync(join(folder, name), { throwIfNoEntry: false })?.size ?? null)
            : null,
        });
    }
  };
  await walk('');
  return {
    files,
    problems: [],
    top: null,
    open: (name) => createReadStream(join(folder, name)),
    close: () => {},
  };
}

/** Throws PACKAGE_UNREADABLE for what is no zip file, or not whole. */
/** More than logs shrink to, and no small zip is a bomb. */
const MOST_EXPANSION = 200;
const HARMLESS_BYTES = 16 * 2 ** 20;

/** Throws PACKAGE_UNREADABLE for what is no zip, or one whose files claim to be out of all proportion to it. */
export async function zipReader(path: string): Promise<PackageReader> {
  const yauzl = (await import('yauzl')).default;
  let zip: ZipFile;
  const entries = new Map<string, Entry>();
  const files = new Map<string, { size: number | null }>();
  const problems: { name: string; detail: string }[] = [];
  const tops = new Set<string>();
  let expanded = 0;
  try {
    zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
    for await (const entry of entriesOf(zip)) {
      const [top = '', ...rest] = entry.fileName.split('/');
      const name = rest.join('/');
      tops.add(top);
      expanded += entry.uncompressedSize;
      if (expanded > HARMLESS_BYTES + MOST_EXPANSION * zip.fileSize)
        throw new Error(
          `its files claim more than ${MOST_EXPANSION} times its ${zip.fileSize} bytes: unpack it yourself if you trust it, and verify the folder`,
        );
      if (entry.fileName.endsWith('/')) continue;
      if (name === '')
        problems.push({ name: entry.fileName, detail: 'it lies beside the folder that holds the package' });
      else if (files.has(name)) problems.push({ name, detail: 'the zip has two files of this name' });
      else {
        entries.set(name, entry);
        files.set(name, { size: isLink(entry) || entry.isEncrypted() ? null : entry.uncompressedSize });
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (tops.size > 1)
    problems.push({ name: [...tops].sort()[1]!, detail: 'the zip holds more than one folder' });
  return {
    files,
    problems,
    top: [...tops][0] ?? null,
    async *open(name) {
      yield* (await zip.openReadStreamPromise(entries.get(name)!)) as AsyncIterable<Uint8Array>;
    },
    close: () => zip.close(),
  };
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (let read = 0; read < zip.entryCount; read++) {
    yield await new Promise<Entry>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('error', reject);
      zip.once('end', () => reject(new Error('it has fewer files than it says')));
      zip.readEntry();
    }).finally(() => {
      for (const event of ['entry', 'error', 'end']) zip.removeAllListeners(event);
    });
  }
}

/** Unix file type in the upper half of the external attributes: a symbolic link. */
const isLink = ({ externalFileAttributes }: Entry): boolean =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

export type PackageKind = 'folder' | 'zip' | 'age';

/** Throws PACKAGE_MISSING, and PACKAGE_UNKNOWN for what is none of the three. */
export async function kindOf(path: string): Promise<PackageKind> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new AkashiError('PACKAGE_MISSING', `There is no package "${path}".`);
  if (found.isDirectory()) return 'folder';
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0).finally(() => file.close());
  const start = buffer.toString('latin1', 0, bytesRead);
  if (start.startsWith('PK\u0003\u0004')) return 'zip';
  if (start.startsWith('age-encryption.org/v1\n')) return 'age';
  throw new AkashiError(
    'PACKAGE_UNKNOWN',
    `"${path}" is no evidence package: neither a folder, nor a zip, nor encrypted with age.`,
  );
}

export const unreadable = (path: string, error: unknown): AkashiError =>
  new AkashiError(
    'PACKAGE_UNREADABLE',
    `"${path}" cannot be read, as a whole package can: ${error instanceof Error ? error.message : String(error)}. Have it sent again.`,
    { cause: error },
  );
