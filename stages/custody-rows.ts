/** The custody table's rows and the ledger's custody entries: the same facts, one for one. */

import type { DraftOf } from '../ledger/entry.ts';
import { newRow, type Row } from '../schema/columns.ts';
import type { Head } from '../tables/head.ts';
import { type DataFileEntry, filesIn } from '../tables/table-metadata.ts';
import { canonicalJson, type Json } from '../vault/canonical-json.ts';
import type { Stores } from '../vault/evidence.ts';
import type { RecordNote } from './notes.ts';
import { readRows } from './parquet-rows.ts';

/** What a note is in the chain of custody; that of a hold says the same as the hold. */
export function custodyOf(draft: RecordNote['draft']): DraftOf<'custody'> {
  if (draft.kind === 'custody') return draft;
  return {
    kind: 'custody',
    id: draft.id,
    action: draft.action === 'place' ? 'hold' : 'release',
    actor: draft.actor,
    account: draft.account,
    case: draft.case,
    purpose: draft.reason,
    at: draft.at,
    headSize: draft.headSize,
    headRoot: draft.headRoot,
    subject: draft.scope,
    subjectSha256: draft.objectsSha256,
    parameters: null,
    rows: null,
    result: `${draft.objects} object${draft.objects === 1 ? '' : 's'}`,
    completes: null,
    tool: draft.tool,
  };
}

export function custodyRow(draft: DraftOf<'custody'>, index: number): Row<'custody'> {
  return {
    ...newRow('custody'),
    time: draft.at,
    id: draft.id,
    action: draft.action,
    actor: draft.actor,
    account: draft.account,
    case_id: draft.case,
    purpose: draft.purpose,
    subject: draft.subject,
    subject_sha256: draft.subjectSha256,
    parameters: draft.parameters,
    rows: draft.rows,
    result: draft.result,
    completes: draft.completes,
    head_size: draft.headSize,
    head_root: draft.headRoot,
    tool: draft.tool,
    ledger_index: index,
  };
}

/** The entry that the sealer would have made of a row. */
export const draftOfRow = (row: Row<'custody'>): DraftOf<'custody'> => ({
  kind: 'custody',
  id: row.id!,
  action: row.action!,
  actor: row.actor!,
  account: row.account,
  case: row.case_id,
  purpose: row.purpose,
  at: row.time!,
  headSize: row.head_size!,
  headRoot: row.head_root,
  subject: row.subject,
  subjectSha256: row.subject_sha256,
  parameters: row.parameters,
  rows: row.rows,
  result: row.result,
  completes: row.completes,
  tool: row.tool,
});

/**
 * Those notes that are not sealed yet. A seal that died between its commit and the clearing of the inbox leaves sealed
 * ones there: what tells is the custody table, of which only files that reach the notes' times are read. A record is
 * compared as a whole: by its id alone another, put there by whoever saw that id, could pass for it and keep it out.
 */
export async function withoutSealed(
  { vault }: Stores,
  head: Head,
  notes: readonly RecordNote[],
): Promise<RecordNote[]> {
  if (notes.length === 0) return [];
  const reached = ({ minTime, maxTime }: Pick<DataFileEntry, 'minTime' | 'maxTime'>): boolean =>
    notes.some(({ draft: { at } }) => (minTime ?? at) <= at && at <= (maxTime ?? at));
  const files = await filesIn(vault, head, 'custody', reached);
  const ids = new Set(notes.map(({ draft }) => draft.id));
  const sealed = new Set<string>();
  for (const file of files) {
    if (!reached(file)) continue;
    for (const row of await readRows((await vault.get(file.key)).body))
      if (ids.has(String(row['id']))) sealed.add(textOf(draftOfRow(row as unknown as Row<'custody'>)));
  }
  return notes.filter(({ draft }) => !sealed.has(textOf(custodyOf(draft))));
}

const textOf = (draft: DraftOf<'custody'>): string => canonicalJson(draft as unknown as Json);
