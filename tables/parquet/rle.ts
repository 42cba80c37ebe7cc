/**
 * Parquet's RLE / bit-packing hybrid, used for levels and dictionary indices.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 */

import type { ByteBuffer } from './byte-buffer.ts';

/** Bits needed for values up to and including `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max);
}

/**
 * Appends `values[start, end)`, each below 2^width, width 0 … 24. Runs of 8 or more become RLE runs; what lies between
 * them is bit-packed in groups of eight, the last one padded with zeros.
 */
export function writeHybrid(
  out: ByteBuffer,
  values: Int32Array | Uint8Array,
  start: number,
  end: number,
  width: number,
): void {
  let packedFrom = start;
  let at = start;
  while (at < end) {
    const value = values[at]!;
    let runEnd = at + 1;
    while (runEnd < end && values[runEnd] === value) runEnd++;
    if (runEnd - at >= 8) {
      if (packedFrom < at) writePacked(out, values, packedFrom, at, width);
      writeRun(out, value, runEnd - at, width);
      at = runEnd;
      packedFrom = at;
    } else {
      // Step by whole groups, so that only the last one can need padding.
      at = Math.min(at + 8, end);
    }
  }
  if (packedFrom < end) writePacked(out, values, packedFrom, end, width);
}

/** Appends `count` times the same value. */
export function writeRun(out: ByteBuffer, value: number, count: number, width: number): void {
  out.varint(count * 2);
  for (let shift = 0; shift < width; shift += 8) out.byte((value >>> shift) & 0xff);
}

function writePacked(
  out: ByteBuffer,
  values: Int32Array | Uint8Array,
  start: number,
  end: number,
  width: number,
): void {
  const groups = Math.ceil((end - start) / 8);
  out.varint(groups * 2 + 1);
  out.reserve(groups * width);
  const { bytes } = out;
  const last = out.length + groups * width;
  let to = out.length;
  let bits = 0;
  let held = 0;
  for (let at = start; at < end; at++) {
    bits |= values[at]! << held;
    held += width;
    while (held >= 8) {
      bytes[to++] = bits;
      bits >>>= 8;
      held -= 8;
    }
  }
  if (held > 0) bytes[to++] = bits;
  while (to < last) bytes[to++] = 0;
  out.length = last;
}
