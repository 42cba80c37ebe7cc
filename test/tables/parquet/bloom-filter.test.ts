import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, test } from 'vitest';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { xxHash64 } from '../../../tables/parquet/xxhash64.ts';
import { COLUMNS } from './columns.ts';
import { openInDuckDB } from './readers.ts';

function hashOf(bytes: Uint8Array): bigint {
  const { high, low } = xxHash64(
    new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    0,
    bytes.length,
    { high: 0, low: 0 },
  );
  return (BigInt(high) << 32n) | BigInt(low);
}

describe('XXH64', () => {
  test.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
  ])('of %o is as published', (text, hash) => {
    expect(hashOf(Buffer.from(text))).toBe(hash);
  });

  test('agrees with the specification written down in BigInt', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(hashOf(bytes)).toBe(plainXxHash64(bytes));
      }),
      { numRuns: 300 },
    );
  });
});

const labels = Array.from({ length: 3_000 }, (_, index) => `label ${index} of some length, at times é`);

function fileWithFilters(): Uint8Array {
  const buffer = new RowBuffer(COLUMNS, { bloomColumns: ['label', 'uid'], rowGroupRows: 1_000 });
  for (const [index, label] of labels.entries()) {
    buffer.add({ label: index < 2_000 ? label : null, uid: `uid ${index}` }, null);
    buffer.add({ label: index < 2_000 ? label : null, uid: null }, null);
  }
  return buffer.finish()!.bytes;
}

describe('bloom filters', () => {
  test('exclude no value that is there, and nearly all that are not, as DuckDB probes them', async () => {
    const duck = await openInDuckDB(fileWithFilters());
    const excluded = async (column: string, value: string) => {
      const groups = await duck.query(`from parquet_bloom_probe($file, '${column}', '${value}')`);
      return groups.map((group) => group['bloom_filter_excludes']);
    };
    for (const index of [0, 499, 500, 1_999]) {
      expect((await excluded('label', labels[index]!))[Math.floor(index / 500)]).toBe(false);
      expect((await excluded('uid', `uid ${index}`))[Math.floor(index / 500)]).toBe(false);
    }
    let wrong = 0;
    for (let index = 0; index < 100; index++) {
      wrong += (await excluded('uid', `other ${index}`)).filter((is) => is !== true).length;
    }
    expect(wrong).toBeLessThan(30); // of 600, at one in a hundred
    expect(await duck.query(`select count(*)::int as n from t where label = '${labels[700]}'`)).toEqual([
      { n: 2 },
    ]);
    duck.close();
  });

  test('find every value when hyparquet uses them', async () => {
    const bytes = new Uint8Array(fileWithFilters()).buffer;
    for (const index of [0, 777, 2_999]) {
      const rows = await parquetReadObjects({
        file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
        compressors,
        useBloomFilters: true,
        filter: { uid: { $eq: `uid ${index}` } },
        columns: ['uid'],
      });
      expect(rows).toEqual([{ uid: `uid ${index}` }]);
    }
  });
});

/** https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md with seed 0, as literally as BigInt allows. */
function plainXxHash64(bytes: Uint8Array): bigint {
  const mask = (1n << 64n) - 1n;
  const primes = [
    0n,
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const rotate = (x: bigint, bits: bigint) => ((x << bits) | (x >> (64n - bits))) & mask;
  const round = (acc: bigint, lane: bigint) =>
    (rotate((acc + lane * primes[2]) & mask, 31n) * primes[1]) & mask;
  const read = (at: number, size: number) =>
    bytes.slice(at, at + size).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [(primes[1] + primes[2]) & mask, primes[2], 0n, -primes[1] & mask];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) lanes[lane] = round(lanes[lane]!, read(at + lane * 8, 8));
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, bits, lane) => (sum + rotate(lanes[lane]!, bits)) & mask, 0n);
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * primes[1] + primes[4]) & mask;
  } else {
    hash = primes[5];
  }
  hash = (hash + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, read(at, 8)), 27n) * primes[1] + primes[4]) & mask;
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((read(at, 4) * primes[1]) & mask), 23n) * primes[2] + primes[3]) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash = (rotate(hash ^ ((read(at, 1) * primes[5]) & mask), 11n) * primes[1]) & mask;
  }
  hash = ((hash ^ (hash >> 33n)) * primes[2]) & mask;
  hash = ((hash ^ (hash >> 29n)) * primes[3]) & mask;
  return hash ^ (hash >> 32n);
}
