/**
 * A shard of the needle index: which fingerprints of one range stand in which groups of rows, as one sorted list of
 * numbers `fingerprint × groups + group`, coded by their differences. One that stands in many groups is kept apart, with
 * the list of those groups, which takes less.
 */

import { AkashiError } from '../../schema/error.ts';
import { BitReader, BitWriter, riceParameter } from './bits.ts';

/** Fewer places than this are never worth a list of their own. */
const LEAST_REPEATED = 8;
/** Bits that a list of its own costs beside its places. */
const LIST_BITS = 28;

export interface Encoded {
  readonly bytes: Uint8Array;
  /** How many fingerprints have a list of their own. */
  readonly repeated: number;
}

/**
 * `pairs`: ascending, each once, numbers `fingerprint × groups + group`, all of fingerprints in `[from, from + span)`.
 */
export function encodeShard(pairs: Float64Array, groups: number, from: number, span: number): Encoded {
  const single: number[] = [];
  const lists: { print: number; places: Float64Array }[] = [];
  const usual = Math.log2((span * groups) / Math.max(1, pairs.length) + 1) + 1.5;
  for (let at = 0; at < pairs.length; ) {
    const print = Math.floor(pairs[at]! / groups);
    let end = at + 1;
    const next = (print + 1) * groups;
    while (end < pairs.length && pairs[end]! < next) end++;
    const count = end - at;
    const apart = count * (Math.log2(groups / count + 1) + 1) + LIST_BITS;
    if (count >= LEAST_REPEATED && apart < count * usual) {
      lists.push({ print, places: pairs.subarray(at, end) });
    } else for (let pair = at; pair < end; pair++) single.push(pairs[pair]!);
    at = end;
  }
  const out = new BitWriter();
  const k = riceParameter((span * groups) / Math.max(1, single.length));
  const listK = riceParameter(span / Math.max(1, lists.length));
  for (const count of [single.length, lists.length]) out.rice(count, 12);
  let last = from * groups - 1;
  for (const pair of single) {
    out.rice(pair - last - 1, k);
    last = pair;
  }
  last = from - 1;
  for (const { print, places } of lists) {
    out.rice(print - last - 1, listK);
    last = print;
    out.rice(places.length - LEAST_REPEATED, 4);
    const placeK = riceParameter(groups / places.length - 1);
    let lastPlace = -1;
    for (const pair of places) {
      const place = pair - print * groups;
      out.rice(place - lastPlace - 1, placeK);
      lastPlace = place;
    }
  }
  return { bytes: out.finish(), repeated: lists.length };
}

/**
 * Hands over what is in a shard: the single ones, then the lists, each ascending. `take` returns true when it has seen
 * enough of that part. Throws INDEX_DAMAGED for what `encodeShard` does not write.
 */
export function readShard(
  bytes: Uint8Array,
  groups: number,
  from: number,
  span: number,
  take: (print: number, group: number) => void,
  /** Fingerprints that are of interest; all when left out. */
  wanted: { readonly from: number; readonly to: number } = { from, to: from + span },
): void {
  const reader = new BitReader(bytes);
  const singles = reader.rice(12);
  const lists = reader.rice(12);
  // A shard cannot hold more than its range has, nor more than its bits can say.
  if (singles > bytes.length * 8 || lists > bytes.length * 8) throw damaged();
  const k = riceParameter((span * groups) / Math.max(1, singles));
  const listK = riceParameter(span / Math.max(1, lists));
  const low = wanted.from * groups;
  const high = wanted.to * groups;
  const end = (from + span) * groups;
  let pair = from * groups - 1;
  for (let at = 0; at < singles; at++) {
    pair += reader.rice(k) + 1;
    if (pair >= low && pair < high) {
      const print = Math.floor(pair / groups);
      take(print, pair - print * groups);
    }
  }
  if (pair >= end) throw damaged();
  let print = from - 1;
  for (let at = 0; at < lists; at++) {
    print += reader.rice(listK) + 1;
    const count = reader.rice(4) + LEAST_REPEATED;
    if (count > groups || print >= from + span) throw damaged();
    const placeK = riceParameter(groups / count - 1);
    const isWanted = print >= wanted.from && print < wanted.to;
    let place = -1;
    for (let seen = 0; seen < count; seen++) {
      place += reader.rice(placeK) + 1;
      if (isWanted) take(print, place);
    }
    if (place >= groups) throw damaged();
  }
}

const damaged = () => new AkashiError('INDEX_DAMAGED', 'a part of the needle index is not what was written');
