/**
 * Bundles each function into `dist/functions/<name>/`: `index.mjs`, an entry file for each thread and child process it
 * starts, chunks that these share, and the data files that sources read from beside themselves. Everything is flat, so
 * that one rule says where a source's place has gone. DuckDB's native binding is left out: it is found in a layer, or in
 * `node_modules` above the bundle.
 */

import { copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { FUNCTIONS, type FunctionName, LAYER_MODULES } from './list.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const OUTPUT = join(ROOT, 'dist', 'functions');

/** Sources that another starts or loads by their place: `new URL('./worker.ts', import.meta.url)`, `load('./later.ts')`. */
const STARTED = /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g;
const LOADED = /\bload\('\.\/([\w-]+)\.ts'\)/g;
const NAMED_FILE = /new URL\('([\w./-]+\.\w+)', import\.meta\.url\)/g;
const PLACE = /import\.meta\.url/g;
/**
 * Packages that are imported while running. Of one in CommonJS a bundle has the default alone, where Node finds its names
 * as well: they are taken from there.
 */
const LATER = /\bawait import\('(?!node:)([^.'][^']*)'\)/g;
const named = (_: string, name: string): string =>
  `(await import('${name}').then((all) => ({ ...all.default, ...all })))`;
/** Of files beside a source that looks for some by a name it makes. */
const DATA = /\.(?:csv|sql|json)$/;

/** CommonJS packages ask for `require` and `__dirname`, which modules do not have. */
const BANNER = [
  "import { createRequire as akashiRequire } from 'node:module';",
  "import { fileURLToPath as akashiPath } from 'node:url';",
  'const require = akashiRequire(import.meta.url);',
  "const __dirname = akashiPath(new URL('.', import.meta.url)).slice(0, -1);",
].join('\n');

/** DuckDB's binding, from beside the bundle or from the layer. */
const BINDING = `
  const { createRequire } = require('node:module');
  const ask = (place) => createRequire(place)('@duckdb/node-bindings');
  let binding;
  try { binding = ask(__dirname + '/'); } catch (error) {
    try { binding = ask('${dirname(LAYER_MODULES)}/'); } catch { throw error; }
  }
  module.exports = binding;
`;

/** Packages that read files of their own by path, and which. */
const PACKAGE_FILES: readonly {
  readonly usedBy: RegExp;
  readonly from: string;
  readonly to: string;
}[] = [
  { usedBy: /node_modules\/pdfkit\//, from: 'pdfkit/js/data', to: 'data' },
  ...['400Regular', '700Bold'].map((weight) => ({
    usedBy: /exports\/page\/pdf-fonts\.ts$/,
    from: `@expo-google-fonts/noto-sans-jp/${weight}`,
    to: `node_modules/@expo-google-fonts/noto-sans-jp/${weight}`,
  })),
];

export interface Found {
  /** Entry files, by their name in the bundle. */
  readonly entries: Map<string, string>;
  /** Data files, relative to the root. */
  readonly data: Set<string>;
}

const flatName = (path: string): string => relative(ROOT, path).replace(/\.ts$/, '').split(sep).join('-');

/** Rewrites places of sources to places in the bundle, and finds out what else has to be there. */
const places = ({ entries, data }: Found): Plugin => ({
  name: 'places',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      let text = (await readFile(path, 'utf8')).replaceAll(LATER, named);
      if (path.includes(`${sep}node_modules${sep}`) || !text.includes('import.meta.url'))
        return { contents: text, loader: 'ts' };
      const folder = dirname(path);
      const entry = (name: string): string => {
        const file = join(folder, `${name}.ts`);
        entries.set(flatName(file), file);
        return `./${flatName(file)}.mjs`;
      };
      for (const file of await dataOf(folder, text)) data.add(relative(ROOT, file));
      text = text
        .replaceAll(STARTED, (_, name: string) => `new URL('${entry(name)}', META)`)
        .replaceAll(LOADED, (_, name: string) => `load(new URL('${entry(name)}', META).pathname)`)
        .replaceAll(PLACE, `new URL('./${relative(ROOT, path)}', META).href`)
        .replaceAll('META', 'import.meta.url');
      return { contents: text, loader: 'ts' };
    });
    // It asks for its fonts in a way that no bundler follows; they are exported all the same.
    builder.onLoad({ filter: /pdfkit\.node\.mjs$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        "require$1('#standard-fonts/",
        "require('pdfkit/standard-fonts/",
      ),
      loader: 'js',
    }));
    builder.onResolve({ filter: /^@duckdb\/node-bindings$/ }, () => ({
      path: 'binding',
      namespace: 'akashi',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'akashi' }, () => ({ contents: BINDING, loader: 'js' }));
  },
});

/** Files a source names, or all data beside and below it where it makes up their names. */
async function dataOf(folder: string, text: string): Promise<string[]> {
  const named = [...text.matchAll(NAMED_FILE)]
    .map(([, name]) => name!)
    .filter((name) => !name.endsWith('.ts'));
  const others = text.match(PLACE)!.length - text.matchAll(NAMED_FILE).toArray().length;
  const beside = others > 0 && /readFileSync|readdirSync|readFile\(/.test(text);
  const names = beside ? (await readdir(folder, { recursive: true })).filter((name) => DATA.test(name)) : [];
  return [...named, ...names].map((name) => resolve(folder, name));
}

/** What a bundle holds: its size in bytes, and the sources and packages that went into it. */
export interface Bundle {
  readonly folder: string;
  readonly bytes: number;
  readonly inputs: readonly string[];
}

/** Builds one function anew. Throws what esbuild says of sources that do not build. */
export async function bundle(name: FunctionName, output = OUTPUT): Promise<Bundle> {
  const folder = join(output, name);
  const found: Found = {
    entries: new Map([['index', join(ROOT, 'functions', name, 'index.ts')]]),
    data: new Set(),
  };
  let built: Awaited<ReturnType<typeof pass>>;
  // Entries found on the way have entries of their own; the last pass has them all.
  for (let known = 0; ; ) {
    known = found.entries.size;
    await rm(folder, { recursive: true, force: true });
    built = await pass(folder, found);
    if (found.entries.size === known) break;
  }
  for (const path of found.data) await copyInto(join(ROOT, path), join(folder, path));
  const inputs = Object.keys(built.metafile.inputs);
  for (const { usedBy, from, to } of PACKAGE_FILES) {
    if (!inputs.some((input) => usedBy.test(input))) continue;
    const place = join(ROOT, 'node_modules', from);
    for (const file of await readdir(place)) await copyInto(join(place, file), join(folder, to, file));
  }
  return { folder, bytes: await sizeOf(folder), inputs };
}

/** One pass of esbuild; exported for tests of what it makes of a source. */
export const pass = (folder: string, { entries, data }: Found) =>
  build({
    entryPoints: Object.fromEntries(entries),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'error',
    plugins: [places({ entries, data })],
  });

async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** `npm run bundle [name…]`: all of them unless some are named. */
if (process.argv[1] !== undefined && basename(process.argv[1]) === 'bundle.ts') {
  const wanted = process.argv.slice(2);
  for (const { name } of FUNCTIONS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { folder, bytes } = await bundle(name);
    process.stdout.write(`${relative(ROOT, folder)}  ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
  }
}
