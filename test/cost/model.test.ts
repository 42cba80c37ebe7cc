import { expect, test } from 'vitest';
import { costOf, DEPLOYED } from '../../cost/model.ts';
import { costTable } from '../../cost/page.ts';
import { PRICES } from '../../cost/prices.ts';
import type { Measured } from '../../cost/quantities.ts';

/** Quantities that can be reckoned with by hand. */
const NOTHING: Measured = {
  date: '2026-01-01',
  cpu: 'none',
  bytesAnEvent: 1000,
  stored: { evidence: 0, parquet: 0, compacted: 0, index: 0 },
  preserve: { put: 0, get: 0 },
  seal: { put: 0, get: 0 },
  sealedBody: { put: 0, get: 0 },
  sealBytes: 0,
  stateBytes: 0,
  compactedFile: { put: 0, get: 0 },
  cpuSeconds: { seal: 0, compact: 0 },
};
/** A seal every ten seconds, which makes 8,640 of a day. */
const US = { ...DEPLOYED, region: 'us-east-1', sealEverySeconds: 10 } as const;
/** 100 objects of a GB each: 28,800 objects a day. */
const VOLUME = { gbADay: 100, streams: 100 };

test('storage: a year of 0.3 GB for each, at 0.023 a month, or less the longer nobody reads', () => {
  const measured = { ...NOTHING, stored: { ...NOTHING.stored, evidence: 0.1, compacted: 0.2 } };
  const standard = { ...US, storage: 'standard' } as const;
  // 0.3 × 12 × 0.023
  expect(costOf(VOLUME, measured, standard).services['S3 storage']).toBeCloseTo(0.0828, 10);
  // 0.3 × (0.023 + 2 × 0.0125 + 9 × 0.004), and 28,800 objects of 347 KB × (12 × 0.0025 + 0.01) / 1000 over 100 GB
  expect(costOf(VOLUME, measured, US).services['S3 storage']).toBeCloseTo(0.0252 + 0.01152, 10);
  // Ten times as many objects are too small to move: 0.1 × 12 × 0.023 + 0.2 × 0.084
  const small = costOf({ gbADay: 100, streams: 1000 }, measured, US).services['S3 storage'];
  expect(small).toBeCloseTo(0.0276 + 0.0168, 10);
});

test('storage: versions that seals leave in the state store, for thirty days', () => {
  // 8,640 × 10,000 bytes × 30 / (365 / 12) × 0.023 / 100 GB
  const cost = costOf(VOLUME, { ...NOTHING, stateBytes: 10_000 }, US);
  expect(cost.services['S3 storage']).toBeCloseTo(0.0000196, 7);
});

test('storage: what compaction replaced lies for a week, and lists of seals for a year', () => {
  const replaced = { ...NOTHING, stored: { ...NOTHING.stored, parquet: 0.2 } };
  // 0.2 × 7 × 0.023 / (365 / 12)
  expect(costOf(VOLUME, replaced, US).services['S3 storage']).toBeCloseTo(0.001058630137, 10);
  // 8,640 seals × 100,000 bytes = 0.864 GB a day; × 12 × 0.023 / 100 GB
  expect(costOf(VOLUME, { ...NOTHING, sealBytes: 100_000 }, US).services['S3 storage']).toBeCloseTo(
    0.00238464,
    10,
  );
});

test('requests: 28,800 objects of two PUTs, 8,640 seals of thirty, a verification of a year each day', () => {
  const measured = { ...NOTHING, preserve: { put: 2, get: 1 }, seal: { put: 30, get: 100 } };
  const held = 28_800 * 365;
  const puts = 57_600 + 259_200 + (2 * held) / 1000;
  const gets = 28_800 + 864_000 + 28_800 + held;
  expect(costOf(VOLUME, measured, US).services['S3 requests']).toBeCloseTo(
    (puts * 0.000005 + gets * 0.0000004) / 100,
    10,
  );
});

test('Lambda: seconds of CPU, slower on arm64, times memory', () => {
  const { Lambda: idle } = costOf(VOLUME, NOTHING, US).services;
  const { Lambda: busy } = costOf(VOLUME, { ...NOTHING, cpuSeconds: { seal: 40, compact: 0 } }, US).services;
  // 40 s × 1.3 × 2.9375 GB × 0.0000133334
  expect(busy - idle).toBeCloseTo(0.00203667685, 9);
});

test('queues, keys and signatures', () => {
  const { SQS, KMS, Scheduler } = costOf(VOLUME, NOTHING, US).services;
  // 3 × 28,800 × 0.4/10⁶ + 3 × 8,640 × 0.5/10⁶
  expect(SQS).toBeCloseTo((0.03456 + 0.01296) / 100, 10);
  // Two keys, 8,640 signatures, and a call for each hundred requests: 28,800 objects read, a year verified.
  const calls = (28_800 + 28_800 * 365 + (2 * 28_800 * 365) / 1000) / 100;
  expect(KMS).toBeCloseTo((2 / (365 / 12) + 8640 * 0.000015 + calls * 0.000003) / 100, 10);
  // 576 + 24 + 24 + 1 invocations
  expect(Scheduler).toBeCloseTo(0.000625 / 100, 12);
});

test('services add up, fewer seals cost less, and every price names a page of its vendor', () => {
  const cost = costOf(VOLUME, { ...NOTHING, seal: { put: 30, get: 100 } }, US);
  expect(cost.total).toBeCloseTo(
    Object.values(cost.services).reduce((sum, usd) => sum + usd, 0),
    12,
  );
  const slower = costOf(VOLUME, { ...NOTHING, seal: { put: 30, get: 100 } }, { ...US, sealEverySeconds: 60 });
  expect(slower.total).toBeLessThan(cost.total);
  for (const { page, usd } of PRICES) {
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9]+\/pricing\/$/);
    for (const value of Object.values(usd)) expect(value).toBeGreaterThan(0);
  }
  expect(costTable([VOLUME], 'eu-central-1')).toContain('| **all in** |');
});
