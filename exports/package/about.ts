/** What a package says of itself, as data: the question, the snapshot, the versions, and every count beside its source. */

import { createHash } from 'node:crypto';
import duckdb from '@duckdb/node-api/package.json' with { type: 'json' };
import { visibleJson } from '../../engine/format/visible.ts';
import type { Parameters } from '../../engine/parameters.ts';
import { TOOL } from '../../stages/custody.ts';
import type { OcsfExport } from '../ocsf-lines.ts';
import type { LedgerProofs } from './proofs.ts';
import type { Records, RecordsMode } from './records.ts';
import type { RowSet } from './rows.ts';

export const ABOUT = 'data/about.json';
export const FORMAT = 1;

/** What was asked, and in which words. */
export interface Asked {
  /** Name of the saved question, where it is one. */
  readonly name: string | null;
  /** What it asks in plain words; for SQL that was typed, nothing. */
  readonly title: string | null;
  readonly sql: string;
  readonly parameters: Parameters;
}

/** Who had it made, and for what; only of packages that are made for a case. */
export interface MadeFor {
  readonly case: string;
  readonly actor: string;
  readonly account: string;
  readonly purpose: string | null;
}

export interface AboutParts {
  readonly asked: Asked;
  readonly head: string;
  readonly mode: RecordsMode;
  readonly madeFor: MadeFor | null;
  readonly answer: RowSet;
  /** Empty where the answer itself is whole rows. */
  readonly whole: readonly RowSet[];
  readonly ocsf: OcsfExport | null;
  readonly records: Records | null;
  readonly proofs: LedgerProofs;
  /** Rows that the snapshot holds, by table. */
  readonly tables: Readonly<Record<string, number>>;
  readonly asOf: string;
  /** More that whoever made it has to say; none of it is checked. */
  readonly notes: Readonly<Record<string, unknown>>;
}

/** The object that `data/about.json` holds. No clock: the same snapshot and question give the same. */
export function aboutOf(parts: AboutParts) {
  const { asked, head, mode, madeFor, answer, whole, ocsf, records, proofs, tables, asOf, notes } = parts;
  return {
    format: FORMAT,
    what: 'Akashi evidence package',
    question: {
      name: asked.name,
      title: asked.title,
      sqlSha256: createHash('sha256').update(asked.sql.trimEnd()).digest('hex'),
      parameters: plain(asked.parameters),
    },
    snapshot: {
      id: head,
      asOf,
      ledger: { origin: proofs.origin, size: proofs.size, root: proofs.root },
      tables,
    },
    versions: { akashi: TOOL, duckdb: duckdb.version, mappings: records?.mappings ?? {} },
    madeFor,
    records: {
      mode,
      count: records?.count ?? 0,
      byTable: records?.byTable ?? {},
      byForm: records?.byForm ?? { bytes: 0, decoded: 0, rebuilt: 0 },
      bodies: records?.bodies.length ?? 0,
    },
    rows: [answer, ...whole].map(({ name, rows, columns, types, files }) => ({
      name,
      rows,
      // By a statement of its own, or there is no package.
      counted: rows,
      columns,
      types,
      files: files.map((file) => file.name),
    })),
    ocsf:
      ocsf === null
        ? null
        : {
            schema: ocsf.schema,
            records: ocsf.records,
            withoutTime: ocsf.withoutTime,
            invalid: ocsf.invalid,
            classes: ocsf.classes,
          },
    source: sourceCounts(proofs, records),
    notes,
  };
}

export type About = ReturnType<typeof aboutOf>;

/** JSON for people, with nothing in it that could drive a terminal. */
export const jsonFile = (value: unknown): string =>
  `${JSON.stringify(value, null, 1).split('\n').map(visibleJson).join('\n')}\n`;

/** What the ledger counted in the bodies when they were received, beside what of them is here. */
function sourceCounts({ bodies }: LedgerProofs, records: Records | null) {
  const total = { records: 0, events: 0, flows: 0, skipped: 0, unreadable: 0 };
  for (const { entry } of bodies)
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += entry.counts[name];
  return { bodies: bodies.length, ...total, taken: records?.count ?? 0 };
}

/** Parameters as JSON: what it cannot say becomes its text. */
function plain(parameters: Parameters): unknown {
  return JSON.parse(
    JSON.stringify(parameters, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
