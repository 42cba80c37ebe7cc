import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { SqlParser } from '../../engine/gate.ts';
import { withDefaults } from '../../engine/limits.ts';
import { runQuery } from '../../engine/query.ts';
import type { SandboxSource } from '../../engine/sandbox/pool.ts';
import { Sandbox } from '../../engine/sandbox/sandbox.ts';
import { TestLake } from './lake.ts';

const MiB = 2 ** 20;
const TIMEOUT = 1_200;
/** Wall clock from the job's start to the error, beyond the time-out. */
const GRACE = 1_000;
const CAP = 400 * MiB;
/** What the kernel lets a query have beyond its limit until the watchdog looks again; more where it sets no limit. */
const OVERSHOOT = process.platform === 'linux' ? 100 * MiB : 400 * MiB;

const limits = withDefaults({
  memoryBytes: CAP,
  timeoutMillis: TIMEOUT,
  threads: 2,
  maxRows: 10_000,
  maxBytes: 4 * MiB,
});
const parser = new SqlParser();
const lake = new TestLake();
afterAll(async () => {
  await parser.close();
  lake.remove();
});

interface Outcome {
  /** `rows` or `bytes` for an answer cut short, a code for an error. */
  readonly ended: string;
  readonly millis: number;
  readonly peakBytes: number;
}

/** Runs a statement and watches the most memory its process ever held. */
async function detonate(sql: string): Promise<Outcome> {
  let peakBytes = 0;
  let started = 0;
  let watch: NodeJS.Timeout | undefined;
  const sandboxes: SandboxSource = {
    take: async () => {
      const sandbox = await Sandbox.open(limits);
      await sandbox.ready();
      started = performance.now();
      watch = setInterval(() => {
        peakBytes = Math.max(peakBytes, highWater(sandbox.pid));
      }, 20);
      return sandbox;
    },
    close: async () => {},
  };
  let ended: string;
  try {
    const answer = await runQuery({ sql, snapshot: lake.snapshot, views: [], limits, sandboxes, parser });
    for await (const _ of answer);
    ended = (await answer.summary).truncated ?? 'answered';
  } catch (error) {
    ended = (error as { code?: string }).code ?? String(error);
  }
  clearInterval(watch);
  return { ended, millis: performance.now() - started, peakBytes };
}

function highWater(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Which of the two comes first depends on the machine. */
const STOPPED = /^SQL_(?:MEMORY|TIMEOUT)$/;

/** Name, statement, and how it may end. */
const BOMBS: readonly (readonly [string, string, RegExp])[] = [
  ['a text of 2 GB', "SELECT length(repeat('x', 2000000000))", STOPPED],
  ['a text of 2 GB, settled while planning', "SELECT repeat(repeat('x', 100000), 20000)", STOPPED],
  ['padding', "SELECT length(rpad('', 1900000000, 'x'))", STOPPED],
  ['a list of 200 million numbers', 'SELECT len(range(200000000))', STOPPED],
  ['a list transformed', 'SELECT len(list_transform(range(50000000), x -> x + 1))', STOPPED],
  ['lists of lists', 'SELECT len([range(100000) FOR x IN range(100000)])', STOPPED],
  ['text put together', "SELECT length(string_agg(repeat('y', 1000), ',')) FROM range(5000000)", STOPPED],
  ['a list put together', 'SELECT len(list(range)) FROM range(1000000000)', STOPPED],
  [
    'a billion groups',
    'SELECT count(*) FROM (SELECT hash(range) FROM range(1000000000) GROUP BY 1)',
    STOPPED,
  ],
  [
    'a sort of a billion',
    'SELECT range FROM range(1000000000) ORDER BY hash(range) LIMIT 1 OFFSET 900000000',
    STOPPED,
  ],
  [
    'doubling text',
    "WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT count(s) FROM t",
    STOPPED,
  ],
  [
    'a cross join',
    'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7',
    STOPPED,
  ],
  [
    'recursion without end',
    'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
    STOPPED,
  ],
  [
    'a regular expression',
    "SELECT count(*) FROM range(100000000) WHERE regexp_matches(repeat('a', 5000) || range, '(a?){200}b')",
    STOPPED,
  ],
  ['one slow call', "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000) || random())", STOPPED],
  [
    'a slow call, settled to choose files',
    "SELECT uid FROM events WHERE src_port = levenshtein(repeat('a', 300000), repeat('b', 300000))",
    STOPPED,
  ],
  ['rows without end', 'SELECT * FROM range(1000000000000)', /^rows$/],
  ['wide rows without end', "SELECT repeat('x', 100000) FROM range(1000000000)", /^bytes$|MEMORY|TIMEOUT/],
  ['one wide value', "SELECT repeat('x', 90000000)", /^bytes$|MEMORY|TIMEOUT/],
];

describe('stopped in time, within memory, with a code', () => {
  test.each(BOMBS)('%s', async (_, sql, ending) => {
    const { ended, millis, peakBytes } = await detonate(sql);
    expect(ended).toMatch(ending);
    expect(millis).toBeLessThan(TIMEOUT + GRACE);
    expect(peakBytes).toBeLessThan(CAP + OVERSHOOT);
    if (process.env['AKASHI_REPORT']) {
      console.log(`${ended}\t${Math.round(millis)} ms\t${Math.round(peakBytes / MiB)} MiB\t${sql}`);
    }
  });
  afterEach(async () => {
    expect(await parser.parse('SELECT 42')).toHaveLength(1);
  });

  test('and the next query is unharmed', async () => {
    const answer = await runQuery({ sql: 'SELECT 42', snapshot: lake.snapshot, views: [], limits, parser });
    for await (const rows of answer) expect(rows).toEqual([[42]]);
  });
});
