import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { EXPANSION_LIMITS, type ExpansionProblem, expand, type StoredBody } from '../../stages/expand.ts';

const text = 'a line of a log, number\n'.repeat(20_000);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: StoredBody, limits = EXPANSION_LIMITS) {
  const chunks: Uint8Array[] = [];
  let problem: ExpansionProblem | null = null;
  for await (const chunk of expand(body, limits, (found) => {
    problem = found;
  })) {
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString(), code: (problem as ExpansionProblem | null)?.code ?? null };
}

describe.each([
  ['in memory', (bytes: Uint8Array) => bytes],
  ['streamed', (bytes: Uint8Array) => () => inPieces(bytes, 1000)],
] as const)('%s', (_, as) => {
  test('gzip is expanded', async () => {
    expect(await read(as(gzipSync(text)))).toEqual({ text, code: null });
  });

  test('what is not gzip passes through', async () => {
    expect(await read(as(Buffer.from(text)))).toEqual({ text, code: null });
  });

  test('members one after another are one body', async () => {
    expect(await read(as(Buffer.concat([gzipSync('one\n'), gzipSync('two\n')])))).toEqual({
      text: 'one\ntwo\n',
      code: null,
    });
  });

  test('a cut stream gives what could be read', async () => {
    const whole = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, i) => `${i} ${i * i}`).join('\n')));
    const found = await read(as(whole.subarray(0, whole.length / 2)));
    expect(found.code).toBe('truncated_gzip');
    expect(found.text.length).toBeGreaterThan(50_000);
  });

  test('a broken stream is told from a cut one', async () => {
    const bytes = Buffer.from(gzipSync(text));
    bytes.fill(0xff, 40, 60);
    expect((await read(as(bytes))).code).toBe('corrupt_gzip');
  });

  test('a stream broken late gives all that comes before', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i} ${i * i}`).join('\n');
    const bytes = Buffer.from(gzipSync(lines));
    bytes.fill(0xff, bytes.length - 400, bytes.length - 300);
    const found = await read(as(bytes));
    expect(found.code).toBe('corrupt_gzip');
    expect(found.text.length).toBeGreaterThan(lines.length - 2500);
    expect(lines.startsWith(found.text.slice(0, -700))).toBe(true);
  });

  test('bytes after the end are reported', async () => {
    const found = await read(as(Buffer.concat([gzipSync('text'), Buffer.from('not gzip at all')])));
    expect(found).toEqual({ text: 'text', code: 'trailing_garbage' });
  });

  test('a body may not expand beyond the size allowed', async () => {
    const found = await read(as(gzipSync(Buffer.alloc(5_000_000))), {
      ...EXPANSION_LIMITS,
      maxBytes: 1_000_000,
    });
    expect(found.code).toBe('expansion_limit');
    expect(found.text.length).toBeLessThanOrEqual(1_000_000);
  });

  test('a bomb is stopped by its ratio', async () => {
    const limits = { ...EXPANSION_LIMITS, ratioFreeBytes: 2_000_000, maxRatio: 100 };
    const found = await read(as(gzipSync(Buffer.alloc(50_000_000))), limits);
    // Bodies that expand to less than 32 MiB at once are harmless whatever their ratio.
    expect(found.code).toBe('expansion_limit');
  });

  test('an empty body is an empty body', async () => {
    expect(await read(as(Buffer.alloc(0)))).toEqual({ text: '', code: null });
    expect(await read(as(gzipSync('')))).toEqual({ text: '', code: null });
  });
});

test('a source that fails is not taken for a broken body', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzipSync(text).subarray(0, 100);
    throw new Error('the disk is gone');
  }
  await expect(read(failing)).rejects.toThrow('the disk is gone');
});
