/** Judges one digest by itself: its form, its place, its signature, its key. */

import type { Finding, JudgedDigest } from './held.ts';
import type { TrailKey, TrailKeys, Window } from './keys.ts';
import { type Claim, locationText, mayBe, parseDigestName } from './names.ts';
import type { ParsedDigest } from './parse.ts';
import { type DigestMetadata, signatureFits } from './signature.ts';

const HOUR = 3_600_000;
/**
 * A digest is signed after the time it covers ends, so that its key may have become valid only then; the AWS CLI
 * looks for keys two hours ahead for the same reason, and an hour around the time a backfill digest gives.
 */
const SIGNED_WITHIN = 2 * HOUR;
const BACKFILL_AROUND = HOUR;

type Judgement = Pick<JudgedDigest, 'authentic' | 'findings'>;

const condemned = (state: Finding['state'], detail: string): Judgement => ({
  authentic: false,
  findings: [{ state, detail }],
});

/** `carried` are signatures that other digests give for this one, which they name as the digest before them. */
export function judgeDigest(
  parsed: ParsedDigest,
  claim: Claim,
  metadata: DigestMetadata,
  keys: TrailKeys,
  carried: readonly string[],
): Judgement {
  const { location, name, problem } = parsed;
  if (claim.s3 !== null && claim.base.endsWith('.gz') && !parsed.gzip)
    return condemned('INVALID_FORMAT', 'it is no gzip file');
  // A copy whose name says nothing is what it says itself; an object in a bucket is what its key says.
  const claims = claim.s3 !== null || parseDigestName(claim.base) !== null;
  if (claims && !mayBe(claim, location)) return condemned('MOVED', `it says it is ${locationText(location)}`);
  const { authentic, findings } = judgeProof(parsed, metadata, keys, carried, name.kind === 'backfill');
  // What is around it is not CloudTrail's; what is in it may be.
  return problem === null
    ? { authentic, findings }
    : { authentic, findings: [{ state: 'INVALID_FORMAT', detail: problem }, ...findings] };
}

function judgeProof(
  parsed: ParsedDigest,
  metadata: DigestMetadata,
  keys: TrailKeys,
  carried: readonly string[],
  backfill: boolean,
): Judgement {
  const lost = lostMetadata(metadata, backfill);
  if (lost === null) {
    const fault = judgeSignature(parsed, metadata, metadata.signature!, keys);
    return fault === null ? { authentic: true, findings: [] } : { authentic: false, findings: [fault] };
  }
  const signatures = metadata.signature === null ? carried : [metadata.signature, ...carried];
  const proven = signatures.some((signature) => judgeSignature(parsed, metadata, signature, keys) === null);
  const by = metadata.signature === null ? 'the signature that the next digest carries' : 'its signature';
  const detail = proven ? `${lost}; its content is proven all the same, by ${by}` : lost;
  return { authentic: proven, findings: [{ state: 'METADATA_LOST', detail }] };
}

function lostMetadata(metadata: DigestMetadata, backfill: boolean): string | null {
  if (metadata.signature === null) return 'its object metadata has no "signature"';
  if (metadata.algorithm !== 'SHA256withRSA')
    return `its object metadata gives "signature-algorithm" as ${metadata.algorithm ?? 'nothing'}, not SHA256withRSA`;
  if (backfill && backfillTime(metadata) === null)
    return 'its object metadata has no "backfill-generation-timestamp" that is a time';
  return null;
}

function backfillTime({ backfillGenerated }: DigestMetadata): number | null {
  const time = backfillGenerated === null ? Number.NaN : Date.parse(backfillGenerated);
  return Number.isNaN(time) ? null : time;
}

/** Null when a key that was given, and was valid then, signed it. */
function judgeSignature(
  parsed: ParsedDigest,
  metadata: DigestMetadata,
  signature: string,
  keys: TrailKeys,
): Finding | null {
  const { fingerprint, name } = parsed;
  const given = (keys.get(fingerprint) ?? []).filter(
    ({ region }) => region === null || region === name.region,
  );
  if (given.length === 0)
    return { state: 'KEY_NOT_FOUND', detail: `no key with fingerprint ${fingerprint} for ${name.region}` };
  const usable = given.filter(({ problem }) => problem === null);
  if (usable.length === 0)
    return { state: 'KEY_UNUSABLE', detail: `key ${fingerprint}: ${given[0]!.problem}` };
  const fitting = usable.filter(({ key }) => signatureFits(parsed, signature, key!));
  if (fitting.length === 0) return { state: 'SIGNATURE_INVALID', detail: `checked with key ${fingerprint}` };
  const signed = signedWithin(parsed, metadata);
  if (signed !== null && fitting.some((key) => wasValid(key, signed))) return null;
  return { state: 'KEY_OUT_OF_WINDOW', detail: `key ${fingerprint} was valid ${windowText(fitting[0]!)}` };
}

/** When it was signed, as nearly as can be told; null where nothing tells. */
function signedWithin({ name, end }: ParsedDigest, metadata: DigestMetadata): Window | null {
  if (name.kind === 'hourly') return { from: end, to: end + SIGNED_WITHIN };
  const time = backfillTime(metadata);
  return time === null ? null : { from: time - BACKFILL_AROUND, to: time + BACKFILL_AROUND };
}

const wasValid = ({ window }: TrailKey, signed: Window): boolean =>
  window !== null && window.from <= signed.to && window.to >= signed.from;

function windowText({ window }: TrailKey): string {
  if (window === null) return 'at no known time';
  const [from, to] = [window.from, window.to].map((time) =>
    Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time),
  );
  return `from ${from} to ${to}`;
}
