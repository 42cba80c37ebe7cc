/** XXH64 with seed 0, as Parquet's bloom filters want it: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */

/*
 * 64-bit numbers are held as two 32-bit halves, because BigInt arithmetic would take some fifty times as long. An
 * operation leaves its result in `high` and `low`.
 */
let high = 0;
let low = 0;

/** The five primes of the algorithm, as upper and lower halves. */
const P1_HIGH = 0x9e3779b1 | 0;
const P1_LOW = 0x85ebca87 | 0;
const P2_HIGH = 0xc2b2ae3d | 0;
const P2_LOW = 0x27d4eb4f | 0;
const P3_HIGH = 0x165667b1 | 0;
const P3_LOW = 0x9e3779f9 | 0;
const P4_HIGH = 0x85ebca77 | 0;
const P4_LOW = 0xc2b2ae63 | 0;
const P5_HIGH = 0x27d4eb2f | 0;
const P5_LOW = 0x165667c5 | 0;

function add(otherHigh: number, otherLow: number): void {
  const sum = (low + otherLow) | 0;
  // Both halves are signed: as unsigned numbers, a sum that is less than a summand has carried.
  high = (high + otherHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
  low = sum;
}

function multiply(primeHigh: number, primeLow: number): void {
  // Upper half of low × primeLow from products of 16-bit halves, each of which fits into 32 bits.
  const a = low >>> 16;
  const b = low & 0xffff;
  const c = primeLow >>> 16;
  const d = primeLow & 0xffff;
  const ad = Math.imul(a, d);
  const bc = Math.imul(b, c);
  const middle = (Math.imul(b, d) >>> 16) + (ad & 0xffff) + (bc & 0xffff);
  const upper = Math.imul(a, c) + (ad >>> 16) + (bc >>> 16) + (middle >>> 16);
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
  multiply(P2_HIGH, P2_LOW);
  add(accumulatorHigh, accumulatorLow);
  rotate(31);
  multiply(P1_HIGH, P1_LOW);
}

const LANE_ROTATIONS = Uint8Array.of(1, 7, 12, 18);

/** Accumulators of the four lanes, high and low by turns. */
const lanes = new Int32Array(8);

function hashLanes(data: DataView, start: number, stripes: number): void {
  high = P1_HIGH;
  low = P1_LOW;
  add(P2_HIGH, P2_LOW);
  lanes[0] = high;
  lanes[1] = low;
  lanes[2] = P2_HIGH;
  lanes[3] = P2_LOW;
  lanes[4] = 0;
  lanes[5] = 0;
  high = 0;
  low = 0;
  add(~P1_HIGH, ~P1_LOW);
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
  for (let lane = 0; lane < 4; lane++) {
    high = lanes[lane * 2]!;
    low = lanes[lane * 2 + 1]!;
    rotate(LANE_ROTATIONS[lane]!);
    add(sumHigh, sumLow);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 4; lane++) {
    sumHigh = high;
    sumLow = low;
    high = lanes[lane * 2]!;
    low = lanes[lane * 2 + 1]!;
    multiply(P2_HIGH, P2_LOW);
    rotate(31);
    multiply(P1_HIGH, P1_LOW);
    xor(sumHigh, sumLow);
    multiply(P1_HIGH, P1_LOW);
    add(P4_HIGH, P4_LOW);
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
    high = P5_HIGH;
    low = P5_LOW;
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
    multiply(P1_HIGH, P1_LOW);
    add(P4_HIGH, P4_LOW);
  }
  if (at + 4 <= end) {
    const hashHigh = high;
    const hashLow = low;
    high = 0;
    low = data.getInt32(at, true);
    multiply(P1_HIGH, P1_LOW);
    xor(hashHigh, hashLow);
    rotate(23);
    multiply(P2_HIGH, P2_LOW);
    add(P3_HIGH, P3_LOW);
    at += 4;
  }
  for (; at < end; at++) {
    const hashHigh = high;
    const hashLow = low;
    high = 0;
    low = data.getUint8(at);
    multiply(P5_HIGH, P5_LOW);
    xor(hashHigh, hashLow);
    rotate(11);
    multiply(P1_HIGH, P1_LOW);
  }
  // h ^= h >> 33, h *= second prime, h ^= h >> 29, h *= third prime, h ^= h >> 32
  xor(0, high >>> 1);
  multiply(P2_HIGH, P2_LOW);
  xor(high >>> 29, (low >>> 29) | (high << 3));
  multiply(P3_HIGH, P3_LOW);
  xor(0, high);
  result.high = high >>> 0;
  result.low = low >>> 0;
  return result;
}
