/** What a timeline is made of: records of events and flows, and the gaps between them, in one order. */

import type { Cell } from '../../engine/result.ts';
import type { UnitVerdict } from '../../ledger/coverage/states.ts';

/** What is asked for. A line that fits any of them is in. */
export interface Selectors {
  /** Whole words of a person's name, e-mail or id. */
  readonly actors: readonly string[];
  readonly ips: readonly string[];
  readonly targets: readonly string[];
  readonly sessions: readonly string[];
  readonly keys: readonly string[];
}

/** Microseconds since 1970; null where it is open. */
export interface Span {
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
}

/** Why a line is in: the selectors it fits, or what leads to it from one that does. */
export type LinkKind =
  | 'actor'
  | 'ip'
  | 'target'
  | 'session'
  | 'key'
  /** Done with a credential that a line made. */
  | 'credential'
  /** Done in a session that a line started. */
  | 'started'
  /** Done in a host account that a line entered. */
  | 'account'
  /** Made a credential that a line used: who stands behind it. */
  | 'behind';

export interface Link {
  readonly kind: LinkKind;
  /** In words: `key AKIA… made by mallory@example.com at 08:24:08`. */
  readonly because: string;
}

/** Values by column name, texts cut to what a page can hold. */
export type RecordRow = Readonly<Record<string, Cell>>;

export interface RecordLine {
  readonly kind: 'event' | 'flow';
  /** Microseconds since 1970; null where the record names no time. */
  readonly time: number | null;
  readonly row: RecordRow;
  readonly links: readonly Link[];
  readonly proof: ProofState;
}

/** Hours on end in which something of a stream is known to be missing, or silent that never is. */
export interface GapLine {
  readonly kind: 'gap';
  readonly time: number;
  /** Exclusive. */
  readonly end: number;
  readonly source: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly verdict: Extract<UnitVerdict, 'gap' | 'silent'>;
  readonly problem: string | null;
  readonly detail: string | null;
  readonly expected: number | null;
  readonly held: number | null;
}

export type TimelineLine = RecordLine | GapLine;

/** What stands behind a record: the body it was delivered in, read again, and what the ledger says of it. */
export interface ProofState {
  /** `unread`: its bytes were not read again. */
  readonly held: 'whole' | 'altered' | 'missing' | 'unread';
  /** Number of its entry in the ledger; null where there is none. */
  readonly index: number | null;
  /** Entries of the signed checkpoint that covers it. */
  readonly checkpoint: number | null;
  /** The first time-stamp over a checkpoint that covers it. */
  readonly stamped: { readonly time: number; readonly authority: string } | null;
  /** What the provider's own proof says of it. */
  readonly provider: string | null;
  readonly problem: string | null;
}

export type ProofWord = 'stamped' | 'sealed' | 'unread' | 'broken';

/** `broken` where anything does not fit; `stamped` and `sealed` only for bodies that were read and are whole. */
export function proofWord({ held, index, stamped, problem }: ProofState): ProofWord {
  if (problem !== null || index === null || held === 'altered' || held === 'missing') return 'broken';
  if (held === 'unread') return 'unread';
  return stamped === null ? 'sealed' : 'stamped';
}

export interface TimelineData {
  readonly selectors: Selectors;
  /** As asked for. */
  readonly asked: Span;
  /** Of the lines, in whole hours; null where there is none with a time. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly lines: readonly TimelineLine[];
  /** Lines left out by a limit: how many records fit, where that is more than are here. */
  readonly cut: { readonly shown: number; readonly found: number | null } | null;
  readonly unknowns: readonly Unknown[];
  readonly leads: readonly Lead[];
  /** The lake's head: its seal, and the size of its ledger. */
  readonly head: { readonly name: string; readonly size: number; readonly root: string | null };
  /** Microseconds: the instant that coverage was judged at. */
  readonly asOf: number;
}

/** One thing that this timeline cannot tell. */
export interface Unknown {
  readonly grave: boolean;
  readonly text: string;
}

/** Something that is not in the timeline and may belong to it. */
export interface Lead {
  readonly selector: 'actor' | 'ip';
  readonly value: string;
  readonly because: string;
}
