/** Random chains, and faults put into them at random, each with what a report must name for it. */

import { gunzipSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../../bench/random.ts';
import { type DigestRecord, MINUTE, Trail, type TrailOptions, type Twist } from './trail.ts';

/** `digest STATE s3://…`, as `named` gives it; `*` for a place that only the report knows. */
export type Wanted = readonly string[];

/** What the AWS CLI says of the same fault, where it is known to differ. */
export interface Fault {
  readonly name: string;
  /** Put in while the digest is written: correctly signed, and untrue. */
  readonly twist?: Twist;
  /** Done to the bucket afterwards. */
  readonly apply?: (trail: Trail, at: number, random: Random) => void;
  readonly wanted: (trail: Trail, at: number) => Wanted;
}

const s3 = (trail: Trail, key: string) => `s3://${trail.bucket}/${key}`;
const digestAt = (trail: Trail, at: number): DigestRecord => trail.digests[at]!;
const digestFault = (state: string) => (trail: Trail, at: number) => [
  `digest ${state} ${s3(trail, digestAt(trail, at).key)}`,
];
/** The first log of a digest is the one that faults hit. */
const logFault = (state: string) => (trail: Trail, at: number) => [
  `log ${state} ${s3(trail, digestAt(trail, at).logs[0]!.key)}`,
];

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

const onDigest = (change: Change) => (trail: Trail, at: number, random: Random) => {
  const stored = trail.objects.get(digestAt(trail, at).key)!;
  stored.bytes = change(stored.bytes, random);
};
const onLog = (change: Change) => (trail: Trail, at: number, random: Random) => {
  const stored = trail.objects.get(digestAt(trail, at).logs[0]!.key)!;
  stored.bytes = change(stored.bytes, random);
};
const onMetadata = (change: (metadata: Record<string, string>) => void) => (trail: Trail, at: number) =>
  change(trail.objects.get(digestAt(trail, at).key)!.metadata);

/** Another digit somewhere: still text of the same shape, mostly still JSON. */
const editText: Change = (bytes, random) => {
  const text = gunzipSync(bytes).toString();
  const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
  const at = digits[random.below(digits.length)]!;
  return gzipSync(
    `${text.slice(0, at)}${(Number(text[at]) + 1 + random.below(9)) % 10}${text.slice(at + 1)}`,
  );
};
const cut: Change = (bytes, random) => bytes.subarray(0, random.below(bytes.length));
const flipBit: Change = (bytes, random) => {
  const flipped = Uint8Array.from(bytes);
  // After the header, in which some bits say nothing (time, system).
  const at = 10 + random.below(bytes.length - 10);
  flipped[at] = flipped[at]! ^ (1 << random.below(8));
  return flipped;
};
const append: Change = (bytes, random) =>
  Buffer.concat([bytes, random.below(2) === 0 ? gzipSync(random.hex(8)) : Buffer.from(random.hex(8))]);

export const FAULTS: readonly Fault[] = [
  {
    name: 'digest deleted',
    apply: (trail, at) => void trail.objects.delete(digestAt(trail, at).key),
    wanted: digestFault('MISSING_DIGEST'),
  },
  {
    name: 'wrong previous hash, signed',
    twist: { previous: 'wrong-hash' },
    wanted: digestFault('CHAIN_HASH_MISMATCH'),
  },
  {
    name: 'wrong previous signature, signed',
    twist: { previous: 'wrong-signature' },
    wanted: digestFault('CHAIN_SIGNATURE_MISMATCH'),
  },
  { name: 'restart', twist: { previous: 'none' }, wanted: digestFault('UNKNOWN_TRAIL_RESTART') },
  { name: 'time gap', twist: { shift: 7 * MINUTE }, wanted: digestFault('TIME_GAP') },
  { name: 'overlap', twist: { shift: -7 * MINUTE }, wanted: digestFault('OVERLAP') },
  { name: 'digest cut', apply: onDigest(cut), wanted: digestFault('INVALID_FORMAT') },
  { name: 'digest bit flipped', apply: onDigest(flipBit), wanted: digestFault('INVALID_FORMAT') },
  { name: 'digest appended to', apply: onDigest(append), wanted: digestFault('INVALID_FORMAT') },
  {
    name: 'digest decompressed',
    apply: onDigest((bytes) => gunzipSync(bytes)),
    wanted: digestFault('INVALID_FORMAT'),
  },
  { name: 'metadata lost', apply: onMetadata(clear), wanted: digestFault('METADATA_LOST') },
  {
    name: 'signature exchanged',
    apply: onMetadata((metadata) => {
      metadata['signature'] = metadata['signature']!.replace(/^./, (digit) => (digit === '1' ? '2' : '1'));
    }),
    wanted: digestFault('SIGNATURE_INVALID'),
  },
  {
    name: 'digest in the place of another',
    apply: (trail, at) =>
      void trail.objects.set(digestAt(trail, at).key, { ...trail.objects.get(digestAt(trail, at - 1).key)! }),
    wanted: (trail, at) => [...digestFault('MOVED')(trail, at), ...digestFault('MISSING_DIGEST')(trail, at)],
  },
  {
    name: 'log deleted',
    apply: (trail, at) => void trail.objects.delete(digestAt(trail, at).logs[0]!.key),
    wanted: logFault('NOT_FOUND'),
  },
  { name: 'log edited', apply: onLog(editText), wanted: logFault('HASH_MISMATCH') },
  { name: 'log cut', apply: onLog(cut), wanted: logFault('INVALID_FORMAT') },
  { name: 'log appended to', apply: onLog(append), wanted: logFault('INVALID_FORMAT') },
  {
    name: 'log decompressed',
    apply: onLog((bytes) => gunzipSync(bytes)),
    wanted: logFault('INVALID_FORMAT'),
  },
  {
    name: 'log added',
    apply: (trail, at) => void trail.deliver(digestAt(trail, at).start + 25 * MINUTE),
    wanted: (trail) => [`log UNREFERENCED_LOG ${s3(trail, [...trail.objects.keys()].at(-1)!)}`],
  },
];

function clear(metadata: Record<string, string>): void {
  for (const name of Object.keys(metadata)) delete metadata[name];
}

/** Faults this far apart do not touch one another's evidence. */
const APART = 4;

export interface Specimen {
  readonly trail: Trail;
  readonly faults: readonly string[];
  readonly wanted: readonly string[];
}

/** A trail of some hours, with up to so many faults in it. */
export function specimen(random: Random, options: TrailOptions, hours: number, most: number): Specimen {
  const planned = new Map<number, Fault>();
  const room = Math.floor((hours - 2) / APART);
  const count = most === 0 ? 0 : Math.min(1 + random.below(most), room);
  while (planned.size < count) {
    const at = 2 + APART * random.below(room);
    planned.set(at, FAULTS[random.below(FAULTS.length)]!);
  }
  const trail = new Trail(options);
  for (let hour = 0; hour < hours; hour++) {
    const fault = planned.get(hour);
    // A fault on a log needs one; other hours may be empty. All clear of what a shifted hour does to its edges.
    const deliveries = Array.from({ length: fault === undefined ? random.below(4) : 1 }, () => 30);
    trail.hour(deliveries, fault?.twist);
    if (random.below(8) === 0 && hour > 0) {
      const { start, end } = trail.digests[hour - 1]!;
      trail.backfill(end, [trail.deliver(start + 35 * MINUTE)], trail.end);
    }
  }
  const wanted: string[] = [];
  for (const [at, fault] of planned) {
    fault.apply?.(trail, at, random);
    wanted.push(...fault.wanted(trail, at));
  }
  return { trail, faults: [...planned.values()].map(({ name }) => name), wanted: wanted.sort() };
}
