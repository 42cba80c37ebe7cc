/** A schedule: invokes a function every so often, and again twice where that failed, as Lambda does of its own accord. */

import type { Invocation } from './function.ts';

const TRIES = 3;

export class Schedule {
  readonly #everyMillis: number;
  readonly #invoke: () => Promise<Invocation>;
  readonly #firstMillis: number;
  readonly #onGivenUp: () => void;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** `onGivenUp`: an event failed as often as it is tried, and goes to the queue of failed calls. */
  constructor(
    { everySeconds, firstAfterSeconds = 0 }: { everySeconds: number; firstAfterSeconds?: number },
    invoke: () => Promise<Invocation>,
    onGivenUp: () => void = () => {},
  ) {
    this.#everyMillis = everySeconds * 1000;
    this.#firstMillis = firstAfterSeconds * 1000;
    this.#invoke = invoke;
    this.#onGivenUp = onGivenUp;
  }

  start(): void {
    const tick = () => void this.fire();
    this.#timer = setTimeout(() => {
      tick();
      this.#timer = setInterval(tick, this.#everyMillis);
    }, this.#firstMillis);
  }

  /** Once, out of turn; skipped while the time before is still under way, as a schedule's own time-outs see to. */
  async fire(): Promise<void> {
    if (this.#underWay.size > 0) return;
    const run = this.#try();
    this.#underWay.add(run);
    await run;
    this.#underWay.delete(run);
  }

  /** Resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  async #try(): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const { outcome } = await this.#invoke();
      if (outcome === 'ok' || this.#isStopped) return;
    }
    this.#onGivenUp();
  }
}
