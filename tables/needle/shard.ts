/**
 * A shard of the needle index: which fingerprints of one range stand in which row groups, as one ascending list of numbers
 * `fingerprint × groups + group`, coded by their differences. A fingerprint that stands in many groups is kept apart, with
 * the list of those groups, which takes less.
 */

import { AkashiError } from '../../schema/error.ts';
import { BitReader, BitWriter, riceParameter } from './bits.ts';
import type { SortedPairs } from './pairs.ts';

/** Fewer places than this are never worth a list of their own. */
const LEAST_REPEATED = 8;
/** Bits that a list of its own costs beside its places. */
const LIST_BITS = 28;
const COUNT_K = 12;

/** Encodes pairs whose fingerprints lie in `[from, from + span)`. */
export function encodeShard(pairs: SortedPairs, groups: number, from: number, span: number): Uint8Array {
  const { prints, groups: places, count } = pairs;
  const usual = Math.log2((span * groups) / Math.max(1, count) + 1) + 1.5;
  /** Where fingerprints with a list of their own begin and end. */
  const lists: number[] = [];
  let listed = 0;
  for (let at = LEAST_REPEATED - 1; at < count; ) {
    if (prints[at] !== prints[at - LEAST_REPEATED + 1]) {
      at++;
      continue;
    }
    const start = at - LEAST_REPEATED + 1;
    let end = at + 1;
    while (end < count && prints[end] === prints[start]) end++;
    const own = end - start;
    if (own * (Math.log2(groups / own + 1) + 1) + LIST_BITS < own * usual) {
      lists.push(start, end);
      listed += own;
    }
    at = end + LEAST_REPEATED - 1;
  }
  const out = new BitWriter();
  const k = riceParameter((span * groups) / Math.max(1, count - listed));
  const listK = riceParameter(span / Math.max(1, lists.length / 2));
  out.rice(count - listed, COUNT_K);
  out.rice(lists.length / 2, COUNT_K);
  let print = from;
  let place = -1;
  for (let at = 0, list = 0; at < count; ) {
    if (lists[list] === at) {
      at = lists[list + 1]!;
      list += 2;
      continue;
    }
    out.rice((prints[at]! - print) * groups + places[at]! - place - 1, k);
    print = prints[at]!;
    place = places[at]!;
    at++;
  }
  let last = from - 1;
  for (let list = 0; list < lists.length; list += 2) {
    const [start, end] = [lists[list]!, lists[list + 1]!];
    out.rice(prints[start]! - last - 1, listK);
    last = prints[start]!;
    out.rice(end - start - LEAST_REPEATED, LIST_K);
    const placeK = riceParameter(groups / (end - start) - 1);
    let before = -1;
    for (let at = start; at < end; at++) {
      out.rice(places[at]! - before - 1, placeK);
      before = places[at]!;
    }
  }
  return out.finish();
}

const LIST_K = 4;

/**
 * Hands over what is in a shard: first the single ones, then those with lists, each ascending. Throws INDEX_DAMAGED for
 * what `encodeShard` does not write.
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
  const singles = reader.rice(COUNT_K);
  const lists = reader.rice(COUNT_K);
  // Each takes a bit at least.
  if (singles > bytes.length * 8 || lists > bytes.length * 8) throw damaged();
  const k = riceParameter((span * groups) / Math.max(1, singles));
  const listK = riceParameter(span / Math.max(1, lists));
  let print = from;
  let group = -1;
  for (let at = 0; at < singles; at++) {
    group += reader.rice(k) + 1;
    if (group >= groups) {
      const steps = Math.floor(group / groups);
      print += steps;
      group -= steps * groups;
    }
    if (print >= wanted.from && print < wanted.to) take(print, group);
  }
  if (print >= from + span) throw damaged();
  print = from - 1;
  for (let at = 0; at < lists; at++) {
    print += reader.rice(listK) + 1;
    const count = reader.rice(LIST_K) + LEAST_REPEATED;
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
