/** Points 8 and 9: which certificate signed a time-stamp, and whether it may. */

import { createHash } from 'node:crypto';
import { accepted, type Outcome, type Refusal } from '../outcome.ts';
import { type Certificate, nameOf, sameBytes, USAGE } from './certificate.ts';
import { HASHES, OID } from './oids.ts';
import { no } from './points.ts';
import {
  directoryName,
  type EssCertificate,
  readEssCertificates,
  readGeneralNames,
  SHA1_OID,
  type SignerInfo,
} from './token.ts';
import type { TstInfo } from './tst-info.ts';

/** The certificate that the signer says is its own. */
export function findSigner(signer: SignerInfo, certificates: readonly Certificate[]): Outcome<Certificate> {
  const found = certificates.find(
    ({ issuer, serial }) => serial === signer.serial && sameBytes(issuer, signer.issuer),
  );
  return found === undefined
    ? no(
        'TIMESTAMP_SIGNER',
        `the certificate of its signer, serial number ${signer.serial}, did not come along`,
      )
    : accepted(found);
}

/** Point 8, as far as the attribute goes; `authorityFault` looks at the name in the token. */
export function essFault(
  { attributes }: SignerInfo,
  certificate: Certificate,
  chain: readonly Certificate[] | null,
): Refusal | null {
  let found = 0;
  for (const [oid, version] of [
    [OID.signingCertificate, 1],
    [OID.signingCertificateV2, 2],
  ] as const) {
    const value = attributes.get(oid);
    if (value === undefined) continue;
    const named = readEssCertificates(value, version);
    if (!named.ok) return named;
    found++;
    const [first, ...others] = named.value;
    if (first === undefined || !isNamed(certificate, first))
      return no('TIMESTAMP_SIGNER', `it names another certificate than that of ${nameOf(certificate)}`);
    // Where more are named, the chain must be made of them (RFC 5035 section 4).
    const unnamed =
      others.length === 0
        ? undefined
        : chain?.slice(1).find((one) => !others.some((ess) => isNamed(one, ess)));
    if (unnamed !== undefined)
      return no('TIMESTAMP_SIGNER', `it names a chain without ${JSON.stringify(nameOf(unnamed))}`);
  }
  return found > 0 ? null : no('TIMESTAMP_SIGNER', 'it does not name the certificate that signed it');
}

function isNamed(certificate: Certificate, ess: EssCertificate): boolean {
  // SHA-1 is all that the first version has. Here it picks out one of a few certificates: finding another with the
  // same hash, and the same key, is beyond anybody.
  const algorithm = ess.hashOid === SHA1_OID ? 'sha1' : HASHES.get(ess.hashOid);
  if (algorithm === undefined) return false;
  if (!sameBytes(ess.hash, createHash(algorithm).update(certificate.der).digest())) return false;
  if (ess.issuer === null) return true;
  const issuer = directoryName(ess.issuer);
  return issuer !== null && sameBytes(issuer, certificate.issuer) && ess.serial === certificate.serial;
}

/** The name that the token itself gives must be one of the signer's. */
export function authorityFault({ authority }: TstInfo, certificate: Certificate): Refusal | null {
  if (authority === null) return null;
  const name = directoryName(authority);
  if (name !== null && sameBytes(name, certificate.subject)) return null;
  const others = certificate.extensions.get(OID.subjectAltName);
  if (others !== undefined && readGeneralNames(others.value).some((other) => sameBytes(other, authority.raw)))
    return null;
  return no('TIMESTAMP_SIGNER', `it says that another than ${nameOf(certificate)} made it`);
}

/** Point 9. */
export function purposeFault(certificate: Certificate): Refusal | null {
  const { purposes, keyUsage, authority, extensions } = certificate;
  const name = JSON.stringify(nameOf(certificate));
  if (purposes?.length !== 1 || purposes[0] !== OID.timeStamping) {
    const what = purposes === null ? 'no purpose' : `the purposes ${purposes.join(', ')}`;
    return no('TIMESTAMP_PURPOSE', `${name} has ${what}; it must have time-stamping and nothing else`);
  }
  if (extensions.get(OID.extKeyUsage)?.critical !== true)
    return no(
      'TIMESTAMP_PURPOSE_NOT_CRITICAL',
      `${name} is for time-stamping, but does not say so critically`,
    );
  const allowed = USAGE.digitalSignature | USAGE.nonRepudiation;
  const [bits = 0, ...more] = keyUsage ?? [allowed];
  if ((bits & allowed) === 0 || (bits & ~allowed) !== 0 || more.some((byte) => byte !== 0))
    return no('TIMESTAMP_PURPOSE', `${name} has a key that is for more or other than signatures`);
  return authority === null ? null : no('TIMESTAMP_PURPOSE', `${name} may issue certificates itself`);
}
