/**
 * Takes a time-stamp reply apart (RFC 3161 section 2.4.2; CMS signed data, RFC 5652 section 5). Only its form is
 * looked at here; whether to believe it is the business of `check.ts`.
 */

import type { Outcome } from '../outcome.ts';
import { algorithmOf, constructed, onlyMember } from './cms.ts';
import {
  allOf,
  type Der,
  integerOf,
  Malformed,
  members,
  oidOf,
  parseDer,
  readingDer,
  smallIntegerOf,
  TAG,
} from './der.ts';
import { SHA256_OID } from './oids.ts';

export interface Reply {
  /** 0 granted, 1 granted with changes, 2 and more refused. */
  readonly status: number;
  /** What the authority says of it, in words and names of failures. */
  readonly says: string;
  /** ContentInfo; null when refused. */
  readonly token: Uint8Array | null;
}

/** RFC 3161 section 2.4.2. */
const FAILURES: ReadonlyMap<number, string> = new Map([
  [0, 'badAlg'],
  [2, 'badRequest'],
  [5, 'badDataFormat'],
  [14, 'timeNotAvailable'],
  [15, 'unacceptedPolicy'],
  [16, 'unacceptedExtension'],
  [17, 'addInfoNotAvailable'],
  [25, 'systemFailure'],
]);

/** Reads a TimeStampResp. */
export const readReply = (bytes: Uint8Array): Outcome<Reply> =>
  readingDer('the reply', bytes, (node) => {
    const reply = members(node);
    const info = members(reply.next(TAG.sequence));
    const status = smallIntegerOf(info.next(TAG.integer));
    const texts = info.optional(TAG.sequence);
    const failures = info.optional(TAG.bitString);
    info.end();
    const token = reply.optional(TAG.sequence);
    reply.end();
    const words = texts === null ? [] : allOf(texts, TAG.sequence, TAG.utf8String).map(textOf);
    return { status, says: [...words, ...failuresIn(failures)].join(', '), token: token?.raw ?? null };
  });

const textOf = ({ content }: Der): string => Buffer.from(content).toString('utf8');

function failuresIn(bits: Der | null): string[] {
  const bytes = bits?.content.subarray(1) ?? new Uint8Array();
  return [...FAILURES]
    .filter(([bit]) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0)
    .map(([, name]) => name);
}

/** Names a certificate by its hash, and perhaps by issuer and serial number. */
export interface EssCertificate {
  readonly hashOid: string;
  readonly hash: Uint8Array;
  /** GeneralName of the issuer. */
  readonly issuer: Der | null;
  readonly serial: bigint | null;
}

export interface SignerInfo {
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
  readonly serial: bigint;
  readonly digestOid: string;
  readonly signatureOid: string;
  readonly signature: Uint8Array;
  /** What is signed, with the tag of a SET; null when there are no signed attributes. */
  readonly signedBytes: Uint8Array | null;
  /** Values by OID. */
  readonly attributes: ReadonlyMap<string, Der>;
}

export interface Token {
  readonly contentType: string;
  /** DER of TSTInfo. */
  readonly content: Uint8Array;
  readonly digestOids: readonly string[];
  /** DER of every certificate that came along. */
  readonly certificates: readonly Uint8Array[];
  /** DER of every revocation list that came along. */
  readonly crls: readonly Uint8Array[];
  readonly signers: readonly SignerInfo[];
}

/** The content type of a ContentInfo and what it holds. */
export const readContentInfo = (bytes: Uint8Array): Outcome<{ type: string; content: Der }> =>
  readingDer('the token', bytes, (node) => {
    const info = members(node);
    const type = oidOf(info.next(TAG.oid));
    const content = onlyMember(info.next(constructed(0)));
    info.end();
    return { type, content };
  });

/** Reads a SignedData. */
export const readToken = (bytes: Uint8Array): Outcome<Token> =>
  readingDer('the token', bytes, (node) => {
    const data = members(node);
    const version = smallIntegerOf(data.next(TAG.integer));
    if (version < 1 || version > 5) throw new Malformed(`version ${version} of signed data`);
    const digests = data.next(TAG.set);
    const encapsulated = members(data.next(TAG.sequence));
    const contentType = oidOf(encapsulated.next(TAG.oid));
    const content = onlyMember(encapsulated.next(constructed(0)));
    if (content.tag !== TAG.octetString) throw new Malformed('signed content that is no octet string');
    encapsulated.end();
    const certificates = data.optional(constructed(0));
    const crls = data.optional(constructed(1));
    const signers = data.next(TAG.set);
    data.end();
    return {
      contentType,
      content: content.content,
      digestOids: allOf(digests, TAG.set, TAG.sequence).map(algorithmOf),
      certificates: rawMembers(certificates, constructed(0)),
      crls: rawMembers(crls, constructed(1)),
      signers: allOf(signers, TAG.set, TAG.sequence).map(signerOf),
    };
  });

const rawMembers = (node: Der | null, tag: number): readonly Uint8Array[] =>
  node === null ? [] : allOf(node, tag, TAG.sequence).map(({ raw }) => raw);

function signerOf(node: Der): SignerInfo {
  const signer = members(node);
  const version = smallIntegerOf(signer.next(TAG.integer));
  // 3 names the signer by key identifier, which RFC 3161 does not foresee.
  if (version !== 1) throw new Malformed(`version ${version} of a signer`);
  const name = members(signer.next(TAG.sequence));
  const issuer = name.next(TAG.sequence).raw;
  const serial = integerOf(name.next(TAG.integer));
  name.end();
  const digestOid = algorithmOf(signer.next(TAG.sequence));
  const signed = signer.optional(constructed(0));
  const signatureOid = algorithmOf(signer.next(TAG.sequence));
  const signature = signer.next(TAG.octetString).content;
  const unsigned = signer.optional(constructed(1));
  signer.end();
  if (unsigned !== null) attributesOf(unsigned, constructed(1));
  return {
    issuer,
    serial,
    digestOid,
    signatureOid,
    signature,
    // RFC 5652 section 5.4: signed is the DER of a SET, though its tag in the message is another.
    signedBytes: signed && Buffer.concat([Uint8Array.of(TAG.set), signed.raw.subarray(1)]),
    attributes: signed === null ? new Map() : attributesOf(signed, constructed(0)),
  };
}

/** Each has exactly one value, and none comes twice. */
function attributesOf(node: Der, tag: number): Map<string, Der> {
  const found = new Map<string, Der>();
  for (const attribute of allOf(node, tag, TAG.sequence)) {
    const parts = members(attribute);
    const oid = oidOf(parts.next(TAG.oid));
    const value = onlyMember(parts.next(TAG.set));
    parts.end();
    if (found.has(oid)) throw new Malformed(`the attribute ${oid} twice`);
    found.set(oid, value);
  }
  return found;
}

/** The certificates that a signing-certificate attribute names, of version 1 or 2. */
export const readEssCertificates = (value: Der, version: 1 | 2): Outcome<readonly EssCertificate[]> =>
  readingDer('the name of the signing certificate', value.raw, (node) => {
    const attribute = members(node);
    const certificates = attribute.next(TAG.sequence);
    attribute.optional(TAG.sequence);
    attribute.end();
    return allOf(certificates, TAG.sequence, TAG.sequence).map((one) => essCertificateOf(one, version));
  });

/** The SHA-1 of version 1. */
export const SHA1_OID = '1.3.14.3.2.26';

function essCertificateOf(node: Der, version: 1 | 2): EssCertificate {
  const parts = members(node);
  const algorithm = version === 2 ? parts.optional(TAG.sequence) : null;
  const hash = parts.next(TAG.octetString).content;
  const name = parts.optional(TAG.sequence);
  parts.end();
  const implied = version === 2 ? SHA256_OID : SHA1_OID;
  const hashOid = algorithm === null ? implied : algorithmOf(algorithm);
  if (name === null) return { hashOid, hash, issuer: null, serial: null };
  const issuerSerial = members(name);
  const issuer = onlyMember(issuerSerial.next(TAG.sequence));
  const serial = integerOf(issuerSerial.next(TAG.integer));
  issuerSerial.end();
  return { hashOid, hash, issuer, serial };
}

/** An attribute's value where it is an OID or octet string; null otherwise. */
export const attributeOid = (value: Der | undefined): string | null =>
  value?.tag === TAG.oid ? oidOf(value) : null;
export const attributeBytes = (value: Der | undefined): Uint8Array | null =>
  value?.tag === TAG.octetString ? value.content : null;

/** DER of the name in a GeneralName that is a directoryName; null for other kinds. */
export const directoryName = (name: Der): Uint8Array | null =>
  name.tag === constructed(4) && name.children.length === 1 ? name.children[0]!.raw : null;

/** The names in a subjectAltName extension's value, as DER of GeneralName. */
export const readGeneralNames = (bytes: Uint8Array): readonly Uint8Array[] => {
  try {
    return parseDer(bytes).children.map(({ raw }) => raw);
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
};
