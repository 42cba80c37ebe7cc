/** What can be said of an hour of a stream. Closed lists: names are stored and shown, and never change. */

/** How far an hour has come. A late arrival reopens one that was sealed; after the delay it is sealed again. */
export const UNIT_STATES = {
  open: 'the hour is not over',
  settling: 'the hour is over, and the vendor may still deliver records of it',
  sealed: 'the delay that the vendor states has passed',
  reopened: 'records came after a run had told the hour; more may follow',
} as const;

/** `claims`: completeness is claimed. The gravest comes first. */
export const UNIT_VERDICTS = {
  gap: { claims: false, meaning: 'something is known to be missing' },
  silent: { claims: false, meaning: 'nothing is held though the stream usually has records in such an hour' },
  unknown: {
    claims: false,
    meaning: 'nothing says what there should be: nothing is held, or what is held was imported',
  },
  pending: { claims: false, meaning: 'too early to say' },
  presumed: {
    claims: true,
    meaning: 'the delay has passed and nothing is out of the ordinary; no proof of the provider',
  },
  complete: { claims: true, meaning: 'everything that the provider declares, or the API gave, is held' },
} as const;

export type UnitState = keyof typeof UNIT_STATES;
export type UnitVerdict = keyof typeof UNIT_VERDICTS;

const ORDER = Object.keys(UNIT_VERDICTS) as readonly UnitVerdict[];

/** The gravest of some verdicts; null of none. */
export function gravestVerdict(verdicts: Iterable<UnitVerdict>): UnitVerdict | null {
  let gravest: UnitVerdict | null = null;
  for (const verdict of verdicts)
    if (gravest === null || ORDER.indexOf(verdict) < ORDER.indexOf(gravest)) gravest = verdict;
  return gravest;
}

/** What a verdict rests on. */
export type Basis = 'digest' | 'window' | 'delay' | 'silence' | 'import' | 'none';
