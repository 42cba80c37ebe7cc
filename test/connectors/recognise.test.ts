import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { foreignFormat } from '../../connectors/foreign.ts';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { readBody } from './read-body.ts';

const sample = (text: string) => sampleOf('x', Buffer.from(text), true);

test('members of the first object, whatever follows', () => {
  expect(sample('{"a":1,"b":{"c":2},"d":["e"],"f":"g:h"}').members).toEqual(['a', 'b', 'd', 'f']);
  expect(sample('[ {"a" : "\\"}{"} ]').members).toEqual(['a']);
  expect(sample('{"a":1,"cut').members).toEqual(['a']);
  expect(sample('plain text').members).toEqual([]);
});

test.each([
  ['a string that never ends, full of escapes', `{"a":"${'\\"'.repeat(32_000)}`],
  ['quotes alone', `{${'"'.repeat(64_000)}`],
  ['brackets alone', '{['.repeat(32_000)],
])('%s is looked at in linear time', (_, text) => {
  const started = performance.now();
  recognise(sample(text));
  expect(performance.now() - started).toBeLessThan(1500);
});

const LINES = '{"user":"eve","msg":"first"}\n{"user":"eve","msg":"second"}\n';

// Whoever can write the first line of an application's log must not have the others passed over.
test.each([
  '{"digestS3Object":"x","digestPublicKeyFingerprint":"y"}',
  '{"hashSignature":"x","publicKeyFingerprint":"y"}',
  '{"items":[]}\n{"user":"mallory","items":[]}',
  '{"items":[],"user":"mallory"}',
  '{"QueryResultRows":[]}',
])('a first line %s hides none of those after it', async (first) => {
  const body = Buffer.from(`${first}\n${LINES}`);
  for (const complete of [true, false]) {
    const found = recognise(sampleOf('app.log', body, complete))!;
    expect(found.recognition.role).toBe('records');
    const outcomes = await readBody(found.connector, body);
    const shown = outcomes.filter(({ outcome }) => outcome.kind !== 'skipped');
    expect(shown.length).toBeGreaterThanOrEqual(first.includes('mallory') ? 3 : 2);
  }
});

test('pages of answers, one a line, are opened', async () => {
  const body = Buffer.from(
    '{"nextToken":"a","items":[{"id":1},{"id":2}]}\n{"nextToken":"b","items":[{"id":3}]}\n',
  );
  const found = recognise(sampleOf('pages.json', body, true))!;
  expect((await readBody(found.connector, body)).map(({ record }) => record?.raw)).toEqual([
    '{"id":1}',
    '{"id":2}',
    '{"id":3}',
  ]);
});

const utf16 = Buffer.from(LINES, 'utf16le');
const tarHeader = (): Buffer => {
  const header = Buffer.alloc(512);
  header.write('auth.log', 0);
  header.write('ustar', 257);
  header.write('        ', 148);
  header.write(
    header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0'),
    148,
  );
  return header;
};

test.each([
  ['UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), /UTF-16/],
  ['UTF-16 without', utf16, /UTF-16/],
  ['UTF-16, big-endian', Buffer.from(utf16).swap16(), /UTF-16/],
  ['gzip within gzip', gzipSync(LINES), /gunzip/],
  [
    'a stored zip',
    Buffer.from(`PK\x03\x04\x14\0\0\0\0\0${'"eventVersion":"","eventSource":""'}`, 'latin1'),
    /zip/,
  ],
  ['a tar of text', Buffer.concat([tarHeader(), Buffer.from(LINES.repeat(1000))]), /tar/],
])('%s is no log, and how to have it read is said', (_, head, said) => {
  expect(foreignFormat(head)).toMatch(said);
  expect(recognise(sampleOf('AWSLogs/x_CloudTrail_y.json', head, true))).toBeNull();
});

test('a line of text that begins as an archive does is text', () => {
  const line = Buffer.from('BZh91AY&SY logged in from 192.0.2.1\n');
  expect(recognise(sampleOf('x', line, true))).not.toBeNull();
});
