import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteText } from '../../../engine/sql-text.ts';
import { OCSF_VIEWS, ocsfViewRelation } from '../../../engine/views/ocsf.ts';
import { DUCKDB_TYPES } from '../../../engine/views/relation.ts';
import { classify } from '../../../schema/classify.ts';
import { type AuditEvent, type Flow, TABLES } from '../../../schema/columns.ts';
import { CLASS_RULES } from '../../../schema/ocsf/class-rules.ts';
import { attributeAt, OCSF_CLASSES, OCSF_OBJECTS } from '../../../schema/ocsf/model.ts';
import { type OcsfRecord, renderEvent, renderFlow } from '../../../schema/ocsf/render.ts';
import { storedEvent, storedFlow } from './arbitrary-rows.ts';
import { connectorSampleRows, sharedSampleRows } from './sample-rows.ts';
import { scratchFile } from './scratch.ts';

type Members = Record<string, unknown>;

const own = await connectorSampleRows();
const shared = await sharedSampleRows();
// Public samples repeat themselves; every n-th is enough to see each kind of record.
const some = <T>(rows: readonly T[]) => rows.filter((_, index) => index % 5 === 0);
/** Made-up rows meet combinations that no sample has; the evidence keeps them apart. */
const madeUp = { seed: 7, numRuns: 300 };
const events = [...own.events, ...some(shared.events), ...fc.sample(storedEvent, madeUp).map(asStored)];
const flows = [...own.flows, ...some(shared.flows), ...fc.sample(storedFlow, madeUp).map(asStored)];

function asStored<T extends AuditEvent | Flow>(row: T, index: number): T {
  const isEvent = 'ocsf_extra' in row;
  const named = { ...row, evidence: `made up ${isEvent ? 'event' : 'flow'}`, locator: `row=${index}` };
  if ('ocsf_extra' in named) classify(named);
  return named;
}

async function tablesOf(rows: { events: readonly AuditEvent[]; flows: readonly Flow[] }) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const table of ['events', 'flows'] as const) {
    const types = TABLES[table].map(({ name, type }) => {
      const stored = type === 'time' ? 'BIGINT' : DUCKDB_TYPES[type];
      return `${quoteText(name)}: ${quoteText(stored)}`;
    });
    const times = TABLES[table].filter(({ type }) => type === 'time').map(({ name }) => name);
    const replaced = times.map((name) => `make_timestamptz("${name}") AS "${name}"`).join(', ');
    const file = scratchFile(
      `${table}.ndjson`,
      rows[table].map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
    await connection.run(
      `CREATE TABLE ${table} AS SELECT * REPLACE (${replaced}) FROM read_json(${quoteText(file)},
        format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = 33554432)`,
    );
    rmSync(file);
  }
  for (const view of OCSF_VIEWS)
    await connection.run(`CREATE VIEW ${view.view} AS ${ocsfViewRelation(view)}`);
  return connection;
}

const connection = await tablesOf({ events, flows });

/** Evidence and locator name a record; both have no place in OCSF. */
const keyOf = (record: OcsfRecord): string => {
  const { evidence, locator } = record['unmapped'] as Members;
  return `${String(evidence)} ${String(locator)}`;
};

async function recordsOf(view: string): Promise<Members[]> {
  const reader = await connection.runAndReadAll(`SELECT to_json(v)::VARCHAR FROM ${view} AS v`);
  return reader.getRows().map(([text]) => JSON.parse(String(text)) as Members);
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A record of a view as it would be rendered: nothing absent, JSON parsed, instants as RFC 3339. */
function plain(value: unknown, type: string, name = ''): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((one) => plain(one, type));
  if (!isObject(value)) {
    if (name.endsWith('_dt')) return instant(String(value));
    return type === 'json_t' ? parsed(value) : value;
  }
  const shape = OCSF_CLASSES.get(type) ?? OCSF_OBJECTS.get(type);
  const members = Object.entries(value)
    .map(([key, one]) => [key, plain(one, typeIn(shape, key), key)] as const)
    .filter(([, one]) => one !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

const typeIn = (shape: ReturnType<typeof OCSF_OBJECTS.get>, key: string): string =>
  shape?.attributes.get(key)?.type ?? (JSON_COLUMNS.has(key) ? 'json_t' : '');
const JSON_COLUMNS = new Set(['request', 'response', 'extra']);

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value)) ?? value;
  } catch {
    return value;
  }
}

function instant(text: string): string {
  const [, day, clock, fraction = ''] = /^(\S+) ([\d:]+)(?:\.(\d+))?\+00$/.exec(text) ?? [];
  return `${day}T${clock}.${fraction.padEnd(6, '0')}Z`;
}

const rendered = new Map<string, OcsfRecord[]>();
for (const record of [...events.map(renderEvent), ...flows.map(renderFlow)]) {
  if (record === null) continue;
  const name = String(record['class_name']);
  const copy = JSON.parse(JSON.stringify(record)) as OcsfRecord;
  const unmapped = copy['unmapped'] as Members;
  // A name in one table, a number in the other: a view of both has to write either as text.
  if (unmapped['protocol'] !== undefined) unmapped['protocol'] = String(unmapped['protocol']);
  rendered.set(name, [...(rendered.get(name) ?? []), copy]);
}

describe('one view per class', () => {
  test('every class that is rendered has its view', () => {
    expect(OCSF_VIEWS.map(({ className }) => className).sort()).toEqual(Object.keys(CLASS_RULES).sort());
    for (const { view, className } of OCSF_VIEWS) {
      expect(view).toBe(`ocsf_${OCSF_CLASSES.get(className)!.name}`);
    }
  });

  test.each(OCSF_VIEWS)('$view has the records that are rendered', async ({ view, className }) => {
    const found = (await recordsOf(view)).map((record) => plain(record, className) as OcsfRecord);
    const wanted = rendered.get(className) ?? [];
    expect(found.length).toBe(wanted.length);
    const byKey = new Map(wanted.map((record) => [keyOf(record), record]));
    for (const record of found) expect(record).toEqual(byKey.get(keyOf(record)));
  });

  test.each(OCSF_VIEWS)('$view has no column the schema does not know', async ({ view, className }) => {
    const reader = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE ${view})`);
    const names = reader.getRows().map(([name]) => String(name).replace(/_dt$/, ''));
    const brackets = (name: string) =>
      OCSF_CLASSES.get(className)!.attributes.get(name)?.array === true ? `${name}[]` : name;
    const unknown = names.filter(
      (name) => attributeAt(OCSF_CLASSES.get(className)!, brackets(name)) === undefined,
    );
    expect(unknown).toEqual([]);
  });
});
