/** The way from a signer's certificate to a pinned root, as it stood at the time that is stamped (RFC 5280 section 6). */

import { accepted, type Outcome, type Refusal, refused } from '../outcome.ts';
import { type Certificate, isIssuer, isSelfSigned, nameOf, sameBytes, USAGE } from './certificate.ts';
import { OID, SIGNATURES } from './oids.ts';

/** Certificates between a signer and its root are few; more are a trap. */
const MAX_LENGTH = 8;
/** Ways that are tried: names repeat where authorities sign one another. */
const MAX_TRIES = 100;

/** Extensions that may be critical: the first three are looked at, and the last restricts nothing that is asked here. */
const UNDERSTOOD: readonly string[] = [
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.certificatePolicies,
];

/**
 * The signer's certificate first, the root last. `at` in milliseconds: every certificate must have been valid then.
 * TIMESTAMP_CHAIN where no way leads to a root, TIMESTAMP_EXPIRED where the only ways were not valid at the time.
 */
export function findChain(
  signer: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
  at: number,
): Outcome<readonly Certificate[]> {
  let worst: Refusal = refused(
    'TIMESTAMP_CHAIN',
    `no certificate leads from ${JSON.stringify(nameOf(signer))} to one of the ${roots.length} roots given`,
  );
  let tries = 0;
  const search = (chain: readonly Certificate[]): readonly Certificate[] | null => {
    const last = chain.at(-1)!;
    if (chain.length > MAX_LENGTH || ++tries > MAX_TRIES) return null;
    const isRoot = roots.some(({ der }) => sameBytes(der, last.der));
    if (isRoot) {
      const fault = faultOf(chain, at);
      if (fault === null) return chain;
      worst = fault;
      return null;
    }
    for (const issuer of [...roots, ...others]) {
      const known = chain.some(({ der }) => sameBytes(der, issuer.der));
      if (known || !sameBytes(issuer.subject, last.issuer) || !isIssuer(issuer, last)) continue;
      const found = search([...chain, issuer]);
      if (found !== null) return found;
    }
    return null;
  };
  const chain = search([signer]);
  return chain === null ? worst : accepted(chain);
}

function faultOf(chain: readonly Certificate[], at: number): Refusal | null {
  for (const [depth, certificate] of chain.entries()) {
    const weakness =
      weaknessOf(certificate) ?? (depth === chain.length - 1 ? null : weakSignature(certificate));
    if (weakness !== null)
      return refused('TIMESTAMP_WEAK', `${JSON.stringify(nameOf(certificate))} in its chain has ${weakness}`);
    const fault = depth === 0 ? null : authorityFault(chain, depth);
    if (fault !== null)
      return refused('TIMESTAMP_CHAIN', `${JSON.stringify(nameOf(certificate))} in its chain ${fault}`);
    const unknown = criticalUnknown(certificate);
    if (unknown !== null)
      return refused('TIMESTAMP_CHAIN', `${JSON.stringify(nameOf(certificate))} ${unknown}`);
  }
  const invalid = chain.find(({ validFrom, validTo }) => at < validFrom || at >= validTo + 1000);
  if (invalid === undefined) return null;
  const period = [invalid.validFrom, invalid.validTo]
    .map((time) => new Date(time).toISOString())
    .join(' to ');
  return refused(
    'TIMESTAMP_EXPIRED',
    `${JSON.stringify(nameOf(invalid))} in its chain was valid from ${period}, and not at ${new Date(at).toISOString()}`,
  );
}

/** Whether a certificate may stand where it does, above others. */
function authorityFault(chain: readonly Certificate[], depth: number): string | null {
  const { authority, keyUsage } = chain[depth]!;
  if (authority === null) return 'may not issue certificates';
  if (keyUsage !== null && ((keyUsage[0] ?? 0) & USAGE.certSign) === 0) return 'may not sign certificates';
  const below = chain.slice(1, depth).filter((one) => !isSelfSigned(one)).length;
  const { pathLength } = authority;
  return pathLength !== null && below > pathLength
    ? `allows ${pathLength} certificates between, not ${below}`
    : null;
}

function criticalUnknown({ extensions }: Certificate): string | null {
  // They would have to be applied also where they are not critical.
  if (extensions.has(OID.nameConstraints)) return 'restricts names, which is not understood here';
  for (const [oid, { critical }] of extensions)
    if (critical && !UNDERSTOOD.includes(oid))
      return `has the critical extension ${oid}, which is not understood here`;
  return null;
}

/** A root's signature over itself proves nothing, and is not asked about. */
const weakSignature = ({ signatureOid }: Certificate): string | null =>
  SIGNATURES.get(signatureOid)?.hash == null ? `a signature of the kind ${signatureOid}` : null;

const MIN_RSA_BITS = 2048;

/** Why a certificate's key is too weak to prove anything; null when it is not. */
function weaknessOf({ publicKey }: Certificate): string | null {
  if (publicKey === null) return 'a key that cannot be read';
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    return bits >= MIN_RSA_BITS ? null : `an RSA key of ${bits} bits`;
  }
  if (type === 'ec') {
    const curve = details?.namedCurve ?? 'unknown';
    return ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve) ? null : `a key on the curve ${curve}`;
  }
  return `a key of type ${type}`;
}
