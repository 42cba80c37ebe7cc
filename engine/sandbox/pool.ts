/** Where a query gets its process from: a fresh one each time, or one of a few that were started ahead. */

import type { QueryLimits } from '../limits.ts';
import { Sandbox } from './sandbox.ts';

export interface SandboxSource {
  /** A process that has run nothing yet. */
  take(): Promise<Sandbox>;
  close(): Promise<void>;
}

/**
 * Starts one process at once, so that it loads while the statement is parsed, and every later one when asked.
 */
export function startOnDemand(limits: QueryLimits): SandboxSource {
  return prewarmed(limits, 1, false);
}

/**
 * Keeps `size` processes loaded and idle (about 95 MiB each) and replaces each one taken, for servers. Each is used
 * once, whatever it ran.
 */
export function prewarmed(
  limits: QueryLimits,
  size: number,
  refill = true,
  open: () => Promise<Sandbox> = () => Sandbox.open(limits),
): SandboxSource {
  const idle: Promise<Sandbox>[] = [];
  let closed = false;
  const add = () => {
    const sandbox = open();
    // A failure to start belongs to whoever takes it.
    sandbox.catch(() => {});
    idle.push(sandbox);
  };
  for (let index = 0; index < size; index++) add();
  return {
    async take() {
      const waiting = await idle.shift();
      if (refill && !closed) add();
      if (waiting?.alive) return waiting;
      // One that ended while it waited, as under memory pressure, has run nothing and is no loss.
      await waiting?.close();
      return await open();
    },
    async close() {
      closed = true;
      await Promise.allSettled(idle.splice(0).map(async (sandbox) => (await sandbox).close()));
    },
  };
}
