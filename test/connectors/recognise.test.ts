import { expect, test } from 'vitest';
import { recognise, sampleOf } from '../../connectors/recognise.ts';

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
