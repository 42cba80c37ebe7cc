/**
 * Parquet's encodings of values. All stop at the count they are given, whatever runs the bytes claim.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md
 */

/** Text, a number, a boolean; a 64-bit integer beyond 2^53 as bigint. */
export type ParquetValue = string | number | bigint | boolean;

/** `count` integers of `width` bits from runs and bit-packed groups. Throws where the bytes end first. */
export function readRuns(bytes: Buffer, width: number, count: number): Uint32Array {
  if (width > 32) throw new Error(`integers of ${width} bits`);
  const values = new Uint32Array(count);
  if (width === 0) return values;
  const cursor = { at: 0 };
  let filled = 0;
  while (filled < count) {
    const header = varint(bytes, cursor);
    if (header % 2 === 0) {
      const run = Math.min(header / 2, count - filled);
      if (run === 0) throw new Error('a run of no values');
      const size = (width + 7) >> 3;
      if (cursor.at + size > bytes.length) throw new Error('the runs are cut short');
      values.fill(bytes.readUIntLE(cursor.at, size), filled, filled + run);
      cursor.at += size;
      filled += run;
    } else {
      const packed = Math.min(((header - 1) / 2) * 8, count - filled);
      unpack(bytes, cursor.at, width, values, filled, packed);
      cursor.at += ((header - 1) / 2) * width;
      filled += packed;
    }
  }
  return values;
}

/** Bit-packed integers, least significant bit first. */
function unpack(
  bytes: Buffer,
  start: number,
  width: number,
  into: Uint32Array,
  offset: number,
  count: number,
): void {
  if (start + Math.ceil((count * width) / 8) > bytes.length)
    throw new Error('the packed values are cut short');
  let bit = start * 8;
  for (let index = 0; index < count; index++) {
    let value = 0;
    for (let done = 0; done < width; ) {
      const room = 8 - (bit & 7);
      const take = Math.min(room, width - done);
      const piece = (bytes[bit >>> 3]! >> (bit & 7)) & ((1 << take) - 1);
      value += piece * 2 ** done;
      done += take;
      bit += take;
    }
    into[offset + index] = value;
  }
}

/** `count` values one after another. `type` and `width` as in the footer. */
export function readPlain(bytes: Buffer, type: number, width: number, count: number): ParquetValue[] {
  const values: ParquetValue[] = [];
  let at = 0;
  const take = (size: number): number => {
    const from = at;
    at += size;
    if (at > bytes.length) throw new Error('the values are cut short');
    return from;
  };
  for (let index = 0; index < count; index++) {
    switch (type) {
      case 0: {
        const byte = bytes[index >> 3];
        if (byte === undefined) throw new Error('the values are cut short');
        values.push(((byte >> (index & 7)) & 1) === 1);
        break;
      }
      case 1:
        values.push(bytes.readInt32LE(take(4)));
        break;
      case 2:
        values.push(int64(bytes, take(8)));
        break;
      case 4:
        values.push(bytes.readFloatLE(take(4)));
        break;
      case 5:
        values.push(bytes.readDoubleLE(take(8)));
        break;
      case 6: {
        const length = bytes.readUInt32LE(take(4));
        const from = take(length);
        values.push(bytes.toString('utf8', from, from + length));
        break;
      }
      case 3:
      case 7: {
        const size = type === 3 ? 12 : width;
        if (size === 0) throw new Error('values of no width');
        const from = take(size);
        values.push(bytes.toString('hex', from, from + size));
        break;
      }
      default:
        throw new Error(`${type} is no Parquet type`);
    }
  }
  return values;
}

/** BYTE_STREAM_SPLIT: the first bytes of all values, then the second, and so on. */
export function readSplitStreams(bytes: Buffer, type: number, width: number, count: number): ParquetValue[] {
  const size = type === 1 || type === 4 ? 4 : type === 7 ? width : 8;
  if (size * count > bytes.length) throw new Error('the values are cut short');
  const joined = Buffer.alloc(size * count);
  for (let index = 0; index < joined.length; index++) {
    joined[index] = bytes[(index % size) * count + Math.floor(index / size)]!;
  }
  return readPlain(joined, type, width, count);
}

/** DELTA_BINARY_PACKED, and where it ends. */
export function readDeltas(
  bytes: Buffer,
  type: number,
  count: number,
): { values: ParquetValue[]; end: number } {
  const cursor = { at: 0 };
  const blockSize = varint(bytes, cursor);
  const miniblocks = varint(bytes, cursor);
  const total = varint(bytes, cursor);
  const perMiniblock = blockSize / miniblocks;
  if (!(Number.isInteger(perMiniblock) && perMiniblock > 0 && perMiniblock % 8 === 0) || total < count) {
    throw new Error('deltas in blocks that cannot be');
  }
  const bits = type === 1 ? 32 : 64;
  let last = zigzag(bytes, cursor);
  const values: ParquetValue[] = [];
  if (count > 0) values.push(numberOf(last));
  while (values.length < count) {
    const least = zigzag(bytes, cursor);
    const widths = bytes.subarray(cursor.at, cursor.at + miniblocks);
    if (widths.length < miniblocks) throw new Error('the deltas are cut short');
    cursor.at += miniblocks;
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > bits) throw new Error(`deltas of ${width} bits`);
      const size = (perMiniblock / 8) * width;
      // The last block may leave its unused miniblocks out, never one that is used.
      if (cursor.at + size > bytes.length) throw new Error('the deltas are cut short');
      for (let index = 0; index < perMiniblock && values.length < count; index++) {
        last = BigInt.asIntN(bits, last + least + bitsAt(bytes, cursor.at * 8 + index * width, width));
        values.push(numberOf(last));
      }
      cursor.at += size;
    }
  }
  return { values, end: cursor.at };
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export function readDeltaLengths(bytes: Buffer, count: number): Buffer[] {
  const { values: lengths, end } = readDeltas(bytes, 1, count);
  let at = end;
  return lengths.map((length) => {
    const size = Number(length);
    if (!(size >= 0) || at + size > bytes.length) throw new Error('the texts are cut short');
    at += size;
    return bytes.subarray(at - size, at);
  });
}

/** DELTA_BYTE_ARRAY: how much of the text before each shares, then the rests. `maxBytes` bounds what they unfold to. */
export function readDeltaTexts(bytes: Buffer, count: number, maxBytes: number): Buffer[] {
  const { values: shared, end } = readDeltas(bytes, 1, count);
  const rests = readDeltaLengths(bytes.subarray(end), count);
  let before: Buffer = Buffer.alloc(0);
  let unfolded = 0;
  return rests.map((rest, index) => {
    const size = Number(shared[index]);
    if (!(size >= 0 && size <= before.length)) throw new Error('a text shares more than the one before has');
    unfolded += size + rest.length;
    if (unfolded > maxBytes) throw new Error(`texts that unfold to more than ${maxBytes} bytes`);
    before = size === 0 ? rest : Buffer.concat([before.subarray(0, size), rest]);
    return before;
  });
}

function bitsAt(bytes: Buffer, bit: number, width: number): bigint {
  let value = 0n;
  for (let done = 0; done < width; ) {
    const at = bit + done;
    const take = Math.min(8 - (at & 7), width - done);
    const piece = (bytes[Math.floor(at / 8)]! >> (at & 7)) & ((1 << take) - 1);
    value |= BigInt(piece) << BigInt(done);
    done += take;
  }
  return value;
}

function int64(bytes: Buffer, at: number): number | bigint {
  const high = bytes.readInt32LE(at + 4);
  // The high half alone tells whether a double is exact.
  if (high >= -0x20_0000 && high < 0x20_0000) return high * 2 ** 32 + bytes.readUInt32LE(at);
  return numberOf(bytes.readBigInt64LE(at));
}

function numberOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function varint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0;
  let factor = 1;
  for (let count = 0; count < 8; count++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Error('the values are cut short');
    value += (byte & 127) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
  throw new Error('a number of more than eight bytes');
}

function zigzag(bytes: Buffer, cursor: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Error('the values are cut short');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }
  throw new Error('a number of more than ten bytes');
}
