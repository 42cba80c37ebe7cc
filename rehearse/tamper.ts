/** Somebody with every right to the buckets alters, hides and overwrites: the verify function must name just that. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { HarmCode, Verification } from '../stages/verify/report.ts';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import { evidenceKey } from '../vault/keys.ts';
import { type Lake, openLakeForReading } from '../vault/lake.ts';
import type { Checks } from './checks.ts';
import { rowsOf } from './judge.ts';
import { answerOf } from './operate.ts';
import { type Stage, VAULT_BUCKET } from './stage.ts';

/** A store's keys below its bucket. */
const stored = (key: string): string => `vault/${key}`;

interface Harmed {
  /** One of these is to be said of it. */
  readonly codes: readonly HarmCode[];
  readonly key: string;
  readonly undo: () => Promise<unknown>;
}

/** `diskOfLake`: where the lake's server has a file for each object; null where it has none. */
export async function tamper(stage: Stage, diskOfLake: string | null, checks: Checks): Promise<void> {
  const harmed: Harmed[] = [];
  await checks.check('the verify function names what was altered, hidden and overwritten', async () => {
    const lake = await openLakeForReading(stage.lake);
    const [overwritten, altered] = await dataFiles(lake);
    harmed.push(await overwrite(stage, lake, overwritten!));
    harmed.push(await hide(stage, await someEvidence(lake)));
    if (diskOfLake !== null) harmed.push(alter(join(diskOfLake, VAULT_BUCKET, stored(altered!)), altered!));
    const { ok, problems } = await answerOf<Verification>(stage, 'verify', { deep: true });
    const told = problems.map(({ code, key }) => `${code} ${key}`);
    const missing = harmed.filter(({ codes, key }) => !codes.some((code) => told.includes(`${code} ${key}`)));
    const others = problems.filter(({ key }) => !harmed.some((one) => one.key === key));
    return {
      ok: !ok && missing.length === 0 && others.length === 0,
      said:
        missing.length + others.length === 0
          ? told.map((one) => one.split(' ')[0]).join(', ')
          : `not named: ${missing.map(({ codes, key }) => `${codes.join(' or ')} ${key}`).join(', ')}; found ${told.join(', ')}`,
    };
  });
  await checks.check('and nothing once it is put back', async () => {
    for (const { undo } of harmed) await undo();
    const { ok, problems } = await answerOf<Verification>(stage, 'verify', { deep: true });
    return { ok: ok && harmed.length > 0, said: ok ? 'clean' : JSON.stringify(problems).slice(0, 500) };
  });
}

async function dataFiles({ vault, state }: Lake): Promise<string[]> {
  const { head } = await readHead(state);
  const tables = await Promise.all(
    (['events', 'flows'] as const).map((table) => readTable(vault, head, table)),
  );
  return tables.map(({ files }) => files[0]!.key);
}

async function someEvidence(lake: Lake): Promise<string> {
  const sql = "select source, sha256 from evidence where source = 'aws.cloudtrail' order by all limit 1";
  for await (const [source, sha256] of rowsOf(lake, sql)) return evidenceKey(String(source), String(sha256));
  throw new Error('there is no evidence to hide');
}

async function overwrite(stage: Stage, { vault }: Lake, key: string): Promise<Harmed> {
  const place = { Bucket: VAULT_BUCKET, Key: stored(key) };
  const s3 = stage.vendors.lakeS3();
  const { VersionId } = await s3.send(
    new PutObjectCommand({ ...place, Body: flipped((await vault.get(key)).body) }),
  );
  return {
    codes: ['LATER_VERSION'],
    key,
    undo: () => s3.send(new DeleteObjectCommand({ ...place, VersionId })),
  };
}

async function hide(stage: Stage, key: string): Promise<Harmed> {
  const place = { Bucket: VAULT_BUCKET, Key: stored(key) };
  const s3 = stage.vendors.lakeS3();
  const { VersionId } = await s3.send(new DeleteObjectCommand(place));
  return {
    codes: ['DELETE_MARKER'],
    key,
    undo: () => s3.send(new DeleteObjectCommand({ ...place, VersionId })),
  };
}

/** The bytes themselves, below the server, which may find out itself and give nothing. */
function alter(path: string, key: string): Harmed {
  const before = readFileSync(path);
  writeFileSync(path, flipped(before));
  return { codes: ['ALTERED', 'UNREADABLE'], key, undo: async () => writeFileSync(path, before) };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const other = Uint8Array.from(bytes);
  const middle = other.length >> 1;
  other[middle] = other[middle]! ^ 1;
  return other;
}
