/** What a time-stamping authority is asked (RFC 3161 section 2.4.1). */

import { hash, randomBytes } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, TimeStampReq } from 'pkijs';
import { SHA256_OID } from './oids.ts';

/** 128 bits: nobody guesses it, and no old token has it. */
const NONCE_BYTES = 16;

/** A number that is never negative and always of the same length. */
export function newNonce(): bigint {
  const bytes = randomBytes(NONCE_BYTES);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return BigInt(`0x${bytes.toString('hex')}`);
}

/** DER of a request for a token over the SHA-256 of `data`, with the certificates of whoever signs it. */
export function encodeRequest(data: Uint8Array, nonce: bigint): Uint8Array {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256_OID }),
      hashedMessage: new OctetString({ valueHex: Uint8Array.from(hash('sha256', data, 'buffer')).buffer }),
    }),
    nonce: Integer.fromBigInt(nonce),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}
