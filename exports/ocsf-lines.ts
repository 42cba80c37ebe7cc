/** Rows as OCSF records, one JSON object a line. */

import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { visibleJson } from '../engine/format/visible.ts';
import { runQuery } from '../engine/query.ts';
import type { Cell, ResultColumn } from '../engine/result.ts';
import { type AuditEvent, type Flow, newEvent, newFlow, TABLES } from '../schema/columns.ts';
import { OCSF_VERSION } from '../schema/ocsf/model.ts';
import { type OcsfRecord, renderEvent, renderFlow } from '../schema/ocsf/render.ts';
import { type Problem, validateOcsf } from '../schema/ocsf/validate.ts';
import type { ExportBase, RowTable, Selection } from './ocsf-selection.ts';

export interface OcsfExport {
  /** Version of the schema that every record names. */
  readonly schema: string;
  readonly records: number;
  /** Records of each class, the most frequent first. */
  readonly classes: Readonly<Record<string, number>>;
  /** Rows that have no record, because every OCSF record says when it happened. */
  readonly withoutTime: number;
  /** Rows whose record did not validate and was left out: a defect of ours. */
  readonly invalid: number;
  /** The first of them. */
  readonly problems: readonly Problem[];
  readonly bytes: number;
  /** SHA-256 of what was written. */
  readonly sha256: string;
  readonly head: string;
  readonly seconds: number;
}

const SHOWN_PROBLEMS = 20;

/**
 * Writes the records of all selected rows to `path`, replacing what is there once all is written; whatever goes wrong,
 * `path` never holds half an export. Every line is checked against the schema before it is written. Throws as `runQuery`
 * does, and the file system's errors.
 */
export async function exportOcsfLines(
  base: ExportBase,
  selections: readonly Selection[],
  path: string,
  onProgress: (records: number) => void = () => {},
): Promise<OcsfExport> {
  const started = performance.now();
  const partial = `${path}.partial-${process.pid}`;
  const file = await open(partial, 'wx');
  const tally = new Tally();
  const digest = createHash('sha256');
  let bytes = 0;
  try {
    for (const selection of selections) {
      for await (const text of lines(base, selection, tally)) {
        const encoded = Buffer.from(text);
        digest.update(encoded);
        bytes += encoded.length;
        await file.writeFile(encoded);
        onProgress(tally.records);
      }
    }
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
  return {
    schema: OCSF_VERSION,
    records: tally.records,
    classes: tally.sorted(),
    withoutTime: tally.withoutTime,
    invalid: tally.invalid,
    problems: tally.problems,
    bytes,
    sha256: digest.digest('hex'),
    head: base.snapshot.head,
    seconds: (performance.now() - started) / 1000,
  };
}

class Tally {
  records = 0;
  withoutTime = 0;
  invalid = 0;
  readonly problems: Problem[] = [];
  readonly #classes = new Map<string, number>();

  /** The record's line, or nothing for a row that has none. */
  line(record: OcsfRecord | null): string {
    if (record === null) {
      this.withoutTime++;
      return '';
    }
    const problems = validateOcsf(record);
    if (problems.length > 0) {
      this.invalid++;
      if (this.problems.length < SHOWN_PROBLEMS) this.problems.push(...problems.slice(0, 5));
      return '';
    }
    this.records++;
    const name = String(record['class_name']);
    this.#classes.set(name, (this.#classes.get(name) ?? 0) + 1);
    return `${visibleJson(JSON.stringify(record))}\n`;
  }

  sorted(): Record<string, number> {
    return Object.fromEntries([...this.#classes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
  }
}

async function* lines(base: ExportBase, selection: Selection, tally: Tally): AsyncGenerator<string> {
  const { table, sql, parameters } = selection;
  const answer = await runQuery({ ...base, sql, parameters });
  const toRow = rowReader(table, answer.columns);
  for await (const batch of answer) {
    let text = '';
    for (const cells of batch) text += tally.line(toRow(cells));
    if (text !== '') yield text;
  }
  await answer.summary;
}

/** The same as text: JSON of the row's record, null where it has none. */
export function ocsfRecords(
  table: RowTable,
  columns: readonly string[],
): (cells: readonly Cell[]) => string | null {
  const toRecord = rowReader(
    table,
    columns.map((name) => ({ name })),
  );
  return (cells) => {
    const record = toRecord(cells);
    return record === null ? null : JSON.stringify(record);
  };
}

/** A function from an answer's cells to the record of the row they are. */
function rowReader(
  table: RowTable,
  columns: readonly Pick<ResultColumn, 'name'>[],
): (cells: readonly Cell[]) => OcsfRecord | null {
  const at = new Map(columns.map(({ name }, index) => [name, index]));
  const cellOf = TABLES[table].map(({ name, type }) => ({
    name,
    isTime: type === 'time',
    index: at.get(name)!,
  }));
  const fill = (row: AuditEvent | Flow, cells: readonly Cell[]): void => {
    const members = row as Record<string, unknown>;
    for (const { name, isTime, index } of cellOf) {
      const cell = cells[index] ?? null;
      members[name] = isTime ? microsOf(cell) : cell;
    }
  };
  if (table === 'events') {
    return (cells) => {
      const event = newEvent();
      fill(event, cells);
      return renderEvent(event);
    };
  }
  return (cells) => {
    const flow = newFlow();
    fill(flow, cells);
    return renderFlow(flow);
  };
}

/** `2026-01-31T10:00:00.123456Z` as microseconds since 1970. */
export function microsOf(cell: Cell): number | null {
  if (typeof cell !== 'string') return null;
  const [, seconds, fraction = ''] = /^(.+?)(?:\.(\d{1,6}))?Z$/.exec(cell) ?? [];
  const millis = Date.parse(`${seconds}Z`);
  return Number.isNaN(millis) ? null : millis * 1000 + Number(fraction.padEnd(6, '0'));
}
