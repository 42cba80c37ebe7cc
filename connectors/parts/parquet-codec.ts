/** Page compression of Parquet, bounded by the size the page says it has. */

import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressors } from 'hyparquet-compressors';

type Decompress = (input: Uint8Array, size: number) => Uint8Array;

/** By the number the footer has. https://github.com/apache/parquet-format/blob/master/Compression.md */
const CODECS: readonly (Decompress | null)[] = [
  (input) => input,
  (input, size) => compressors.SNAPPY!(input, size),
  (input, size) => gunzipSync(input, { maxOutputLength: size }),
  null, // LZO, which no current writer has
  (input, size) => brotliDecompressSync(input, { maxOutputLength: size }),
  (input, size) => compressors.LZ4!(input, size),
  (input, size) => zstdDecompressSync(input, { maxOutputLength: size }),
  (input, size) => compressors.LZ4_RAW!(input, size),
];

/** Largest page after decompression, bytes; writers aim at 1 MiB. */
export const MAX_PAGE_BYTES = 64 * 2 ** 20;

/** Exactly `size` bytes. Throws an Error for anything else. */
export function decompressPage(input: Buffer, codec: number, size: number): Buffer {
  if (!(size >= 0 && size <= MAX_PAGE_BYTES)) throw new Error(`a page of ${size} bytes`);
  const decompress = CODECS[codec];
  if (decompress === undefined || decompress === null)
    throw new Error(`the compression ${codec} is not known`);
  if (size === 0) return Buffer.alloc(0);
  const page = decompress(input, size);
  if (page.length !== size) throw new Error(`a page of ${page.length} bytes, not the ${size} it says`);
  return Buffer.from(page.buffer, page.byteOffset, page.byteLength);
}
