/**
 * Witness cosignatures, version 1 (https://c2sp.org/tlog-cosignature): what a witness says when it has seen a
 * checkpoint grow from the one before. The signature blob is the time, 8 bytes big-endian, then 64 bytes of Ed25519.
 */

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** The bytes a witness signs. `time` in seconds since the epoch. */
export const cosignedMessage = (text: Uint8Array, time: number): Uint8Array =>
  Buffer.concat([Buffer.from(`cosignature/v1\ntime ${time}\n`), text]);

/** Null for anything that is no such blob, or whose time is beyond 2^53. */
export function splitCosignature(blob: Uint8Array): { time: number; signature: Uint8Array } | null {
  if (blob.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
  const time = Number(Buffer.from(blob.subarray(0, TIME_BYTES)).readBigUInt64BE(0));
  return Number.isSafeInteger(time) ? { time, signature: blob.subarray(TIME_BYTES) } : null;
}

export function joinCosignature(time: number, signature: Uint8Array): Uint8Array {
  const blob = Buffer.alloc(TIME_BYTES + signature.length);
  blob.writeBigUInt64BE(BigInt(time));
  blob.set(signature, TIME_BYTES);
  return blob;
}
