/** Values that one function hands to another: packed, since Lambda takes six megabytes of JSON at most. */

import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import { AkashiError } from '../../schema/error.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, less the JSON around it. */
export const MOST_PACKED = 6 * 2 ** 20 - 2 ** 16;
/** What is packed may unfold to no more. */
const MOST_UNPACKED = 512 * 2 ** 20;

/** Of what functions hand each other: another number where one could take the other's values for something else. */
const FORMAT = 1;

export interface Packed {
  readonly format: number;
  readonly packed: string;
}

/** Maps, bytes and integers of any size included. */
export const pack = (value: unknown): Packed => ({
  format: FORMAT,
  packed: gzipSync(serialize(value), { level: 1 }).toString('base64'),
});

/** Only for what another function of this deployment packed. Throws EVENT_WRONG, and FUNCTIONS_DIFFER while two versions are at work. */
export function unpack<T>(value: unknown): T {
  const format = (value as Partial<Packed> | null)?.format;
  if (typeof format === 'number' && format !== FORMAT)
    throw new AkashiError(
      'FUNCTIONS_DIFFER',
      `A function packs format ${format}, and another ${FORMAT}: a deployment is under way. Nothing was done; ask again once it ` +
        'is through.',
    );
  try {
    const bytes = Buffer.from((value as Packed).packed, 'base64');
    return deserialize(gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED })) as T;
  } catch (cause) {
    throw new AkashiError(
      'EVENT_WRONG',
      'A function was called or answered with what no function of this version packs. Deploy all of them together.',
      { cause },
    );
  }
}
