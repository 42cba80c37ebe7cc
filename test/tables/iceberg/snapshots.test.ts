import { expect, test } from 'vitest';
import {
  newTable,
  type Snapshot,
  type TableJson,
  withoutOld,
  withSnapshot,
} from '../../../tables/iceberg/table-json.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

const snapshotAt = (serial: number): Snapshot => ({
  'snapshot-id': serial,
  ...(serial > 1 ? { 'parent-snapshot-id': serial - 1 } : {}),
  'sequence-number': serial,
  'timestamp-ms': START + serial * MINUTE,
  'manifest-list': `list-${serial}`,
  summary: { operation: 'append' },
  'schema-id': 0,
});

test('a snapshot a minute for ten days: few stay, seven days are reached, and what goes is told once', () => {
  let json: TableJson = newTable({
    table: 'events',
    uuid: 'a',
    location: 's3://example-bucket/events',
    now: START,
  });
  const told = new Set<number>();
  let most = 0;
  for (let serial = 1; serial <= 14_400; serial++) {
    const next = withoutOld(withSnapshot(json, snapshotAt(serial)));
    ({ json } = next);
    for (const { 'snapshot-id': id } of next.dropped) {
      expect(told.has(id)).toBe(false);
      told.add(id);
    }
    most = Math.max(most, json.snapshots.length);
  }
  expect(most).toBeLessThanOrEqual(72);
  const ids = json.snapshots.map((one) => one['snapshot-id']);
  expect(ids.slice(-20)).toEqual(Array.from({ length: 20 }, (_, at) => 14_381 + at));
  expect(json['snapshot-log'].map((one) => one['snapshot-id'])).toEqual(ids);
  expect(told.size + ids.length).toBe(14_400);
  // No gap is longer than a quarter of a day, back to seven days ago.
  const ages = ids.map((id) => 14_400 - id);
  expect(ages[0]).toBeGreaterThan(6.7 * 1_440);
  expect(Math.max(...ages.slice(1).map((age, at) => ages[at]! - age))).toBeLessThanOrEqual(361);
});
