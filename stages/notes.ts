/**
 * Notes: ledger entries that wait to be sealed. Each lies under `pending/` by the hash of its bytes, which are those of
 * the entry as it would be without one before it. Whoever puts one waits for no seal and takes no lock.
 */

import { MAX_ENTRY_BYTES } from '../ledger/bundle.ts';
import { type Draft, type DraftOf, decodeEntry, encodeEntry } from '../ledger/entry.ts';
import { getIfPresent } from '../ledger/store.ts';
import { AkashiError } from '../schema/error.ts';
import { NEWER } from '../schema/newer.ts';
import { hashBytes } from '../vault/durable-file.ts';
import { makeKey, PREFIXES, parseKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';
import type { Listed, StateStore } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';

const KINDS = ['custody', 'hold', 'timestamp'] as const;
const isKind = (kind: string): kind is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(kind);

/** A record in the chain of custody. */
export interface RecordNote {
  readonly key: string;
  readonly draft: DraftOf<'custody'> | DraftOf<'hold'>;
}

/** A time-stamp. */
export interface StampNote {
  readonly key: string;
  readonly draft: DraftOf<'timestamp'>;
}

export type Note = RecordNote | StampNote;
/** What is put there. */
export type NoteDraft = Note['draft'];

export const isStamp = (note: Note): note is StampNote => note.draft.kind === 'timestamp';
export const isRecord = (note: Note): note is RecordNote => !isStamp(note);

/** What lies where a note should be and is none. */
export interface NoteProblem {
  readonly key: string;
  readonly code: 'ALTERED' | 'UNREADABLE' | 'NEWER';
  readonly problem: string;
}

/** Notes read at once. */
const READ_BATCH = 64;

/**
 * Longest note, bytes. Sealed, it grows: by the number of the entry before it, and that of a hold by the members that its
 * record in the chain of custody has beside. One that did not fit then would keep everything else from being sealed.
 */
export const MAX_NOTE_BYTES = MAX_ENTRY_BYTES - 1024;

/** Key and bytes of a note. Throws as `encodeEntry` does, and NOTE_TOO_LONG. */
export function encodeNote(draft: Draft): { key: string; bytes: Uint8Array } {
  const bytes = encodeEntry({ ...draft, v: 1, previous: null });
  if (bytes.length > MAX_NOTE_BYTES)
    throw new AkashiError(
      'NOTE_TOO_LONG',
      `The record of this would have ${bytes.length} bytes, and at most ${MAX_NOTE_BYTES} fit. Say it shorter: --reason, ` +
        'the SQL, its parameters.',
    );
  return { key: makeKey('note', { kind: draft.kind, sha256: hashBytes(bytes) }), bytes };
}

/** Durable when it resolves: the next seal finds it. Put again, it is the same note. */
export async function putNote(state: StateStore, draft: NoteDraft): Promise<string> {
  const { key, bytes } = encodeNote(draft);
  await state.putIfAbsent(key, bytes, WRITE_KINDS.pending);
  return key;
}

/** Whether any note waits. */
export async function notesWait(state: StateStore): Promise<boolean> {
  for await (const { key } of state.list(PREFIXES.pending)) if (isNote(key)) return true;
  return false;
}

/** All notes, in the order of their times; what is none of ours stays where it is. */
export async function readNotes(
  state: StateStore,
): Promise<{ notes: readonly Note[]; problems: readonly NoteProblem[] }> {
  const found: Listed[] = [];
  for await (const one of state.list(PREFIXES.pending)) if (isNote(one.key)) found.push(one);
  const read = await pooled(found, READ_BATCH, (one) => readNote(state, one));
  const notes = read.filter((one): one is Note => one !== null && 'draft' in one);
  const problems = read.filter((one): one is NoteProblem => one !== null && 'problem' in one);
  return { notes: notes.sort(inOrder), problems };
}

const timeOf = (draft: NoteDraft): number => (draft.kind === 'timestamp' ? draft.time : draft.at);
const inOrder = (a: Note, b: Note): number => timeOf(a.draft) - timeOf(b.draft) || (a.key < b.key ? -1 : 1);

function isNote(key: string): boolean {
  const parts = parseKey(key);
  return parts?.class === 'note' && isKind(parts.kind);
}

/** Null for one that was sealed and removed meanwhile. */
async function readNote(state: StateStore, { key, size }: Listed): Promise<Note | NoteProblem | null> {
  // None of ours, and not to be held in memory: anybody may put anything here.
  if (size > MAX_NOTE_BYTES)
    return {
      key,
      code: 'UNREADABLE',
      problem: `it has ${size} bytes, and no note more than ${MAX_NOTE_BYTES}`,
    };
  const found = await getIfPresent(state, key);
  if (found === null) return null;
  const parts = parseKey(key);
  if (parts?.class !== 'note' || parts.sha256 !== hashBytes(found.body))
    return { key, code: 'ALTERED', problem: 'its bytes are not those its name was made from' };
  const entry = decodeEntry(found.body);
  if (!entry.ok) return { key, code: entry.code === NEWER ? 'NEWER' : 'UNREADABLE', problem: entry.problem };
  const { v: _, previous, ...draft } = entry.value;
  if (isKind(draft.kind) && draft.kind === parts.kind && previous === null) return { key, draft } as Note;
  return { key, code: 'UNREADABLE', problem: `it is no ${parts.kind} note` };
}
