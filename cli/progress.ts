/** A progress line on stderr for whatever takes more than two seconds; nothing where stderr is no terminal. */

import { bytesText, grouped, paint } from './terminal.ts';

const SHOW_AFTER_MILLIS = 2000;
const REDRAW_MILLIS = 100;
const BAR = 24;

export interface ProgressLine {
  /** `done` of `total` units; `detail` is shown beside the bar. */
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
      const share = total > 0 ? Math.min(1, done / total) : 0;
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

/** `1.2 GB of 3.4 GB · 12,345 records`. */
export const collectDetail = (doneBytes: number, foundBytes: number, records: number): string =>
  `${bytesText(doneBytes)} of ${bytesText(foundBytes)} · ${grouped(records)} records`;
