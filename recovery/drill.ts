/** DRILL: a lake loses its state store, its index, its tables, and all of them; each is made again and compared with before. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { flowFile, trailFile } from '../bench/generate.ts';
import { compact } from '../compaction/compact.ts';
import { collect } from '../stages/collect.ts';
import { sealWaiting } from '../stages/seal-waiting.ts';
import { verify } from '../stages/verify/verify.ts';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import { type Lake, openLake } from '../vault/lake.ts';
import { trustedKey } from './identity.ts';
import { type Rebuilt, rebuild } from './rebuild.ts';

/** What is lost in turn: folders of the lake, emptied. */
const LOSSES: Readonly<Record<string, readonly string[]>> = {
  'state store': ['state'],
  index: ['state/index'],
  'lists of tables': ['lists'],
  'tables, data and lists': ['vault/tables'],
  'all of them at once': ['state', 'vault/tables'],
};

/** Asked before and after; answers are compared whatever their order. */
export const QUESTIONS: readonly string[] = [
  'select source, count(*) as n, min(time) as first, max(time) as last from events_all group by all',
  'select action, status, account, region, count(*) as n from events group by all',
  "select date_trunc('hour', time) as hour, count(*) as n, min(uid) as low, max(uid) as high, min(locator) as place, max(evidence) as body, sum(length(raw)) as characters from events group by all",
  'select uid, conflict, evidence from events where conflict',
  'select src_ip, dst_port, action, sum(bytes) as bytes, count(*) as n from flows group by all',
  'select * from evidence',
  'select * from quarantine',
];

export interface DrillOptions {
  /** CloudTrail events of the lake that is made; with half as many flow records. */
  readonly events: number;
  /** Drill on a copy of this lake in a folder instead; it is not touched: files are linked, and never written in place. */
  readonly lake?: string;
  readonly only?: readonly string[];
  readonly onStep?: (text: string) => void;
}

export interface DrillRow {
  readonly lost: string;
  readonly seconds: number;
  /** Of this process, all threads: what a machine with nothing else to do would take at most. */
  readonly cpuSeconds: number;
  readonly parts: Rebuilt['seconds'];
  /** Files of tables made again, of those that were gone, and their bytes. */
  readonly restored: number;
  readonly missing: number;
  readonly bytes: number;
  readonly sameRoot: boolean;
  readonly sameAnswers: boolean;
  readonly verified: boolean;
}

export interface Drill {
  readonly ok: boolean;
  readonly rows: number;
  readonly evidenceBytes: number;
  readonly entries: number;
  readonly losses: readonly DrillRow[];
}

export async function drill(options: DrillOptions): Promise<Drill> {
  const { onStep = () => {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'akashi-drill-'));
  try {
    const origin = join(folder, 'lake');
    if (options.lake === undefined) {
      onStep(`making a lake of ${options.events} events`);
      await makeLake(folder, origin, options.events);
    } else {
      await linked(options.lake, origin);
      await sealSomething(folder, await openLake(origin));
    }
    const before = await openLake(origin);
    const { checkpoint } = (await readHead(before.state)).head;
    const [, entries = '', root = ''] = checkpoint!.split('\n');
    // Always at the same place: Iceberg's lists name it.
    const kept = join(folder, 'kept');
    await linked(origin, kept);
    onStep('asking');
    const expected = await answers(origin);
    const { rows, bytes } = await sizes(before);
    // Iceberg's lists name the place where the lake was: those are made anew here, on record, and nothing else may be.
    const isMoved = options.lake !== undefined;
    const losses: DrillRow[] = [];
    for (const [lost, what] of Object.entries(LOSSES)) {
      if (options.only !== undefined && !options.only.includes(lost)) continue;
      await rm(origin, { recursive: true, force: true });
      await linked(kept, origin);
      for (const part of what) await lose(origin, part);
      onStep(`rebuilding without ${lost}`);
      const started = performance.now();
      const cpu = process.cpuUsage();
      const lake = await openLake(origin);
      const result = await rebuild(lake, await trustedKey(lake, undefined));
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      onStep('asking and verifying');
      const verified = (await verify(lake, { deep: true })).problems.length === 0;
      losses.push({
        lost,
        seconds,
        cpuSeconds: (user + system) / 1e6,
        parts: result.seconds,
        restored: result.tables.restored,
        missing: result.tables.missing,
        bytes: result.tables.bytes,
        sameRoot:
          result.checkpoint.size === Number(entries) &&
          Buffer.from(root, 'base64').toString('hex') === result.checkpoint.root &&
          (result.derived === null || (isMoved && result.tables.lostLive.length === 0)),
        sameAnswers: (await answers(origin)) === expected,
        verified,
      });
    }
    const ok = losses.every((row) => row.sameRoot && row.sameAnswers && row.verified);
    return { ok, rows, evidenceBytes: bytes, entries: Number(entries), losses };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const EVENTS_A_FILE = 500;
const START = Date.UTC(2026, 2, 1) / 1000;

/** Seals, copies of events, a compaction and what came after it: every kind of file that a lake has. */
async function makeLake(folder: string, root: string, events: number): Promise<void> {
  const lake = await openLake(root);
  const inbox = join(folder, 'in');
  const files = Math.max(8, Math.ceil(events / EVENTS_A_FILE));
  const now = () => (START + 400 * 86_400) * 1000;
  for (const [round, share] of [0.5, 0.4, 0.1].entries()) {
    await rm(inbox, { recursive: true, force: true });
    await mkdir(inbox);
    const from = Math.floor(files * [0, 0.5, 0.9][round]!);
    const count = Math.max(1, Math.floor(files * share));
    for (let i = from; i < from + count; i++) {
      const seconds = START + i * 3600;
      const each = Math.ceil(events / files);
      await writeFile(join(inbox, `trail-${i}.json.gz`), gzipSync(trailFile(i, each, seconds)));
      await writeFile(join(inbox, `flows-${i}.log.gz`), gzipSync(flowFile(i, Math.ceil(each / 2), seconds)));
    }
    // The same events once more, in another file.
    if (round === 1) {
      const { Records } = JSON.parse(trailFile(0, Math.ceil(events / files), START)) as { Records: object[] };
      await writeFile(
        join(inbox, 'again.ndjson'),
        Records.map((record) => JSON.stringify(record)).join('\n'),
      );
    }
    await collect(lake, [inbox], { now });
    if (round === 1) await compact(lake, { now: now() * 1000 });
  }
}

/** A lake that an earlier version sealed last has its newest entries in the state store alone: one more seal. */
async function sealSomething(folder: string, lake: Lake): Promise<void> {
  if ((await readHead(lake.state)).head.growth !== null) return;
  const nothing = join(folder, 'nothing');
  await mkdir(nothing);
  await writeFile(join(nothing, 'empty.log'), '');
  await collect(lake, [nothing]);
  await sealWaiting(lake);
}

/** A copy whose files are the same: what a lake stores is never written in place, only replaced or removed. */
async function linked(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === '.tmp' || entry.name.endsWith('.lock')) continue;
    if (entry.isDirectory()) await linked(source, target);
    else if (entry.isFile()) await link(source, target).catch(() => cp(source, target));
  }
}

async function lose(lake: string, part: string): Promise<void> {
  if (part !== 'lists') {
    await rm(join(lake, part), { recursive: true, force: true });
    return;
  }
  for (const table of await readdir(join(lake, 'vault/tables')))
    await rm(join(lake, 'vault/tables', table, 'metadata'), { recursive: true, force: true });
}

const CLI = fileURLToPath(new URL('../cli/akashi.ts', import.meta.url));
const MOST_OUTPUT = 2 ** 30;
/** For a question over all rows of a large lake, on a machine that does other things. */
const ANSWER_SECONDS = '7200';

/** One hash over the answers to all questions, each of its rows in the order of their texts. */
async function answers(lake: string): Promise<string> {
  const digest = createHash('sha256');
  for (const sql of QUESTIONS) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        CLI,
        'query',
        '--lake',
        lake,
        '--format',
        'ndjson',
        '--max-rows',
        '100000000',
        '--timeout',
        ANSWER_SECONDS,
        sql,
      ],
      { maxBuffer: MOST_OUTPUT },
    );
    digest.update(stdout.split('\n').sort().join('\n'));
  }
  return digest.digest('hex');
}

async function sizes({ vault, state }: Lake): Promise<{ rows: number; bytes: number }> {
  const { head } = await readHead(state);
  const tables = await Promise.all(
    (['events', 'flows'] as const).map((table) => readTable(vault, head, table)),
  );
  let bytes = 0;
  for await (const { size } of vault.list('evidence/')) bytes += size;
  return { rows: tables.flatMap(({ files }) => files).reduce((sum, { rows }) => sum + rows, 0), bytes };
}
