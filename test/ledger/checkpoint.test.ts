import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkpointText,
  openCheckpoint,
  parseCheckpointText,
  signCheckpoint,
} from '../../ledger/checkpoint.ts';
import { signNote } from '../../ledger/note.ts';
import { cosigner } from '../../ledger/signer.ts';
import { verifierOf } from '../../ledger/vkey.ts';
import { testSigner, testVerifier } from './parts/keys.ts';

const ORIGIN = 'example.com/log';
const SIGNER = testSigner(ORIGIN);
const LOG = { origin: ORIGIN, verifiers: [testVerifier(SIGNER)] };
const ROOT = Buffer.alloc(32, 7);

test('a checkpoint is three lines and a signature', async () => {
  const note = await signCheckpoint(ORIGIN, { size: 20_852_163, root: ROOT }, [SIGNER]);
  expect(Buffer.from(note).toString().split('\n').slice(0, 4)).toEqual([
    ORIGIN,
    '20852163',
    ROOT.toString('base64'),
    '',
  ]);
  const opened = openCheckpoint(note, LOG);
  expect(opened).toMatchObject({
    ok: true,
    value: { origin: ORIGIN, size: 20_852_163, root: ROOT, extensions: [] },
  });
});

test('checkpoints survive being text, extension lines among them', () => {
  const line = fc.string({ minLength: 1, unit: fc.constantFrom('a', '/', '.', 'é', ' ', '—') });
  const checkpoints = fc.record({
    origin: line,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    extensions: fc.array(line, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      expect(parseCheckpointText(checkpointText(checkpoint))).toEqual({ ok: true, value: checkpoint });
    }),
  );
});

const root = ROOT.toString('base64');

test.each([
  ['', 'nothing'],
  [`${ORIGIN}\n1\n`, 'two lines'],
  [`${ORIGIN}\n1\n${root}`, 'no last newline'],
  [`\n1\n${root}\n`, 'no origin'],
  [`${ORIGIN}\n01\n${root}\n`, 'a leading zero'],
  [`${ORIGIN}\n-1\n${root}\n`, 'a negative size'],
  [`${ORIGIN}\n1e3\n${root}\n`, 'a size with an exponent'],
  [`${ORIGIN}\n9007199254740992\n${root}\n`, 'a size beyond 2^53 - 1'],
  [`${ORIGIN}\n1\n${root.slice(0, -4)}\n`, 'a short root'],
  [`${ORIGIN}\n1\n${root.replace('=', '')}\n`, 'a root without padding'],
  [`${ORIGIN}\n1\n${root}\n\n`, 'an empty extension line'],
])('%j is malformed: %s', (text) => {
  expect(parseCheckpointText(text)).toMatchObject({ ok: false, code: 'CHECKPOINT_MALFORMED' });
});

test('any text reads as a checkpoint or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\n', '1', '0', 'A', '=', root) }), (text) => {
      const parsed = parseCheckpointText(text);
      if (parsed.ok) expect(checkpointText(parsed.value)).toBe(text);
    }),
  );
});

test('another log’s checkpoint is refused even when a key we know signed it', async () => {
  const note = await signNote(`example.com/other\n1\n${root}\n`, [SIGNER]);
  expect(openCheckpoint(note, LOG)).toMatchObject({ ok: false, code: 'CHECKPOINT_OTHER_ORIGIN' });
});

test('a witness alone does not speak for the log', async () => {
  const witness = testSigner('example.com/witness', 4);
  const text = `${ORIGIN}\n1\n${root}\n`;
  const verifiers = [...LOG.verifiers, verifierOf(witness.name, 'cosignature', witness.publicKey)];
  const cosigned = cosigner(witness, () => 1);
  expect(openCheckpoint(await signNote(text, [cosigned]), { origin: ORIGIN, verifiers })).toMatchObject({
    ok: false,
    code: 'CHECKPOINT_UNSIGNED',
  });
  const both = openCheckpoint(await signNote(text, [SIGNER, cosigned]), { origin: ORIGIN, verifiers });
  expect(both.ok && both.value.verified.length).toBe(2);
});

test('a text that is no checkpoint is refused although the signature holds', async () => {
  const note = await signNote('just words\n', [SIGNER]);
  expect(openCheckpoint(note, LOG)).toMatchObject({ ok: false, code: 'CHECKPOINT_MALFORMED' });
});
