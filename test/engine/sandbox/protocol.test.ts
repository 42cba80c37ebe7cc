import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, encodeRows, type Frame, FrameReader } from '../../../engine/sandbox/protocol.ts';

const FRAMES: readonly Frame[] = [
  { kind: 'ready' },
  { kind: 'columns', columns: [{ name: '日本', type: 'VARCHAR' }] },
  {
    kind: 'rows',
    rows: [
      ['a', 1],
      [null, '\n'],
    ],
  },
  { kind: 'done', rowCount: 2, truncated: 'rows' },
];

test('frames arrive whole however the bytes are cut', () => {
  const bytes = Buffer.concat(FRAMES.map(encodeFrame));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const reader = new FrameReader(1_000);
      const read = places.slice(1).flatMap((end, index) => reader.push(bytes.subarray(places[index], end)));
      expect(read).toEqual(FRAMES);
    }),
  );
});

test('rows written as text are the same frame', () => {
  expect(new FrameReader(100).push(encodeRows(['[1]', '["x"]']))).toEqual([
    { kind: 'rows', rows: [[1], ['x']] },
  ]);
});

test('a frame beyond the limit, of an unknown kind, or no JSON is an error, not a frame', () => {
  expect(() => new FrameReader(10).push(encodeFrame(FRAMES[1]!))).toThrow('frame of');
  expect(() => new FrameReader(100).push(Buffer.from('\x02\0\0\0{}', 'latin1'))).toThrow('unknown frame');
  expect(() => new FrameReader(100).push(Buffer.from('\x02\0\0\0{x', 'latin1'))).toThrow();
  expect(() => new FrameReader(100).push(Buffer.from('\x04\0\0\0null', 'latin1'))).toThrow('unknown frame');
});
