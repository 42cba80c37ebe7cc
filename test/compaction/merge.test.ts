import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mergeDay } from '../../compaction/day-job.ts';
import { type Row, TABLES } from '../../schema/columns.ts';
import { readRows } from '../../stages/parquet-rows.ts';
import { BatchWriter } from '../../stages/store.ts';
import type { DataFileEntry } from '../../tables/table-metadata.ts';
import { tempPath } from '../../vault/durable-file.ts';
import { memoryState, memoryVault } from '../../vault/memory-store.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'akashi-merge-'));
  mkdirSync(join(root, '.tmp'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const lake = () => ({
  vault: memoryVault(),
  state: memoryState(),
  scratchPath: (suffix: string) => tempPath(root, suffix),
});
type TestLake = ReturnType<typeof lake>;

const DAY = 19_000 * 86_400e6;
const text = fc.option(
  fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a', 'b\0c', "it's", '\ud83d')),
);
const cell = {
  string: text,
  json: text,
  time: fc.option(fc.integer({ min: DAY, max: DAY + 5 })),
  int: fc.option(fc.integer()),
  long: fc.option(fc.maxSafeInteger()),
  bool: fc.option(fc.boolean()),
  strings: fc.option(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 })),
};
/** Any value in any column; of one day, with few different times, so that pieces are cut within one. */
const row = fc
  .record(Object.fromEntries(TABLES.events.map(({ name, type }) => [name, cell[type]])))
  .map((cells) => ({ ...cells, time: (cells['time'] as number | null) ?? DAY }) as Row<'events'>);

async function stored(to: TestLake, rows: readonly Row<'events'>[], batch: string): Promise<DataFileEntry[]> {
  const writer = new BatchWriter(to.vault, to.state, batch.repeat(32));
  for (const one of rows) writer.event(one, null);
  return (await writer.finish()).events;
}

const rowsOf = async ({ vault }: TestLake, files: readonly DataFileEntry[]) =>
  Promise.all(files.map(async ({ key }) => readRows((await vault.get(key)).body)));

const asText = (rows: readonly object[]): string[] => rows.map((one) => JSON.stringify(one)).sort();

test('any rows in any files come out the same, in files that follow one another in time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
      async (batches) => {
        const own = lake();
        const files = (await Promise.all(batches.map((rows, at) => stored(own, rows, `a${at}`)))).flat();
        const job = { table: 'events', day: files[0]!.day, files, settle: false, compacted: true } as const;
        const options = { pieceCharacters: 2000 };
        const { files: merged } = await mergeDay(own, job, options);
        const before = await rowsOf(own, files);
        const after = await rowsOf(own, merged);
        expect(asText(after.flat())).toEqual(asText(before.flat()));
        for (let at = 1; at < merged.length; at++)
          expect(merged[at]!.minTime!).toBeGreaterThanOrEqual(merged[at - 1]!.maxTime!);
        // The same work writes the same files, which write-once stores insist on.
        expect((await mergeDay(own, job, options)).files).toEqual(merged);
        // As one piece, for which no engine is asked.
        const { files: whole } = await mergeDay(own, job);
        expect(whole).toHaveLength(1);
        expect(asText((await rowsOf(own, whole)).flat())).toEqual(asText(before.flat()));
      },
    ),
    { numRuns: 10 },
  );
});

test('a file that is not what was sealed is never merged', async () => {
  const own = lake();
  const [file] = await stored(own, fc.sample(row, { numRuns: 3, seed: 1 }), 'aa');
  const altered = { ...file!, sha256: 'ab'.repeat(32) };
  const job = { table: 'events', day: file!.day, files: [altered], settle: false, compacted: false } as const;
  await expect(mergeDay(own, job)).rejects.toMatchObject({ code: 'DATA_ALTERED' });
});
