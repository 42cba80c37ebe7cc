/** Where a query gets its process from: a fresh one each time, or one of a few that were started ahead. */

import { setTimeout as sleep } from 'node:timers/promises';
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

/** A question that takes longer gets company; a short one is not slowed by a process that loads beside it. */
const REFILL_MILLIS = 300;

/**
 * Keeps `size` processes loaded and idle (about 95 MiB each), for servers, and replaces each one taken when it has ended
 * or a moment has passed. Each is used once, whatever it ran.
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
  const refillAfter = async (sandbox: Sandbox) => {
    await Promise.race([sandbox.ended, sleep(REFILL_MILLIS, undefined, { ref: false })]);
    if (!closed && idle.length < size) add();
  };
  for (let index = 0; index < size; index++) add();
  return {
    async take() {
      const waiting = await idle.shift();
      // One that ended while it waited, as under memory pressure, has run nothing and is no loss.
      if (waiting?.alive === false) await waiting.close();
      const taken = waiting?.alive ? waiting : await open();
      if (refill) void refillAfter(taken);
      return taken;
    },
    async close() {
      closed = true;
      await Promise.allSettled(idle.splice(0).map(async (sandbox) => (await sandbox).close()));
    },
  };
}
