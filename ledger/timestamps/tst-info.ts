/** What an authority signs: TSTInfo (RFC 3161 section 2.4.2). */

import type { Outcome } from '../outcome.ts';
import { algorithmOf, constructed, onlyMember, primitive } from './cms.ts';
import {
  allOf,
  type Der,
  generalizedTimeOf,
  integerOf,
  Malformed,
  members,
  oidOf,
  readingDer,
  smallIntegerOf,
  TAG,
} from './der.ts';

export interface TstInfo {
  readonly policy: string;
  readonly hashOid: string;
  readonly imprint: Uint8Array;
  readonly serial: bigint;
  /** Microseconds since the epoch. */
  readonly genTime: number;
  /** Microseconds; null where the authority states none. */
  readonly accuracy: number | null;
  readonly nonce: bigint | null;
  /** GeneralName: tag and content. */
  readonly authority: Der | null;
}

/** Reads a TSTInfo. */
export const readTstInfo = (bytes: Uint8Array): Outcome<TstInfo> =>
  readingDer('the time-stamp', bytes, (node) => {
    const info = members(node);
    const version = smallIntegerOf(info.next(TAG.integer));
    if (version !== 1) throw new Malformed(`version ${version} of a time-stamp`);
    const policy = oidOf(info.next(TAG.oid));
    const imprint = members(info.next(TAG.sequence));
    const hashOid = algorithmOf(imprint.next(TAG.sequence));
    const hashed = imprint.next(TAG.octetString).content;
    imprint.end();
    const serial = integerOf(info.next(TAG.integer));
    const genTime = generalizedTimeOf(info.next(TAG.generalizedTime));
    const accuracy = info.optional(TAG.sequence);
    const ordering = info.optional(TAG.boolean);
    if (ordering !== null && ordering.content[0] === 0) throw new Malformed('a default that is written out');
    const nonce = info.optional(TAG.integer);
    const authority = info.optional(constructed(0));
    const extensions = info.optional(constructed(1));
    info.end();
    if (extensions !== null) refuseCritical(extensions);
    return {
      policy,
      hashOid,
      imprint: hashed,
      serial,
      genTime,
      accuracy: accuracy && accuracyOf(accuracy),
      nonce: nonce && integerOf(nonce),
      authority: authority && onlyMember(authority),
    };
  });

/** Microseconds. */
function accuracyOf(node: Der): number {
  const parts = members(node);
  const seconds = parts.optional(TAG.integer);
  const millis = parts.optional(primitive(0));
  const micros = parts.optional(primitive(1));
  parts.end();
  const of = (part: Der | null, most: number): number => {
    const value = part === null ? 0 : smallIntegerOf(part);
    if (value < 0 || value > most) throw new Malformed(`an accuracy of ${value}`);
    return value;
  };
  return of(seconds, 86_400 * 365) * 1_000_000 + of(millis, 999) * 1000 + of(micros, 999);
}

/** None is known here, and a critical one must not be passed over. */
function refuseCritical(node: Der): void {
  for (const extension of allOf(node, constructed(1), TAG.sequence)) {
    const parts = members(extension);
    const oid = oidOf(parts.next(TAG.oid));
    const critical = parts.optional(TAG.boolean);
    parts.next(TAG.octetString);
    parts.end();
    if (critical !== null) throw new Malformed(`the extension ${oid}, which is critical and unknown`);
  }
}
