/**
 * DuckDB's native binding laid out as a Lambda layer: `npm run layer`. The bytes are those that package-lock.json names.
 *
 * npm installs a release that has no binding for arm64 without a word, so that its file is looked for afterwards.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AkashiError } from '../schema/error.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PACKAGE = '@duckdb/node-api';
const PLATFORM = ['--os=linux', '--cpu=arm64', '--libc=glibc'];
/** Seconds instead of minutes until it is said that no registry answers. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
/** The binding, below the layer's folder, and the library it loads from beside itself. */
export const BINDING = 'nodejs/node_modules/@duckdb/node-bindings-linux-arm64/duckdb.node';
export const LIBRARY = join(dirname(BINDING), 'libduckdb.so');
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a function and its layers, unpacked. */
export const MOST_BYTES = 250 * 1024 * 1024;

export interface Layer {
  readonly folder: string;
  readonly version: string;
  /** Of all its files. */
  readonly bytes: number;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/**
 * Makes the layer anew. Throws LAYER_INSTALL when npm cannot fetch it, LAYER_OTHER_BYTES when a package is not the one
 * that the lock file names, LAYER_NO_BINDING and LAYER_TOO_LARGE.
 */
export async function makeLayer(folder: string): Promise<Layer> {
  const version = json<{ dependencies: Record<string, string> }>(join(ROOT, 'package.json')).dependencies[
    PACKAGE
  ]!;
  const home = join(folder, 'nodejs');
  await rm(folder, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await writeFile(
    join(home, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [PACKAGE]: version } }),
  );
  const words = [
    'install',
    ...PLATFORM,
    ...PATIENCE,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, stderr, error } = spawnSync('npm', words, { cwd: home, encoding: 'utf8' });
  if (status !== 0)
    throw new AkashiError(
      'LAYER_INSTALL',
      `npm could not install ${PACKAGE} ${version} for Linux on arm64: ${(error?.message ?? stderr).trim().slice(0, 500)}. ` +
        'Check that the registry can be reached, and run `npm run layer` again.',
    );
  checkBytes(join(home, 'package-lock.json'));
  const missing = [BINDING, LIBRARY].find((path) => !existsSync(join(folder, path)));
  if (missing !== undefined)
    throw new AkashiError(
      'LAYER_NO_BINDING',
      `${PACKAGE} ${version} was installed without ${missing}: that release has none for Linux on arm64. Pin another one (1.5.5-r.5 has it).`,
    );
  const bytes = await bytesBelow(folder);
  if (bytes > MOST_BYTES)
    throw new AkashiError(
      'LAYER_TOO_LARGE',
      `${folder} has ${bytes} bytes, and Lambda takes ${MOST_BYTES} with the function.`,
    );
  return { folder, version, bytes };
}

/** What was fetched is what was tried: the same hashes as in the project's own lock file. */
function checkBytes(path: string): void {
  const ours = json<Lock>(join(ROOT, 'package-lock.json')).packages;
  for (const [name, { version, integrity }] of Object.entries(json<Lock>(path).packages))
    if (name !== '' && ours[name]?.integrity !== integrity)
      throw new AkashiError(
        'LAYER_OTHER_BYTES',
        `${name} ${version} came with ${integrity}, and package-lock.json names ${ours[name]?.integrity ?? 'no such package'}. ` +
          'Run `npm ci`, and look at who answers as the registry.',
      );
}

async function bytesBelow(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  return sum;
}

if (import.meta.main) {
  try {
    const { folder, version, bytes } = await makeLayer(join(ROOT, 'dist', 'layer'));
    const mib = (of: number) => `${(of / 1024 ** 2).toFixed(1)} MiB`;
    process.stdout.write(
      `${folder}: DuckDB ${version} for Linux on arm64, ${mib(bytes)} of ${mib(MOST_BYTES)}\n`,
    );
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
