/** Nested Parquet as DuckDB writes it, beside another reader, and broken in every way. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import type { BrokenRecord } from '../../../connectors/contract.ts';
import type { LeafRow } from '../../../connectors/parts/parquet-column.ts';
import type { ParquetNode } from '../../../connectors/parts/parquet-footer.ts';
import { rowOf } from '../../../connectors/parts/parquet-tree.ts';
import { tailpipeRows } from '../../../connectors/parts/tailpipe-rows.ts';

const SAMPLES = [
  'aws-cloudtrail-tailpipe/samples/data_0.parquet',
  'aws-cloudtrail-tailpipe/samples/ducklake-zstd-v2.parquet',
  'aws-vpcflow-tailpipe/samples/flows.parquet',
  'azure-activity-tailpipe/samples/activity.parquet',
  'gcp-audit-tailpipe/samples/audit.parquet',
].map((name) => [name, readFileSync(new URL(`../../../connectors/${name}`, import.meta.url))] as const);

function read(body: Uint8Array): { values: unknown[]; raw: string[]; broken: BrokenRecord[] } {
  const found = { values: [] as unknown[], raw: [] as string[], broken: [] as BrokenRecord[] };
  const splitter = tailpipeRows(
    {
      record: ({ value, raw }) => {
        found.values.push(value);
        found.raw.push(raw);
      },
      broken: (broken) => found.broken.push(broken),
      skipped: () => {},
    },
    ['tp_id'],
  );
  splitter.push(body);
  void splitter.end();
  return found;
}

/** Times as ours are, so that two readers can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?$/.test(value)) return Date.parse(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

test.each(SAMPLES)('%s is read as hyparquet reads it', async (_, body) => {
  const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.length) as ArrayBuffer;
  const others = await parquetReadObjects({ file, compressors });
  const { values, raw, broken } = read(body);
  expect(broken).toEqual([]);
  expect(values.map(plain)).toEqual(others.map(plain));
  expect(raw.map((text) => plain(JSON.parse(text)))).toEqual(others.map(plain));
});

test('any byte changed ends as rows and problems', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      ([, body], changes) => {
        const changed = Buffer.from(body);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        const { values, broken } = read(changed);
        expect(values.length + broken.length).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 400 },
  );
});

const node = (name: string, more: Partial<ParquetNode>): ParquetNode => ({
  name,
  definition: 0,
  repetition: 0,
  repeated: false,
  converted: -1,
  unit: null,
  column: null,
  members: [],
  ...more,
});

/** `optional list<optional list<optional int>>`, whose levels the format's own pages work out. */
test('lists of lists, empty and absent ones among them', () => {
  const element = node('element', { definition: 5, repetition: 2, column: 0 });
  const inner = node('list', { definition: 4, repetition: 2, repeated: true, members: [element] });
  const innerList = node('element', { definition: 3, repetition: 1, converted: 3, members: [inner] });
  const outer = node('list', { definition: 2, repetition: 1, repeated: true, members: [innerList] });
  const a = node('a', { definition: 1, converted: 3, members: [outer] });
  const root = node('root', { members: [a] });
  const row = (repetitions: number[], definitions: number[], values: (number | null)[]): unknown =>
    rowOf(root, [{ repetitions, definitions, values } satisfies LeafRow])['a'];
  expect(row([0], [0], [null])).toBeNull();
  expect(row([0], [1], [null])).toEqual([]);
  expect(row([0], [2], [null])).toEqual([null]);
  expect(row([0], [3], [null])).toEqual([[]]);
  expect(row([0, 2, 1, 2], [5, 5, 5, 4], [1, 2, 3, null])).toEqual([
    [1, 2],
    [3, null],
  ]);
});
