/** XXH64 with seed 0, as Parquet's bloom filters want it: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */

/*
 * 64-bit numbers are held as two 32-bit halves, because BigInt arithmetic would take some fifty times as long. An
 * operation leaves its result in `high` and `low`.
 */
let high = 0;
let low = 0;

const PRIME_1 = [0x9e3779b1, 0x85ebca87] as const;
const PRIME_2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const PRIME_3 = [0x165667b1, 0x9e3779f9] as const;
const PRIME_4 = [0x85ebca77, 0xc2b2ae63] as const;
const PRIME_5 = [0x27d4eb2f, 0x165667c5] as const;
type Prime = readonly [high: number, low: number];

function add(otherHigh: number, otherLow: number): void {
  const sum = (low >>> 0) + (otherLow >>> 0);
  high = (high + otherHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
  low = sum | 0;
}

function multiply([primeHigh, primeLow]: Prime): void {
  // Upper half of low × primeLow, from products of 16-bit halves that a double holds exactly.
  const a = low >>> 16;
  const b = low & 0xffff;
  const c = primeLow >>> 16;
  const d = primeLow & 0xffff;
  const middle = a * d + ((b * d) >>> 16);
  const upper = a * c + Math.floor(middle / 0x10000) + Math.floor(((middle % 0x10000) + b * c) / 0x10000);
  high = (upper + Math.imul(high, primeLow) + Math.imul(low, primeHigh)) | 0;
  low = Math.imul(low, primeLow);
}

/** Rotates left by 0 < bits < 32. */
function rotate(bits: number): void {
  const rotatedHigh = (high << bits) | (low >>> (32 - bits));
  low = (low << bits) | (high >>> (32 - bits));
  high = rotatedHigh;
}

function xor(otherHigh: number, otherLow: number): void {
  high ^= otherHigh;
  low ^= otherLow;
}

/** One lane's step: the accumulator is in `high` and `low`. */
function round(data: DataView, at: number): void {
  const accumulatorHigh = high;
  const accumulatorLow = low;
  low = data.getInt32(at, true);
  high = data.getInt32(at + 4, true);
  multiply(PRIME_2);
  add(accumulatorHigh, accumulatorLow);
  rotate(31);
  multiply(PRIME_1);
}

/** Accumulators of the four lanes, high and low by turns. */
const lanes = new Int32Array(8);

function hashLanes(data: DataView, start: number, stripes: number): void {
  high = PRIME_1[0];
  low = PRIME_1[1];
  add(PRIME_2[0], PRIME_2[1]);
  lanes.set([high, low, PRIME_2[0], PRIME_2[1], 0, 0]);
  high = 0;
  low = 0;
  add(~PRIME_1[0], ~PRIME_1[1]);
  add(0, 1);
  lanes[6] = high;
  lanes[7] = low;
  for (let at = start; at < start + stripes * 32; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      high = lanes[lane * 2]!;
      low = lanes[lane * 2 + 1]!;
      round(data, at + lane * 8);
      lanes[lane * 2] = high;
      lanes[lane * 2 + 1] = low;
    }
  }
  let sumHigh = 0;
  let sumLow = 0;
  for (const [lane, bits] of [1, 7, 12, 18].entries()) {
    high = lanes[lane * 2]!;
    low = lanes[lane * 2 + 1]!;
    rotate(bits);
    add(sumHigh, sumLow);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 4; lane++) {
    sumHigh = high;
    sumLow = low;
    high = lanes[lane * 2]!;
    low = lanes[lane * 2 + 1]!;
    multiply(PRIME_2);
    rotate(31);
    multiply(PRIME_1);
    xor(sumHigh, sumLow);
    multiply(PRIME_1);
    add(PRIME_4[0], PRIME_4[1]);
  }
}

export interface Hash64 {
  /** Upper and lower 32 bits, unsigned. */
  high: number;
  low: number;
}

/** Hashes the bytes [start, end) into `result`, which is also returned. */
export function xxHash64(data: DataView, start: number, end: number, result: Hash64): Hash64 {
  const length = end - start;
  const stripes = length >>> 5;
  if (stripes > 0) {
    hashLanes(data, start, stripes);
  } else {
    high = PRIME_5[0];
    low = PRIME_5[1];
  }
  add(0, length);
  let at = start + stripes * 32;
  for (; at + 8 <= end; at += 8) {
    const hashHigh = high;
    const hashLow = low;
    high = 0;
    low = 0;
    round(data, at);
    xor(hashHigh, hashLow);
    rotate(27);
    multiply(PRIME_1);
    add(PRIME_4[0], PRIME_4[1]);
  }
  if (at + 4 <= end) {
    const hashHigh = high;
    const hashLow = low;
    high = 0;
    low = data.getInt32(at, true);
    multiply(PRIME_1);
    xor(hashHigh, hashLow);
    rotate(23);
    multiply(PRIME_2);
    add(PRIME_3[0], PRIME_3[1]);
    at += 4;
  }
  for (; at < end; at++) {
    const hashHigh = high;
    const hashLow = low;
    high = 0;
    low = data.getUint8(at);
    multiply(PRIME_5);
    xor(hashHigh, hashLow);
    rotate(11);
    multiply(PRIME_1);
  }
  // h ^= h >> 33, h *= PRIME_2, h ^= h >> 29, h *= PRIME_3, h ^= h >> 32
  xor(0, high >>> 1);
  multiply(PRIME_2);
  xor(high >>> 29, (low >>> 29) | (high << 3));
  multiply(PRIME_3);
  xor(0, high);
  result.high = high >>> 0;
  result.low = low >>> 0;
  return result;
}
