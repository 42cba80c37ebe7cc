import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admit, SqlParser } from '../../engine/gate.ts';
import { withDefaults } from '../../engine/limits.ts';
import { runQuery } from '../../engine/query.ts';
import { prewarmed, type SandboxSource } from '../../engine/sandbox/pool.ts';
import { jobFor, TestLake } from './lake.ts';

const SECRET = 'canary-4f1d';
const limits = withDefaults({ memoryBytes: 400 * 2 ** 20, timeoutMillis: 10_000, threads: 1 });
const lake = new TestLake();
const parser = new SqlParser();
let sandboxes: SandboxSource;
let data = '';
let before = '';

const outside = join(lake.folder, 'outside');
const canary = join(outside, 'canary.csv');

/** Everything under the test's folder, by name and content. */
function everything(folder = lake.folder): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return entries
    .map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    .join('\n');
}

beforeAll(async () => {
  ({ path: data } = await lake.add('events', [{ uid: 'e1', source: 'aws.cloudtrail', src_ip: '192.0.2.1' }]));
  await lake.add('flows', [{ src_ip: '192.0.2.1' }]);
  mkdirSync(outside);
  writeFileSync(canary, `${SECRET}\n${SECRET}\n`);
  before = everything();
  sandboxes = prewarmed(limits, 2);
});
afterAll(async () => {
  await sandboxes.close();
  await parser.close();
  lake.remove();
});
afterEach(() => {
  expect(existsSync(join(outside, 'new'))).toBe(false);
  expect(everything()).toBe(before);
});

const filled = (line: string): string =>
  line
    .replaceAll('\\n', '\n')
    .replace(/\\u0000/g, '\0')
    .replaceAll('{canary}', canary)
    .replaceAll('{data}', data)
    .replaceAll('{new}', join(outside, 'new'))
    .replaceAll('{dir}', outside);

/** Lines of the corpus with the outcome each is to have. */
function corpus(): readonly { readonly line: string; readonly outcome: string }[] {
  let outcome = '';
  const cases = [];
  for (const line of readFileSync(new URL('escapes.sql', import.meta.url), 'utf8').split('\n')) {
    const heading = /^-- expect: (\w+)/.exec(line)?.[1];
    if (heading !== undefined) outcome = heading;
    else if (outcome !== '' && line !== '' && !/^-- (?!nothing)/.test(line)) cases.push({ line, outcome });
  }
  return cases;
}

const CASES = corpus();
const HARMLESS = CASES.filter(({ outcome }) => outcome === 'harmless').map(({ line }) => line);

test('the corpus holds hundreds of ways out, each named once', () => {
  expect(CASES.length).toBeGreaterThan(350);
  expect(new Set(CASES.map(({ line }) => line)).size).toBe(CASES.length);
});

test('the gate refuses each with a stable code, or knows it to be harmless', async () => {
  for (const { line, outcome } of CASES) {
    const ended = await admit(parser, filled(line), ['events', 'flows', 'evidence']).then(
      () => 'harmless',
      (error: { code?: string }) => error.code ?? String(error),
    );
    if (outcome === 'refused') expect(ended, line).toMatch(/^SQL_(?:SYNTAX|NOT_ALLOWED|UNKNOWN_TABLE)$/);
    else expect(ended, line).toBe(outcome);
  }
});

/** Everything an answer says, or the code it failed with. */
async function answerTo(line: string): Promise<string> {
  try {
    const request = { sql: filled(line), snapshot: lake.snapshot, views: [], limits, sandboxes, parser };
    const answer = await runQuery(request);
    const batches: unknown[] = [];
    for await (const batch of answer) batches.push(batch);
    return JSON.stringify([answer.columns, batches]);
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

test('the harmless ones answer, and with nothing of the file they name', async () => {
  const half = Math.ceil(HARMLESS.length / 2);
  const run = async (lines: readonly string[]) => {
    for (const line of lines) {
      const text = await answerTo(line);
      expect(text, line).not.toContain(SECRET);
      expect(text, line).not.toMatch(/^(?:undefined|SQL_CRASHED)/);
    }
  };
  await Promise.all([run(HARMLESS.slice(0, half)), run(HARMLESS.slice(half))]);
}, 180_000);

/** Should the gate let one of these through, the locked engine and the kernel still stand behind it. */
const PAST_THE_GATE = [
  "SELECT * FROM '{canary}'",
  "SELECT content FROM read_text('{canary}')",
  "SELECT content FROM read_text('{dir}/../outside/canary.csv')",
  "SELECT * FROM glob('{dir}/*')",
  "SELECT content FROM read_text('/proc/self/environ')",
  "SELECT * FROM read_csv('http://192.0.2.1/x.csv')",
  "COPY events TO '{new}'",
  "COPY (SELECT 1) TO '{data}' (FORMAT parquet)",
  "COPY (SELECT 1) TO '{data}' (FORMAT parquet, USE_TMP_FILE false)",
  "ATTACH '{new}' AS x",
  'INSTALL httpfs',
  "SET temp_directory = '{dir}'",
  'SET enable_external_access = true',
  "SET log_query_path = '{new}'",
  "EXPORT DATABASE '{new}'",
  "CREATE PERSISTENT SECRET s (TYPE http, EXTRA_HTTP_HEADERS MAP {'a': 'b'})",
  "SELECT * FROM enable_logging(storage = 'file', storage_config = {'path': '{new}'})",
];

describe('past the gate', () => {
  test.each(PAST_THE_GATE)('%s', async (line) => {
    const sandbox = await sandboxes.take();
    const said: unknown[] = [];
    try {
      for await (const frame of sandbox.run(jobFor(lake.snapshot, filled(line), ['events'])))
        said.push(frame);
    } catch (error) {
      said.push((error as { code?: string }).code);
    }
    expect(JSON.stringify(said)).not.toContain(SECRET);
    expect(JSON.stringify(said)).not.toContain('HOME=');
  });
});
