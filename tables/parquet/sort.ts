/** The order in which rows are written. */

interface SortKey {
  compare(a: number, b: number): number;
  /** Sorts row numbers by this key alone, equal rows staying in order; absent where comparing is as fast. */
  arrange?(order: Uint32Array): void;
}

/** Row numbers 0 … rows-1 ordered by the keys, first key first; equal rows stay in order. */
export function sortRows(rows: number, keys: readonly SortKey[]): Uint32Array {
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  const [first, ...rest] = keys;
  if (first === undefined) return order;
  if (first.arrange === undefined) return order.sort(comparison(keys));
  first.arrange(order);
  const compare = comparison(rest);
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && first.compare(order[from]!, order[to]!) === 0) to++;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}

const comparison =
  (keys: readonly SortKey[]) =>
  (a: number, b: number): number => {
    for (const key of keys) {
      const difference = key.compare(a, b);
      if (difference !== 0) return difference;
    }
    return a - b;
  };
