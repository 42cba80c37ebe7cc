/**
 * `npm run test:iceberg`: lakes exported as Iceberg and read by engines that are not ours, beside our own: the same
 * counts and, by a hash over every column of every row, the same values.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compact } from '../../compaction/compact.ts';
import { remap } from '../../compaction/remap.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { exportIceberg, type IcebergExport } from '../../exports/iceberg.ts';
import { TABLES } from '../../schema/columns.ts';
import { readHead } from '../../tables/head.ts';
import { icebergAddresses } from '../../tables/iceberg/addresses.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { type Engine, pyIceberg, runPython, spark } from './engines.ts';
import {
  addDay,
  addYear,
  collectInto,
  copiesFolder,
  daysFolder,
  forgetYounger,
  olderMapping,
  SAMPLES,
  YOUNGER,
} from './lakes.ts';
import { ABOUT_YOUNGER, QUESTIONS, type Question } from './questions.ts';
import { ourCount, ourTable, type TableSaid } from './rows.ts';

const tally = { passed: 0, failed: 0 };

function expectSame(what: string, found: unknown, expected: unknown): void {
  const same = JSON.stringify(found) === JSON.stringify(expected);
  tally[same ? 'passed' : 'failed']++;
  const shown = same
    ? JSON.stringify(found)
    : `${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
  console.log(`${same ? 'same     ' : 'DIFFERENT'} ${what}: ${shown.slice(0, 200)}`);
}

const short = ({ rows, sha256 }: TableSaid) => ({ rows, values: sha256.slice(0, 16) });

async function compare(
  engines: readonly Engine[],
  lake: string,
  written: Pick<IcebergExport, 'tables'>,
  questions: readonly Question[],
  folder: string,
  settled = false,
): Promise<void> {
  const snapshot = await readSnapshot(await openLakeForReading(lake));
  const request = join(folder, 'request.json');
  // Before a compaction every copy of an event is a row; after it each event is one, as our own queries show it.
  const viewOf = (table: string) => (table === 'events' && !settled ? 'events_all' : table);
  const compared = written.tables.filter(({ name, table }) => name === table);
  const tables = Object.fromEntries(compared.map(({ table, metadata }) => [table, metadata]));
  writeFileSync(request, JSON.stringify({ tables, questions }));
  const said = new Map<string, TableSaid>();
  for (const { table, rows } of compared) {
    said.set(table, await ourTable(snapshot, table, viewOf(table)));
    expectSame(`our engine, ${table} beside what was exported`, said.get(table)!.rows, rows);
  }
  const counts = [];
  for (const { table, where } of questions) counts.push(await ourCount(snapshot, viewOf(table), where));
  for (const engine of engines) {
    const answer = await engine.read(request);
    for (const { table } of compared)
      expectSame(`${engine.name}, ${table}`, short(answer.tables[table]!), short(said.get(table)!));
    for (const [at, { table, where }] of questions.entries()) {
      const { rows, files } = answer.counts[at]!;
      const planned = files === undefined ? '' : ` (${files} files)`;
      expectSame(`${engine.name}, ${table} where ${where}${planned}`, rows, counts[at]);
    }
  }
}

/** How many columns each engine sees in `events`. */
async function compareColumns(
  engines: readonly Engine[],
  written: IcebergExport,
  columns: number,
  folder: string,
): Promise<void> {
  const request = join(folder, 'request.json');
  const events = written.tables.find(({ table }) => table === 'events')!.metadata;
  writeFileSync(request, JSON.stringify({ tables: { events }, questions: [] }));
  for (const engine of engines) {
    const { tables } = await engine.read(request);
    expectSame(`${engine.name}, columns of ${events.split('/').at(-1)}`, tables['events']!.columns, columns);
  }
}

/** The lake's own tables as its last seal left them: nothing was exported. */
async function live(lake: string): Promise<Pick<IcebergExport, 'tables'>> {
  const { vault, state } = await openLakeForReading(lake);
  const { head } = await readHead(state);
  const addresses = await icebergAddresses(vault, head);
  const tables = await Promise.all(
    addresses.map(async ({ name, table, metadata }) => {
      const { files } = await readTable(vault, head, table);
      const own = files.filter(({ copies }) => (copies === true) === (name !== table));
      return {
        name,
        table,
        metadata,
        files: own.length,
        rows: own.reduce((sum, { rows }) => sum + rows, 0),
        added: 0,
      };
    }),
  );
  return { tables };
}

const folder = mkdtempSync(join(tmpdir(), 'akashi-iceberg-'));
try {
  const alone = process.argv.includes('pyiceberg');
  const engines = [await pyIceberg(), alone ? null : await spark()].filter((engine) => engine !== null);
  const exported = async (lake: string, name: string, copyData: boolean) =>
    exportIceberg(await openLakeForReading(join(folder, lake)), {
      location: join(folder, name),
      copyData,
      now: Date.now(),
    });

  console.log('\nThe samples, then ten days more: data files in the lake, two snapshots');
  await collectInto(join(folder, 'lake'), SAMPLES);
  await exported('lake', 'warehouse', false);
  await collectInto(join(folder, 'lake'), daysFolder(join(folder, 'days')));
  await compare(engines, join(folder, 'lake'), await exported('lake', 'warehouse', false), QUESTIONS, folder);

  const inPlace = async (what: string, questions: readonly Question[], settled: boolean) => {
    console.log(`\n${what}: the lake itself, where nothing was exported`);
    const lake = join(folder, 'lake');
    await compare(engines, lake, await live(lake), questions, folder, settled);
  };
  await inPlace('The same', QUESTIONS, false);

  console.log('\nThe lines of docs/iceberg.md');
  const page = readFileSync(new URL('../../docs/iceberg.md', import.meta.url), 'utf8');
  const [, code] = /^```python\n(.*?)^```/ms.exec(page)!;
  expectSame(
    'names of the columns that PyIceberg prints',
    /time.*action/s.test(await runPython(code!, folder)),
    true,
  );

  console.log('\nThe same with its data files, in one snapshot');
  await compare(engines, join(folder, 'lake'), await exported('lake', 'copy', true), [], folder);

  console.log('\nAfter a compaction, in which copies of events were set aside; and after what came since');
  await collectInto(join(folder, 'lake'), copiesFolder(join(folder, 'copies')));
  const compacted = await compact(await openLake(join(folder, 'lake')));
  expectSame('copies that were set aside', compacted.copies > 300, true);
  await compare(
    engines,
    join(folder, 'lake'),
    await exported('lake', 'warehouse', false),
    QUESTIONS,
    folder,
    true,
  );
  await inPlace('After the compaction', QUESTIONS, true);
  await addYear(join(folder, 'lake'), join(folder, 'year'));
  await compare(engines, join(folder, 'lake'), await exported('lake', 'warehouse', false), [], folder, true);
  await inPlace('And after what came since', [], true);

  console.log('\nAfter rows were derived again by another mapping');
  const older = await olderMapping(join(folder, 'older'), join(folder, 'days'));
  const before = await exported('older', 'older-warehouse', false);
  older.restore();
  const mapped = await remap(await openLake(join(folder, 'older')));
  expectSame('bodies mapped anew', mapped.bodies > 5, true);
  const after = await exported('older', 'older-warehouse', false);
  expectSame('metadata is another', before.tables[0]!.metadata === after.tables[0]!.metadata, false);
  await compare(engines, join(folder, 'older'), after, QUESTIONS, folder);

  console.log('\nA table whose first file and first snapshot are from before its youngest columns');
  await addDay(join(folder, 'grown'), '2026-01-30');
  const first = await exported('grown', 'grown-warehouse', false);
  forgetYounger(join(folder, 'grown-warehouse', 'events', 'metadata', 'v1.metadata.json'));
  await compareColumns(engines, first, TABLES.events.length - YOUNGER.length, folder);
  await addDay(join(folder, 'grown'), '2026-01-31');
  const grown = await exported('grown', 'grown-warehouse', false);
  await compareColumns(engines, grown, TABLES.events.length, folder);
  await compare(engines, join(folder, 'grown'), grown, ABOUT_YOUNGER, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
if (tally.failed > 0) process.exitCode = 1;
