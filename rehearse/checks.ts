/** What must hold, one after the other: one that does not hides no other. */

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly said: string;
}

/** Resolves to whether it holds, and what was found. */
export type Made = Omit<Check, 'name'>;

const MOST_SAID = 900;

export class Checks {
  readonly made: Check[] = [];
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  async check(name: string, make: () => Promise<Made> | Made): Promise<void> {
    const started = performance.now();
    let made: Made;
    try {
      made = await make();
    } catch (error) {
      made = { ok: false, said: (error as Error).message.slice(0, MOST_SAID) };
    }
    this.made.push({ name, ...made });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    this.#say(`${made.ok ? 'holds' : 'DOES NOT HOLD'}  ${name}: ${made.said} (${seconds} s)`);
  }
}
