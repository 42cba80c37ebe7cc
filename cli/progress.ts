/** A progress line on stderr for whatever takes more than two seconds; nothing where stderr is no terminal. */

import { bytesText, grouped, paint } from './terminal.ts';

const SHOW_AFTER_MILLIS = 2000;
const REDRAW_MILLIS = 100;
const TICK_MILLIS = 500;
const BAR = 24;

export interface ProgressLine {
  /** `done` of `total` units; `detail` is shown beside the bar, and alone where the total is 0: not known. */
  update(done: number, total: number, detail: string): void;
  /** Removes the line. */
  clear(): void;
}

export function progressLine(label: string, now: () => number = Date.now): ProgressLine {
  const { stderr } = process;
  const started = now();
  let drawn = 0;
  let shown = false;
  return {
    update(done, total, detail) {
      const at = now();
      if (!stderr.isTTY || at - started < SHOW_AFTER_MILLIS || at - drawn < REDRAW_MILLIS) return;
      drawn = at;
      shown = true;
      if (total === 0) {
        stderr.write(`\r\x1b[2K${label}  ${detail}`);
        return;
      }
      const share = Math.min(1, done / total);
      const filled = Math.round(share * BAR);
      const bar = `${'━'.repeat(filled)}${paint('dim', '─'.repeat(BAR - filled), stderr)}`;
      const percent = `${Math.floor(share * 100)}%`.padStart(4);
      stderr.write(`\r\x1b[2K${label} ${bar}${percent}  ${detail}`);
    },
    clear() {
      if (shown) stderr.write('\r\x1b[2K');
      shown = false;
    },
  };
}

/** What is done of how much; a total of 0 where nobody can tell it. */
export type Tell = (detail: string, done?: number, total?: number) => void;

/** Runs `work`, and while it takes long tells for how long it has, beside what `work` tells of itself. */
export async function timed<T>(label: string, work: (tell: Tell) => Promise<T>): Promise<T> {
  const line = progressLine(label);
  const started = Date.now();
  let told: readonly [number, number, string] = [0, 0, ''];
  const draw = () => {
    const [done, total, detail] = told;
    const seconds = `${Math.round((Date.now() - started) / 1000)} s`;
    line.update(done, total, [seconds, detail].filter(Boolean).join(', '));
  };
  const ticking = setInterval(draw, TICK_MILLIS);
  try {
    return await work((detail, done = 0, total = 0) => {
      told = [done, total, detail];
      draw();
    });
  } finally {
    clearInterval(ticking);
    line.clear();
  }
}

/** `1.2 GB of 3.4 GB · 12,345 records`. */
export const collectDetail = (doneBytes: number, foundBytes: number, records: number): string =>
  `${bytesText(doneBytes)} of ${bytesText(foundBytes)} · ${grouped(records)} records`;
