/** The order in which rows are written. */

interface SortKey {
  compare(a: number, b: number): number;
}

/** Row numbers 0 … rows-1 ordered by the keys, first key first; equal rows stay in order. */
export function sortRows(rows: number, keys: readonly SortKey[]): Uint32Array {
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  if (keys.length === 0) return order;
  return order.sort((a, b) => {
    for (const key of keys) {
      const difference = key.compare(a, b);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}
