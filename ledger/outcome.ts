/** Answers of readers that must not throw: what was read, or a code to branch on and a sentence to read. */

import { AkashiError } from '../schema/error.ts';

export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly problem: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal;

export const accepted = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const refused = (code: string, problem: string): Refusal => ({ ok: false, code, problem });

/** The value, or the refusal as an AkashiError with the refusal's own code. */
export function need<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new AkashiError(outcome.code, outcome.problem);
}
