import { afterAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { scaled, volumeOf } from '../../cost/lake-volume.ts';
import { newWorld, storesOf, Workshop } from '../stages/memory-lake.ts';

const shop = new Workshop();
afterAll(() => shop.close());

test('the volume of a lake is that of its bodies, uncompressed, a day', async () => {
  const stores = storesOf(newWorld());
  expect(await volumeOf(stores)).toBeNull();
  const texts = [trailFile(1, 5, 1_700_000_000), flowFile(1, 50, 1_700_000_000)];
  await shop.collect(stores, ...texts.map((text, at) => shop.file(`body-${at}.log`, text)));
  const volume = (await volumeOf(stores))!;
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  // All were received at one instant: that counts as a day.
  expect(volume).toEqual({ gbADay: bytes / 1e9, streams: 2 / 288, days: 1, objects: 2 });
  expect(scaled(volume, 100).streams / volume.streams).toBeCloseTo(100 / volume.gbADay, 6);
});
