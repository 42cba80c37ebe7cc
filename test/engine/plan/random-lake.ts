/** A small lake of random rows in many files and row groups, for asking it anything. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../bench/random.ts';
import type { Snapshot, SnapshotFile } from '../../../engine/snapshot.ts';
import { sidecarKey } from '../../../engine/stage/remote-parts.ts';
import { TABLES, type TableName } from '../../../schema/columns.ts';
import { sidecarOf } from '../../../stages/data-file.ts';
import { fieldIdOf } from '../../../tables/iceberg/field-ids.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { SORT_ORDERS } from '../../../tables/sort-orders.ts';
import { makeKey } from '../../../vault/keys.ts';

const DAY_MICROS = 86_400e6;
export const FIRST_DAY = Date.UTC(2026, 0, 1) * 1000;
export const DAYS = 5;
/** A day on which some events are held more than once. */
const DAY_OF_COPIES = 2;
const BLOOMS = ['src_ip', 'dst_ip', 'actor_id', 'uid', 'request_id', 'target_id'];

const some = <T>(r: Random, items: readonly T[], nulls = 0.1): T | null =>
  r.next() < nulls ? null : r.skewed(items);
export const IPS = Array.from({ length: 40 }, (_, n) => (n % 9 === 8 ? `2001:db8::${n}` : `192.0.2.${n}`));
export const ACTORS = [
  ...Array.from({ length: 12 }, (_, n) => `arn:aws:iam::123456789012:user/user-${n}`),
  `arn:aws:iam::123456789012:role/${'a'.repeat(70)}x`,
  `arn:aws:iam::123456789012:role/${'a'.repeat(70)}y`,
  "o'neill",
  'жук',
  '',
];
export const ACTIONS = [
  'iam.user.create',
  'iam.role.get',
  'storage.object.get',
  'compute.instance.start',
  'x',
];

function eventRow(r: Random, day: number, at: number): Record<string, unknown> {
  const uid = `e${day}-${at}`;
  return {
    time: r.next() < 0.02 ? null : FIRST_DAY + day * DAY_MICROS + r.below(DAY_MICROS),
    uid,
    source: r.skewed(['aws.cloudtrail', 'azure.activity', 'gcp.audit']),
    class_uid: some(r, [6003, 3002, 3001]),
    action: some(r, ACTIONS),
    operation: some(r, ['CreateUser', 'GetRole', 'GetObject']),
    read_only: r.next() < 0.1 ? null : r.next() < 0.6,
    status: some(r, ['success', 'failure']),
    error_code: some(r, ['AccessDenied', 'Throttling'], 0.8),
    count: some(r, [1, 2, 30, 4_000_000_000], 0.5),
    actor_id: some(r, ACTORS),
    src_ip: some(r, IPS),
    src_port: some(r, [443, 22, 65_535]),
    target_id: some(r, ACTORS, 0.5),
    targets: r.next() < 0.3 ? [] : Array.from({ length: r.below(3) }, () => r.skewed(ACTORS)),
    request_id: r.hex(12),
    raw: `{"n":${at},"text":"${r.hex(40)}"}`,
    evidence: r.hex(64),
    locator: `${at}`,
    identity: uid,
  };
}

function flowRow(r: Random, day: number, at: number): Record<string, unknown> {
  return {
    time: FIRST_DAY + day * DAY_MICROS + r.below(DAY_MICROS),
    uid: `f${day}-${at}`,
    source: 'aws.vpcflow',
    action: some(r, ['accept', 'reject']),
    src_ip: some(r, IPS),
    dst_ip: some(r, IPS),
    dst_port: some(r, [443, 22, 53]),
    protocol: some(r, [6, 17]),
    bytes: r.below(100_000),
    packets: r.below(100),
    evidence: r.hex(64),
    locator: `${at}`,
    identity: `f${day}-${at}`,
  };
}

export interface RandomLake {
  readonly snapshot: Snapshot;
  /** Bodies by key: data files, and beside each the hashes of its parts. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Writes the files under `folder`; each has some row groups of some twenty rows. */
export function randomLake(r: Random, folder: string): RandomLake {
  const objects = new Map<string, Uint8Array>();
  const tables = Object.fromEntries(
    Object.keys(TABLES).map((table) => [table, { files: [] }]),
  ) as unknown as Record<TableName, { files: SnapshotFile[] }>;
  const add = (
    table: 'events' | 'flows',
    day: number,
    part: number,
    rows: readonly object[],
    overlaps: boolean,
  ) => {
    // An older writer knew fewer columns.
    const columns = TABLES[table].filter(({ name }) => part > 0 || (name !== 'count' && name !== 'packets'));
    const buffer = new RowBuffer(columns, {
      fieldId: fieldIdOf(table),
      rowGroupRows: 20,
      bloomColumns: BLOOMS,
    });
    for (const row of rows) buffer.add(row as Record<string, unknown>, null);
    const file = buffer.finish({ sortBy: SORT_ORDERS[table] })!;
    const name = { table, day: new Date((FIRST_DAY + day * DAY_MICROS) / 1000).toISOString().slice(0, 10) };
    const key = makeKey('data', {
      ...name,
      batch: createHash('sha256').update(`${table}${day}`).digest('hex'),
      part,
    });
    const ranges = sidecarOf(file);
    const path = join(folder, `${table}-${day}-${part}.parquet`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, file.bytes);
    objects.set(key, file.bytes).set(sidecarKey(key), ranges);
    const time = file.columns['time']!;
    tables[table].files.push({
      path,
      day: name.day,
      rows: file.rows,
      bytes: file.bytes.length,
      overlaps,
      minTime: time.min as number | null,
      maxTime: time.max as number | null,
      fieldIds: true,
      stored: { key, sha256: sha256(file.bytes), ranges: sha256(ranges) },
    });
  };
  for (let day = 0; day < DAYS; day++) {
    const events = Array.from({ length: 60 + r.below(60) }, (_, at) => eventRow(r, day, at));
    const overlaps = day === DAY_OF_COPIES;
    const half = events.length >> 1;
    const second = overlaps
      ? [...events.slice(half), ...events.slice(0, 25).map((row) => copyOf(r, row))]
      : events.slice(half);
    add('events', day, 0, events.slice(0, half), overlaps);
    add('events', day, 1, second, overlaps);
    add(
      'flows',
      day,
      1,
      Array.from({ length: 50 + r.below(50) }, (_, at) => flowRow(r, day, at)),
      false,
    );
  }
  return { snapshot: { head: 'head', tables }, objects };
}

/** The same event from elsewhere, now and then told otherwise. */
const copyOf = (r: Random, row: Record<string, unknown>): Record<string, unknown> => ({
  ...row,
  source: 'aws.cloudtrail-lookup',
  evidence: r.hex(64),
  ...(r.next() < 0.3 ? { src_ip: '203.0.113.9' } : {}),
});

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
