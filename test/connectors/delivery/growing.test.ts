import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { close, cut, type Grown, keptOf, UNKNOWN } from '../../../connectors/delivery/growing.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads a file as it grows through these states; the last is its end. */
function grow(states: readonly string[]): { grown: Grown; kept: string[] } {
  let grown = UNKNOWN;
  const kept: string[] = [];
  states.forEach((state, at) => {
    const bytes = Buffer.from(state).subarray(keptOf(grown));
    const taken = cut(grown, bytes, `e${at}`, at === states.length - 1);
    if (taken.segment !== null) kept.push(Buffer.from(taken.segment).toString());
    grown = taken.grown;
  });
  return { grown, kept };
}

const records = fc.array(fc.record({ time: fc.string(), text: fc.string({ unit: 'grapheme' }) }), {
  maxLength: 12,
});
/** How many records there are at each look. */
const looks = fc.array(fc.nat(12), { maxLength: 6 });

const closes = async (states: readonly string[]) => {
  const { grown, kept } = grow(states);
  const file = states.at(-1)!;
  const closing = await close(grown, inPieces(file, 7));
  return { grown, kept, closing, file };
};

describe('lines that are appended', () => {
  test('whole lines are kept each time, and together they are the file', async () => {
    await fc.assert(
      fc.asyncProperty(records, looks, fc.nat(5), async (all, at, cutBytes) => {
        const lines = all.map((record) => `${JSON.stringify(record)}\n`);
        const states = [...at].sort((a, b) => a - b).map((n) => lines.slice(0, n).join(''));
        // A write that was caught in the middle of a line.
        const torn = states.map((state) =>
          Buffer.from(state)
            .subarray(0, Math.max(0, Buffer.byteLength(state) - cutBytes))
            .toString('latin1'),
        );
        const file = Buffer.from(lines.join('')).toString('latin1');
        const { kept, closing } = await closes(
          [...torn, file].map((state) => Buffer.from(state, 'latin1').toString('latin1')),
        );
        expect(kept.join('')).toBe(file);
        expect(kept.slice(0, -1).every((segment) => segment.endsWith('\n'))).toBe(true);
        expect(closing).toMatchObject({ whole: true, differs: null });
      }),
    );
  });
});

describe('a document whose end moves on', () => {
  const documentOf = (list: readonly unknown[]) =>
    `{"records":[${list.map((one) => JSON.stringify(one)).join(',')}]}`;

  test('each segment is a list of whole records, and with head and end they are the file', async () => {
    await fc.assert(
      fc.asyncProperty(records, looks, async (all, at) => {
        const states = [...at].sort((a, b) => a - b).map((n) => documentOf(all.slice(0, n)));
        const { kept, closing, grown, file } = await closes([...states, documentOf(all)]);
        expect(JSON.parse(`[${kept.join('')}]`)).toEqual(JSON.parse(JSON.stringify(all)));
        for (const segment of kept) JSON.parse(`[${segment.replace(/^,/, '')}]`);
        expect(`${grown.head}${kept.join('')}]}`).toBe(file);
        expect(closing).toMatchObject({
          whole: true,
          sha256: createHash('sha256').update(file).digest('hex'),
        });
      }),
    );
  });

  test('sixty looks keep no byte twice', async () => {
    const all = Array.from({ length: 600 }, (_, n) => ({ time: n, text: 'x'.repeat(100) }));
    const states = Array.from({ length: 60 }, (_, n) => documentOf(all.slice(0, (n + 1) * 10)));
    const { kept, file } = await closes(states);
    expect(kept).toHaveLength(60);
    expect(kept.join('').length).toBeLessThan(file.length);
  });
});

describe('what is proven at the end', () => {
  const states = ['{"a":1}\n', '{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":2}\n{"a":3}\n'];
  test.each([
    ['{"a":9}\n{"a":2}\n{"a":3}\n', 1],
    ['{"a":1}\n{"a":9}\n{"a":3}\n', 2],
    ['{"a":1}\n', 2],
    ['', 1],
  ])('a file that became %j is not its segments', async (file, differs) => {
    const { grown } = grow(states);
    expect(await close(grown, inPieces(file, 3))).toMatchObject({ whole: false, differs });
  });

  test('nor is one with bytes behind its segments', async () => {
    const { grown } = grow(states);
    expect(await close(grown, inPieces(`${states.at(-1)}{"a":4}\n`, 3))).toMatchObject({
      whole: false,
      differs: null,
    });
  });
});
