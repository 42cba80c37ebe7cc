/** What is told while something takes long: on a terminal alone, after two seconds, and gone afterwards. */

import { afterEach, expect, test, vi } from 'vitest';
import { timed } from '../../cli/progress.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});
const { isTTY } = process.stderr;

async function during(millis: number, terminal: boolean): Promise<string> {
  vi.useFakeTimers();
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  process.stderr.isTTY = terminal;
  const work = timed('export', async (tell) => {
    tell('5 records', 5, 10);
    await new Promise((resolve) => setTimeout(resolve, millis));
    return 7;
  });
  await vi.advanceTimersByTimeAsync(millis);
  expect(await work).toBe(7);
  return said;
}

test('what takes long tells how long, how much, and is gone at the end', async () => {
  const said = await during(4_000, true);
  expect(said).toMatch(/export .* 50% {2}3 s, 5 records/);
  expect(said.endsWith('\r\x1b[2K')).toBe(true);
});

test('what is quick says nothing, nor does anything where nobody looks', async () => {
  expect(await during(1_500, true)).toBe('');
  expect(await during(9_000, false)).toBe('');
});
