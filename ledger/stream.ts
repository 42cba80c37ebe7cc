/**
 * Streams: the entries of one source, table or case form a chain, each naming the one before, so that an omission
 * shows without the whole tree.
 */

import type { Draft, Entry } from './entry.ts';

/** Which chain an entry belongs to. */
export function streamOf(entry: Draft): string {
  switch (entry.kind) {
    case 'evidence':
    case 'gap':
    case 'verdict':
    case 'remap':
      return `${entry.kind}/${entry.source}`;
    case 'data':
    case 'metadata':
    case 'lists':
    case 'replace':
    case 'expire':
    case 'index':
      return `${entry.kind}/${entry.table}`;
    case 'hold':
      return `${entry.kind}/${entry.case}`;
    case 'custody':
    case 'key':
    case 'timestamp':
    case 'seal':
    case 'export':
      return entry.kind;
    default:
      return entry satisfies never;
  }
}

/** Leaf index of the newest entry of each stream. */
export type StreamTails = ReadonlyMap<string, number>;

/** Gives each draft its predecessor, the first of them standing at leaf `first`; also the tails after them. */
export function linkEntries(
  drafts: readonly Draft[],
  first: number,
  tails: StreamTails,
): { entries: Entry[]; tails: Map<string, number> } {
  const after = new Map(tails);
  const entries = drafts.map((draft, at): Entry => {
    const stream = streamOf(draft);
    const previous = after.get(stream) ?? null;
    after.set(stream, first + at);
    return { ...draft, v: 1, previous };
  });
  return { entries, tails: after };
}

/**
 * Takes entries in the order of the log; says what is wrong with an entry's link, or null. `tails` is where the
 * streams stand after the last entry taken, so reading a log through once gives what `linkEntries` needs.
 */
export function streamReader(): {
  readonly tails: StreamTails;
  take(index: number, entry: Entry): string | null;
} {
  const tails = new Map<string, number>();
  return {
    tails,
    take(index, entry) {
      const stream = streamOf(entry);
      const expected = tails.get(stream) ?? null;
      tails.set(stream, index);
      if (entry.previous === expected) return null;
      return `names ${entry.previous ?? 'none'} as the entry before it in ${stream}, which is ${expected ?? 'none'}`;
    },
  };
}
