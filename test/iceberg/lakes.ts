/** Lakes for other engines to read: real shapes over many days, and one with files from before a column. */

import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flowFile, trailFile } from '../../bench/generate.ts';
import type { Connector } from '../../connectors/contract.ts';
import { connectorById } from '../../connectors/registry.ts';
import { TABLES } from '../../schema/columns.ts';
import { collect } from '../../stages/collect.ts';
import { readHead, swapHead } from '../../tables/head.ts';
import { fieldIdOf } from '../../tables/iceberg/field-ids.ts';
import type { TableJson } from '../../tables/iceberg/table-json.ts';
import { RowBuffer } from '../../tables/parquet/row-buffer.ts';
import { SORT_ORDERS } from '../../tables/sort-orders.ts';
import { type DataFileEntry, openTable, tableWrite } from '../../tables/table-metadata.ts';
import { makeKey } from '../../vault/keys.ts';
import { openLake } from '../../vault/lake.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';

/** The samples that ship here. */
export const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const START = 1_700_000_000;
const DAY_SECONDS = 86_400;

/** Ten days of a made-up organisation, with events without a time and records that cannot be read. */
export function daysFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (let day = 0; day < 10; day++) {
    write(`trail-${day}.json`, trailFile(day + 1, 300, START + day * DAY_SECONDS));
    write(`flow-${day}.log`, flowFile(day + 1, 600, START + day * DAY_SECONDS));
  }
  write('undated.json', trailFile(99, 20, START).replaceAll(/"eventTime":"[^"]*"/g, '"eventTime":"unknown"'));
  write('broken.json', '{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com"},{"a":},7]}');
  return folder;
}

/** The same events as the first two days of `daysFolder`, in another shape. */
export function copiesFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const day of [0, 1]) {
    const { Records } = JSON.parse(trailFile(day + 1, 300, START + day * DAY_SECONDS)) as {
      Records: object[];
    };
    const lines = Records.map((record) => JSON.stringify(record)).join('\n');
    writeFileSync(join(folder, `copy-${day}.ndjson`), lines);
  }
  return folder;
}

/** Days that nothing was held of, so that no copies come with them. */
export async function addYear(root: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const day of [300, 301])
    writeFileSync(join(folder, `trail-${day}.json`), trailFile(day, 50, START + day * DAY_SECONDS));
  await collectInto(root, folder);
}

/** Collects CloudTrail as an older version would have that knew no actions; `restore` makes this version itself again. */
export async function olderMapping(root: string, folder: string): Promise<{ restore(): void }> {
  const connector = connectorById('aws.cloudtrail')!;
  const { normalise, mappingVersion } = connector;
  const older: Connector['normalise'] = (record, facts) => {
    const outcome = normalise(record, facts);
    return outcome.kind === 'event'
      ? { ...outcome, event: { ...outcome.event, actor_name: null, operation: null } }
      : outcome;
  };
  Object.assign(connector, { normalise: older, mappingVersion: 'aws.cloudtrail/older' });
  await collectInto(root, folder);
  return {
    restore: () => {
      Object.assign(connector, { normalise, mappingVersion });
    },
  };
}

export async function collectInto(root: string, folder: string): Promise<void> {
  const by = {
    actor: 'tester@example.com',
    account: 'tester@host.example.com',
    case: 'CASE-1',
    purpose: null,
  };
  await collect(await openLake(root), [folder], { threads: 1, by });
}

/** Columns that the first file of `addDay` does not have. */
export const YOUNGER: readonly string[] = ['identity', 'actor_principal', 'targets'];

/** Seals five events of one more day: of the first day without the youngest columns. */
export async function addDay(root: string, day: string): Promise<void> {
  const { vault, state } = await openLake(root);
  const { head, version } = await readHead(state);
  const before = await openTable(vault, head, 'events');
  const isFirst = before.list.files.length === 0;
  const columns = TABLES.events.filter(({ name }) => !isFirst || !YOUNGER.includes(name));
  const buffer = new RowBuffer(columns, { fieldId: fieldIdOf('events') });
  const time = Date.parse(`${day}T12:00:00Z`) * 1000;
  for (let at = 0; at < 5; at++)
    buffer.add(
      { time: time + at, uid: `${day} ${at}`, targets: [`${at}`], identity: `i${at}`, count: at },
      null,
    );
  const file = buffer.finish({ sortBy: SORT_ORDERS.events })!;
  const name = { table: 'events', day, batch: hash('sha256', day, 'hex'), part: 0 };
  const { footer } = file;
  const ranges = Buffer.from(JSON.stringify({ format: 1, size: file.bytes.length, footer, rowGroups: [] }));
  const key = makeKey('data', name);
  await vault.putIfAbsent(key, file.bytes, WRITE_KINDS.data);
  await vault.putIfAbsent(makeKey('ranges', name), ranges, WRITE_KINDS.ranges);
  const entry: DataFileEntry = {
    key,
    day,
    rows: file.rows,
    bytes: file.bytes.length,
    sha256: hash('sha256', file.bytes, 'hex'),
    ranges: hash('sha256', ranges, 'hex'),
    minTime: time,
    maxTime: time + 4,
  };
  const sequence = head.sequence + 1;
  const list = { ...before.list, files: [...before.list.files, entry] };
  const table = tableWrite({ ...before, list }, sequence);
  await vault.putManyIfAbsent([table]);
  await swapHead(state, { ...head, sequence, tables: { events: table.key } }, version);
}

/** Makes an export look as one from before the youngest columns were in the catalogue. */
export function forgetYounger(metadata: string): void {
  const json = JSON.parse(readFileSync(metadata, 'utf8')) as TableJson;
  const schemas = json.schemas.map((schema) => ({
    ...schema,
    fields: schema.fields.filter(({ name }) => !YOUNGER.includes(name)),
  }));
  writeFileSync(metadata, JSON.stringify({ ...json, schemas }));
}
