import { hash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzipOne, hashLog } from '../../../ledger/digests/gzip.ts';

const content = Buffer.from('{"Records":[{"eventID":"1"}]}');
const whole = gzipSync(content);
const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'hex');

/** A member with every optional part of RFC 1952. */
function decorated(): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]);
  const extra = Buffer.from([3, 0, 1, 2, 3]);
  const header = Buffer.concat([head, extra, Buffer.from('log.json\0a comment\0')]);
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(crc32(header) & 0xffff);
  return Buffer.concat([header, crc, deflateRawSync(content), whole.subarray(-8)]);
}

describe('one gzip member', () => {
  test.each([
    ['plain', whole],
    ['with every optional part of a header', decorated()],
    ['stored without compression', gzipSync(content, { level: 0 })],
    ['empty', gzipSync('')],
  ])('%s is read', async (_, bytes) => {
    const read = gunzipOne(bytes);
    const { content: hashed } = await hashLog(bytes);
    expect(read.ok && read.value.problem === null && sha256(read.value.content)).toBe(hashed);
    expect(hashed).not.toBeNull();
  });

  test.each([
    ['a second member', Buffer.concat([whole, whole])],
    ['an empty second member', Buffer.concat([whole, gzipSync('')])],
    ['zeroes after it', Buffer.concat([whole, Buffer.alloc(1)])],
    ['another size in its trailer', changed(-1)],
    ['another checksum', changed(-8)],
    ['no trailer', whole.subarray(0, -8)],
    ['half a trailer', whole.subarray(0, -4)],
    ['a header alone', whole.subarray(0, 10)],
    ['another checksum of its header', decorated().fill(1, 4, 5)],
    ['an unknown method', changed(2)],
    ['reserved flags', changed(3, 0x80)],
    ['a name that never ends', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8]), Buffer.alloc(40, 'x')])],
    [
      'an extra field beyond the end',
      Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 4]), Buffer.alloc(40, 0xff)]),
    ],
  ])('%s is refused', async (_, bytes) => {
    const read = gunzipOne(bytes);
    expect(read.ok && read.value.problem === null).toBe(false);
    expect(await hashLog(bytes)).toMatchObject({ content: null, stored: sha256(bytes) });
  });

  test('what is not gzip is its own content', async () => {
    expect(await hashLog(content)).toEqual({
      stored: sha256(content),
      content: sha256(content),
      gzip: false,
      problem: null,
    });
  });

  test('a large one is hashed in pieces, with the same checks', async () => {
    const large = Buffer.alloc(70 * 2 ** 20, 'log ');
    const packed = gzipSync(large, { level: 1 });
    expect(await hashLog(packed)).toMatchObject({ content: sha256(large) });
    for (const bad of [Buffer.concat([packed, packed]), packed.subarray(0, -1), packed.subarray(0, 5000)])
      expect(await hashLog(bad)).toMatchObject({ content: null });
  });

  test('any bytes end in an answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, marked) => {
        const body = marked ? Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes]) : Buffer.from(bytes);
        const hashes = await hashLog(body);
        expect(hashes.content === null).toBe(hashes.problem !== null);
      }),
      { numRuns: 2000 },
    );
  });
});

function changed(at: number, bits = 1): Buffer {
  const bytes = Buffer.from(whole);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = bytes[index]! ^ bits;
  return bytes;
}
