/** Number arrays with one place per row, over pooled memory. */

import { giveMemory, growth, takeMemory } from './memory-pool.ts';

/** Places of a new array: tables of few rows are common, one for each day that a batch touches. */
const FIRST_PLACES = 64;

const NOTHING = new ArrayBuffer(0);

type View<A> = new (memory: ArrayBuffer) => A;
type NumberArray = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** An array of at least `places` places with arbitrary content, to be given to `release` when it is done with. */
export function borrow<A extends NumberArray>(
  kind: View<A> & { BYTES_PER_ELEMENT: number },
  places: number,
): A {
  return new kind(takeMemory(places * kind.BYTES_PER_ELEMENT));
}

/** An array like `old` with room for `place` too, new places holding `empty`; `old` must not be used any more. */
export function grow<A extends NumberArray>(kind: View<A>, old: A, place: number, empty = 0): A {
  const places = Math.max(FIRST_PLACES, place + 1, old.length * growth(old.byteLength));
  const grown = new kind(takeMemory(places * old.BYTES_PER_ELEMENT));
  grown.set(old);
  grown.fill(empty, old.length);
  giveMemory(old.buffer as ArrayBuffer);
  return grown;
}

/** An empty array in place of `old`, whose memory goes back. */
export function release<A extends NumberArray>(kind: View<A>, old: A): A {
  giveMemory(old.buffer as ArrayBuffer);
  return new kind(NOTHING);
}
