/** Time-stamp replies put together by hand, member by member, so that any one of them can be wrong. */

import { createPrivateKey, hash, sign, X509Certificate } from 'node:crypto';

const bytesOf = (parts: readonly (Uint8Array | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** One DER value. */
export function der(tag: number, ...parts: (Uint8Array | string)[]): Buffer {
  const content = bytesOf(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export const seq = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
export const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);

export function int(value: bigint | number): Buffer {
  const hex = BigInt(value).toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from(bytes));
}

export const SHA1 = '1.3.14.3.2.26';
export const SHA256 = '2.16.840.1.101.3.4.2.1';
const HASHES: Readonly<Record<string, string>> = {
  [SHA1]: 'sha1',
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** `20260301120000.123Z`. */
export const generalized = (millis: number): string =>
  `${new Date(millis)
    .toISOString()
    .replaceAll(/[-T:]/g, '')
    .replace(/\.?0*Z$/, 'Z')}`;

export interface Forgery {
  readonly data: Uint8Array;
  readonly nonce: bigint | null;
  /** PEM. */
  readonly key: Uint8Array;
  /** DER; the first is the signer's. */
  readonly certificates: readonly Uint8Array[];
  readonly status?: number;
  readonly policy?: string;
  readonly imprintOid?: string;
  readonly serial?: bigint;
  /** Milliseconds since the epoch. */
  readonly genTime?: number;
  readonly tstInfo?: (members: Buffer[]) => Buffer[];
  readonly contentInfoType?: string;
  readonly contentType?: string;
  readonly digestOid?: string;
  readonly signatureOid?: string;
  /** Signed attributes by OID; null leaves one out. */
  readonly attributes?: Readonly<Record<string, Buffer | null>>;
  /** No signed attributes: the signature is over the content itself. */
  readonly bare?: boolean;
  readonly signers?: number;
  /** Changes what is signed after it was signed. */
  readonly afterwards?: (tstInfo: Buffer) => Buffer;
  /** Certificates that are named and not sent. */
  readonly without?: readonly number[];
}

export const CONTENT_TYPE = '1.2.840.113549.1.9.3';
export const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
export const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
export const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** What names certificates by hash. */
export const ess = (certificates: readonly Uint8Array[], algorithm = 'sha256'): Buffer =>
  seq(seq(...certificates.map((one) => seq(octets(hash(algorithm, one, 'buffer'))))));

/** Issuer and serial number, as DER. */
function nameOf(certificate: Uint8Array): [Buffer, Buffer] {
  const tbs = childrenOf(childrenOf(certificate)[0]!);
  return [tbs[3]!, tbs[1]!];
}

/** The members of a DER value. */
export function childrenOf(bytes: Uint8Array): Buffer[] {
  const found: Buffer[] = [];
  let { at } = lengthOf(bytes, 0);
  while (at < bytes.length) {
    const { at: start, length } = lengthOf(bytes, at);
    found.push(Buffer.from(bytes.subarray(at, start + length)));
    at = start + length;
  }
  return found;
}

function lengthOf(bytes: Uint8Array, from: number): { at: number; length: number } {
  const first = bytes[from + 1]!;
  if (first < 0x80) return { at: from + 2, length: first };
  const digits = bytes.subarray(from + 2, from + 2 + (first & 0x7f));
  return { at: from + 2 + digits.length, length: digits.reduce((sum, digit) => sum * 256 + digit, 0) };
}

/** A whole reply; everything that is not said otherwise is as it should be. */
export function forge(wanted: Forgery): Buffer {
  const { data, nonce, key, certificates, imprintOid = SHA256, digestOid = SHA256 } = wanted;
  if (wanted.status !== undefined && wanted.status > 1) return seq(seq(int(wanted.status)));
  const signer = certificates[0]!;
  const members = [
    int(1),
    oid(wanted.policy ?? '2.999.1.1'),
    seq(seq(oid(imprintOid), der(0x05)), octets(hash(HASHES[imprintOid]!, data, 'buffer'))),
    int(wanted.serial ?? 7n),
    der(0x18, generalized(wanted.genTime ?? Date.now())),
    seq(int(1)),
    ...(nonce === null ? [] : [int(nonce)]),
  ];
  const info = seq(...(wanted.tstInfo?.(members) ?? members));
  const signature = (bytes: Uint8Array) =>
    sign(HASHES[digestOid]!, bytes, createPrivateKey(Buffer.from(key)));
  const attributes: Record<string, Buffer | null> = {
    [CONTENT_TYPE]: oid(TST_INFO),
    [MESSAGE_DIGEST]: octets(hash(HASHES[digestOid]!, info, 'buffer')),
    [SIGNING_CERTIFICATE_V2]: ess([signer]),
    ...wanted.attributes,
  };
  const listed = Object.entries(attributes).flatMap(([type, value]) =>
    value === null ? [] : [seq(oid(type), set(value))],
  );
  const signed = set(...listed.sort(Buffer.compare));
  const isRsa = new X509Certificate(signer).publicKey.asymmetricKeyType === 'rsa';
  const signatureOid = wanted.signatureOid ?? (isRsa ? '1.2.840.113549.1.1.11' : '1.2.840.10045.4.3.2');
  const signerInfo = seq(
    int(1),
    seq(...nameOf(signer)),
    seq(oid(digestOid)),
    ...(wanted.bare
      ? []
      : [
          der(
            0xa0,
            childrenOf(signed).reduce((all, one) => Buffer.concat([all, one])),
          ),
        ]),
    seq(oid(signatureOid)),
    octets(signature(wanted.bare ? info : signed)),
  );
  const sent = certificates.filter((_, at) => !(wanted.without ?? []).includes(at));
  const signedData = seq(
    int(3),
    set(seq(oid(digestOid))),
    seq(oid(wanted.contentType ?? TST_INFO), der(0xa0, octets(wanted.afterwards?.(info) ?? info))),
    der(0xa0, ...sent),
    set(...Array.from({ length: wanted.signers ?? 1 }, () => signerInfo)),
  );
  return seq(
    seq(int(wanted.status ?? 0)),
    seq(oid(wanted.contentInfoType ?? SIGNED_DATA), der(0xa0, signedData)),
  );
}
