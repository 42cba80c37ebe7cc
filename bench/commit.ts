/**
 * What a seal costs after a thousand, a hundred thousand and a million of them, none of which was compacted: the same
 * seal of one small body, in turn into a lake of each age. The lakes are folders on this disk. Their lists are made by the
 * code that seals; what no seal reads, old parts of lists and large manifests, is named in them and not stored.
 */

import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableName } from '../schema/columns.ts';
import { commit, openHead } from '../stages/commit.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
import { openLedger } from '../stages/ledger.ts';
import { noteSealed } from '../stages/recover.ts';
import { seal } from '../stages/seal.ts';
import { changedList, type DataFileEntry, type FileList } from '../tables/file-list.ts';
import { encodeManifestList, type ManifestFile } from '../tables/iceberg/manifest-list.ts';
import { newTable, type Snapshot, type TableJson } from '../tables/iceberg/table-json.ts';
import { openTable, tableWrite } from '../tables/table-metadata.ts';
import { preserve } from '../vault/evidence.ts';
import { makeKey } from '../vault/keys.ts';
import { type Lake, openLake } from '../vault/lake.ts';
import { memoryVault } from '../vault/memory-store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { trailFile } from './generate.ts';
import { printTable } from './print.ts';

const AGES = [1_000, 100_000, 1_000_000];
const SEALS = 40;
const MINUTE = 60_000_000;
const NOW = 1_790_000_000_000_000;
const TABLES: readonly TableName[] = ['events', 'evidence', 'coverage_facts'];

/** A file as some seal of long ago left it: every minute one. */
function agedFile(table: TableName, serial: number, seals: number): DataFileEntry {
  const time = NOW - (seals - serial + 1_440) * MINUTE;
  const day = table === 'events' ? new Date(time / 1000).toISOString().slice(0, 10) : 'undated';
  const batch = hash('sha256', `${table} ${serial}`, 'hex');
  return {
    key: makeKey('data', { table, day, batch, part: 0 }),
    day,
    rows: 100,
    bytes: 30_000,
    sha256: hash('sha256', batch, 'hex'),
    ranges: hash('sha256', `${batch} ranges`, 'hex'),
    minTime: time,
    maxTime: time + MINUTE - 1,
  };
}

/** The list after so many seals of one file each; the parts with the newest files are stored. */
async function agedList(lake: Lake, table: TableName, seals: number): Promise<FileList> {
  const memory = memoryVault(new Map());
  let list: FileList = { parts: [], files: [] };
  const grow = async (from: number, to: number) => {
    const added = Array.from({ length: to - from }, (_, at) => agedFile(table, from + at, seals));
    const change = await changedList(memory, table, list, { added, removed: [] });
    if (from > seals - 20_000 || seals <= 20_000) await lake.vault.putManyIfAbsent(change.writes);
    list = change.list;
  };
  const single = 300;
  for (let at = 0; at < seals - single; at += 700) await grow(at, Math.min(at + 700, seals - single));
  for (let at = seals - single; at < seals; at++) await grow(at, at + 1);
  return list;
}

const FAN = 8;

/** Manifests as merging leaves them: fewer than eight of a size, but of the largest. */
function agedManifests(location: string, files: number, snapshot: number): ManifestFile[] {
  const sizes: number[] = [];
  let left = files;
  for (const size of [4_096, 512, 64, 8, 1]) {
    const count = size === 4_096 ? Math.floor(left / size) : Math.min(FAN - 1, Math.floor(left / size));
    for (let at = 0; at < count; at++) sizes.push(size);
    left -= count * size;
  }
  return sizes.map((size, at) => ({
    manifest_path: `${location}/metadata/${hash('sha256', `${files} ${at}`, 'hex')}-m0.avro`,
    manifest_length: size * 300,
    partition_spec_id: 0,
    content: 0,
    sequence_number: at + 1,
    min_sequence_number: 1,
    added_snapshot_id: snapshot,
    added_files_count: 0,
    existing_files_count: size,
    deleted_files_count: 0,
    added_rows_count: 0,
    existing_rows_count: size * 100,
    deleted_rows_count: 0,
    partitions: [],
    key_metadata: null,
  }));
}

/** The Iceberg table after so many snapshots a minute apart, of which those stay that a seal keeps. */
async function agedIceberg(lake: Lake, table: TableName, seals: number): Promise<TableJson> {
  const location = `${lake.vault.location}/tables/${table}`;
  const json = newTable({ table, uuid: hash('sha256', table, 'hex').slice(0, 36), location, now: 0 });
  const list = encodeManifestList({
    manifests: agedManifests(location, seals, seals),
    snapshotId: seals,
    parentId: seals - 1,
    sequenceNumber: seals,
  });
  const listKey = makeKey('manifestList', {
    table,
    snapshot: BigInt(seals),
    sha256: hash('sha256', list, 'hex'),
  });
  await lake.vault.putIfAbsent(listKey, list, WRITE_KINDS.manifest);
  const ages = [
    ...Array.from(
      { length: Math.min(24, Math.floor(Math.max(0, seals - 1_440) / 360)) },
      (_, at) => 1_440 + 360 * (at + 1),
    ).reverse(),
    ...Array.from({ length: Math.min(24, Math.floor(seals / 60)) }, (_, at) => 60 * (at + 1)).reverse(),
    ...Array.from({ length: 20 }, (_, at) => 19 - at),
  ];
  const snapshots = ages.map(
    (age): Snapshot => ({
      'snapshot-id': seals - age,
      'parent-snapshot-id': seals - age - 1,
      'sequence-number': seals - age,
      'timestamp-ms': Math.floor((NOW - age * MINUTE) / 1000),
      'manifest-list': `${lake.vault.location}/${listKey}`,
      summary: {
        operation: 'append',
        'added-data-files': '1',
        'added-records': '100',
        'added-files-size': '30000',
        'changed-partition-count': '1',
        'total-data-files': String(seals),
        'total-records': String(seals * 100),
        'total-files-size': String(seals * 30_000),
        'total-delete-files': '0',
        'total-position-deletes': '0',
        'total-equality-deletes': '0',
        'akashi.seal': String(seals),
      },
      'schema-id': 0,
    }),
  );
  return {
    ...json,
    'last-sequence-number': seals,
    'last-updated-ms': NOW / 1000,
    'current-snapshot-id': seals,
    snapshots,
    'snapshot-log': snapshots.map((one) => ({
      'timestamp-ms': one['timestamp-ms'],
      'snapshot-id': one['snapshot-id'],
    })),
    refs: { main: { 'snapshot-id': seals, type: 'branch' } },
  };
}

/** A lake that was sealed so often, as far as its tables go. */
async function agedLake(folder: string, seals: number): Promise<Lake> {
  const lake = await openLake(folder);
  const ledger = await openLedger(lake);
  const opened = await openHead(lake, ledger);
  const tables: Partial<Record<TableName, string>> = {};
  const drafts: Parameters<typeof commit>[4][number][] = [];
  for (const table of TABLES) {
    const root = {
      ...(await openTable(lake.vault, opened.head, table)),
      list: await agedList(lake, table, seals),
      iceberg: await agedIceberg(lake, table, seals),
    };
    const write = tableWrite(root, seals);
    await lake.vault.putManyIfAbsent([write]);
    tables[table] = write.key;
    drafts.push({ kind: 'metadata', table, key: write.key, sha256: write.sha256, at: NOW });
    // A process that has sealed before knows what it sealed.
    if (table === 'evidence')
      noteSealed(lake.state, [
        ...root.list.files,
        ...root.list.parts.map(({ sha256 }) => ({ ...root.list.files[0]!, key: sha256 })),
      ]);
  }
  await commit(lake, ledger, opened, { tables, index: {} }, drafts);
  return lake;
}

interface Cost {
  readonly seconds: number;
  /** Of the processor, on all threads. */
  readonly cpuSeconds: number;
}

/** One seal: a small body of a day that holds nothing yet. */
async function sealOnce(lake: Lake, serial: number): Promise<Cost> {
  const seconds = NOW / 1e6 + serial * 86_400;
  const body = Buffer.from(trailFile(serial + 1, 100, seconds));
  const provenance = {
    origin: `/trails/${serial}.json`,
    versionId: null,
    metadata: {},
    modified: null,
    receivedAt: NOW,
    collector: 'bench',
  };
  const [source, role] = ['aws.cloudtrail', 'records'] as const;
  const { pendingKey, sha256, size } = await preserve(lake, { source, role, body, provenance });
  const manifest = { format: 1, source, role, sha256, size, ...provenance } as const;
  const result = await runJob(lake, [manifest], EXPANSION_LIMITS);
  const ledger = await openLedger(lake);
  const started = performance.now();
  const cpu = process.cpuUsage();
  await seal(lake, ledger, [result], [pendingKey], { at: NOW + serial * MINUTE });
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const millis = (value: number): string => `${(value * 1000).toFixed(1)} ms`;

export async function benchCommit(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-commit-'));
  try {
    const lakes: Lake[] = [];
    for (const age of AGES) lakes.push(await agedLake(join(folder, String(age)), age));
    const costs: Cost[][] = AGES.map(() => []);
    for (let serial = 0; serial < SEALS; serial++)
      for (const [at, lake] of lakes.entries()) costs[at]!.push(await sealOnce(lake, serial));
    const of = (at: number, value: (cost: Cost) => number) => costs[at]!.map(value);
    const seconds = ({ seconds: taken }: Cost) => taken;
    const cpu = ({ cpuSeconds }: Cost) => cpuSeconds;
    printTable(
      'A seal of 100 events, beside one after 1,000 seals (at most 1.2×)',
      ['seals before', 'median', 'of the first', 'median of CPU', 'mean of CPU', 'of the first'],
      AGES.map((age, at) => [
        age.toLocaleString('en'),
        millis(middle(of(at, seconds))),
        `${(middle(of(at, seconds)) / middle(of(0, seconds))).toFixed(2)}×`,
        millis(middle(of(at, cpu))),
        millis(mean(of(at, cpu))),
        `${(mean(of(at, cpu)) / mean(of(0, cpu))).toFixed(2)}×`,
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
