/**
 * Heads remembered outside the lake: the only thing that shows that a whole lake was put back to an earlier state, or
 * written anew by whoever holds its key.
 */

import { readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { parseCheckpointText, type SignedCheckpoint } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { parseNote } from '../../ledger/note.ts';
import { need } from '../../ledger/outcome.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Harm } from './report.ts';

/** A head that was found good. */
export interface Known {
  readonly note: Uint8Array;
  /** Entries of the ledger then. */
  readonly size: number;
  /** When it began to be looked at, by the run that found it good: the time of the file. */
  readonly at: Date;
}

/** What the file remembers, or null when there is no file yet. Throws KNOWN_UNREADABLE. */
export async function readKnown(file: string): Promise<Known | null> {
  let note: Uint8Array;
  let at: Date;
  try {
    note = await readFile(file);
    at = (await stat(file)).mtime;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AkashiError('KNOWN_UNREADABLE', `the remembered head "${file}" cannot be read`, { cause });
  }
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpointText(parsed.value.text) : null;
  if (checkpoint?.ok) return { note, size: checkpoint.value.size, at };
  throw new AkashiError(
    'KNOWN_UNREADABLE',
    `"${file}" is no remembered head: it must hold a checkpoint as --known wrote it. Put back a copy, or name another file.`,
  );
}

/**
 * Replaces the remembered checkpoint, whole or not at all. `began`: what was altered after it may have been looked at before
 * it was, and a day that began meanwhile has not had its turn.
 */
export async function writeKnown(file: string, note: Uint8Array, began: Date): Promise<void> {
  await writeFile(`${file}.new`, note);
  await utimes(`${file}.new`, began, began);
  await rename(`${file}.new`, file);
}

/**
 * What is wrong with the ledger, seen from a head that was verified before; null when it has only grown. `openLog`
 * gives the log to ask for its earlier root, or null where its own check found fault and said so.
 */
export async function compareWithKnown(
  known: Uint8Array,
  head: SignedCheckpoint | null,
  openLog: () => Promise<LedgerReader | null>,
): Promise<Harm | null> {
  const old = need(parseCheckpointText(need(parseNote(known)).text));
  if (head !== null && old.origin !== head.origin) {
    const detail = `the remembered head is of ${old.origin}, this lake's ledger is ${head.origin}`;
    return { code: 'FORKED', key: 'head', detail };
  }
  const size = head?.size ?? 0;
  if (old.size > size) {
    const detail = `the ledger has ${size} entries, and had ${old.size} when it was last verified`;
    return { code: 'ROLLED_BACK', key: 'head', detail };
  }
  const root = old.size === size ? head?.root : await (await openLog())?.rootAt(old.size);
  if (root === undefined || Buffer.compare(root, old.root) === 0) return null;
  return {
    code: 'FORKED',
    key: 'head',
    detail: `its first ${old.size} entries have the root ${toHex(root)}, and had ${toHex(old.root)} when last verified`,
  };
}
