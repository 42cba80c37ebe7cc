/** What a batch holds in memory, and what it writes, however its rows are dated. */

import { expect, test } from 'vitest';
import { newRow } from '../../schema/columns.ts';
import { BatchWriter } from '../../stages/store.ts';
import { newWorld, storesOf } from './memory-lake.ts';

const DAY_MICROS = 86_400e6;
const DAYS = 30;
const HELD_DAYS = 20;

/** Every day twice, far apart: as many days as a log with a date of its own in every record has. */
async function write() {
  const { vault, state } = storesOf(newWorld());
  const writer = new BatchWriter(vault, state, 'ab'.repeat(32), HELD_DAYS);
  for (let round = 0; round < 2; round++)
    for (let day = 0; day < DAYS; day++)
      writer.event(
        { ...newRow('events'), time: day * DAY_MICROS + round, uid: `${round}-${day}`, source: 'test' },
        null,
      );
  return (await writer.finish()).events;
}

test('a log with more days than are held at once is stored whole, in the same files each time', async () => {
  const files = await write();
  expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(2 * DAYS);
  expect(new Set(files.map(({ key }) => key)).size).toBe(files.length);
  expect(new Set(files.map(({ day }) => day)).size).toBe(DAYS);
  // Some days had to be written before all of their rows had come.
  expect(files.length).toBeGreaterThan(DAYS);
  expect((await write()).map(({ key, sha256 }) => [key, sha256])).toEqual(
    files.map(({ key, sha256 }) => [key, sha256]),
  );
});
