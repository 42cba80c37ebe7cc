/**
 * Measures `verify --deep` beside sha256sum over the same files with the same parallelism.
 * `node bench/verify.ts [gigabytes]`, 1 if not given; makes the lake in AKASHI_BENCH or the system's temporary folder.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { collect } from '../stages/collect.ts';
import { verify } from '../stages/verify/verify.ts';
import { type Lake, openLake } from '../vault/lake.ts';
import { trailFile } from './generate.ts';
import { printTable } from './print.ts';

const GIGABYTES = Number(process.argv[2] ?? 1);
const ROUNDS = 3;
/** A trail as CloudTrail delivers it to a busy account, and the binary bodies that fill the rest. */
const TRAIL_EVENTS = 2000;
const BODY_BYTES = 8 * 2 ** 20;
const SMALL_BODIES = 20_000;

/** A lake of so many small deliveries, as most accounts have them. */
async function makeSmallLake(folder: string): Promise<Lake> {
  const lake = await openLake(join(folder, 'lake'));
  const paths = Array.from({ length: SMALL_BODIES }, (_, at) => {
    const path = join(folder, `small-${at}.json.gz`);
    writeFileSync(path, gzipSync(trailFile(at, 5, 1_700_000_000 + at * 60)));
    return path;
  });
  await collect(lake, paths);
  for (const path of paths) rmSync(path);
  return lake;
}

/** A lake of about so many bytes: a tenth of it trails with their tables, the rest bodies of no known kind. */
async function makeLargeLake(folder: string, bytes: number): Promise<Lake> {
  const lake = await openLake(join(folder, 'lake'));
  let made = 0;
  for (let batch = 0; made < bytes; batch++) {
    const paths: string[] = [];
    const put = (name: string, body: string | Uint8Array) => {
      paths.push(join(folder, name));
      writeFileSync(paths.at(-1)!, body);
      made += body.length;
    };
    for (let at = 0; at < 4; at++)
      put(`trail-${batch}-${at}.json`, trailFile(batch * 4 + at, TRAIL_EVENTS, 1_700_000_000 + batch * 3600));
    for (let at = 0; at < 14; at++) put(`body-${batch}-${at}.bin`, noise(batch * 14 + at));
    await collect(lake, paths);
    for (const path of paths) rmSync(path);
  }
  return lake;
}

/** Bytes that no connector knows and no disk compresses. */
function noise(seed: number): Uint8Array {
  const body = Buffer.alloc(BODY_BYTES);
  body.write(`\0\u00ff${seed}`, 'latin1');
  let block = createHash('sha512').update(String(seed)).digest();
  for (let at = 16; at + 64 <= body.length; at += 64) {
    block.copy(body, at);
    block = createHash('sha512').update(block).digest();
  }
  return body;
}

const filesOf = (root: string): string[] =>
  ['vault/evidence', 'vault/tables'].flatMap((part) =>
    readdirSync(join(root, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );

/** The fastest of a few rounds, seconds. */
async function best(work: () => unknown): Promise<number> {
  let seconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await work();
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  return seconds;
}

function hashWith(command: readonly string[], files: readonly string[], parallel: number): void {
  const each = Math.ceil(files.length / (parallel * 8));
  const words = ['-0', '-P', String(parallel), '-n', String(each), ...command];
  const { status, error } = spawnSync('xargs', words, {
    input: files.join('\0'),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}`, { cause: error });
}

async function measure(name: string, make: (folder: string) => Promise<Lake>): Promise<void> {
  const folder = mkdtempSync(join(process.env['AKASHI_BENCH'] ?? tmpdir(), 'akashi-verify-'));
  try {
    const lake = await make(folder);
    const files = filesOf(lake.root);
    const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
    const rows: string[][] = [];
    for (const threads of new Set([1, availableParallelism()])) {
      const check = async (deep: boolean) => {
        const { ok, problems } = await verify(lake, { deep, threads });
        if (!ok) throw new Error(`a clean lake was not found clean: ${JSON.stringify(problems[0])}`);
      };
      const coreutils = await best(() => hashWith(['sha256sum'], files, threads));
      const openssl = await best(() => hashWith(['openssl', 'dgst', '-sha256'], files, threads));
      const deep = await best(() => check(true));
      const structure = await best(() => check(false));
      const row = (what: string, seconds: number) =>
        rows.push([
          `${what}, ${threads} at once`,
          seconds.toFixed(2),
          (bytes / seconds / 1e6).toFixed(0),
          `${((100 * coreutils) / seconds).toFixed(0)} %`,
          `${((100 * openssl) / seconds).toFixed(0)} %`,
        ]);
      row('sha256sum', coreutils);
      row('openssl dgst -sha256', openssl);
      row('akashi verify --deep', deep);
      row('akashi verify', structure);
    }
    const title = `${name}: ${(bytes / 1e9).toFixed(2)} GB in ${files.length} files`;
    printTable(title, ['', 'seconds', 'MB/s', 'of sha256sum', 'of openssl'], rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await measure('large bodies', (folder) => makeLargeLake(folder, GIGABYTES * 1e9));
await measure('small bodies', makeSmallLake);
