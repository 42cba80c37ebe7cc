/** Which data files are to be made again: those that are missing, and those that something else is made from. */

import type { Entry, EntryOf } from '../ledger/entry.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { rangesKey } from '../stages/verify/claims.ts';
import { parseKey } from '../vault/keys.ts';
import { type FileFacts, type ReplacedDay, rememberBodies, replacedDays, rowJobs } from './data-files.ts';
import { sealBySeal } from './history.ts';
import type { PassedOver } from './sealed-tree.ts';

export interface Lack {
  /** Keys of objects that the ledger names and the vault does not have. */
  readonly missing: readonly string[];
  /** Keys below `tables/` that the vault has. */
  readonly present: ReadonlySet<string>;
  readonly facts: FileFacts;
  /** Why something will not be made again. */
  readonly reasons: PassedOver[];
}

const LISTS: ReadonlySet<string> = new Set(['tableMetadata', 'tablePart', 'manifest', 'manifestList']);
/** Whether it is a list of files, or one of such lists. */
export const isList = (key: string): boolean => LISTS.has(parseKey(key)?.class ?? '');

/**
 * Beside those that are missing: files that were given up and that a missing one was merged from, or that a missing list
 * of their table, or a list which that one is made from, was the first to name or to drop.
 */
export async function neededFor(
  log: LedgerReader,
  seals: readonly number[],
  lack: Lack,
): Promise<ReadonlySet<string>> {
  const { missing, present, reasons } = lack;
  const needed = new Set(
    missing.flatMap((key) => (isList(key) ? [] : [key.replace(/\.ranges\.json$/, '.parquet')])),
  );
  const isGone = (key: string): boolean => !present.has(key) || !present.has(rangesKey(key));
  const lists = new Set(missing.filter(isList));
  const spans = new Map<string, Span>();
  const days: ReplacedDay[] = [];
  const close = (table: string): void => {
    const { files, lost, problem } = spans.get(table) ?? newSpan();
    spans.delete(table);
    if (lost === null) return;
    if (problem === null) for (const key of files) needed.add(key);
    else reasons.push({ key: lost, problem: `it is made from files that are gone, of which ${problem}` });
  };
  for await (const { entries } of sealBySeal(log, seals)) {
    const replaced = replacedDays(entries);
    days.push(...replaced);
    rememberBodies(lack.facts, entries);
    for (const { table, key } of entries.filter(isMetadata)) {
      const own = entries.flatMap((one) => (one.kind === 'lists' && one.table === table ? one.added : []));
      if ([key, ...own].every((one) => present.has(one))) {
        close(table);
        continue;
      }
      const span = spans.get(table) ?? newSpan();
      spans.set(table, span);
      const gone = filesOf(table, entries, replaced).filter(isGone);
      for (const one of gone) span.files.add(one);
      span.problem ??= whyNot(lack.facts, entries, gone);
      span.lost ??= [...own, key].find((one) => lists.has(one)) ?? null;
    }
  }
  for (const table of [...spans.keys()]) close(table);
  for (const { removed, added } of days.reverse()) {
    if (!added.some((key) => needed.has(key))) continue;
    for (const key of removed) if (isGone(key)) needed.add(key);
  }
  return needed;
}

/** Seals of a table that follow one whose lists are all there, which those that come after are made from. */
interface Span {
  /** Data files that the vault does not have. */
  readonly files: Set<string>;
  /** The first list that is missing; null while none is. */
  lost: string | null;
  /** Why not all files can be made again; then none has to be. */
  problem: string | null;
}

const newSpan = (): Span => ({ files: new Set(), lost: null, problem: null });

const isMetadata = (entry: Entry): entry is EntryOf<'metadata'> => entry.kind === 'metadata';

/** Data files that a seal added to a table or took out of it. */
const filesOf = (table: string, entries: readonly Entry[], replaced: readonly ReplacedDay[]): string[] => [
  ...entries.flatMap((one) => (one.kind === 'data' && one.table === table ? [one.key] : [])),
  ...replaced.flatMap((day) => (day.table === table ? day.removed : [])),
];

/** Why rows of these files are not to be had any more, which is known before any is made. */
function whyNot(facts: FileFacts, entries: readonly Entry[], files: readonly string[]): string | null {
  const reasons: PassedOver[] = [];
  if (files.length > 0) rowJobs({ facts, needed: new Set(files), reasons }, entries);
  const [first] = reasons;
  return first === undefined ? null : `${first.key} cannot be made again: ${first.problem}`;
}
