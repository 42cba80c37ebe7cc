/** Ends a process that holds more memory than it may. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A query fills memory at a few GiB/s at most, so it is seen at most some tens of MiB above its limit. */
const INTERVAL_MILLIS = 20;
/** Where there is no /proc, asking costs a process. */
const SLOW_INTERVAL_MILLIS = 500;

/** Calls `exceeded` once when process `pid` holds more than `limitBytes` resident. Returns what stops the watch. */
export function watchMemory(pid: number, limitBytes: number, exceeded: () => void): () => void {
  const interval = process.platform === 'linux' ? INTERVAL_MILLIS : SLOW_INTERVAL_MILLIS;
  const timer = setInterval(() => {
    const held = residentBytes(pid);
    if (held === null || held <= limitBytes) return;
    clearInterval(timer);
    exceeded();
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

/** Resident memory in bytes, or null when it cannot be told. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], {
            encoding: 'latin1',
            timeout: 2_000,
          }).trim();
    return kibibytes === undefined || kibibytes === '' ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
