/** Names that time-stamps use, and the algorithms that are good enough for one. */

export const OID = {
  signedData: '1.2.840.113549.1.7.2',
  /** id-ct-TSTInfo, RFC 3161 section 2.4.2. */
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  /** With a SHA-1 of the certificate, RFC 2634. */
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  /** With a hash of one's choice, RFC 5035 and 5816. */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  rsaEncryption: '1.2.840.113549.1.1.1',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  extKeyUsage: '2.5.29.37',
  commonName: '2.5.4.3',
} as const;

/** As `node:crypto` names them. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** Hashes that are accepted, by OID. SHA-1, MD5 and the like are not. */
export const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

export const SHA256_OID = '2.16.840.1.101.3.4.2.1';

interface SignatureAlgorithm {
  readonly key: 'rsa' | 'ec';
  /** Null where the digest is named beside it. */
  readonly hash: HashName | null;
}

/** Signatures that are accepted, by OID: RSA PKCS #1 v1.5 and ECDSA, both with SHA-2. */
export const SIGNATURES: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  [OID.rsaEncryption, { key: 'rsa', hash: null }],
  ['1.2.840.113549.1.1.11', { key: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', hash: 'sha512' }],
  ['1.2.840.10045.4.3.2', { key: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', hash: 'sha512' }],
]);
