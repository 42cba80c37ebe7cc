import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutterOf } from '../../../exports/package/body-cutter.ts';

/** Pieces of `body`, each in the same memory as the one before. */
async function* pieces(body: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(size);
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    memory.set(piece);
    yield memory.subarray(0, piece.length);
  }
}

test('ranges by ascending start are what the body holds there, or nothing where it ends before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.tuple(fc.nat(320), fc.nat(90)), { maxLength: 12 }),
      async (body, size, ranges) => {
        const cutter = cutterOf(pieces(body, size));
        for (const [start, length] of ranges.sort(([a], [b]) => a - b)) {
          const cut = await cutter.cut(start, start + length);
          if (start + length > body.length) {
            expect(cut).toBeNull();
            return;
          }
          expect(Buffer.from(cut!)).toEqual(Buffer.from(body.subarray(start, start + length)));
        }
      },
    ),
  );
});

test('a range that no record can have is none, and nothing is read for it', async () => {
  const read: number[] = [];
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read.push(1);
      yield new Uint8Array(10);
    }
  }
  const cutter = cutterOf(endless());
  expect(await cutter.cut(0, 10 ** 12)).toBeNull();
  expect(await cutter.cut(5, 4)).toBeNull();
  expect(read).toEqual([]);
  expect(await cutter.cut(15, 25)).toEqual(Buffer.alloc(10));
  expect(await cutter.cut(3, 5)).toBeNull();
});
