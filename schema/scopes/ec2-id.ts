/**
 * Ids of EC2's own form: a word that tells the type, a hyphen, 8 or 17 hexadecimal digits.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */

import { readFileSync } from 'node:fs';
import { parseCsv } from '../actions/csv.ts';

const TYPES: ReadonlyMap<string, string> = new Map(
  parseCsv(readFileSync(new URL('ec2-ids.csv', import.meta.url), 'utf8'))
    .slice(1)
    .map(([prefix, type]) => [prefix!, type!]),
);

/** Whether a text is such an id, of a type that is known or not. */
export function isEc2Id(text: string): boolean {
  const { length } = text;
  if (length > 28) return false;
  // The hyphen is looked for first, as it costs least.
  if (text.charCodeAt(length - 18) !== 0x2d && text.charCodeAt(length - 9) !== 0x2d) return false;
  return /^[a-z]{1,10}-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(text);
}

/** CloudFormation's name for the type of what the id names; null for any other text, and for words not in the table. */
export function ec2Type(text: string): string | null {
  return isEc2Id(text) ? (TYPES.get(text.slice(0, text.indexOf('-'))) ?? null) : null;
}
