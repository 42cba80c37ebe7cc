/** Peak memory of `akashi collect` over bodies and folders of growing size, each in a process of its own. */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { trailFile } from './generate.ts';
import { printTable } from './print.ts';

/** As the command line's first line says it. */
const AS_AKASHI = ['--max-semi-space-size=8'];
const PEAK = fileURLToPath(new URL('./peak.ts', import.meta.url));

interface Peak {
  readonly rssBytes: number;
  readonly records: number;
}

/** `full` also measures the body that expands to 2 GB. */
export async function benchMemory(full: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-memory-'));
  try {
    const rows: string[][] = [];
    for (const events of full ? [14_000, 140_000, 1_400_000] : [7_000, 70_000, 700_000]) {
      const body = join(folder, `body-${events}.json.gz`);
      const expanded = writeBody(body, events);
      rows.push(row(`one body of ${mb(expanded)} MB expanded`, peakOf(folder, body)));
      rmSync(body);
    }
    for (const files of [30, 300, 3000]) {
      const many = join(folder, `files-${files}`);
      mkdirSync(many);
      for (let i = 0; i < files; i++)
        writeFileSync(join(many, `${i}.json.gz`), gzipSync(trailFile(i, 50, 1_700_000_000 + i * 60)));
      rows.push(row(`${files} files`, peakOf(folder, many)));
    }
    printTable('Peak memory of collect', ['', 'records', 'peak RSS MB'], rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One gzip body of so many events, written without holding it; returns its expanded size. */
export function writeBody(path: string, events: number): number {
  const file = openSync(path, 'w');
  let expanded = 0;
  const put = (text: string) => {
    expanded += text.length;
    writeSync(file, gzipSync(text, { level: 1 }));
  };
  put('{"Records":[');
  const step = 5000;
  for (let at = 0; at < events; at += step) {
    const count = Math.min(step, events - at);
    const inner = trailFile(at, count, 1_700_000_000 + Math.floor(at / step) * 300).slice(
      '{"Records":['.length,
      -2,
    );
    put(at === 0 ? inner : `,${inner}`);
  }
  put(']}');
  closeSync(file);
  return expanded;
}

/** Runs collect on a path, alone, and reads what the kernel says its peak was. */
function peakOf(folder: string, path: string): Peak {
  const lake = join(folder, 'lake');
  rmSync(lake, { recursive: true, force: true });
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...AS_AKASHI, PEAK, 'collect', path, '--lake', lake, '--json'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error(`collect ended with ${status}: ${stderr.slice(-2000)}`);
  const { records } = JSON.parse(stdout) as { records: number };
  rmSync(lake, { recursive: true, force: true });
  return { rssBytes: Number(stderr.trim().split('\n').pop()), records };
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
const row = (name: string, { records, rssBytes }: Peak): string[] => [
  name,
  records.toLocaleString('en-US'),
  mb(rssBytes),
];
