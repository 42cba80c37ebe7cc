/**
 * Whether to believe a time-stamp over given bytes: the fourteen points of `points.ts`, all of which must be met. The
 * order is that of dependence, so that the first reason found is the one to know.
 */

import { hash } from 'node:crypto';
import { accepted, type Outcome, type Refusal } from '../outcome.ts';
import {
  type Certificate,
  fingerprint,
  isSignature,
  nameOf,
  readCertificate,
  sameBytes,
} from './certificate.ts';
import { findChain } from './chain.ts';
import { HASHES, OID, SIGNATURES } from './oids.ts';
import { no } from './points.ts';
import { readRevocationList, revocationFault } from './revocation.ts';
import { authorityFault, essFault, findSigner, purposeFault } from './signer.ts';
import {
  attributeBytes,
  attributeOid,
  readContentInfo,
  readReply,
  readToken,
  type SignerInfo,
  type Token,
} from './token.ts';
import { readTstInfo, type TstInfo } from './tst-info.ts';

/** What was asked, and when. Times in microseconds since the epoch, by our own clock. */
export interface Asked {
  /** The bytes whose hash was sent. */
  readonly data: Uint8Array;
  readonly nonce: bigint;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Whom and what to believe. */
export interface Trust {
  /** Null: nobody said whom to believe, so that neither chain nor revocation can be looked at. */
  readonly roots: readonly Certificate[] | null;
  /** Policies that are accepted; empty accepts any. */
  readonly policies: readonly string[];
  /** DER of revocation lists. */
  readonly crls: readonly Uint8Array[];
  /** Whether a token with this `id` was seen before. */
  readonly isSeen?: (id: string) => boolean;
}

export interface Timestamp {
  /** Microseconds since the epoch: what the authority states. */
  readonly time: number;
  /** Microseconds either side; null where the authority states none. */
  readonly accuracy: number | null;
  readonly policy: string;
  readonly serial: bigint;
  /** Name of the signer. */
  readonly authority: string;
  /** Authority and serial number: no two tokens share it. */
  readonly id: string;
  /** SHA-256 of the signer's certificate. */
  readonly certificate: string;
  /** From the signer to a pinned root; null without roots. */
  readonly chain: readonly Certificate[] | null;
  /** Whether a list that was current showed each certificate of the chain as not revoked. */
  readonly revocation: 'checked' | 'unknown';
}

/** Reads a reply, and checks the token in it. Total: any bytes may be asked about. */
export function checkTimestamp(reply: Uint8Array, asked: Asked, trust: Trust): Outcome<Timestamp> {
  const opened = openReply(reply);
  if (!opened.ok) return opened;
  const { token, signer, info, certificates } = opened.value;
  const named = findSigner(signer, certificates);
  if (!named.ok) return named;
  const certificate = named.value;
  const fault =
    contentFault(token, signer) ??
    signatureFault(signer, certificate) ??
    imprintFault(info, asked.data) ??
    nonceFault(info, asked.nonce) ??
    purposeFault(certificate) ??
    authorityFault(info, certificate);
  if (fault !== null) return fault;

  const genTime = info.genTime / 1000;
  let chain: readonly Certificate[] | null = null;
  if (trust.roots !== null) {
    const found = findChain(certificate, certificates, trust.roots, genTime);
    if (!found.ok) return found;
    chain = found.value;
  }
  const revocation = revocationOf(chain, [...trust.crls, ...token.crls], genTime);
  if (!revocation.ok) return revocation;
  const id = nameOfToken(certificate, info);
  const last =
    essFault(signer, certificate, chain) ??
    policyFault(info, trust.policies) ??
    timeFault(info, asked) ??
    (trust.isSeen?.(id) === true
      ? no(
          'TIMESTAMP_SERIAL',
          `another token of ${nameOf(certificate)} has the serial number ${info.serial} too`,
        )
      : null);
  if (last !== null) return last;
  return accepted({
    time: info.genTime,
    accuracy: info.accuracy,
    policy: info.policy,
    serial: info.serial,
    authority: nameOf(certificate),
    id,
    certificate: fingerprint(certificate),
    chain,
    revocation: revocation.value,
  });
}

const nameOfToken = ({ subject }: Certificate, { serial }: TstInfo): string =>
  `${hash('sha256', subject, 'hex')} ${serial}`;

/** Authority and serial number of the token in a reply, as it says itself; null where it holds none. */
export function idOf(reply: Uint8Array): string | null {
  const opened = openReply(reply);
  if (!opened.ok) return null;
  const signer = findSigner(opened.value.signer, opened.value.certificates);
  return signer.ok ? nameOfToken(signer.value, opened.value.info) : null;
}

interface OpenedReply {
  readonly token: Token;
  readonly signer: SignerInfo;
  readonly info: TstInfo;
  readonly certificates: readonly Certificate[];
}

/** Points 1 to 3. */
function openReply(bytes: Uint8Array): Outcome<OpenedReply> {
  const reply = readReply(bytes);
  if (!reply.ok) return reply;
  const { status, says, token: der } = reply.value;
  if (status !== 0 && status !== 1)
    return no(
      'TIMESTAMP_STATUS',
      `the authority refused with status ${status}${says === '' ? '' : `: ${says}`}`,
    );
  if (der === null) return no('TIMESTAMP_STATUS', 'the authority granted a token and sent none');
  const content = readContentInfo(der);
  if (!content.ok) return content;
  if (content.value.type !== OID.signedData)
    return no('TIMESTAMP_CONTENT_TYPE', `it holds ${content.value.type}, not signed data`);
  const token = readToken(content.value.content.raw);
  if (!token.ok) return token;
  if (token.value.contentType !== OID.tstInfo)
    return no('TIMESTAMP_CONTENT_TYPE', `what is signed is ${token.value.contentType}, not a time-stamp`);
  const [signer, ...more] = token.value.signers;
  if (signer === undefined || more.length > 0)
    return no('TIMESTAMP_SIGNERS', `${token.value.signers.length} signers; exactly one is allowed`);
  const info = readTstInfo(token.value.content);
  if (!info.ok) return info;
  const certificates: Certificate[] = [];
  for (const one of token.value.certificates) {
    const read = readCertificate(one);
    if (!read.ok) return read;
    certificates.push(read.value);
  }
  return accepted({ token: token.value, signer, info: info.value, certificates });
}

/** Point 4. */
function contentFault(token: Token, signer: SignerInfo): Refusal | null {
  if (signer.signedBytes === null) return no('TIMESTAMP_ATTRIBUTES', 'it has no signed attributes');
  const type = attributeOid(signer.attributes.get(OID.contentType));
  if (type !== OID.tstInfo)
    return no(
      'TIMESTAMP_ATTRIBUTES',
      `its content-type attribute is ${type ?? 'missing'}, not ${OID.tstInfo}`,
    );
  const algorithm = HASHES.get(signer.digestOid);
  if (algorithm === undefined)
    return no('TIMESTAMP_WEAK', `it is signed over a hash of kind ${signer.digestOid}`);
  if (!token.digestOids.includes(signer.digestOid))
    return no('TIMESTAMP_ATTRIBUTES', `the hash ${signer.digestOid} is not among those it announces`);
  const digest = attributeBytes(signer.attributes.get(OID.messageDigest));
  if (digest === null) return no('TIMESTAMP_ATTRIBUTES', 'its message-digest attribute is missing');
  return sameBytes(digest, hash(algorithm, token.content, 'buffer'))
    ? null
    : no('TIMESTAMP_DIGEST', 'the hash of its content is not the one that was signed');
}

/** Point 5. */
function signatureFault(signer: SignerInfo, certificate: Certificate): Refusal | null {
  const { signatureOid, signedBytes, signature } = signer;
  const digest = HASHES.get(signer.digestOid)!;
  const algorithm = SIGNATURES.get(signatureOid);
  if (algorithm === undefined)
    return no('TIMESTAMP_WEAK', `its signature is of kind ${signatureOid}, not RSA or ECDSA with SHA-2`);
  const fits = (algorithm.hash ?? digest) === digest;
  if (fits && isSignature(certificate, algorithm.key, digest, signedBytes!, signature)) return null;
  return no(
    'TIMESTAMP_SIGNATURE',
    `its signature is not by the key of ${JSON.stringify(nameOf(certificate))}`,
  );
}

/** Point 6. */
function imprintFault({ hashOid, imprint }: TstInfo, data: Uint8Array): Refusal | null {
  const algorithm = HASHES.get(hashOid);
  if (algorithm === undefined) return no('TIMESTAMP_WEAK', `it is over a hash of kind ${hashOid}`);
  if (sameBytes(imprint, hash(algorithm, data, 'buffer'))) return null;
  return no('TIMESTAMP_IMPRINT', `it is over bytes with the hash ${Buffer.from(imprint).toString('hex')}`);
}

/** Point 7. */
function nonceFault({ nonce }: TstInfo, expected: bigint): Refusal | null {
  if (nonce === expected) return null;
  const found = nonce === null ? 'it has no nonce' : 'its nonce is not the one that was sent';
  return no('TIMESTAMP_NONCE', `${found}: it does not answer our request`);
}

/** Point 11. */
function revocationOf(
  chain: readonly Certificate[] | null,
  crls: readonly Uint8Array[],
  genTime: number,
): Outcome<Timestamp['revocation']> {
  if (chain === null) return accepted('unknown');
  let unknown = 0;
  for (const [at, certificate] of chain.slice(0, -1).entries()) {
    const lists = crls
      .map((der) => readRevocationList(der, chain[at + 1]!))
      .flatMap((read) => (read.ok ? [read.value] : []));
    for (const list of lists) {
      const fault = revocationFault(list, certificate, genTime);
      if (fault !== null) return no('TIMESTAMP_REVOKED', fault);
    }
    // A list that was overdue when the token was made may lack what was revoked since.
    if (!lists.some(({ nextAt }) => nextAt !== null && nextAt >= genTime)) unknown++;
  }
  return accepted(unknown === 0 ? 'checked' : 'unknown');
}

/** Point 12. */
function policyFault({ policy }: TstInfo, policies: readonly string[]): Refusal | null {
  if (policies.length === 0 || policies.includes(policy)) return null;
  return no('TIMESTAMP_POLICY', `it was made under the policy ${policy}; accepted: ${policies.join(', ')}`);
}

/** Two minutes: how far our own clock may be off, microseconds. */
const CLOCK_ALLOWANCE = 120_000_000;

/** Point 13. */
function timeFault({ genTime, accuracy }: TstInfo, { sentAt, receivedAt }: Asked): Refusal | null {
  const slack = (accuracy ?? 0) + CLOCK_ALLOWANCE;
  if (genTime >= sentAt - slack && genTime <= receivedAt + slack) return null;
  const iso = (micros: number) => new Date(micros / 1000).toISOString();
  const off = Math.round((genTime < sentAt ? sentAt - genTime : genTime - receivedAt) / 1e6);
  return no(
    'TIMESTAMP_TIME',
    `it states ${iso(genTime)}, ${off} s ${genTime < sentAt ? 'before it was asked for' : 'after it came'} ` +
      `(${iso(sentAt)} to ${iso(receivedAt)} by our clock): one of the two clocks is wrong`,
  );
}
