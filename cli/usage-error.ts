import { AkashiError } from '../schema/error.ts';

/** The command's words are off: exit code 2. */
export class UsageError extends AkashiError {
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', message, options);
    this.name = 'UsageError';
  }
}

/** A whole number from `min` to `max`, or undefined when the option was not given. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, but "${text}" was given.`);
}
