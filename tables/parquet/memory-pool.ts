/**
 * Memory that finished files leave for the next ones. Touching new memory costs more than all else that is done with it
 * (some 0.5 to 3 µs for each 4 KiB page), and giving it back here rather than keeping it in each of many row buffers
 * bounds what idle ones hold.
 */

/** Smaller pieces are left to the garbage collector. */
const MIN_POOLED_BYTES = 1 << 10;
/** Below this size things grow fast, since each step has its price. */
const SMALL_BYTES = 64 << 10;
/** Idle memory kept, at most. */
const MAX_POOLED_BYTES = 32 << 20;

const idle = new Map<number, ArrayBuffer[]>();
let idleBytes = 0;

/** Memory of at least `size` bytes, a power of two; its content is arbitrary. */
export function takeMemory(size: number): ArrayBuffer {
  const rounded = size <= 64 ? 64 : 2 ** (size <= 2 ** 31 ? 32 - Math.clz32(size - 1) : 32);
  const pooled = idle.get(rounded)?.pop();
  if (pooled !== undefined) {
    idleBytes -= rounded;
    return pooled;
  }
  return rounded < SMALL_BYTES ? new ArrayBuffer(rounded) : Buffer.allocUnsafeSlow(rounded).buffer;
}

/** By how much to grow something of this many bytes. */
export function growth(bytes: number): number {
  return bytes < SMALL_BYTES ? 4 : 2;
}

/** Takes memory back that nobody uses any longer. */
export function giveMemory(memory: ArrayBuffer): void {
  const size = memory.byteLength;
  if (size < MIN_POOLED_BYTES || idleBytes + size > MAX_POOLED_BYTES) return;
  const list = idle.get(size);
  if (list) list.push(memory);
  else idle.set(size, [memory]);
  idleBytes += size;
}

/**
 * Gives memory that nobody looks at any more back at once, its views becoming empty: waiting for the garbage collector to
 * find it makes V8 collect the whole heap every few dozen megabytes. Memory that is small may be shared and is left alone.
 */
export function dropMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Math.max(SMALL_BYTES, Buffer.poolSize))
    buffer.transfer(0);
}
