/**
 * A fingerprint of everything that decides a source's rows: its own folder, the shared parts, and the vocabulary. Rows
 * carry it in `mapping_version`, so that a lake always knows which rows an older mapping made.
 *
 * `npm run lock:mappings` writes it; a test fails when a mapping has changed and the lock has not.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LOCK = new URL('./mapping-lock.json', import.meta.url);

/** Files and folders that every source's rows depend on. */
const SHARED = [
  'connectors/parts',
  'connectors/normalise.ts',
  'schema/actions',
  'schema/classify.ts',
  'schema/columns.ts',
  'schema/copies.ts',
  'schema/ocsf',
  'schema/ocsf-classes.json',
  'schema/scopes',
];

/** Twelve hex digits for each connector folder. */
export function mappingHashes(): Record<string, string> {
  const shared = SHARED.flatMap(filesBelow);
  const folders = readdirSync(join(ROOT, 'connectors'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['parts', 'delivery'].includes(entry.name))
    .map(({ name }) => name)
    .sort();
  return Object.fromEntries(
    folders.map((folder) => [
      folder.replace('-', '.'),
      hashOf([...shared, ...filesBelow(`connectors/${folder}`)]),
    ]),
  );
}

function filesBelow(path: string): string[] {
  const full = join(ROOT, path);
  let entries: string[];
  try {
    entries = readdirSync(full, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [full];
    if (code === 'ENOENT') return [];
    throw error;
  }
  // Samples and pages show a mapping, and how bytes arrive is not what they say: none of them decides it.
  return entries
    .filter((name) => /\.(ts|json|csv)$/.test(name) && !/(?:^|\/)(?:samples|delivery)\//.test(name))
    .map((name) => join(full, name));
}

function hashOf(files: readonly string[]): string {
  const digest = createHash('sha256');
  for (const file of [...files].sort()) {
    digest.update(`${relative(ROOT, file)}\n`);
    digest.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return digest.digest('hex').slice(0, 12);
}

if (import.meta.main) writeFileSync(LOCK, `${JSON.stringify(mappingHashes(), null, 2)}\n`);
