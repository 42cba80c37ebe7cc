import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeProof } from '../../ledger/proof.ts';
import { openSealed } from '../../ledger/recover.ts';
import { encodeVkey } from '../../ledger/vkey.ts';
import { entryBytes, grownWorld, headOf, LOG, ORIGIN, SIGNER } from './parts/world.ts';

const README = readFileSync(new URL('../../ledger/README.md', import.meta.url), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(README)![1]!;
const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-readme-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);

test.skipIf(!has('openssl'))(
  'openssl accepts a checkpoint’s signature by the printed steps, and no other text',
  async () => {
    const note = (await headOf(await grownWorld(300)))!;
    const verify = (checkpoint: Uint8Array): number | null => {
      writeFileSync(join(folder, 'checkpoint'), checkpoint);
      const env = { PATH: process.env['PATH'], VKEY: encodeVkey(ORIGIN, 'ed25519', SIGNER.publicKey) };
      return spawnSync('sh', ['-e', '-c', block('sh')], { cwd: folder, env }).status;
    };
    expect(verify(note)).toBe(0);
    expect(verify(flipped(note, ORIGIN.length + 2))).not.toBe(0);
  },
);

test.skipIf(!has('python3'))('a few lines of Python accept our proofs, and no other entry', async () => {
  const world = await grownWorld(200, 100, 7);
  const checkpoint = (await headOf(world))!;
  const reader = await openSealed(world, LOG, checkpoint);
  const verify = (entry: Uint8Array, proof: Uint8Array): number | null => {
    writeFileSync(join(folder, 'entry'), entry);
    writeFileSync(join(folder, 'proof'), proof);
    return spawnSync('python3', ['-', 'entry', 'proof'], { cwd: folder, input: block('python') }).status;
  };
  for (const index of [1, 255, 306]) {
    const hashes = await reader.inclusionProof(index);
    const proof = encodeProof({ index, hashes, checkpoint, extra: index === 1 ? Buffer.from('x') : null });
    expect(verify(entryBytes(index), proof)).toBe(0);
    if (index !== 255) continue;
    expect(verify(entryBytes(index, 'x'), proof)).not.toBe(0);
    const short = encodeProof({ index, hashes: hashes.slice(0, -1), checkpoint, extra: null });
    expect(verify(entryBytes(index), short)).not.toBe(0);
  }
});
