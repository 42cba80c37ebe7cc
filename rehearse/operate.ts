/** What is done to a lake that is full: a time-stamp, a compaction, a verification, an export, and what must hold after each. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CompactResult } from '../compaction/compact.ts';
import type { ExpireResult } from '../compaction/expire.ts';
import type { ExportAnswer } from '../functions/export/place.ts';
import type { FunctionName } from '../functions/list.ts';
import { readRoots } from '../ledger/timestamps/certificate.ts';
import { QUESTIONS } from '../recovery/drill.ts';
import type { Verification } from '../stages/verify/report.ts';
import { verify } from '../stages/verify/verify.ts';
import { makeKey } from '../vault/keys.ts';
import { openLakeForReading } from '../vault/lake.ts';
import type { Checks, Made } from './checks.ts';
import { rowsOf } from './judge.ts';
import type { Mischief } from './lambda/function.ts';
import type { Stage } from './stage.ts';

const VERIFY_PY = fileURLToPath(new URL('../docs/verify.py', import.meta.url));
const runFile = promisify(execFile);
const DAY_MILLIS = 86_400_000;
/** By then no day is waited for any more, so that each is closed and locked, and what was merged is old enough to be given up. */
const LATER: Mischief = { skew: 12 * DAY_MILLIS };
const HERE: Mischief = {};
/** What an auditor might ask for; its package is small enough to be looked at. */
const EXPORTED = "select * from events where source = 'azure.signin' order by time, uid limit 100";

export interface Operation {
  readonly stage: Stage;
  readonly folder: string;
  /** The authority's root certificates, PEM. */
  readonly roots: string;
  /** Seals until nothing waits. */
  readonly sealed: () => Promise<void>;
  readonly checks: Checks;
}

export async function operate(operation: Operation): Promise<void> {
  const { checks } = operation;
  await checks.check('a checkpoint is time-stamped, and OpenSSL agrees', () => stamped(operation));
  await checks.check('the export function makes a package that verify.py accepts', () => exported(operation));
  await checks.check('days are compacted, old files given up, and answers stay the same', () =>
    compacted(operation),
  );
  await checks.check('the verify function finds nothing wrong', () => verified(operation));
}

/** What the function returned. Throws what it failed with. */
export async function answerOf<T>(
  stage: Stage,
  name: FunctionName,
  event: object,
  mischief: Mischief = HERE,
): Promise<T> {
  const { outcome, result, problem } = await stage.invoke(name, event, mischief);
  if (outcome !== 'ok') throw new Error(`${name}: ${outcome}, ${problem}`);
  return result as T;
}

async function stamped({ stage, folder, roots, sealed }: Operation): Promise<Made> {
  await sealed();
  const { outcome } = await answerOf<{ outcome: string }>(stage, 'stamp', {});
  await sealed();
  const file = join(folder, 'authority.pem');
  writeFileSync(file, roots);
  const lake = await openLakeForReading(stage.lake);
  const { timestamps, problems } = await verify(lake, {
    stamps: { roots: await readRoots(file), policies: [] },
  });
  const { size = 0 } = timestamps.newest ?? {};
  const token = await lake.vault.get(makeKey('timestamp', { size }));
  const checkpoint = await lake.vault.get(makeKey('checkpoint', { size }));
  const [at, over] = [join(folder, 'token.tsr'), join(folder, 'checkpoint')];
  writeFileSync(at, token.body);
  writeFileSync(over, checkpoint.body);
  const words = ['ts', '-verify', '-data', over, '-in', at, '-CAfile', file];
  const { stdout } = await runFile('openssl', words);
  const ok =
    ['stamped', 'nothing new'].includes(outcome) &&
    timestamps.good > 0 &&
    timestamps.trusted &&
    problems.length === 0 &&
    stdout.includes('Verification: OK');
  return { ok, said: `${outcome}, ${timestamps.good} good, the newest over ${size} entries` };
}

async function exported({ stage, folder }: Operation): Promise<Made> {
  const { bucket, key, rows, bytes, custody } = await answerOf<ExportAnswer>(stage, 'export', {
    asked: { sql: EXPORTED, case: 'REHEARSAL-1', reason: 'rehearsed' },
  });
  const out = join(folder, 'package');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'package.zip'), await stage.vendors.read(bucket, key));
  await runFile('python3', ['-m', 'zipfile', '-e', join(out, 'package.zip'), out]);
  const name = readdirSync(out).find((one) => one.startsWith('akashi-evidence-'))!;
  const { root } = await openLakeForReading(stage.lake);
  const roots = join(folder, 'authority.pem');
  const { stdout } = await runFile('python3', [
    VERIFY_PY,
    join(out, name),
    join(root, 'ledger.vkey'),
    roots,
  ]).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`verify.py refuses it: ${error.stdout ?? ''}${error.stderr ?? ''}`.slice(-900));
  });
  const fine = stdout.split('\n').filter((line) => line.startsWith('ok')).length;
  return {
    ok: rows > 0 && fine > 0,
    said: `${rows} rows, ${bytes} bytes, ${fine} points in order, record ${custody === null ? 'not sealed' : 'sealed'}`,
  };
}

async function compacted({ stage, sealed }: Operation): Promise<Made> {
  await sealed();
  const before = await answers(stage);
  const result = await answerOf<CompactResult & { expired: ExpireResult | null }>(
    stage,
    'compact',
    { expire: true },
    LATER,
  );
  const after = await answers(stage);
  const { days, passedOver, filesBefore, filesAfter, expired } = result;
  const removed = expired?.removed ?? 0;
  return {
    ok: days > 0 && passedOver === 0 && filesAfter < filesBefore && removed > 0 && before === after,
    said:
      `${days} days, ${filesBefore} files became ${filesAfter}, ${passedOver} passed over; ${removed} old ones removed; ` +
      `answers to ${QUESTIONS.length} questions are ${before === after ? 'the same' : 'OTHERS'}`,
  };
}

async function verified({ stage, sealed }: Operation): Promise<Made> {
  await sealed();
  const { ok, level, checkpoint, problems, timestamps } = await answerOf<Verification>(stage, 'verify', {
    deep: true,
  });
  const said = ok
    ? `${checkpoint?.size ?? 0} entries by ${level}, ${timestamps.good} time-stamps good`
    : JSON.stringify(problems).slice(0, 500);
  return { ok: ok && checkpoint !== null && timestamps.good > 0, said };
}

/** One hash over the answers to all questions, each of its rows in the order of their texts. */
export async function answers(stage: Stage): Promise<string> {
  const digest = createHash('sha256');
  const lake = await openLakeForReading(stage.lake);
  for (const sql of QUESTIONS) {
    const rows: string[] = [];
    for await (const row of rowsOf(lake, sql)) rows.push(JSON.stringify(row.map(String)));
    digest.update(rows.sort().join('\n'));
  }
  return digest.digest('hex');
}
