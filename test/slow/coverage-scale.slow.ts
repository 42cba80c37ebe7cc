/** A year of hours of 20 sources in 5 regions each: judged in seconds, in bounded memory. */

import { expect, test } from 'vitest';
import { random } from '../../bench/random.ts';
import { coverage } from '../../ledger/coverage/coverage.ts';
import type { Brought, Declared } from '../../ledger/coverage/facts.ts';
import { HOUR_MICROS, hourOf, MINUTE_MICROS, startOf } from '../../ledger/coverage/hours.ts';

const YEAR = 8760;
const BEGIN = hourOf(Date.UTC(2025, 0, 1) * 1000);
const MOST_SECONDS = 15;
const MOST_MEGABYTES = 1000;

test.each([
  ['hardly an hour without records', 0.98, false],
  ['most hours without records', 0.3, false],
  ['every hour declared by digests as well', 0.98, true],
])('%s', (name, share, withDigests) => {
  const { next } = random(1);
  const brought: Brought[] = [];
  const declared: Declared[] = [];
  for (let source = 0; source < 20; source++)
    for (let region = 0; region < 5; region++) {
      const stream = { source: `source-${source}`, account: '123456789012', region: `region-${region}` };
      for (let hour = BEGIN; hour < BEGIN + YEAR; hour++) {
        const asOf = startOf(hour + 1) + HOUR_MICROS / 2;
        if (withDigests)
          declared.push({
            stream,
            series: 'trail',
            hour,
            expected: 12,
            held: 12,
            problem: null,
            detail: null,
            asOf,
          });
        if (next() < share) brought.push({ stream, hour, records: 1 + Math.floor(next() * 100), asOf });
      }
    }
  const started = process.cpuUsage();
  let hours = 0;
  coverage(
    { brought, declared, windows: [] },
    () => 15 * MINUTE_MICROS,
    startOf(BEGIN + YEAR + 1),
    (unit) => {
      hours += unit.hours;
    },
  );
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  const megabytes = process.memoryUsage.rss() / 1e6;
  console.info(
    `${name}: ${brought.length + declared.length} facts, ${hours} hours: ${seconds.toFixed(1)} s of processor, ${megabytes.toFixed(0)} MB`,
  );
  expect(hours).toBeGreaterThan(99 * YEAR);
  expect(seconds).toBeLessThan(MOST_SECONDS);
  expect(megabytes).toBeLessThan(MOST_MEGABYTES);
});
