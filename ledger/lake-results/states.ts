/** Every verdict on what CloudTrail Lake saved, from its sign files. A closed list: names are stored and never change. */

import type { Level } from '../digests/states.ts';

interface StateFacts {
  readonly level: Level;
  readonly meaning: string;
}

/** On a sign file. The gravest comes first. */
export const SIGN_STATES = {
  INVALID_FORMAT: { level: 'invalid', meaning: 'it is no sign file of CloudTrail Lake, or no longer' },
  SIGNATURE_INVALID: { level: 'invalid', meaning: 'its signature does not fit the hashes that it lists' },
  KEY_OUT_OF_WINDOW: {
    level: 'invalid',
    meaning: 'its signature fits, but the key was not valid when it says the query was completed',
  },
  FILE_ALTERED: { level: 'invalid', meaning: 'a file that it names is held with other bytes alone' },
  FILE_MISSING: { level: 'invalid', meaning: 'a file that it names is not held' },
  KEY_NOT_FOUND: { level: 'open', meaning: 'the public key that it names was not given' },
  KEY_UNUSABLE: { level: 'open', meaning: 'what was given for its public key is no RSA key to rely on' },
  VALID: {
    level: 'valid',
    meaning: 'signed with a key given, and every file that it names is held as it says',
  },
} as const satisfies Record<string, StateFacts>;

/** On a file of results. */
export const RESULT_STATES = {
  HASH_MISMATCH: {
    level: 'invalid',
    meaning: 'the sign file beside it gives another hash for the file of its name',
  },
  FILE_EXTRA: { level: 'invalid', meaning: 'the sign file beside it does not name it' },
  UNPACKED: {
    level: 'open',
    meaning: 'it is no gzip file any more, and the signature is over the gzip file that was delivered',
  },
  UNPROVEN: { level: 'open', meaning: 'a sign file lists its hash, and no signature proves that sign file' },
  UNSIGNED: { level: 'open', meaning: 'no sign file that is held speaks of it' },
  VALID: { level: 'valid', meaning: 'its bytes are what a signed sign file says' },
} as const satisfies Record<string, StateFacts>;

export type SignState = keyof typeof SIGN_STATES;
export type ResultState = keyof typeof RESULT_STATES;

const ORDER = Object.keys(SIGN_STATES);
export const gravestSign = (states: readonly SignState[]): SignState =>
  states.reduce((a, b) => (ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b), 'VALID');
