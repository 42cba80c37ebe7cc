/** The fourteen points that a time-stamp must meet, and what it is refused with when it does not meet one. */

import { type Refusal, refused } from '../outcome.ts';

export const POINTS = {
  TIMESTAMP_MALFORMED: { point: 2, meaning: 'its bytes are not those of a reply or token in DER' },
  TIMESTAMP_STATUS: { point: 1, meaning: 'the authority granted no token' },
  TIMESTAMP_CONTENT_TYPE: { point: 2, meaning: 'what it holds is no signed time-stamp' },
  TIMESTAMP_SIGNERS: { point: 3, meaning: 'it has none or more than one signer' },
  TIMESTAMP_ATTRIBUTES: {
    point: 4,
    meaning: 'its signed attributes are missing or name another kind of content',
  },
  TIMESTAMP_DIGEST: {
    point: 4,
    meaning: 'its content is not what was signed: time, serial or hash were altered',
  },
  TIMESTAMP_SIGNATURE: { point: 5, meaning: "the signature is not that of the signer's certificate" },
  TIMESTAMP_WEAK: { point: 6, meaning: 'it rests on a hash, key or signature too weak to prove anything' },
  TIMESTAMP_IMPRINT: { point: 6, meaning: 'it is over other bytes than the checkpoint' },
  TIMESTAMP_NONCE: { point: 7, meaning: 'it answers another request: it may be an old token replayed' },
  TIMESTAMP_SIGNER: { point: 8, meaning: 'it does not name the certificate that signed it, or lacks it' },
  TIMESTAMP_PURPOSE: { point: 9, meaning: "the signer's certificate is not for time-stamping alone" },
  TIMESTAMP_PURPOSE_NOT_CRITICAL: {
    point: 9,
    meaning: "the signer's certificate does not mark its purpose as critical",
  },
  TIMESTAMP_CHAIN: { point: 10, meaning: "no chain leads from the signer's certificate to a pinned root" },
  TIMESTAMP_EXPIRED: { point: 10, meaning: 'a certificate of its chain was not valid at the stated time' },
  TIMESTAMP_REVOKED: { point: 11, meaning: 'a certificate of its chain was revoked' },
  TIMESTAMP_POLICY: { point: 12, meaning: 'it was made under a policy that is not accepted' },
  TIMESTAMP_TIME: { point: 13, meaning: 'its time is not between request and reply' },
  TIMESTAMP_SERIAL: {
    point: 14,
    meaning: 'its serial number was seen in another token of the same authority',
  },
} as const;

export type TimestampCode = keyof typeof POINTS;

export const no = (code: TimestampCode, problem: string): Refusal => refused(code, problem);
