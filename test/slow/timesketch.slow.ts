/** Timesketch's own importer reads what `akashi timeline` writes: every line, its time and its message. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TimelineData } from '../../exports/timeline/model.ts';
import { timesketchCsv, timesketchLines } from '../../exports/timeline/timesketch.ts';
import { hostileTimeline } from '../exports/timeline/hostile.ts';
import { Lakes, SAMPLES, timelineOf } from '../exports/timeline/lakes.ts';
import { readTimesketch } from '../exports/timeline/timesketch-reader.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);
const CLIENT = 'timesketch-import-client==20261014';
/** Beside the client itself: it imports six, and does not name it. */
const OTHERS = ['pandas==3.1.1', 'six==1.17.0'];
const folder = mkdtempSync(join(tmpdir(), 'akashi-timesketch-'));
const lakes = new Lakes();
afterAll(() => {
  lakes.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Null where there is no Python, or PyPI cannot be reached. */
let python: string | null = null;
beforeAll(async () => {
  try {
    const { stdout } = await run(path('./python.sh'), [
      path('../../node_modules/.cache/python-timesketch'),
      CLIENT,
      ...OTHERS,
    ]);
    python = stdout.trim();
  } catch (error) {
    console.warn(`No Python environment with ${CLIENT}: ${String(error)}`);
  }
}, 600_000);

async function imported(data: TimelineData, form: 'csv' | 'jsonl'): Promise<Record<string, unknown>[]> {
  const file = join(folder, `timeline.${form}`);
  const text = [...(form === 'csv' ? timesketchCsv : timesketchLines)(data)].join('');
  writeFileSync(file, text);
  const { stdout } = await run(python!, [path('./timesketch/read.py'), file], { maxBuffer: 2 ** 28 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.each(['csv', 'jsonl'] as const)(
  '%s of the sample incident, and of nothing but attacks',
  async (form) => {
    if (python === null) return;
    const lake = await lakes.collect(`lake-${form}`, [SAMPLES]);
    for (const data of [await timelineOf(lake, { ips: ['203.0.113.66'] }), hostileTimeline()]) {
      const events = await imported(data, form);
      expect(events).toHaveLength(data.lines.length);
      const text = [...(form === 'csv' ? timesketchCsv : timesketchLines)(data)].join('');
      // What the strict reader of the other tests makes of it is what Timesketch makes of it.
      for (const [at, ours] of readTimesketch(text, form).entries()) {
        const theirs = events[at]!;
        expect(theirs['message']).toBe(ours['message']);
        expect(theirs['timestamp_desc']).toBe(ours['timestamp_desc']);
        expect(theirs['micros']).toBe(Number(ours['timestamp']));
        expect(Number(theirs['timestamp'])).toBe(Number(ours['timestamp']));
      }
    }
  },
);
