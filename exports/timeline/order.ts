/** The one order of a timeline: total, and the same whatever order the records were collected in. */

import type { TimelineLine } from './model.ts';
import { textOf } from './records.ts';

/** Gaps stand before what happened in them. */
const RANK = { gap: 0, event: 1, flow: 2 } as const;

const keysOf = (line: TimelineLine): readonly string[] =>
  line.kind === 'gap'
    ? [line.source, line.account ?? '', line.region ?? '', line.verdict, line.problem ?? '']
    : ['source', 'uid', 'evidence', 'locator'].map((name) => textOf(line.row[name]) ?? '');

/** By time, then kind, then what tells a line from every other; lines without a time come last. */
export function compareLines(a: TimelineLine, b: TimelineLine): number {
  const [first, second] = [a.time ?? Infinity, b.time ?? Infinity];
  if (first !== second) return first < second ? -1 : 1;
  if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
  const [mine, theirs] = [keysOf(a), keysOf(b)];
  for (const [at, own] of mine.entries()) {
    const other = theirs[at]!;
    if (own !== other) return own < other ? -1 : 1;
  }
  return 0;
}
