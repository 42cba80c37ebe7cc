/**
 * What must be kept beside a token to check it years later: what was asked and when, by our own clock, and what was
 * known then of revoked certificates.
 */

import { canonicalJson, parseCanonicalJson } from '../canonical.ts';
import { accepted, need, type Outcome, refused } from '../outcome.ts';
import { listOf, micros, object, sha256, text } from '../shape.ts';

export interface StampContext {
  /** Where it was asked for, without credentials. */
  readonly url: string;
  readonly nonce: bigint;
  /** Microseconds since the epoch. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** SHA-256 of each revocation list that was fetched, sorted. */
  readonly crls: readonly string[];
}

const shape = object({
  format: { fault: (value: unknown) => (value === 1 ? null : 'is not 1') },
  url: text,
  /** Hex, since JSON has no such numbers. */
  nonce: text,
  sentAt: micros,
  receivedAt: micros,
  crls: listOf(sha256),
});

export const encodeContext = ({ nonce, ...rest }: StampContext): Uint8Array =>
  Buffer.from(need(canonicalJson({ format: 1, ...rest, nonce: nonce.toString(16) })));

/** TIMESTAMP_MALFORMED for anything `encodeContext` does not write. */
export function decodeContext(bytes: Uint8Array): Outcome<StampContext> {
  const malformed = (problem: string) =>
    refused('TIMESTAMP_MALFORMED', `what is kept beside the token: ${problem}`);
  const parsed = parseCanonicalJson(bytes);
  if (!parsed.ok) return malformed(parsed.problem);
  const fault = shape.fault(parsed.value);
  if (fault !== null) return malformed(fault);
  const { url, nonce, sentAt, receivedAt, crls } = parsed.value as unknown as Omit<StampContext, 'nonce'> & {
    nonce: string;
  };
  if (!/^[0-9a-f]{1,64}$/.test(nonce)) return malformed('nonce is no hex number');
  return accepted({ url, nonce: BigInt(`0x${nonce}`), sentAt, receivedAt, crls });
}
