/** Looks at the head over and over: when each object's records came to be seen by queries. */

import { readRows } from '../stages/parquet-rows.ts';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import { type Lake, openLakeForReading } from '../vault/lake.ts';
import { pause } from './lambda/mapping.ts';

const EVERY_MILLIS = 500;

export class Watch {
  /** By origin, when a head first named its rows, milliseconds. */
  readonly visible = new Map<string, number>();
  /** Seals seen. */
  heads = 0;
  readonly #address: string;
  readonly #seen = new Set<string>();
  #lake: Lake | null = null;
  #sequence = -1;
  #isStopped = false;
  #running: Promise<void> | null = null;

  constructor(address: string) {
    this.#address = address;
  }

  start(): void {
    this.#running = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      // A store that is away, or no lake yet: looked at again.
      await this.look().catch(() => {});
      await pause(EVERY_MILLIS);
    }
  }

  /** Throws what reading throws. */
  async look(): Promise<void> {
    this.#lake ??= await openLakeForReading(this.#address);
    const { vault, state } = this.#lake;
    const { head } = await readHead(state);
    const at = Date.now();
    if (head.sequence === this.#sequence) return;
    const { files } = await readTable(vault, head, 'evidence');
    for (const file of files) {
      if (this.#seen.has(file.key)) continue;
      for (const { origin } of await readRows((await vault.get(file.key)).body, ['origin']))
        if (!this.visible.has(String(origin))) this.visible.set(String(origin), at);
      this.#seen.add(file.key);
    }
    this.#sequence = head.sequence;
    this.heads++;
  }
}

export interface Lag {
  readonly objects: number;
  /** Seconds from the object's arrival to its records being seen. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly most: number | null;
  /** Objects that were never seen. */
  readonly unseen: readonly string[];
}

/** `since`: only of objects that arrived then or later, milliseconds. */
export function lagOf(
  arrivals: ReadonlyMap<string, number>,
  visible: ReadonlyMap<string, number>,
  since = 0,
): Lag {
  const seconds: number[] = [];
  const unseen: string[] = [];
  for (const [origin, arrived] of arrivals) {
    if (arrived < since) continue;
    const seen = visible.get(origin);
    if (seen === undefined) unseen.push(origin);
    else seconds.push(Math.max(0, (seen - arrived) / 1000));
  }
  seconds.sort((a, b) => a - b);
  const at = (share: number) =>
    seconds[Math.min(seconds.length - 1, Math.floor(share * seconds.length))] ?? null;
  return {
    objects: seconds.length + unseen.length,
    p50: at(0.5),
    p95: at(0.95),
    most: seconds.at(-1) ?? null,
    unseen,
  };
}
