/** Bodies of hundreds of megabytes: each ends with a defined outcome, in bounded memory. */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trailEvent, trailFile } from '../../bench/generate.ts';
import { random } from '../../bench/random.ts';
import { rowsOf } from '../stages/lake-rows.ts';

const PEAK = fileURLToPath(new URL('../../bench/peak.ts', import.meta.url));
const MB = 2 ** 20;
/** The bound that is promised for any body. */
const MOST_RSS = 600e6;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-large-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file piece by piece, so that this process stays small. */
function write(name: string, pieces: Iterable<string | Uint8Array>): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  for (const piece of pieces) writeSync(file, piece as string);
  closeSync(file);
  return path;
}

interface Collected {
  readonly events: number;
  readonly unreadable: number;
  readonly records: number;
  readonly rssBytes: number;
  readonly lake: string;
}

/** Runs collect in a process of its own and reads its peak memory. */
function collected(path: string, ...options: string[]): Collected {
  const lake = join(folder, 'lake');
  rmSync(lake, { recursive: true, force: true });
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=8', PEAK, 'collect', path, '--lake', lake, '--json', ...options],
    {
      encoding: 'utf8',
      maxBuffer: 64 * MB,
    },
  );
  const rssBytes = Number(stderr.trim().split('\n').pop());
  return { ...(JSON.parse(stdout) as Collected), rssBytes, lake };
}

const r = random(1);
const event = (extra: object = {}) => JSON.stringify({ ...trailEvent(r, 1_700_000_000), ...extra });

function* oneLine(megabytes: number): Generator<string> {
  yield '{"Records":[';
  yield event();
  for (let size = 0; size < megabytes * MB; ) {
    const piece = Array.from({ length: 500 }, () => `,${event()}`).join('');
    size += piece.length;
    yield piece;
  }
  yield ']}';
}

test('200 MB of JSON on one line', () => {
  const result = collected(write('one-line.json', oneLine(200)));
  expect(result.unreadable).toBe(0);
  expect(result.events).toBeGreaterThan(130_000);
  expect(result.rssBytes).toBeLessThan(MOST_RSS);
});

test('a record of 200 MB is reported with its range, and the records around it are read', async () => {
  function* pieces(): Generator<string> {
    yield `{"Records":[${event()},{"eventVersion":"1.09","eventName":"X","x":"`;
    for (let i = 0; i < 200; i++) yield 'x'.repeat(MB);
    yield `"},${event()}]}`;
  }
  const result = collected(write('huge-record.json', pieces()));
  expect(result).toMatchObject({ events: 2, unreadable: 1 });
  expect(await rowsOf(result.lake, 'quarantine')).toMatchObject([
    { code: 'record_too_large', locator: expect.stringMatching(/^bytes=\d+-\d+$/) },
  ]);
  expect(result.rssBytes).toBeLessThan(MOST_RSS);
});

test('a text line of 300 MB', async () => {
  function* pieces(): Generator<string> {
    yield '2 123456789012 eni-0a1b 192.0.2.1 192.0.2.2 1 2 6 1 40 1700000000 1700000060 ACCEPT OK\n';
    for (let i = 0; i < 300; i++) yield 'x'.repeat(MB);
    yield '\n2 123456789012 eni-0a1b 192.0.2.1 192.0.2.3 1 2 6 1 40 1700000000 1700000060 ACCEPT OK\n';
  }
  const result = collected(write('huge-line.log', pieces()));
  expect(result).toMatchObject({ flows: 2, unreadable: 1 });
  expect(result.rssBytes).toBeLessThan(MOST_RSS);
});

test('a gzip bomb is stopped and named', async () => {
  const blank = gzipSync(Buffer.alloc(64 * MB, ' '), { level: 9 });
  const path = join(folder, 'bomb.json.gz');
  writeFileSync(
    path,
    Buffer.concat([gzipSync(`{"Records":[${event()},`), ...Array.from({ length: 160 }, () => blank)]),
  );
  const result = collected(path);
  expect(result.events).toBe(1);
  const codes = (await rowsOf(result.lake, 'quarantine')).map((row) => row['code']);
  expect(codes).toContain('expansion_limit');
  expect(result.rssBytes).toBeLessThan(MOST_RSS);
});

test('a gzip body that expands to 2 GB', () => {
  function* pieces(): Generator<Uint8Array> {
    yield gzipSync(`{"Records":[${event()}`);
    for (let size = 0, at = 0; size < 2e9; at++) {
      const inner = `,${trailFile(at, 5000, 1_700_000_000 + at * 300).slice('{"Records":['.length, -2)}`;
      size += inner.length;
      yield gzipSync(inner, { level: 1 });
    }
    yield gzipSync(']}');
  }
  const result = collected(write('large.json.gz', pieces()));
  expect(result.unreadable).toBe(0);
  expect(result.events).toBeGreaterThan(1_300_000);
  expect(result.rssBytes).toBeLessThan(MOST_RSS);
});
