import { expect, test } from 'vitest';
import { type Choices, costOf, DEPLOYED, type Service } from '../../cost/model.ts';
import { costTable } from '../../cost/page.ts';
import { PRICES } from '../../cost/prices.ts';
import type { Measured } from '../../cost/quantities.ts';

/** Quantities that can be reckoned with by hand. */
const NOTHING: Measured = {
  date: '2026-01-01',
  cpu: 'none',
  bytesAnEvent: 1000,
  stored: { evidence: 0, parquet: 0, merged: 0, compacted: 0, index: 0 },
  preserve: { put: 0, get: 0 },
  seal: { put: 0, get: 0 },
  sealedBody: { put: 0, get: 0 },
  coldSeal: { put: 0, get: 0 },
  sealBytes: { ledger: 0, lists: 0, state: 0 },
  entries: { seal: 0, body: 0 },
  compactedSeal: { put: 0, get: 0 },
  expiredSeal: { put: 0, get: 0 },
  cpuSeconds: { seal: 0, compact: 0 },
  copyNanos: 0,
};
/** A seal every ten seconds, which makes 8,640 of a day. */
const US = { ...DEPLOYED, region: 'us-east-1', sealEverySeconds: 10 } as const;
/** 100 objects of a GB each: 28,800 objects a day. */
const VOLUME = { gbADay: 100, streams: 100 };
const MONTH = 365 / 12;
/** What a quantity adds. */
const added = (
  service: Service,
  measured: Partial<Measured>,
  choices: Choices = US,
  volume = VOLUME,
): number =>
  costOf(volume, { ...NOTHING, ...measured }, choices).services[service] -
  costOf(volume, NOTHING, choices).services[service];

test('storage of bodies: by the class they lie in, and small ones in Standard', () => {
  const stored = { ...NOTHING.stored, evidence: 0.1 };
  const storage = (storage: Choices['storage'], streams = 100) =>
    added('S3 storage', { stored }, { ...US, storage }, { gbADay: 100, streams });
  // 0.1 × 12 × 0.023
  expect(storage('standard')).toBeCloseTo(0.0276, 10);
  // 0.1 × (0.023 + 2 × 0.0125 + 9 × 0.004), and 28,800 objects of 347 KB × (12 × 0.0025 + 0.01) / 1000 over 100 GB
  expect(storage('tiering')).toBeCloseTo(0.0084 + 0.01152, 10);
  // 0.1 × 12 × 0.004, and 28,800 × 0.02 / 1000 over 100 GB
  expect(storage('instant')).toBeCloseTo(0.0048 + 0.00576, 10);
  // Ten times as many objects are too small to move.
  expect(storage('instant', 1000)).toBeCloseTo(0.0276, 10);
});

test('storage of rows and indexes: eight days in Standard, then by use', () => {
  const tiered = (8 / MONTH) * 0.023 + 0.023 + 2 * 0.0125 + (9 - 8 / MONTH) * 0.004;
  const stored = { ...NOTHING.stored, compacted: 0.2, index: 0.01 };
  expect(added('S3 storage', { stored })).toBeCloseTo(0.21 * tiered, 10);
  expect(added('S3 storage', { stored }, { ...US, storage: 'standard' })).toBeCloseTo(0.21 * 12 * 0.023, 10);
});

test('storage of what is replaced: for a week; of versions in the state store: thirty days; of the ledger: a year', () => {
  const stored = { ...NOTHING.stored, parquet: 0.2, merged: 0.1 };
  expect(added('S3 storage', { stored })).toBeCloseTo((0.3 * 7 * 0.023) / MONTH, 10);
  const bytes = (sealBytes: Partial<Measured['sealBytes']>) =>
    added('S3 storage', { sealBytes: { ...NOTHING.sealBytes, ...sealBytes } });
  // 8,640 seals × 100,000 bytes = 0.864 GB a day, over 100 GB
  expect(bytes({ lists: 100_000 })).toBeCloseTo((0.00864 * 7 * 0.023) / MONTH, 10);
  expect(bytes({ state: 100_000 })).toBeCloseTo((0.00864 * 30 * 0.023) / MONTH, 10);
  expect(bytes({ ledger: 100_000 })).toBeCloseTo(0.00864 * 12 * 0.023, 10);
});

test('requests of 28,800 objects and 8,640 seals, of which one in 240 is an instance’s first', () => {
  const requests = added('S3 requests', {
    preserve: { put: 2, get: 1 },
    seal: { put: 30, get: 100 },
    coldSeal: { put: 270, get: 1000 },
    expiredSeal: { put: 1, get: 2 },
  });
  const puts = 57_600 + 8640 * (30 + 240 / 240 + 1);
  const gets = 28_800 + 8640 * (100 + 900 / 240 + 2);
  expect(requests).toBeCloseTo((puts * 0.000005 + gets * 0.0000004) / 100, 10);
});

test('a verification lists everything, and asks for the locks of a day’s bodies and a share of the year’s', () => {
  const requests = (verify: Choices['verify']) =>
    costOf(VOLUME, NOTHING, { ...US, verify }).services['S3 requests'];
  const [held, sealed] = [28_800 * 365, 8640 * 365];
  expect(requests('all') - requests('due')).toBeCloseTo(
    (((held + sealed) * (27 / 28) - 28_800 - 8640) * 0.0000004) / 100,
    10,
  );
  // 100 entries a seal: two GETs and two keys of listings for each bundle of 256.
  const bundles = (sealed * 100) / 256;
  expect(added('S3 requests', { entries: { seal: 100, body: 0 } })).toBeCloseTo(
    (2 * bundles * 0.0000004 + ((2 * bundles) / 1000) * 0.000005) / 100,
    10,
  );
});

test('Lambda: seconds of CPU, slower on arm64, times memory', () => {
  // 40 s × 1.3 × 2 GB × 0.0000133334
  expect(added('Lambda', { cpuSeconds: { seal: 40, compact: 0 } })).toBeCloseTo(0.0013866736, 9);
});

test('Lambda: each event is looked for in the files of half its day, and of half an hour', () => {
  // A million events a GB × (100 million / 122,880 / 2 files + 8,640 / 48) × 100 ns = 58.7 s, × 1.3 × 2 GB
  const searched = 1e8 / 122_880 / 2 + 180;
  expect(added('Lambda', { copyNanos: 100 })).toBeCloseTo(1e6 * searched * 1e-7 * 1.3 * 2 * 0.0000133334, 10);
});

test('what one lake cannot take is reckoned as several', () => {
  const three = { gbADay: 300, streams: 300 };
  expect(costOf(three, NOTHING, US)).toEqual(costOf(VOLUME, NOTHING, US));
});

test('queues, keys, signatures, schedules, tables and traces', () => {
  const { SQS, KMS, Scheduler, Glue, 'X-Ray': traces } = costOf(VOLUME, NOTHING, US).services;
  // Messages sent, received and deleted, and both queues asked five times in twenty seconds.
  expect(SQS).toBeCloseTo(((86_400 + 21_600) * 0.4e-6 + (25_920 + 21_600) * 0.5e-6) / 100, 10);
  // Two keys and 8,640 signatures; a call for each hundred requests comes on top.
  expect(KMS).toBeGreaterThan((2 / MONTH + 8640 * 0.000015) / 100);
  // 576 + 288 + 24 + 24 + 1 invocations
  expect(Scheduler).toBeCloseTo(0.000913 / 100, 12);
  expect(Glue).toBeCloseTo((8640 * 6e-6) / 100, 12);
  expect(traces).toBeCloseTo(((8640 + 913) * 5e-6) / 100, 12);
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
