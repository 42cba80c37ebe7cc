/** Certificates (RFC 5280) as far as a time-stamp's signer and the way to its root need them. */

import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AkashiError } from '../../schema/error.ts';
import { type Outcome, refused } from '../outcome.ts';
import { allOf, type Der, integerOf, Malformed, members, oidOf, parseDer, readingDer, TAG } from './der.ts';
import { type HashName, OID } from './oids.ts';

export interface Extension {
  readonly critical: boolean;
  /** DER of the value. */
  readonly value: Uint8Array;
}

export interface Certificate {
  readonly der: Uint8Array;
  readonly x509: X509Certificate;
  /** Null for one that cannot be read, or is of a kind unknown here. */
  readonly publicKey: KeyObject | null;
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly serial: bigint;
  /** What its issuer signed it with. */
  readonly signatureOid: string;
  /** Milliseconds since the epoch, both inclusive. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** OIDs of what the key may be used for; null where nothing restricts it. */
  readonly purposes: readonly string[] | null;
  /** Bits of keyUsage, digitalSignature the highest of the first byte; null without the extension. */
  readonly keyUsage: readonly number[] | null;
  /** Whether it may issue others, and how many more may follow below. */
  readonly authority: { readonly pathLength: number | null } | null;
  /** Where its issuer publishes what was revoked: http and https only. */
  readonly crlUrls: readonly string[];
}

const VERSION = 0xa0;
const ISSUER_ID = 0x81;
const SUBJECT_ID = 0x82;
const EXTENSIONS = 0xa3;

/** Reads one certificate; TIMESTAMP_MALFORMED for what is none. */
export function readCertificate(der: Uint8Array): Outcome<Certificate> {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch {
    return refused('TIMESTAMP_MALFORMED', 'a certificate that cannot be read');
  }
  return readingDer('a certificate', der, (node) => certificateOf(node, x509));
}

function certificateOf(node: Der, x509: X509Certificate): Certificate {
  const outer = members(node);
  const tbs = members(outer.next(TAG.sequence));
  outer.next(TAG.sequence);
  outer.next(TAG.bitString);
  outer.end();
  tbs.optional(VERSION);
  const serial = integerOf(tbs.next(TAG.integer));
  const [algorithm] = tbs.next(TAG.sequence).children;
  const issuer = tbs.next(TAG.sequence).raw;
  tbs.next(TAG.sequence);
  const subject = tbs.next(TAG.sequence).raw;
  tbs.next(TAG.sequence);
  tbs.optional(ISSUER_ID);
  tbs.optional(SUBJECT_ID);
  const list = tbs.optional(EXTENSIONS);
  tbs.end();
  const extensions = list === null ? new Map<string, Extension>() : extensionsOf(list);
  const value = (oid: string): Der | null => {
    const found = extensions.get(oid);
    return found === undefined ? null : parseDer(found.value);
  };
  const purposes = value(OID.extKeyUsage);
  const usage = value(OID.keyUsage);
  const constraints = value(OID.basicConstraints);
  const points = value(OID.crlDistributionPoints);
  return {
    der: node.raw,
    x509,
    publicKey: publicKeyOf(x509),
    issuer,
    subject,
    serial,
    signatureOid: algorithm?.tag === TAG.oid ? oidOf(algorithm) : '',
    validFrom: x509.validFromDate.getTime(),
    validTo: x509.validToDate.getTime(),
    extensions,
    purposes: purposes && allOf(purposes, TAG.sequence, TAG.oid).map(oidOf),
    keyUsage: usage && bitsOf(usage),
    authority: constraints && authorityOf(constraints),
    crlUrls: points === null ? [] : urlsIn(points),
  };
}

function publicKeyOf(x509: X509Certificate): KeyObject | null {
  try {
    return x509.publicKey;
  } catch {
    return null;
  }
}

function extensionsOf(node: Der): Map<string, Extension> {
  const [list] = node.children;
  if (list === undefined || node.children.length > 1) throw new Malformed('extensions that are no list');
  const found = new Map<string, Extension>();
  for (const extension of allOf(list, TAG.sequence, TAG.sequence)) {
    const parts = members(extension);
    const oid = oidOf(parts.next(TAG.oid));
    const critical = parts.optional(TAG.boolean)?.content[0] === 0xff;
    const value = parts.next(TAG.octetString).content;
    parts.end();
    if (found.has(oid)) throw new Malformed(`the extension ${oid} twice`);
    found.set(oid, { critical, value });
  }
  return found;
}

function bitsOf(node: Der): number[] {
  if (node.tag !== TAG.bitString) throw new Malformed('a key usage that is no bit string');
  return [...node.content.subarray(1)];
}

function authorityOf(node: Der): Certificate['authority'] {
  const parts = members(node);
  const isAuthority = parts.optional(TAG.boolean)?.content[0] === 0xff;
  const length = parts.optional(TAG.integer);
  parts.end();
  return isAuthority ? { pathLength: length === null ? null : Number(integerOf(length)) } : null;
}

const URI = 0x86;

/** Wherever in the distribution points a URI stands. */
function urlsIn({ tag, content, children }: Der): string[] {
  if (tag !== URI) return children.flatMap(urlsIn);
  const url = Buffer.from(content).toString('latin1');
  return /^https?:\/\/[\x21-\x7e]+$/i.test(url) && URL.canParse(url) ? [url] : [];
}

/** Bits of the first byte of keyUsage (RFC 5280 section 4.2.1.3). */
export const USAGE = { digitalSignature: 0x80, nonRepudiation: 0x40, certSign: 0x04, crlSign: 0x02 } as const;

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Whether its own key signed it. */
export const isSelfSigned = (one: Certificate): boolean =>
  sameBytes(one.issuer, one.subject) && isIssuer(one, one);

/** Whether the issuer's key signed the certificate. Total, as `isSignature` is. */
export function isIssuer(issuer: Certificate, { x509 }: Certificate): boolean {
  try {
    return issuer.publicKey !== null && x509.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** Whether the certificate's key made the signature. Total: keys and signatures of any kind may be asked about. */
export function isSignature(
  { publicKey }: Certificate,
  kind: 'rsa' | 'ec',
  digest: HashName,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return publicKey?.asymmetricKeyType === kind && verify(digest, signed, publicKey, signature);
  } catch {
    return false;
  }
}

/** How a person knows it: its common name, or else its whole name. */
export function nameOf({ x509 }: Certificate): string {
  const lines = x509.subject?.split('\n') ?? [];
  const common = lines.findLast((line) => line.startsWith('CN='))?.slice(3);
  return common ?? (lines.join(', ') || 'a certificate without a name');
}

export const fingerprint = ({ der }: Certificate): string => createHash('sha256').update(der).digest('hex');

const PEM =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * The root certificates in a PEM file: whom to believe about time. Throws TSA_ROOTS_UNUSABLE for a file that cannot be
 * read, holds none, or holds one that is no root.
 */
export async function readRoots(file: string): Promise<readonly Certificate[]> {
  const unusable = (what: string, cause?: unknown) =>
    new AkashiError(
      'TSA_ROOTS_UNUSABLE',
      `"${file}" ${what}. It must hold the root certificates of the time-stamping authority in PEM, ` +
        'as the authority itself publishes them.',
      cause === undefined ? undefined : { cause },
    );
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (cause) {
    throw unusable('cannot be read', cause);
  }
  const found = [...text.matchAll(PEM)].map(([pem]) => {
    try {
      const read = readCertificate(new X509Certificate(pem).raw);
      if (read.ok) return read.value;
    } catch (cause) {
      throw unusable('holds a certificate that cannot be read', cause);
    }
    throw unusable('holds a certificate that cannot be read');
  });
  if (found.length === 0) throw unusable('holds no certificate');
  const other = found.find((one) => !isSelfSigned(one));
  if (other !== undefined)
    throw unusable(`holds ${JSON.stringify(nameOf(other))}, which is no root: another certificate signed it`);
  return found;
}
