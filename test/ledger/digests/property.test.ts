import { expect, test } from 'vitest';
import { random } from '../../../bench/random.ts';
import { downloaded, flattened, inBucket, judged, named } from './parts/court.ts';
import { FAULTS, specimen } from './parts/faults.ts';
import { BEGIN, HOUR, keysOf, makeSigner } from './parts/trail.ts';

const signer = makeSigner(BEGIN - 24 * HOUR, BEGIN + 24 * 3650 * HOUR);
const keys = keysOf(signer);

test('300 random chains with faults: each is found, and nothing else', async () => {
  const used = new Set<string>();
  for (let seed = 1; seed <= 300; seed++) {
    const { trail, faults, wanted } = specimen(random(seed), { signer }, 7 + (seed % 4), 3);
    for (const fault of faults) used.add(fault);
    const report = await judged(inBucket(trail), keys);
    expect(named(report), `seed ${seed}: ${faults.join(', ')}`).toEqual(wanted);
  }
  expect([...used].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
});

test('100 random chains without faults, in their bucket and as copies: no alarm', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { trail } = specimen(random(seed), { signer }, 1 + (seed % 5), 0);
    for (const copies of [inBucket, downloaded, flattened])
      expect((await judged(copies(trail), keys)).problems, `seed ${seed}`).toEqual([]);
  }
});

test('the same things in another order give the same verdicts', async () => {
  const r = random(5);
  const { trail } = specimen(r, { signer }, 30, 6);
  const copies = inBucket(trail);
  const verdicts = async (order: typeof copies) =>
    [...(await judged(order, keys)).verdicts].sort(([a], [b]) => (a < b ? -1 : 1));
  const first = await verdicts(copies);
  for (let round = 0; round < 5; round++)
    expect(await verdicts(copies.toSorted(() => r.next() - 0.5))).toEqual(first);
});
