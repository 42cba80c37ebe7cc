/** Changes to a bucket without a plan: whatever comes of them, nobody may be less strict about it than the AWS CLI. */

import { gunzipSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../bench/random.ts';
import type { Stored, Trail } from '../../ledger/digests/parts/trail.ts';

type Change = (stored: Stored, trail: Trail, random: Random) => void;

const anyStored = (trail: Trail, random: Random): Stored => {
  const all = [...trail.objects.values()];
  return all[random.below(all.length)]!;
};

/** One member of the JSON gone, or given another value. */
function otherMember(bytes: Uint8Array, random: Random): Uint8Array {
  const value = JSON.parse(gunzipSync(bytes).toString()) as Record<string, unknown>;
  const names = Object.keys(value);
  const name = names[random.below(names.length)]!;
  if (random.below(2) === 0) delete value[name];
  else value[name] = [null, '', 7, [], {}, 'x', value[names[0]!]][random.below(7)];
  return gzipSync(JSON.stringify(value));
}

const CHANGES: Readonly<Record<string, Change>> = {
  flip: (stored, _, random) => {
    const bytes = Uint8Array.from(stored.bytes);
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
    stored.bytes = bytes;
  },
  cut: (stored, _, random) => {
    stored.bytes = stored.bytes.subarray(0, random.below(stored.bytes.length));
  },
  cutALittle: (stored, _, random) => {
    stored.bytes = stored.bytes.subarray(0, -1 - random.below(9));
  },
  append: (stored, _, random) => {
    stored.bytes = Buffer.concat([stored.bytes, Buffer.from(random.hex(2 + random.below(20)), 'hex')]);
  },
  appendMember: (stored) => {
    stored.bytes = Buffer.concat([stored.bytes, gzipSync(' ')]);
  },
  twoMembers: (stored) => {
    const content = gunzipSync(stored.bytes);
    stored.bytes = Buffer.concat([gzipSync(content.subarray(0, 9)), gzipSync(content.subarray(9))]);
  },
  plain: (stored) => {
    stored.bytes = gunzipSync(stored.bytes);
  },
  again: (stored) => {
    stored.bytes = gzipSync(gunzipSync(stored.bytes), { level: 1 });
  },
  twice: (stored) => {
    stored.bytes = gzipSync(stored.bytes);
  },
  other: (stored, trail, random) => {
    stored.bytes = anyStored(trail, random).bytes;
  },
  otherWhole: (stored, trail, random) => {
    const { bytes, metadata } = anyStored(trail, random);
    Object.assign(stored, { bytes, metadata: { ...metadata } });
  },
  member: (stored, _, random) => {
    stored.bytes = otherMember(stored.bytes, random);
  },
  metadata: (stored, trail, random) => {
    const names = Object.keys(stored.metadata);
    const name = names[random.below(names.length)];
    if (name === undefined) return;
    const other = [undefined, 'x', 'ab', '00'.repeat(256), anyStored(trail, random).metadata[name]];
    const value = other[random.below(other.length)];
    if (value === undefined) delete stored.metadata[name];
    else stored.metadata[name] = value;
  },
};

/** Up to so many changes; their names. Some undo or hide others, and some change nothing. */
export function goWild(trail: Trail, random: Random, most: number): string[] {
  const done: string[] = [];
  const names = Object.keys(CHANGES);
  for (let count = 1 + random.below(most); count > 0; count--) {
    const keys = [...trail.objects.keys()];
    const key = keys[random.below(keys.length)]!;
    const name = random.below(8) === 0 ? 'delete' : names[random.below(names.length)]!;
    try {
      if (name === 'delete') trail.objects.delete(key);
      else CHANGES[name]!(trail.objects.get(key)!, trail, random);
      done.push(`${name} ${key.split('/').pop()}`);
    } catch {
      // What is broken already cannot be unpacked to be broken further.
    }
  }
  return done;
}
