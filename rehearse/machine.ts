/** Whose the machine is: how much of its processors others took, so that what hangs on speed is only judged where it can be. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuOfAll } from './lambda/memory.ts';

const TICK_MILLIS = 10;
/** Of all processors, what others may take on a machine that counts as this one's own. */
export const QUIET_SHARE = 0.25;

/** Milliseconds of processor that everybody took since the machine started. */
function busyMillis(): number {
  try {
    // user, nice, system, idle, iowait, irq, softirq, steal: proc_stat(5).
    const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = readFileSync(
      '/proc/stat',
      'utf8',
    )
      .split('\n')[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + soft + steal) * TICK_MILLIS;
  } catch {
    return 0;
  }
}

/** Begun now; the function tells the share of all processors that others took since, 0 to 1. */
export function othersShare(): () => number {
  const [started, busy, own] = [performance.now(), busyMillis(), cpuOfAll(process.pid)];
  return () => {
    const others = busyMillis() - busy - (cpuOfAll(process.pid) - own);
    const all = (performance.now() - started) * availableParallelism();
    return Math.min(1, Math.max(0, others / all));
  };
}
