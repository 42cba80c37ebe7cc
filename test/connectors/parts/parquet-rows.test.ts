import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrokenRecord, SourceRecord } from '../../../connectors/contract.ts';
import { parquetRows } from '../../../connectors/parts/parquet-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'parquet-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 3000;

/** Numbers up and down, beyond 2^53, repeated and distinct text, nulls in runs and alone. */
const TABLE = `
  select i::int as small,
         (i * 7919 % 1000 - 500)::bigint as signed,
         (9007199254740993 + i)::bigint as large,
         case when i % 3 = 0 then null else 'eni-' || (i % 5) end as repeated,
         'row number ' || i as distinct_text,
         case when i < 2000 then null else i::double / 4 end as late,
         i % 2 = 0 as flag,
         null::varchar as never
  from range(${ROWS}) t(i)`;

const expectedRow = (i: number) => ({
  small: i,
  signed: ((i * 7919) % 1000) - 500,
  large: BigInt(i) + 9007199254740993n,
  repeated: i % 3 === 0 ? null : `eni-${i % 5}`,
  distinct_text: `row number ${i}`,
  late: i < 2000 ? null : i / 4,
  flag: i % 2 === 0,
  never: null,
});

function read(body: Uint8Array, chunkBytes = body.length) {
  const records: SourceRecord[] = [];
  const broken: BrokenRecord[] = [];
  const splitter = parquetRows(
    { record: (record) => records.push(record), broken: (one) => broken.push(one), skipped: () => {} },
    { contextOf: (names) => (names.includes('stranger') ? 'not ours' : names) },
  );
  for (let at = 0; at < body.length; at += chunkBytes) splitter.push(body.subarray(at, at + chunkBytes));
  splitter.end();
  return { records, broken };
}

let write: (query: string, options: string) => Promise<Buffer>;
let plain: Buffer;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  let files = 0;
  write = async (query, options) => {
    const path = join(folder, `${files++}.parquet`);
    await connection.run(`copy (${query}) to '${path}' (format parquet, ${options})`);
    return readFileSync(path);
  };
  plain = await write(TABLE, 'compression uncompressed, row_group_size 2048');
});

describe('rows come out as they went in', () => {
  const codecs = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];
  test.each(codecs.flatMap((codec) => ['V1', 'V2'].map((version) => [codec, version])))(
    '%s, pages of %s',
    async (codec, version) => {
      const options = `compression ${codec}, parquet_version ${version}, row_group_size 2048`;
      const { records, broken } = read(await write(TABLE, options), 1000);
      expect(broken).toEqual([]);
      expect(records.map(({ value }) => ({ ...(value as object) }))).toEqual(
        Array.from({ length: ROWS }, (_, i) => expectedRow(i)),
      );
    },
  );

  test('raw is the row as JSON with every digit, and the locator says which row', () => {
    const { records } = read(plain);
    expect(records[1]).toMatchObject({ locator: 'row=1;rebuilt', bytes: null });
    expect(records[1]!.raw).toBe(
      '{"small":1,"signed":419,"large":9007199254740994,"repeated":"eni-1","distinct_text":"row number 1","late":null,"flag":false,"never":null}',
    );
  });
});

describe('what cannot be read is said', () => {
  test('columns of another source', async () => {
    const { records, broken } = read(await write('select 1 as stranger', 'compression snappy'));
    expect(records).toEqual([]);
    expect(broken).toMatchObject([{ code: 'invalid_parquet', problem: 'not ours' }]);
  });

  test('nested columns', async () => {
    const { broken } = read(await write('select [1, 2] as a', 'compression snappy'));
    expect(broken).toMatchObject([{ code: 'invalid_parquet', problem: expect.stringContaining('nested') }]);
  });

  test('a body cut short anywhere', () => {
    for (const length of [4, 11, 1000, plain.length - 1]) {
      const { records, broken } = read(plain.subarray(0, length));
      expect(records).toEqual([]);
      expect(broken).toMatchObject([{ code: 'invalid_parquet', locator: `bytes=0-${length}` }]);
    }
  });

  test('a damaged page costs its row group, and the other groups are read', () => {
    const damaged = Buffer.from(plain);
    damaged.fill(0xff, 4, 40);
    const { records, broken } = read(damaged);
    expect(broken).toMatchObject([{ code: 'invalid_parquet', locator: 'row=0' }]);
    expect(records.map(({ locator }) => locator)).toEqual(
      Array.from({ length: ROWS - 2048 }, (_, i) => `row=${i + 2048};rebuilt`),
    );
  });

  test('few bytes that claim very many rows', async () => {
    const bomb = await write(
      "select repeat('x', 10000) as a from range(20000)",
      'compression zstd, row_group_size 20000',
    );
    const { broken } = read(bomb);
    expect(bomb.length).toBeLessThan(20_000);
    expect(broken).toMatchObject([{ code: 'expansion_limit' }]);
  });

  test('any bytes changed: never a throw, every outcome counted, in bounded time', async () => {
    const bodies = [plain, await write(`${TABLE} limit 50`, 'compression snappy, parquet_version V2')];
    fc.assert(
      fc.property(
        fc.constantFrom(...bodies),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (body, changes, inFooter) => {
          const changed = Buffer.from(body);
          const from = inFooter ? changed.length - 600 : 0;
          for (const [at, byte] of changes) changed[from + (at % (changed.length - from))] = byte;
          const { records, broken } = read(changed);
          expect(records.length + broken.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
