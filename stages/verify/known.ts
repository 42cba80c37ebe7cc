/** Heads remembered outside the lake: the only thing that shows that a whole lake was put back to an earlier state. */

import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseCheckpointText } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { parseNote } from '../../ledger/note.ts';
import { need } from '../../ledger/outcome.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Harm } from './report.ts';

/** The checkpoint in the file, or null when there is no file yet. Throws KNOWN_UNREADABLE. */
export async function readKnown(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AkashiError('KNOWN_UNREADABLE', `the remembered head "${file}" cannot be read`, { cause });
  }
}

/** Replaces the remembered checkpoint, whole or not at all. */
export async function writeKnown(file: string, note: Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, note);
  await rename(`${file}.new`, file);
}

/** What is wrong with the ledger, seen from a head that was verified before; null when it has only grown. */
export async function compareWithKnown(
  known: Uint8Array,
  log: LedgerReader | null,
  origin: string,
): Promise<Harm | null> {
  const old = need(parseCheckpointText(need(parseNote(known)).text));
  if (old.origin !== origin) {
    return {
      code: 'FORKED',
      key: 'head',
      detail: `the remembered head is of ${old.origin}, this lake's ledger is ${origin}`,
    };
  }
  const size = log?.size ?? 0;
  if (old.size > size) {
    return {
      code: 'ROLLED_BACK',
      key: 'head',
      detail: `the ledger has ${size} entries, and had ${old.size} when it was last verified`,
    };
  }
  if (log === null) return null;
  const root = await log.rootAt(old.size);
  if (Buffer.compare(root, old.root) === 0) return null;
  return {
    code: 'FORKED',
    key: 'head',
    detail: `its first ${old.size} entries have the root ${toHex(root)}, and had ${toHex(old.root)} when last verified`,
  };
}
