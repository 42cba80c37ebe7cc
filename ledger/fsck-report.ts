/** What a check of the stored ledger says. */

/**
 * `ALTERED` other bytes than were sealed · `MISSING` · `TRUNCATED` a beginning of what was sealed · `ADDED` a key
 * nothing ever sealed · `ROLLED_BACK` newer than the head, so the head is old · `FORKED` signed, yet of another
 * history · `UNSIGNED` a checkpoint no known key signed · `ROOT_MISMATCH` the tree leads to another root, and it
 * cannot be told which part is to blame.
 */
export type ProblemCode =
  | 'ALTERED'
  | 'MISSING'
  | 'TRUNCATED'
  | 'ADDED'
  | 'ROLLED_BACK'
  | 'FORKED'
  | 'UNSIGNED'
  | 'ROOT_MISMATCH';

export interface Problem {
  readonly code: ProblemCode;
  /** The object at fault; `head` for the checkpoint everything was checked against. */
  readonly key: string;
  readonly detail: string;
}

export interface FsckReport {
  readonly ok: boolean;
  /** Entries the head commits to. */
  readonly size: number;
  readonly checked: {
    readonly tiles: number;
    readonly bundles: number;
    readonly entries: number;
    readonly checkpoints: number;
    /** Sealed checkpoints that are there and were not read. */
    readonly unreadCheckpoints: number;
    readonly bytes: number;
  };
  readonly problems: readonly Problem[];
  readonly entries: SealedEntries;
}

/** Which of the entries that were read are the ones that were sealed, where not all of them are. */
export interface SealedEntries {
  /** Every entry of the tree was read and is the one that was sealed. */
  readonly all: boolean;
  /** Whether the entry read for this index hashes to what was sealed there. */
  has(index: number): boolean;
}

/** Gathers while a check runs. */
export interface FsckNotes {
  readonly problems: Problem[];
  tiles: number;
  bundles: number;
  entries: number;
  checkpoints: number;
  unreadCheckpoints: number;
  bytes: number;
}

export const newNotes = (): FsckNotes => ({
  problems: [],
  tiles: 0,
  bundles: 0,
  entries: 0,
  checkpoints: 0,
  unreadCheckpoints: 0,
  bytes: 0,
});
