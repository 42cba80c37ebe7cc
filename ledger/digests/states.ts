/** Every verdict on CloudTrail's digests and on the logs they name. A closed list: names are stored and never change. */

/**
 * `valid`: proven. `open`: nothing contradicts it and nothing proves it whole, so that a person should know.
 * `invalid`: altered, missing or not to be believed.
 */
export type Level = 'valid' | 'open' | 'invalid';

interface StateFacts {
  readonly level: Level;
  readonly meaning: string;
}

export const DIGEST_STATES = {
  INVALID_FORMAT: { level: 'invalid', meaning: 'it is not a CloudTrail digest, or no longer' },
  MOVED: { level: 'invalid', meaning: 'it lies under the name of another digest than the one it says it is' },
  METADATA_LOST: {
    level: 'invalid',
    meaning: 'the object metadata that CloudTrail gave it is not held, or no longer as it was',
  },
  KEY_NOT_FOUND: { level: 'invalid', meaning: 'the public key that it names was not given' },
  KEY_UNUSABLE: { level: 'invalid', meaning: 'what was given for its public key is no RSA key to rely on' },
  SIGNATURE_INVALID: { level: 'invalid', meaning: 'its signature does not fit its content' },
  KEY_OUT_OF_WINDOW: {
    level: 'invalid',
    meaning: 'its signature fits, but the key was not valid when it was signed',
  },
  CHAIN_HASH_MISMATCH: {
    level: 'invalid',
    meaning: 'the hash it gives for the digest before it is another than that digest has',
  },
  CHAIN_SIGNATURE_MISMATCH: {
    level: 'invalid',
    meaning: 'the signature it gives for the digest before it is another than that digest has',
  },
  MISSING_DIGEST: {
    level: 'invalid',
    meaning: 'the digest after it names it, older ones are held, and it is not',
  },
  NOT_FOUND: {
    level: 'invalid',
    meaning: 'the oldest digest held names it: the chain began earlier than what is held',
  },
  TRUNCATED_TAIL: { level: 'invalid', meaning: 'later digests must exist and are not held' },
  UNKNOWN_TRAIL_RESTART: {
    level: 'open',
    meaning: 'the chain begins anew though older digests are held: nothing proves what lay between',
  },
  OVERLAP: { level: 'open', meaning: 'it begins before the digest before it ends' },
  TIME_GAP: { level: 'open', meaning: 'it begins after the digest before it ends' },
  VALID: {
    level: 'valid',
    meaning: 'signed with a key given, and following on the digest before it',
  },
} as const satisfies Record<string, StateFacts>;

export const LOG_STATES = {
  HASH_MISMATCH: { level: 'invalid', meaning: 'its content is not what a signed digest says it was' },
  INVALID_FORMAT: { level: 'invalid', meaning: 'it is no whole gzip file of one member' },
  NOT_FOUND: { level: 'invalid', meaning: 'a signed digest names it, and it is not held' },
  UNREFERENCED_LOG: {
    level: 'invalid',
    meaning: 'signed digests cover the time of its delivery, and none names it',
  },
  UNPROVEN: { level: 'open', meaning: 'no signed digest that is held covers the time of its delivery' },
  PENDING: { level: 'open', meaning: 'too young to be in a digest' },
  VALID_CONTENT: {
    level: 'open',
    meaning: 'its content is what a signed digest says; its compression is not as first received',
  },
  VALID: { level: 'valid', meaning: 'its content is what a signed digest says' },
  BACKFILLED: {
    level: 'valid',
    meaning: 'its content is what a signed digest says, one that was written later for what was left out',
  },
} as const satisfies Record<string, StateFacts>;

export type DigestState = keyof typeof DIGEST_STATES;
export type LogState = keyof typeof LOG_STATES;

const DIGEST_ORDER = Object.keys(DIGEST_STATES);
const LOG_ORDER = Object.keys(LOG_STATES);

/** The gravest, which stands for the object where there is room for one; the lists above are in this order. */
export const gravestDigest = (states: readonly DigestState[]): DigestState =>
  states.reduce((a, b) => (DIGEST_ORDER.indexOf(a) <= DIGEST_ORDER.indexOf(b) ? a : b), 'VALID');

export const graverLog = (a: LogState, b: LogState): LogState =>
  LOG_ORDER.indexOf(a) <= LOG_ORDER.indexOf(b) ? a : b;

/** Of several copies of one log the best stands for it. */
export const betterLog = (a: LogState, b: LogState): LogState => (graverLog(a, b) === a ? b : a);
