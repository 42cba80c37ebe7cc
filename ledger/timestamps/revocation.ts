/** Revocation lists (RFC 5280 section 5): what an issuer had taken back when a time-stamp was made. */

import { CertificateRevocationList } from 'pkijs';
import { accepted, type Outcome, type Refusal, refused } from '../outcome.ts';
import { type Certificate, fingerprint, isSignature, nameOf, sameBytes, USAGE } from './certificate.ts';
import { integerOf, Malformed, members, parseDer, TAG } from './der.ts';
import { OID, SIGNATURES } from './oids.ts';

export interface RevocationList {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** When the next one was due; null where it does not say. */
  readonly nextAt: number | null;
  readonly entries: readonly {
    readonly serial: bigint;
    readonly at: number;
    readonly reason: number | null;
  }[];
}

/**
 * Reads a list and checks that `issuer` signed it. CRL_UNUSABLE for what is no list, is another authority's, or holds
 * only part of what was revoked.
 */
export function readRevocationList(der: Uint8Array, issuer: Certificate): Outcome<RevocationList> {
  // One list serves many tokens, and may be of some MiB.
  const known = read.get(der) ?? new Map<string, Outcome<RevocationList>>();
  read.set(der, known);
  const id = fingerprint(issuer);
  const outcome = known.get(id) ?? readNew(der, issuer);
  known.set(id, outcome);
  return outcome;
}

const read = new WeakMap<Uint8Array, Map<string, Outcome<RevocationList>>>();

function readNew(der: Uint8Array, issuer: Certificate): Outcome<RevocationList> {
  const unusable = (problem: string): Refusal => refused('CRL_UNUSABLE', problem);
  let list: CertificateRevocationList;
  let name: Uint8Array;
  try {
    list = CertificateRevocationList.fromBER(toBuffer(der));
    name = issuerIn(list.tbsView);
  } catch {
    return unusable('it is no revocation list');
  }
  if (!sameBytes(name, issuer.subject)) return unusable(`another authority than ${nameOf(issuer)} issued it`);
  if (issuer.keyUsage !== null && ((issuer.keyUsage[0] ?? 0) & USAGE.crlSign) === 0)
    return unusable(`${nameOf(issuer)} may not sign revocation lists`);
  // Parts of a list, by indirection or as a difference, say so in an extension that is critical.
  const partial = list.crlExtensions?.extensions.find(({ critical }) => critical);
  if (partial !== undefined) return unusable(`it has the critical extension ${partial.extnID}`);
  if (!isSigned(list, issuer)) return unusable(`its signature is not that of ${nameOf(issuer)}`);
  try {
    const entries = (list.revokedCertificates ?? []).map((one) => ({
      serial: integerOf({ content: one.userCertificate.valueBlock.valueHexView }),
      at: one.revocationDate.value.getTime(),
      reason: reasonIn(one.crlEntryExtensions?.extensions),
    }));
    const issuedAt = list.thisUpdate.value.getTime();
    return accepted({ issuedAt, nextAt: list.nextUpdate?.value.getTime() ?? null, entries });
  } catch (error) {
    if (error instanceof Malformed) return unusable(error.message);
    throw error;
  }
}

const toBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

function issuerIn(tbs: Uint8Array): Uint8Array {
  const parts = members(parseDer(tbs));
  parts.optional(TAG.integer);
  parts.next(TAG.sequence);
  return parts.next(TAG.sequence).raw;
}

function isSigned(list: CertificateRevocationList, issuer: Certificate): boolean {
  const algorithm = SIGNATURES.get(list.signatureAlgorithm.algorithmId);
  if (algorithm?.hash == null || list.signature.algorithmId !== list.signatureAlgorithm.algorithmId)
    return false;
  const signature = list.signatureValue.valueBlock.valueHexView;
  return isSignature(issuer, algorithm.key, algorithm.hash, list.tbsView, signature);
}

function reasonIn(
  extensions:
    | readonly { extnID: string; extnValue: { valueBlock: { valueHexView: Uint8Array } } }[]
    | undefined,
): number | null {
  const found = extensions?.find(({ extnID }) => extnID === OID.reasonCode);
  if (found === undefined) return null;
  const node = parseDer(found.extnValue.valueBlock.valueHexView);
  if (node.tag !== TAG.enumerated) throw new Malformed('a reason that is none');
  return Number(integerOf(node));
}

/** Unspecified, affiliation changed, superseded, cessation of operation. */
const HARMLESS_AFTERWARDS: readonly (number | null)[] = [0, 3, 4, 5];

/**
 * Why a list speaks against a time-stamp; null when it does not. A certificate that was taken back later, for a reason
 * that says nothing about its key, still vouches for what was stamped before; without a stated reason it does not
 * (RFC 3161 section 4).
 */
export function revocationFault(
  list: RevocationList,
  certificate: Certificate,
  genTime: number,
): string | null {
  const entry = list.entries.find(({ serial }) => serial === certificate.serial);
  if (entry === undefined || (entry.at > genTime && HARMLESS_AFTERWARDS.includes(entry.reason))) return null;
  const why = entry.reason === null ? 'for no stated reason' : `for reason ${entry.reason}`;
  return `${JSON.stringify(nameOf(certificate))} was revoked ${why} at ${new Date(entry.at).toISOString()}`;
}
