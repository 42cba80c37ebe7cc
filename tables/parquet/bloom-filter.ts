/** Split-block bloom filters: https://parquet.apache.org/docs/file-format/bloomfilter/ */

import { ByteBuffer } from './byte-buffer.ts';
import { LENGTH_BYTES } from './text-values.ts';
import { ThriftWriter } from './thrift.ts';
import { decodeThrift } from './thrift-tree.ts';
import { type Hash64, xxHash64 } from './xxhash64.ts';

/** Bits for each different value, about: sizes are powers of two. False answers are one in a hundred, at worst one in twenty. */
const BITS_PER_VALUE = 10;
const BLOCK_BYTES = 32;
const MAX_BYTES = 1 << 20;

/** One odd number for each word of a block. */
const SALT = Int32Array.of(
  0x47b6137b,
  0x44974d91,
  0x8824ad5b,
  0xa2b7289d,
  0x705495c7,
  0x2df1424b,
  0x9efc4947,
  0x5c6bfb31,
);

/**
 * The filter of the text values at these offsets of the arena, header and all, as it stands in the file. `distinct` is how
 * many of them differ; null where that is not known and has to be counted.
 */
export function textBloomFilter(
  arena: ByteBuffer,
  offsets: Uint32Array,
  count: number,
  distinct: number | null,
): Buffer {
  const highs = new Uint32Array(count);
  const lows = new Uint32Array(count);
  const hash: Hash64 = { high: 0, low: 0 };
  for (let value = 0; value < count; value++) {
    const start = offsets[value]! + LENGTH_BYTES;
    xxHash64(arena.data, start, start + arena.data.getUint32(offsets[value]!, true), hash);
    highs[value] = hash.high;
    lows[value] = hash.low;
  }
  const words = new Int32Array(filterBytes(distinct ?? countDistinct(highs, lows)) / 4);
  const blocks = words.length / SALT.length;
  for (let value = 0; value < count; value++) {
    // `blocks` is a power of two, so the upper bits of the product are the upper bits of the hash.
    const block = Math.floor((highs[value]! * blocks) / 2 ** 32) * SALT.length;
    for (let word = 0; word < SALT.length; word++) {
      words[block + word]! |= 1 << (Math.imul(lows[value]!, SALT[word]!) >>> 27);
    }
  }
  return Buffer.concat([header(words.byteLength), new Uint8Array(words.buffer)]);
}

/** How many of the hashes differ in their upper 53 bits, which a double holds. */
function countDistinct(highs: Uint32Array, lows: Uint32Array): number {
  const prints = Float64Array.from(highs, (high, at) => high * 2 ** 21 + (lows[at]! >>> 11)).sort();
  let distinct = 0;
  for (let at = 0; at < prints.length; at++) if (prints[at] !== prints[at - 1]) distinct++;
  return distinct;
}

/** The power of two that is nearest, since some readers take no other size. */
function filterBytes(values: number): number {
  const wanted = Math.max(1, (values * BITS_PER_VALUE) / 8);
  return Math.min(MAX_BYTES, Math.max(BLOCK_BYTES, 2 ** Math.round(Math.log2(wanted))));
}

function header(bytes: number): Buffer {
  const out = new ThriftWriter();
  out.i32(1, bytes);
  // Each a union whose only member is an empty struct: split-block, XXH64, uncompressed.
  for (const field of [2, 3, 4]) out.struct(field, () => out.struct(1, () => {}));
  return out.finish();
}

/**
 * Whether a filter as it stands in a file may have been given this text. True for bytes that are no filter of this kind:
 * nothing is known then.
 */
export function bloomMayHold(filter: Uint8Array, text: string): boolean {
  const words = filterWords(filter);
  if (words === null) return true;
  const value = new ByteBuffer(0);
  const bytes = Buffer.from(text);
  value.append(bytes);
  const { high, low } = xxHash64(value.data, 0, bytes.length, { high: 0, low: 0 });
  value.free();
  const blocks = words.byteLength / BLOCK_BYTES;
  const block = Math.floor((high * blocks) / 2 ** 32) * BLOCK_BYTES;
  return SALT.every((salt, word) => {
    const bits = words.getInt32(block + word * 4, true);
    return (bits & (1 << (Math.imul(low, salt) >>> 27))) !== 0;
  });
}

function filterWords(filter: Uint8Array): DataView | null {
  try {
    const { value, length } = decodeThrift(filter);
    const size = value.find(({ id }) => id === 1)?.value;
    if (typeof size !== 'number' || size === 0 || size % BLOCK_BYTES !== 0) return null;
    if (filter.length - length !== size) return null;
    return new DataView(filter.buffer, filter.byteOffset + length, size);
  } catch {
    return null;
  }
}
