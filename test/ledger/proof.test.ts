import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { type Signer, signNote } from '../../ledger/note.ts';
import { need } from '../../ledger/outcome.ts';
import { type Policy, parsePolicy, policyOf } from '../../ledger/policy.ts';
import { encodeProof, parseProof, verifyProof } from '../../ledger/proof.ts';
import { cosigner } from '../../ledger/signer.ts';
import { encodeVkey } from '../../ledger/vkey.ts';
import { testSigner, testVerifier } from './parts/keys.ts';
import { numbered, numberedLeaves, slowInclusion, slowRoot } from './parts/reference.ts';

const ORIGIN = 'example.com/log';
const [OLD_KEY, NEW_KEY] = [testSigner(ORIGIN, 1), testSigner(ORIGIN, 2)];
const WITNESSES = [3, 4, 5].map((seed) => testSigner(`example.com/witness${seed}`, seed));
const LEAVES = numberedLeaves(50);
const SIZE = LEAVES.length;
const ROOT = slowRoot(LEAVES);
const TEXT = `${ORIGIN}\n${SIZE}\n${ROOT.toString('base64')}\n`;

const trusting = (...keys: readonly Signer[]): Policy =>
  policyOf({ origin: ORIGIN, verifiers: keys.map(testVerifier) });

async function proofOf(index: number, ...signers: readonly Signer[]): Promise<Uint8Array> {
  const checkpoint = await signNote(TEXT, signers);
  return encodeProof({ index, hashes: slowInclusion(index, LEAVES), checkpoint, extra: null });
}

const verdict = (bytes: Uint8Array, policy: Policy, entry: Uint8Array = numbered(17)): string => {
  const outcome = verifyProof(bytes, entry, policy);
  return outcome.ok ? 'proven' : outcome.code;
};

let proof: Uint8Array;
beforeAll(async () => {
  proof = await proofOf(17, OLD_KEY);
});

test('a proof file has the lines the specification gives it', () => {
  const lines = Buffer.from(proof).toString().split('\n');
  expect(lines.slice(0, 2)).toEqual(['c2sp.org/tlog-proof@v1', 'index 17']);
  expect(lines.slice(2, 8).every((line) => /^[A-Za-z0-9+/]{43}=$/.test(line))).toBe(true);
  expect(lines.slice(8, 11)).toEqual(['', ORIGIN, String(SIZE)]);
});

test('it proves its entry and no other', () => {
  expect(verdict(proof, trusting(OLD_KEY))).toBe('proven');
  expect(verdict(proof, trusting(OLD_KEY), numbered(18))).toBe('PROOF_NOT_INCLUDED');
});

test('every changed byte of it is noticed', () => {
  for (let at = 0; at < proof.length; at++) {
    const other = Buffer.from(proof);
    other[at]! ^= 1 << (at % 8);
    expect(verdict(other, trusting(OLD_KEY))).not.toBe('proven');
  }
});

test('proof files survive being text, with and without extra data', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const bundles = fc.record({
    index: fc.maxSafeNat(),
    hashes: fc.array(hash, { maxLength: 63 }),
    checkpoint: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    extra: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  });
  fc.assert(
    fc.property(bundles, (bundle) => {
      expect(parseProof(encodeProof(bundle))).toEqual({ ok: true, value: bundle });
    }),
  );
});

test('any bytes are a proof file or a refusal', () => {
  const pieces = [
    'c2sp.org/tlog-proof@v1\n',
    'extra ',
    'index ',
    '17',
    '\n',
    '\n\n',
    'A'.repeat(43),
    '=',
    'é',
  ];
  const soup = fc
    .array(fc.constantFrom(...pieces), { maxLength: 12 })
    .map((all) => Buffer.from(all.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), soup), (bytes) => {
      const parsed = parseProof(bytes);
      if (parsed.ok) expect(Buffer.from(encodeProof(parsed.value))).toEqual(bytes);
      expect(verdict(bytes, trusting(OLD_KEY))).not.toBe('proven');
    }),
  );
});

test('proofs made before, during and after a change of keys hold by the keys that were good then', async () => {
  const [before, during, after] = await Promise.all([
    proofOf(17, OLD_KEY),
    proofOf(17, OLD_KEY, NEW_KEY),
    proofOf(17, NEW_KEY),
  ]);
  const policies = { old: trusting(OLD_KEY), both: trusting(OLD_KEY, NEW_KEY), revoked: trusting(NEW_KEY) };
  expect([before, during, after].map((bytes) => verdict(bytes, policies.both))).toEqual([
    'proven',
    'proven',
    'proven',
  ]);
  expect(verdict(during, policies.old)).toBe('proven');
  expect(verdict(after, policies.old)).toBe('NOTE_UNSIGNED');
  expect(verdict(before, policies.revoked)).toBe('NOTE_UNSIGNED');
});

test('the proof of one log says nothing about another, even under the same key', async () => {
  const checkpoint = await signCheckpoint('example.com/other', { size: SIZE, root: ROOT }, [OLD_KEY]);
  const other = encodeProof({ index: 17, hashes: slowInclusion(17, LEAVES), checkpoint, extra: null });
  expect(verdict(other, trusting(OLD_KEY))).toBe('CHECKPOINT_UNSIGNED');
});

const logLine = `log ${encodeVkey(ORIGIN, 'ed25519', OLD_KEY.publicKey)} https://log.example.com/`;
const vkeys = WITNESSES.map(({ name, publicKey }) => encodeVkey(name, 'cosignature', publicKey));
const witnessLines = vkeys.map((vkey, at) => `witness w${at} ${vkey}`);

test.each([
  ['quorum none', 0],
  ['quorum w1', 2],
  ['group any any w0 w1 w2\nquorum any', 1],
  ['group two 2 w0 w1 w2\nquorum two', 2],
  ['group all all w0 w1 w2\nquorum all', 3],
  ['group inner any w1 w2\ngroup outer all w0 inner\nquorum outer', 2],
])('with %j it takes %i of the witnesses in turn', async (quorum, enough) => {
  const policy = need(parsePolicy(Buffer.from([logLine, ...witnessLines, quorum, ''].join('\n'))));
  for (let count = 0; count <= 3; count++) {
    const witnesses = WITNESSES.slice(0, count).map((witness) => cosigner(witness, () => 1000));
    const bytes = await proofOf(17, OLD_KEY, ...witnesses);
    expect(verdict(bytes, policy)).toBe(count >= enough ? 'proven' : 'CHECKPOINT_UNWITNESSED');
  }
});

test('witnesses do not make up for the log', async () => {
  const policy = need(parsePolicy(Buffer.from([logLine, ...witnessLines, 'quorum w0', ''].join('\n'))));
  const bytes = await proofOf(17, ...WITNESSES.map((witness) => cosigner(witness, () => 1000)));
  expect(verdict(bytes, policy)).toBe('CHECKPOINT_UNSIGNED');
});

test('comments, blank lines, tabs and 32 of everything are taken', () => {
  const many = Array.from({ length: 32 }, (_, at) => testSigner(`example.com/w${at}`, at + 100));
  const lines = [
    '# a policy',
    '',
    ...many.map(({ name, publicKey }) => `\tlog  ${encodeVkey(name, 'ed25519', publicKey)} `),
    ...many.map(
      ({ name, publicKey }, at) => `witness w${at}\t${encodeVkey(name, 'cosignature', publicKey)} https://w`,
    ),
    ...many.map((_, at) => `group g${at} any w${at}`),
    `group all 32 ${many.map((_, at) => `g${at}`).join(' ')}`,
    ' # é',
    'quorum all',
  ];
  const policy = need(parsePolicy(Buffer.from(lines.join('\n'))));
  expect([policy.logs.length, policy.witnesses.length]).toEqual([32, 32]);
});

test.each([
  ['no quorum', logLine],
  ['two quorums', 'quorum none\nquorum none'],
  ['an unknown word', 'quorum none\nlogs x'],
  ['a name used before it is defined', 'group g any w0\nquorum g'],
  ['a name defined twice', `${witnessLines[0]}\ngroup w0 any w0\nquorum none`],
  ['the name none', `witness none ${vkeys[0]}\nquorum none`],
  ['a member of two groups', `${witnessLines[0]}\ngroup a any w0\ngroup b any w0\nquorum none`],
  ['more asked for than there are', `${witnessLines[0]}\ngroup a 2 w0\nquorum a`],
  ['none asked for', `${witnessLines[0]}\ngroup a 0 w0\nquorum a`],
  ['an empty group', 'group a any\nquorum none'],
  ['one key for two witnesses', `${witnessLines[0]}\nwitness x ${vkeys[0]}\nquorum none`],
  ['a log key for a witness', `witness x ${encodeVkey(ORIGIN, 'ed25519', OLD_KEY.publicKey)}\nquorum none`],
  ['a witness key for a log', `log ${vkeys[0]}\nquorum none`],
  ['a carriage return', 'quorum none\r\n'],
])('a policy with %s is refused', (_, text) => {
  expect(parsePolicy(Buffer.from(text))).toMatchObject({ ok: false, code: 'POLICY_MALFORMED' });
});

test('any bytes are a policy or a refusal', () => {
  const pieces = [
    'log ',
    'witness ',
    'group ',
    'quorum ',
    'none',
    'any',
    ' ',
    '\n',
    'w0',
    vkeys[0]!,
    '\u00ff',
    '1',
  ];
  const soup = fc
    .array(fc.constantFrom(...pieces), { maxLength: 15 })
    .map((all) => Buffer.from(all.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), soup), (bytes) => {
      expect(['boolean']).toContain(typeof parsePolicy(bytes).ok);
    }),
  );
});
