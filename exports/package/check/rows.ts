/** The rows of a package: that they say what their records do, in every form that a program here can read. */

import { csvRenderer } from '../../../engine/format/csv.ts';
import type { Cell } from '../../../engine/result.ts';
import { TABLES } from '../../../schema/columns.ts';
import { OCSF_VERSION } from '../../../schema/ocsf/model.ts';
import { TOOL } from '../../../stages/custody.ts';
import { emptySet, putIn, type RowSet, sameSet } from '../../../stages/verify/row-sets.ts';
import { ocsfRecords } from '../../ocsf-lines.ts';
import type { RowTable } from '../../ocsf-selection.ts';
import type { About } from '../about.ts';
import { type WholeRow, type WholeRows, wholeKey } from './derive.ts';
import { textHash } from './ledger.ts';
import type { Listed } from './lists.ts';
import { linesOf, type PackageReader } from './reader.ts';
import { type HeldRecords, recordKey } from './records.ts';
import { type PackageVerification, tell } from './report.ts';
import { rowHash } from './row-hash.ts';

type Row = Readonly<Record<string, Cell>>;
type RowFacts = About['rows'][number];

const OCSF = 'data/rows/ocsf.jsonl';

/** The whole rows that are there; those that do not say what their record does are told. */
export async function checkRows(
  reader: PackageReader,
  about: About,
  held: HeldRecords,
  listed: ReadonlyMap<string, Listed>,
  report: PackageVerification,
  onRows: (rows: number) => void,
): Promise<WholeRows> {
  const whole = new Map<string, WholeRow>();
  const described = new Set(about.rows.map(({ name }) => name));
  for (const file of listed.keys())
    if (/^data\/rows\//.test(file) && file !== OCSF && !described.has(file.replace(/\.[a-z]+$/, '')))
      tell(report, 'ADDED', file, 'about.json describes no such rows');
  const rendered = comparesOcsf(about, listed) ? { made: emptySet(), held: emptySet() } : null;
  report.caveats.push(...notCompared(listed, rendered !== null));
  let read = 0;
  for (const set of about.rows) {
    const table = tableOf(set);
    const csv = listed.has(`${set.name}.csv`) ? await expectCsv(reader, set) : null;
    const toOcsf = table === null || rendered === null ? null : ocsfRecords(table, set.columns);
    const file = `${set.name}.jsonl`;
    let lines = 0;
    for await (const text of listed.has(file) ? linesOf(reader, file) : []) {
      lines++;
      onRows(++read);
      const row = rowOf(text);
      if (row === null) {
        tell(report, 'UNREADABLE', file, `row ${lines} is no JSON object`);
        continue;
      }
      if (csv !== null && !(await csv.row(row)))
        tell(report, 'ROW_DIFFERS', `${set.name}.csv`, `row ${lines} is not the one of ${file}`);
      if (table === null) continue;
      checkRow(row, table, { file, line: lines }, held, whole, report);
      const record = toOcsf?.(set.columns.map((name) => row[name] ?? null)) ?? null;
      if (record !== null && rendered !== null) putIn(rendered.made, [record]);
    }
    if (csv !== null && !(await csv.isDone()))
      tell(report, 'COUNT_DIFFERS', `${set.name}.csv`, `it has more rows than ${file}`);
    if (lines !== set.rows)
      tell(report, 'COUNT_DIFFERS', file, `${lines} rows, and about.json counts ${set.rows}`);
    report.rows[set.name] = lines;
  }
  const linked = new Set([...whole.keys()].map((key) => key.slice(key.indexOf(' ') + 1)));
  if (about.rows.some((set) => tableOf(set) !== null) && linked.size !== held.size)
    tell(
      report,
      'COUNT_DIFFERS',
      'data/records/index.jsonl',
      `${held.size} records, and rows of ${linked.size} of them`,
    );
  if (rendered !== null) await compareOcsf(reader, rendered, report);
  return whole;
}

/** The table that a set has whole rows of; null where it leaves columns out. */
function tableOf({ columns }: RowFacts): RowTable | null {
  const held = new Set(columns);
  return (
    (['events', 'flows'] as const).find((table) => TABLES[table].every(({ name }) => held.has(name))) ?? null
  );
}

function checkRow(
  row: Row,
  table: RowTable,
  place: { file: string; line: number },
  held: HeldRecords,
  whole: Map<string, WholeRow>,
  report: PackageVerification,
): void {
  const [evidence, locator, raw] = [row['evidence'], row['locator'], row['raw']];
  if (typeof evidence !== 'string' || typeof locator !== 'string') {
    tell(report, 'ROW_DIFFERS', place.file, `row ${place.line} names no record`);
    return;
  }
  const said = held.get(recordKey(evidence, locator));
  // Without records there is nothing to hold it against.
  if (held.size > 0 && said !== textHash(typeof raw === 'string' ? raw : ''))
    tell(report, 'ROW_DIFFERS', place.file, `row ${place.line}: its raw is not what its record says`);
  const key = wholeKey(table, evidence, locator);
  const hash = rowHash(table, row);
  const other = whole.get(key);
  if (other !== undefined && other.hash !== hash)
    tell(
      report,
      'ROW_DIFFERS',
      place.file,
      `row ${place.line} is of the record of row ${other.line} of ${other.file}, and says otherwise`,
    );
  whole.set(key, { ...place, evidence, hash });
}

function rowOf(text: string): Row | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : null;
  } catch {
    return null;
  }
}

/** CSV written anew from the rows must be the CSV that is there. */
async function expectCsv(reader: PackageReader, { name, columns, types }: RowFacts) {
  const renderer = csvRenderer({ width: Number.POSITIVE_INFINITY, terminal: false });
  const bytes = reader.open(`${name}.csv`)[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const takes = async (text: string): Promise<boolean> => {
    const expected = Buffer.from(text);
    while (held.length < expected.length) {
      const { value, done } = await bytes.next();
      if (done) break;
      held = Buffer.concat([held, value]);
    }
    const same = held.subarray(0, expected.length).equals(expected);
    held = held.subarray(expected.length);
    return same;
  };
  const header = await takes(
    renderer.begin(columns.map((column, at) => ({ name: column, type: types[at] ?? '' }))),
  );
  return {
    row: async (row: Row) => header && takes(renderer.rows([columns.map((column) => row[column] ?? null)])),
    isDone: async () => held.length === 0 && (await bytes.next()).done === true,
  };
}

/** Only the same version maps the same. */
const comparesOcsf = ({ ocsf, versions }: About, listed: ReadonlyMap<string, Listed>): boolean =>
  listed.has(OCSF) && ocsf?.schema === OCSF_VERSION && ocsf.invalid === 0 && versions.akashi === TOOL;

/** Renderings of the rows that are not read here. */
function notCompared(listed: ReadonlyMap<string, Listed>, ocsf: boolean): string[] {
  const caveats: string[] = [];
  if (!ocsf && listed.has(OCSF))
    caveats.push(`${OCSF} was rendered by another version, and was not compared with the rows.`);
  const parquet = [...listed.keys()].filter((name) => /^data\/rows\/.*\.parquet$/.test(name));
  if (parquet.length > 0)
    caveats.push(`${parquet.join(', ')}: not compared with the rows; read the JSON lines where it matters.`);
  return caveats;
}

async function compareOcsf(
  reader: PackageReader,
  { made, held }: { made: RowSet; held: RowSet },
  report: PackageVerification,
): Promise<void> {
  for await (const text of linesOf(reader, OCSF)) {
    const record = rowOf(text);
    putIn(held, [record === null ? text : JSON.stringify(record)]);
  }
  if (!sameSet(made, held))
    tell(
      report,
      'ROW_DIFFERS',
      OCSF,
      `${held.rows} records, and they are not those that its ${made.rows} rows give`,
    );
}
