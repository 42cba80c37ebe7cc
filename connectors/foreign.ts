/** Tells bodies that hold logs in a wrapping we do not undo, so that whoever collects them hears what to do. */

import { isText } from './parts/text-share.ts';

const UNPACK = 'unpack it and collect the files inside';

/** First bytes, latin1. Zip: APPNOTE 4.3; xz: its file format 2.1.1.1; Zstandard: RFC 8878; bzip2, 7-Zip, RAR, LZ4: their own. */
const STARTS: readonly (readonly [start: RegExp, said: string])[] = [
  [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/, `a zip archive: ${UNPACK}`],
  [/^7z\xbc\xaf\x27\x1c/, `a 7-Zip archive: ${UNPACK}`],
  [/^Rar!\x1a\x07/, `a RAR archive: ${UNPACK}`],
  [/^\xfd7zXZ\0/, 'compressed by xz: run unxz on it first'],
  [/^BZh[1-9]1AY&SY/, 'compressed by bzip2: run bunzip2 on it first'],
  [/^\x28\xb5\x2f\xfd/, 'compressed by Zstandard: run unzstd on it first'],
  [/^\x04\x22\x4d\x18/, 'compressed by LZ4: run unlz4 on it first'],
  [/^\x1f\x8b/, 'gzip within gzip: run gunzip on it once first'],
];

const UTF16 =
  'text in UTF-16: make it UTF-8 first, as `iconv -f UTF-16LE -t UTF-8` does (BE where it is big-endian)';
const PAIRS = 32;

/** `head` are a body's first bytes after decompression. A sentence with the way out, or null for all that may be a log. */
export function foreignFormat(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (isUtf16(bytes)) return UTF16;
  if (isTar(bytes)) return `a tar archive: ${UNPACK}`;
  // A line of text that begins as an archive does is still text.
  if (isText(bytes.toString('utf8', 0, 64)) && isText(bytes.toString('utf8', 0, 512))) return null;
  const start = bytes.toString('latin1', 0, 16);
  return STARTS.find(([pattern]) => pattern.test(start))?.[1] ?? null;
}

/** With its byte-order mark, or ASCII as it is written without: every other byte is zero. */
function isUtf16(bytes: Buffer): boolean {
  const units = Math.min(PAIRS, bytes.length >> 1);
  if (units < 2) return false;
  const zeros = [0, 0];
  for (let at = 0; at < 2 * units; at++) if (bytes[at] === 0) zeros[at % 2]!++;
  const marked = /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
  return (
    (marked && zeros[0] !== zeros[1]) ||
    (zeros[0] === units && zeros[1] === 0) ||
    (zeros[1] === units && zeros[0] === 0)
  );
}

/** POSIX.1-1988 ustar and GNU: the magic word, and a header whose checksum is right. */
function isTar(bytes: Buffer): boolean {
  if (bytes.length < 512 || bytes.toString('latin1', 257, 262) !== 'ustar') return false;
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0x20 : bytes[at]!;
  return Number.parseInt(bytes.toString('latin1', 148, 156).trim(), 8) === sum;
}
