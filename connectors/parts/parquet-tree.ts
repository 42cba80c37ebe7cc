/**
 * Puts the rows of a nested Parquet file together again from its columns, after the paper that the format follows:
 * https://research.google/pubs/dremel-interactive-analysis-of-web-scale-datasets-2/
 */

import type { LeafRow } from './parquet-column.ts';
import type { ParquetValue } from './parquet-encoding.ts';
import type { ParquetNode } from './parquet-footer.ts';

export type ParquetCell =
  | ParquetValue
  | null
  | readonly ParquetCell[]
  | { readonly [name: string]: ParquetCell };

/** A part of what a row says of a leaf: entries `from` to `to`. */
interface Slice {
  readonly leaf: LeafRow;
  readonly from: number;
  readonly to: number;
}

/** `LIST` and `MAP` of https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
const MAP = 1;
const LIST = 3;
const DATE = 6;
const TIMESTAMP_MILLIS = 9;
const TIMESTAMP_MICROS = 10;

/** The row as an object. `leaves` are in the order of the columns. Throws an Error where they do not fit together. */
export function rowOf(
  root: ParquetNode,
  leaves: readonly LeafRow[],
): { readonly [name: string]: ParquetCell } {
  const slices = leaves.map((leaf) => ({ leaf, from: 0, to: leaf.definitions.length }));
  return membersOf(root, slices);
}

function membersOf(node: ParquetNode, slices: readonly Slice[]): { [name: string]: ParquetCell } {
  return Object.fromEntries(node.members.map((member) => [member.name, cellOf(member, slices)]));
}

function cellOf(node: ParquetNode, slices: readonly Slice[]): ParquetCell {
  if (node.repeated) return elementsOf(node, slices).map((element) => insideOf(node, element));
  return insideOf(node, slices);
}

/** What is in the node, once its repetition is settled. */
function insideOf(node: ParquetNode, slices: readonly Slice[]): ParquetCell {
  if (node.column !== null) {
    const { leaf, from, to } = slices[node.column]!;
    if (to - from !== 1) throw new Error(`${node.name}: ${to - from} values where one should be`);
    const value = leaf.values[from] ?? null;
    return value === null ? null : converted(node, value);
  }
  const first = firstLeaf(node);
  const { leaf, from } = slices[first]!;
  if ((leaf.definitions[from] ?? 0) < node.definition) return null;
  const [only] = node.members;
  if (node.converted === LIST && node.members.length === 1 && only!.repeated)
    return elementsOf(only!, slices).map((element) =>
      only!.column === null && only!.members.length === 1
        ? cellOf(only!.members[0]!, element)
        : insideOf(only!, element),
    );
  if (node.converted === MAP && node.members.length === 1 && only!.repeated && only!.members.length === 2) {
    const entries = elementsOf(only!, slices).map((element) =>
      only!.members.map((part) => cellOf(part, element)),
    );
    return Object.fromEntries(entries.map(([key, value]) => [String(key), value!]));
  }
  return membersOf(node, slices);
}

/** The slices of each element of a repeated node. */
function elementsOf(node: ParquetNode, slices: readonly Slice[]): Slice[][] {
  const own = leavesOf(node);
  const { leaf, from } = slices[own[0]!]!;
  if ((leaf.definitions[from] ?? 0) < node.definition) return [];
  const elements: Slice[][] = [];
  for (const [nth, column] of own.entries()) {
    const slice = slices[column]!;
    let start = slice.from;
    let count = 0;
    for (let at = slice.from + 1; at <= slice.to; at++) {
      if (at < slice.to && slice.leaf.repetitions[at]! > node.repetition) continue;
      if (nth === 0) elements.push([]);
      const element = elements[count++];
      if (element === undefined) throw new Error(`${node.name}: lists of different lengths`);
      element[column] = { leaf: slice.leaf, from: start, to: at };
      start = at;
    }
    if (count !== elements.length) throw new Error(`${node.name}: lists of different lengths`);
  }
  return elements;
}

const leafCache = new WeakMap<ParquetNode, readonly number[]>();

/** Columns under a node. */
function leavesOf(node: ParquetNode): readonly number[] {
  let found = leafCache.get(node);
  if (found === undefined) {
    found = node.column === null ? node.members.flatMap(leavesOf) : [node.column];
    if (found.length === 0) throw new Error(`${node.name}: a group of nothing`);
    leafCache.set(node, found);
  }
  return found;
}

const firstLeaf = (node: ParquetNode): number => leavesOf(node)[0]!;

/** Times as ISO 8601 text in UTC; all else as it is. */
function converted(node: ParquetNode, value: ParquetValue): ParquetValue {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  if (node.converted === DATE) return isoOf(BigInt(value) * 86_400_000_000n)?.slice(0, 10) ?? value;
  if (node.converted === TIMESTAMP_MICROS || node.unit === 'micros') return isoOf(BigInt(value)) ?? value;
  if (node.converted === TIMESTAMP_MILLIS || node.unit === 'millis')
    return isoOf(BigInt(value) * 1000n) ?? value;
  if (node.unit === 'nanos') return isoOf(BigInt(value) / 1000n) ?? value;
  return value;
}

/** With as many digits as Google and most others write: none, three or six. Null beyond the years that dates have. */
function isoOf(micros: bigint): string | null {
  const rest = Number(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n);
  const seconds = (micros - BigInt(rest)) / 1_000_000n;
  if (seconds > 8_640_000_000_000n || seconds < -8_640_000_000_000n) return null;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
  if (rest === 0) return `${whole}Z`;
  const digits = String(rest).padStart(6, '0');
  return `${whole}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`;
}
