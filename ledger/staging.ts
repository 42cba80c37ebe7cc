/**
 * Staging bundles: every tile and entry bundle of one growth in one object, put before the head is swapped, so that
 * whoever comes next can finish the writing. One line with the SHA-256 of all that follows, one line of canonical
 * JSON, then the bodies one after the other. Their keys follow from the two sizes.
 */

import { hash } from 'node:crypto';
import { NEWER, newerFormat, newerText } from '../schema/newer.ts';
import type { Growth, TileObject } from './append.ts';
import { canonicalJson, parseCanonicalJson } from './canonical.ts';
import { toHex } from './encoding.ts';
import { HASH_BYTES, type Hash } from './merkle.ts';
import { accepted, need, type Outcome, refused } from './outcome.ts';
import { count, known, sha256 } from './shape.ts';
import { grownTiles } from './tiles.ts';

const VERSION = 1;
const MAGIC = `akashi-staging v${VERSION} `;
const ANY_MAGIC = /^akashi-staging v(\d{1,9}) /;
const NEWLINE = 0x0a;

export interface Staging {
  /** Size of the tree it grows from. */
  readonly previous: number;
  readonly size: number;
  readonly root: Hash;
  /** As `grownTiles(previous, size)` lists them. */
  readonly objects: readonly TileObject[];
}

/** Of a bundle that another version staged the members that this one knows count: its keys follow from the two sizes. */
const HEADER = known({
  previous: count,
  size: count,
  root: sha256,
  lengths: {
    fault: (value: unknown) =>
      Array.isArray(value) && value.every((length) => count.fault(length) === null)
        ? null
        : 'is no list of lengths',
  },
});

/** The bundle of a growth from `previous` leaves; the same growth always gives the same bytes. */
export function encodeStaging(previous: number, { edge, root, objects }: Growth): Uint8Array {
  const header = {
    previous,
    size: edge.size,
    root: toHex(root),
    lengths: objects.map(({ body }) => body.length),
  };
  const rest = Buffer.concat([
    Buffer.from(`${need(canonicalJson(header))}\n`),
    ...objects.map(({ body }) => body),
  ]);
  return Buffer.concat([Buffer.from(`${MAGIC}${hash('sha256', rest, 'hex')}\n`), rest]);
}

/**
 * Reads a bundle: LAKE_NEWER for one of a newer version, STAGING_MALFORMED for anything else that `encodeStaging` does not
 * write. Its tiles still need checking.
 */
export function decodeStaging(bytes: Uint8Array): Outcome<Staging> {
  const malformed = (problem: string): Outcome<never> => refused('STAGING_MALFORMED', problem);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const newer = newerFormat(Number(ANY_MAGIC.exec(all.subarray(0, 40).toString('latin1'))?.[1]), VERSION);
  if (newer !== null) return refused(NEWER, `the staged growth ${newerText(newer, VERSION)}`);
  const restAt = MAGIC.length + 2 * HASH_BYTES + 1;
  const rest = all.subarray(restAt);
  if (all.subarray(0, restAt).toString('latin1') !== `${MAGIC}${hash('sha256', rest, 'hex')}\n`) {
    return malformed('its first line does not hold the SHA-256 of the rest');
  }
  const headerEnd = rest.indexOf(NEWLINE);
  const parsed = parseCanonicalJson(rest.subarray(0, Math.max(headerEnd, 0)));
  if (!parsed.ok) return malformed(`header: ${parsed.problem}`);
  const fault = HEADER.fault(parsed.value);
  if (fault !== null) return malformed(`header: ${fault}`);
  const { previous, size, root, lengths } = parsed.value as unknown as {
    previous: number;
    size: number;
    root: string;
    lengths: number[];
  };
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // Checked before anything is made of the sizes: they could ask for any number of tiles.
  if (previous >= size || total !== rest.length - headerEnd - 1 || size - previous > total) {
    return malformed('its lengths do not fit');
  }
  const refs = grownTiles(previous, size);
  if (refs.length !== lengths.length) return malformed(`${lengths.length} objects, not ${refs.length}`);
  let at = headerEnd + 1;
  const objects = refs.map((ref, number): TileObject => {
    const start = at;
    at += lengths[number]!;
    return { ref, body: rest.subarray(start, at) };
  });
  return accepted({ previous, size, root: Buffer.from(root, 'hex'), objects });
}
