/** What a verification says. */

import type { Trust } from '../../ledger/timestamps/check.ts';

/**
 * `ALTERED` other bytes than were sealed · `MISSING` · `TRUNCATED` fewer bytes than were sealed · `ADDED` a key the lake
 * has no place for · `NOT_A_FILE` a link, pipe or device where a file or folder should be · `ROLLED_BACK` older than
 * something that was seen or stored · `FORKED` of another history · `UNSIGNED` no believed key signed it ·
 * `ROOT_MISMATCH` the tree leads elsewhere · `UNREADABLE` storage or format denies it · `COUNT_DIFFERS` rows do not add
 * up to the ledger's counts · `ROW_DIFFERS` a row or a fact about rows says otherwise than ledger or files do ·
 * `NOT_DERIVABLE` rows that the evidence does not give, or lacks · `LINK_BROKEN` an entry names another predecessor
 * than its stream has · `HEAD_DIFFERS` the head names other tables, files or entries than the ledger does ·
 * `HOLD_DIFFERS` a case holds something else than was recorded · `HOLD_MISSING` the store does not keep an object that a
 * case holds · `LOCK_MISSING` the store keeps an object until no date, though it promised one · `LOCK_SHORTER` until an
 * earlier one than it promised · `DELETE_MARKER` somebody deleted a key of a vault with versions, and what was stored is
 * still under it · `LATER_VERSION` somebody wrote other bytes to such a key, on top of what was stored ·
 * `BAD_TIMESTAMP` a token that proves no time, for the reason given.
 */
export type HarmCode =
  | 'ALTERED'
  | 'MISSING'
  | 'TRUNCATED'
  | 'ADDED'
  | 'NOT_A_FILE'
  | 'ROLLED_BACK'
  | 'FORKED'
  | 'UNSIGNED'
  | 'ROOT_MISMATCH'
  | 'UNREADABLE'
  | 'COUNT_DIFFERS'
  | 'ROW_DIFFERS'
  | 'NOT_DERIVABLE'
  | 'LINK_BROKEN'
  | 'HEAD_DIFFERS'
  | 'HOLD_DIFFERS'
  | 'HOLD_MISSING'
  | 'LOCK_MISSING'
  | 'LOCK_SHORTER'
  | 'DELETE_MARKER'
  | 'LATER_VERSION'
  | 'BAD_TIMESTAMP';

export interface Harm {
  readonly code: HarmCode;
  /** The object at fault. */
  readonly key: string;
  readonly detail: string;
}

/** Whose time-stamps to believe: a lake cannot say it of itself. */
export type StampTrust = Pick<Trust, 'roots' | 'policies'>;

interface Part {
  checked: number;
  bad: string[];
}

export interface Verification {
  ok: boolean;
  /** `structure`: everything is there, the ledger is whole. `bytes`: every byte was hashed again. */
  level: 'structure' | 'bytes';
  checkpoint: { size: number; root: string; origin: string } | null;
  evidence: Part;
  data: Part;
  ledger: { tiles: number; bundles: number; entries: number; checkpoints: number };
  timestamps: Part & {
    /** Of those checked and found good, tokens that wait to be sealed among them. */
    good: number;
    /** Whether a pinned root vouches for every good one; false without roots. */
    trusted: boolean;
    newest: { size: number; time: string; authority: string; policy: string } | null;
  };
  /** What was asked of each body or checkpoint one by one; less than all where only what was due was asked for. */
  asked: {
    /** Bodies that the store promised to keep until a date, and those of them it was asked about. */
    promised: number;
    locks: number;
    /** Sealed checkpoints that were there and not read. */
    unreadCheckpoints: number;
    /** Days within which each has its turn; null where everything was asked for. */
    withinDays: number | null;
  };
  /** Rows derived again from evidence, when asked for. */
  rederived: { bodies: number; rows: number; notCheckable: number } | null;
  bytes: number;
  /** Stored by an interrupted run and in no seal: nobody reads them, and the next run may use them again. */
  orphans: string[];
  /** Lies in the lake's folders under names that no part of a lake has and nobody reads. */
  foreign: string[];
  /** What this verification cannot exclude, in sentences. */
  caveats: string[];
  problems: Harm[];
}

export const newVerification = (level: Verification['level']): Verification => ({
  ok: true,
  level,
  checkpoint: null,
  evidence: { checked: 0, bad: [] },
  data: { checked: 0, bad: [] },
  ledger: { tiles: 0, bundles: 0, entries: 0, checkpoints: 0 },
  timestamps: { checked: 0, bad: [], good: 0, trusted: false, newest: null },
  asked: { promised: 0, locks: 0, unreadCheckpoints: 0, withinDays: null },
  rederived: null,
  bytes: 0,
  orphans: [],
  foreign: [],
  caveats: [],
  problems: [],
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What is said of one object by more than one check is said once. */
export function withoutRepeats(problems: readonly Harm[]): Harm[] {
  const said = new Set<string>();
  return problems.filter(({ code, key, detail }) => {
    const ofBytes = ['ALTERED', 'MISSING', 'TRUNCATED', 'ADDED', 'UNREADABLE', 'NOT_A_FILE'].includes(code);
    const text = `${code} ${key} ${ofBytes ? '' : detail}`;
    if (said.has(text)) return false;
    said.add(text);
    return true;
  });
}
