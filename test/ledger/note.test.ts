import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_NOTE_BYTES, openNote, parseNote, signatureLine, signNote } from '../../ledger/note.ts';
import { need } from '../../ledger/outcome.ts';
import { parseVkey, verifierOf } from '../../ledger/vkey.ts';
import { greaseSigner, testSigner, testVerifier } from './parts/keys.ts';

const SIGNER = testSigner('example.com/log');
const VERIFIER = testVerifier(SIGNER);
const TEXT = 'A text\n\nof three lines.\n';

const code = (outcome: ReturnType<typeof openNote>): string => (outcome.ok ? 'opened' : outcome.code);

test('the note of the specification opens with its key', () => {
  const key = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const note = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
  const verifier = need(key);
  expect(verifier.id).toBe(0x530d903a);
  expect(need(openNote(Buffer.from(note), [verifier])).text).toBe('This is an example message.\n');
});

test('what was signed opens, and its text may hold blank lines', async () => {
  const note = await signNote(TEXT, [SIGNER]);
  expect(openNote(note, [VERIFIER])).toMatchObject({ ok: true, value: { text: TEXT, verified: [VERIFIER] } });
});

test('sixteen signatures are accepted, and lines of unknown keys passed over wherever they stand', async () => {
  const signers = Array.from({ length: 16 }, (_, at) => testSigner(`example.com/log${at}`, at + 1));
  const grease = ['grease', '灰', 'example.com/log'].map(greaseSigner);
  const note = await signNote(TEXT, [grease[0]!, ...signers, grease[1]!, grease[2]!]);
  const opened = openNote(note, signers.map(testVerifier));
  expect(opened.ok && opened.value.verified.length).toBe(16);
});

test('name and key id must both fit: the same key under another name is unknown', async () => {
  const note = await signNote(TEXT, [SIGNER]);
  const renamed = verifierOf('example.com/other', 'ed25519', SIGNER.publicKey);
  const otherKey = testVerifier(testSigner(SIGNER.name, 9));
  expect(code(openNote(note, [renamed, otherKey]))).toBe('NOTE_UNSIGNED');
  expect(code(openNote(note, []))).toBe('NOTE_UNSIGNED');
});

test('one bad signature of a known key condemns the note, however many good ones there are', async () => {
  const other = testSigner('example.com/other', 2);
  const liar = { ...other, sign: async () => Buffer.alloc(64, 1) };
  const note = await signNote(TEXT, [SIGNER, liar]);
  expect(code(openNote(note, [VERIFIER]))).toBe('opened');
  expect(code(openNote(note, [VERIFIER, testVerifier(other)]))).toBe('NOTE_BAD_SIGNATURE');
  const twice = await signNote(TEXT, [SIGNER, { ...SIGNER, sign: async () => Buffer.alloc(64, 1) }]);
  expect(code(openNote(twice, [VERIFIER]))).toBe('NOTE_BAD_SIGNATURE');
});

test('every single changed byte of a signed note is noticed', async () => {
  const note = await signNote(TEXT, [SIGNER]);
  for (let at = 0; at < note.length; at++) {
    for (const bit of [0x01, 0x20, 0x80]) {
      const other = Buffer.from(note);
      other[at]! ^= bit;
      expect(code(openNote(other, [VERIFIER]))).not.toBe('opened');
    }
  }
});

const line = signatureLine({ name: 'a', id: 1, signature: Uint8Array.of(1) });

test.each([
  ['no blank line', `text\n${line}`],
  ['no text before the blank line', `\n${line}`],
  ['no signature', 'text\n\n'],
  ['an unfinished last line', `text\n\n${line.trimEnd()}`],
  ['a carriage return', `text\r\n\n${line}`],
  ['a tab', `te\txt\n\n${line}`],
  ['a hyphen for the dash', `text\n\n${line.replace('—', '-')}`],
  ['two spaces', `text\n\n${line.replace(' a ', ' a  ')}`],
  ['a plus in the name', `text\n\n${line.replace(' a ', ' a+b ')}`],
  ['a no-break space in the name', `text\n\n${line.replace(' a ', ' a\u00a0b ')}`],
  ['base64 without padding', `text\n\n${line.replaceAll('=', '')}`],
  ['base64 with other trailing bits', 'text\n\n— a AAAAAQF=\n'],
  ['base64 for URLs', 'text\n\n— a AAAAAf__\n'],
  ['a key id alone', 'text\n\n— a AAAAAQ==\n'],
  ['more signatures than anyone needs', `text\n\n${line.repeat(101)}`],
])('a note with %s is malformed', (_, note) => {
  expect(code(parseNote(Buffer.from(note)) as never)).toBe('NOTE_MALFORMED');
});

test('bytes that are no UTF-8 and endless notes are malformed', () => {
  expect(parseNote(Buffer.concat([Uint8Array.of(0xff), Buffer.from(`text\n\n${line}`)])).ok).toBe(false);
  const padding = 'x'.repeat(MAX_NOTE_BYTES);
  expect(parseNote(Buffer.from(`${padding}\n\n${line}`)).ok).toBe(false);
});

test('only text that a reader would accept is signed', async () => {
  for (const text of ['no newline', 'a\rb\n', 'a\u0000b\n', 'half \ud800\n']) {
    await expect(signNote(text, [SIGNER])).rejects.toMatchObject({ code: 'NOTE_MALFORMED' });
  }
});

// LEDGER_FUZZ=1000000 for the long run.
const RUNS = Number(process.env['LEDGER_FUZZ'] ?? 20_000);

test('no bytes crash the reader, and none pass without a valid signature', { timeout: 600_000 }, async () => {
  const note = Buffer.from(await signNote(TEXT, [SIGNER]));
  const pieces = [
    '\n',
    '\n\n',
    '— ',
    ' ',
    'example.com/log',
    line,
    note.toString(),
    'AAAAAQE=',
    '+',
    '\u0085',
    'é',
  ];
  const soup = fc
    .array(fc.constantFrom(...pieces), { maxLength: 12 })
    .map((all) => Buffer.from(all.join('')));
  const spliced = fc
    .tuple(fc.nat(note.length), fc.nat(note.length), fc.uint8Array({ maxLength: 6 }))
    .map(([from, length, middle]) =>
      Buffer.concat([note.subarray(0, from), middle, note.subarray(from + length)]),
    );
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), soup, spliced);
  let slowestMillis = 0;
  fc.assert(
    fc.property(anything, (bytes) => {
      const started = performance.now();
      const opened = openNote(bytes, [VERIFIER]);
      slowestMillis = Math.max(slowestMillis, performance.now() - started);
      if (opened.ok && opened.value.text !== TEXT) throw new Error('opened a text that was never signed');
    }),
    { numRuns: RUNS },
  );
  expect(slowestMillis).toBeLessThan(250);
});
