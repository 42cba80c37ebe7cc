/** From digests and logs in any order to gaps, and digests that somebody forged. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { declaredHours } from '../../../ledger/coverage/declared.ts';
import { UNCOVERED } from '../../../ledger/coverage/facts.ts';
import { hourOf, startOf } from '../../../ledger/coverage/hours.ts';
import { type Copy, inBucket, judged as judgedCopies } from '../digests/parts/court.ts';
import { BEGIN, HOUR, keysOf, MINUTE, makeSigner, Trail } from '../digests/parts/trail.ts';
import { DELAY, judged } from './parts.ts';

const signer = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);
const keys = keysOf(signer);
const NOW = BEGIN + 100 * HOUR;

const trailOf = (deliveries: readonly (readonly number[])[]): Trail => {
  const trail = new Trail({ signer });
  for (const minutes of deliveries) trail.hour(minutes);
  return trail;
};

/** Problems by hour after the beginning. */
async function problems(copies: readonly Copy[]): Promise<[number, string][]> {
  const report = await judgedCopies(copies, keys, { now: NOW });
  const declared = report.proofs.flatMap((proof) =>
    declaredHours(proof, 'aws.cloudtrail', DELAY, NOW * 1000),
  );
  return declared
    .filter(({ problem }) => problem !== null && problem !== UNCOVERED)
    .map(({ hour, problem }) => [hour - hourOf(BEGIN * 1000), problem!]);
}

test('whichever log is removed, in whatever order things come: its hour is a gap, and no more when it is there', async () => {
  const trail = trailOf([[10, 40], [5], [], [20, 30, 50], [15]]);
  const all = inBucket(trail);
  const logs = trail.digests.flatMap(({ logs: own, start }) => own.map(({ key }) => ({ key, start })));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(logs.length - 1),
      fc.shuffledSubarray(all, { minLength: all.length }),
      async (which, order) => {
        const lost = logs[which]!;
        const without = order.filter(({ origin }) => !origin.endsWith(lost.key));
        expect(without).toHaveLength(all.length - 1);
        expect(await problems(without)).toEqual([
          [hourOf(lost.start * 1000) - hourOf(BEGIN * 1000), 'NOT_FOUND'],
        ]);
        expect(await problems(order)).toEqual([]);
      },
    ),
    { numRuns: 30 },
  );
});

test('an altered log is a gap; an altered digest leaves a hole', async () => {
  const trail = trailOf([[10], [10], [10], [10]]);
  const altered = (key: string) =>
    inBucket(trail).map((copy) => (copy.origin.endsWith(key) ? { ...copy, bytes: Buffer.from('{}') } : copy));
  // An object in a bucket with the name of a gzip file is one.
  expect(await problems(altered(trail.digests[1]!.logs[0]!.key))).toEqual([[1, 'INVALID_FORMAT']]);
  // It covered 02:04 to 03:04.
  expect(await problems(altered(trail.digests[2]!.key))).toEqual([
    [1, 'INVALID_FORMAT'],
    [2, 'INVALID_FORMAT'],
    [3, 'INVALID_FORMAT'],
  ]);
});

test('a digest that begins later than the one before ended leaves a hole; validation begun anew says nothing', async () => {
  const trail = trailOf([[10], [10]]);
  trail.hour([30], { shift: 20 * MINUTE });
  trail.hour([10]);
  expect(await problems(inBucket(trail))).toEqual([
    [1, 'TIME_GAP'],
    [2, 'TIME_GAP'],
  ]);
  const anew = trailOf([[10], [10]]);
  anew.skip(3);
  anew.hour([10], { previous: 'none' });
  anew.hour([10]);
  expect(await problems(inBucket(anew))).toEqual([]);
});

test('the newest digests removed: a gap only where somebody knows that they must exist', async () => {
  const trail = trailOf([[10], [10], [10], [10]]);
  const cut = inBucket(trail).filter(({ origin }) => !origin.endsWith(trail.digests[3]!.key));
  // Its log was delivered and waits for no digest any more.
  expect((await problems(cut)).map(([, problem]) => problem)).toContain('TRUNCATED_TAIL');
});

test('forged digests, hostile names and times: nothing throws, nothing is proven by them, nothing takes long', async () => {
  const trail = trailOf([[10], [10]]);
  const stranger = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);
  const member = fc.constantFrom(
    'digestStartTime',
    'digestEndTime',
    'digestS3Object',
    'awsAccountId',
    'logFiles',
  );
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      '9999-12-31T23:59:59Z',
      '1970-01-01T00:00:00Z',
      '\u001b[2J',
      '__proto__',
      null,
      -1,
      [],
    ),
    fc.string(),
    fc.array(
      fc.record({ s3Bucket: fc.string(), s3Object: fc.string(), hashValue: fc.constant('ab'.repeat(32)) }),
    ),
  );
  const started = performance.now();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(member, value), { maxLength: 4 }),
      fc.boolean(),
      async (edits, own) => {
        const forger = new Trail({ signer: own ? signer : stranger, account: '111122223333', trail: 'x_y' });
        forger.hour([10]);
        const [key, stored] = [...forger.objects].find(([name]) => name.includes('Digest'))!;
        const text = JSON.stringify({ ...JSON.parse(forger.digests[0]!.text), ...Object.fromEntries(edits) });
        const forged: Copy = { ...stored, origin: `s3://b/${key}`, bytes: Buffer.from(text) };
        const report = await judgedCopies([...inBucket(trail), forged], keys, { now: NOW });
        const declared = report.proofs.flatMap((proof) =>
          declaredHours(proof, 'aws.cloudtrail', DELAY, NOW * 1000),
        );
        const { units } = judged({ declared }, 100_000);
        for (const { stream, verdict } of units)
          if (stream.account === '111122223333') expect(verdict).not.toBe('complete');
        for (const { hour } of declared) expect(startOf(hour)).toBeLessThanOrEqual(NOW * 1000);
      },
    ),
    { numRuns: 60 },
  );
  expect(performance.now() - started).toBeLessThan(20_000);
});
