/** A chain of 10,000 digests (more than a year of one trail in one region) with faults in it. */

import { expect, test } from 'vitest';
import { random } from '../../bench/random.ts';
import { inBucket, judged, named } from '../ledger/digests/parts/court.ts';
import { specimen } from '../ledger/digests/parts/faults.ts';
import { BEGIN, HOUR, keysOf, makeSigner } from '../ledger/digests/parts/trail.ts';

const DIGESTS = 10_000;
/** The bound that is promised, on two cores. */
const MOST_SECONDS = 60;

const signer = makeSigner(BEGIN - 24 * HOUR, BEGIN + 24 * 3650 * HOUR);
const keys = keysOf(signer);

test.each([
  ['1 to 20 faults: each is found, and nothing else', 1, 20],
  ['2,000 faults', 2, 2000],
  ['no faults: no alarm', 3, 0],
])(`${DIGESTS} digests with %s`, async (_, seed, most) => {
  const { trail, wanted, faults } = specimen(random(seed), { signer }, DIGESTS, most);
  const copies = inBucket(trail);
  const started = performance.now();
  const report = await judged(copies, keys, { now: trail.end + 2 * HOUR });
  const seconds = (performance.now() - started) / 1000;
  console.info(
    `${DIGESTS} digests, ${copies.length} objects, ${faults.length} faults: ${seconds.toFixed(1)} s`,
  );
  expect(named(report)).toEqual(wanted);
  expect(seconds).toBeLessThan(MOST_SECONDS);
});
