/** Loaded before a handler: this process's clock is REHEARSE_SKEW milliseconds ahead of the machine's. */

const ahead = Number(process.env['REHEARSE_SKEW'] ?? 0);
const Machine = Date;

class Skewed extends Machine {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Machine.now() + ahead);
    else super(...(given as [number]));
  }
  static override now(): number {
    return Machine.now() + ahead;
  }
}

globalThis.Date = Skewed as DateConstructor;
