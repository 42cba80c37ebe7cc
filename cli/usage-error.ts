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

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** The bytes an option gives: `500MB`, `20 GB`, `1048576`. Undefined when it was not given. Throws UsageError. */
export function byteCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * UNITS[unit.toLowerCase()]!);
  if (number !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new UsageError(`--${name} takes a number of bytes such as 500MB or 20GB, but "${text}" was given.`);
}
