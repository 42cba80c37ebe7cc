import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCheckpointText, signCheckpoint } from '../../ledger/checkpoint.ts';
import { EMPTY_ROOT, type Hash, rootOf } from '../../ledger/merkle.ts';
import { openNote, parseNote, signNote } from '../../ledger/note.ts';
import { need } from '../../ledger/outcome.ts';
import { verifierOf } from '../../ledger/vkey.ts';
import {
  addCheckpoint,
  encodeAddCheckpoint,
  originHash,
  parseAddCheckpoint,
  type WitnessSettings,
} from '../../ledger/witness.ts';
import { memoryState } from '../../vault/memory-store.ts';
import { testSigner, testVerifier } from './parts/keys.ts';
import { numberedLeaves, slowConsistency } from './parts/reference.ts';

const ORIGIN = 'example.com/log';
const SIGNER = testSigner(ORIGIN);
const WITNESS = testSigner('example.com/witness', 9);
const LEAVES = numberedLeaves(120);

function newWitness(now: () => number = () => 1000): WitnessSettings {
  return {
    signer: WITNESS,
    logs: [{ origin: ORIGIN, verifiers: [testVerifier(SIGNER)] }],
    store: memoryState(),
    keyOf: (origin) => `cache/witness/${origin}`,
    now,
  };
}

interface Asked {
  readonly old: number;
  readonly size: number;
  readonly root?: Hash;
  readonly origin?: string;
  readonly signer?: typeof SIGNER;
  readonly proof?: readonly Hash[];
}

async function request({
  old,
  size,
  root,
  origin = ORIGIN,
  signer = SIGNER,
  proof,
}: Asked): Promise<Uint8Array> {
  const head = { size, root: root ?? rootOf(LEAVES.slice(0, size)) };
  return encodeAddCheckpoint({
    oldSize: old,
    proof: proof ?? (old < size ? slowConsistency(old, LEAVES.slice(0, size)) : []),
    checkpoint: await signCheckpoint(origin, head, [signer]),
  });
}

const ask = async (witness: WitnessSettings, asked: Asked) => addCheckpoint(witness, await request(asked));

test('a checkpoint that continues the last one is cosigned, with the time it was seen', async () => {
  const witness = newWitness();
  for (const [old, size] of [
    [0, 7],
    [7, 8],
    [8, 100],
    [100, 100],
  ] as const) {
    const { status, body } = await ask(witness, { old, size });
    expect(status).toBe(200);
    const text = `${ORIGIN}\n${size}\n${Buffer.from(rootOf(LEAVES.slice(0, size))).toString('base64')}\n`;
    const opened = openNote(Buffer.from(`${text}\n${body}`), [
      verifierOf(WITNESS.name, 'cosignature', WITNESS.publicKey),
    ]);
    expect(opened.ok).toBe(true);
  }
});

test.each([
  ['400, an old size beyond the new one', 400, { old: 8, size: 7 }],
  ['403, a key it was not told of', 403, { old: 5, size: 7, signer: testSigner(ORIGIN, 2) }],
  ['404, a log it does not know', 404, { old: 5, size: 7, origin: 'example.com/other' }],
  ['409, another size than it holds', 409, { old: 4, size: 7 }],
  ['422, a proof that does not lead there', 422, { old: 5, size: 7, proof: [LEAVES[0]!] }],
  ['422, another root at the size it holds', 422, { old: 5, size: 5, root: LEAVES[1]! }],
] as const)('%s', async (_, status, asked) => {
  const witness = newWitness();
  expect((await ask(witness, { old: 0, size: 5 })).status).toBe(200);
  const refusal = await ask(witness, asked);
  expect(refusal.status).toBe(status);
  if (status === 409) expect(refusal).toMatchObject({ contentType: 'text/x.tlog.size', body: '5\n' });
  expect((await ask(witness, { old: 5, size: 6 })).status).toBe(200);
});

test('an empty tree has one root only', async () => {
  expect((await ask(newWitness(), { old: 0, size: 0, root: LEAVES[0]! })).status).toBe(422);
  expect((await ask(newWitness(), { old: 0, size: 0, root: EMPTY_ROOT })).status).toBe(200);
});

test('a clock that went back is told, and nothing is cosigned with an older time', async () => {
  let now = 1_000_000;
  const witness = newWitness(() => now);
  await ask(witness, { old: 0, size: 5 });
  for (const back of [1, 3600, 86_400]) {
    now = 1_000_000 - back;
    expect((await ask(witness, { old: 5, size: 6 })).status).toBe(500);
  }
  now = 1_000_000;
  expect((await ask(witness, { old: 5, size: 6 })).status).toBe(200);
});

test('of a hundred requests at once its size only ever grows, and no two answers contradict', async () => {
  const witness = newWitness();
  const sizes: number[] = [];
  const watched: WitnessSettings = {
    ...witness,
    store: {
      get: async (key) => {
        await new Promise((resolve) => setImmediate(resolve));
        return witness.store.get(key);
      },
      putIfUnchanged: async (key, body, expected) => {
        const version = await witness.store.putIfUnchanged(key, body, expected);
        const note = need(parseNote(body));
        sizes.push(need(parseCheckpointText(note.text)).size);
        return version;
      },
    },
  };
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const size = 1 + ((at * 37) % 100);
      let old = 0;
      for (;;) {
        const { status, body } = await ask(watched, { old, size });
        if (status !== 409) return status;
        old = Number(body);
        if (old > size) return 'too late';
      }
    }),
  );
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes.at(-1)).toBe(100);
  expect(answers.filter((status) => status === 200)).toHaveLength(sizes.length);
  expect(new Set(answers)).toEqual(new Set([200, 'too late']));
});

test('a store somebody else wrote to is not believed', async () => {
  const witness = newWitness();
  await witness.store.putIfUnchanged(witness.keyOf(originHash(ORIGIN)), Buffer.from('7\n'), null);
  expect((await ask(witness, { old: 7, size: 8 })).status).toBe(500);
});

test('any bytes are answered', async () => {
  const witness = newWitness();
  const pieces = ['old ', '0', '7', '\n', '\n\n', ORIGIN, 'A'.repeat(43), '=', '— a AAAAAQE=\n'];
  const soup = fc
    .array(fc.constantFrom(...pieces), { maxLength: 20 })
    .map((all) => Buffer.from(all.join('')));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), soup), async (bytes) => {
      const parsed = parseAddCheckpoint(bytes);
      if (parsed.ok) expect(Buffer.from(encodeAddCheckpoint(parsed.value))).toEqual(Buffer.from(bytes));
      expect((await addCheckpoint(witness, bytes)).status).toBeGreaterThanOrEqual(400);
    }),
  );
  const unsigned = await signNote('no checkpoint\n', [SIGNER]);
  const body = encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: unsigned });
  expect((await addCheckpoint(witness, body)).status).toBe(400);
});
