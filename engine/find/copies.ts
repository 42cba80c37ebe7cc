/**
 * Each event once among the rows in which a value stands: of copies that agree in substance the best, by the rule of
 * `views/copies.ts`; copies that disagree all stay. A copy that names the value is shown even where the best copy of all
 * does not name it.
 */

import type { Found, Value } from './scan.ts';

/** Columns that must be read with every row of a day on which an event may be held more than once. */
export const COPY_COLUMNS: readonly string[] = ['identity', 'source', 'uid', 'evidence', 'locator'];

export const SUBSTANCE_COLUMNS: readonly string[] = [
  'operation',
  'account',
  'actor_id',
  'src_ip',
  'status',
  'error_code',
  'target_id',
];

const SAME_INSTANT_MICROS = 1_000_000;

/** @param sourceRank Sources from best to worst. */
export function withoutCopies(found: readonly Found[], sourceRank: readonly string[] = []): Found[] {
  const byIdentity = new Map<string, Found[]>();
  const kept: Found[] = [];
  for (const row of found) {
    const identity = identityOf(row);
    if (identity === null) kept.push(row);
    else byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), row]);
  }
  for (const copies of byIdentity.values()) {
    if (copies.length === 1 || disagree(copies)) kept.push(...copies);
    else kept.push(best(copies, sourceRank));
  }
  return kept;
}

const text = ({ values }: Found, column: string): string | null => {
  const value: Value = values[column] ?? null;
  return typeof value === 'string' ? value : null;
};

function identityOf(row: Found): string | null {
  const own = text(row, 'identity');
  if (own !== null) return `${row.table} ${own}`;
  const [source, uid] = [text(row, 'source'), text(row, 'uid')];
  return source === null || uid === null ? null : `${row.table} ${source}/${uid}`;
}

/** Letter case does not count, and null agrees with anything. */
function disagree(copies: readonly Found[]): boolean {
  if (copies[0]!.table === 'flows') return false;
  const times = copies.flatMap(({ values: { time } }) => (typeof time === 'number' ? [time] : []));
  if (times.length > 0 && Math.max(...times) - Math.min(...times) >= SAME_INSTANT_MICROS) return true;
  return SUBSTANCE_COLUMNS.some(
    (column) => new Set(copies.flatMap((row) => text(row, column)?.toLowerCase() ?? [])).size > 1,
  );
}

function best(copies: readonly Found[], sourceRank: readonly string[]): Found {
  const place = (row: Found): string => {
    const rank = sourceRank.indexOf(text(row, 'source') ?? '');
    const blanks =
      row.table === 'flows' ? 0 : SUBSTANCE_COLUMNS.filter((column) => text(row, column) === null).length;
    const locator = text(row, 'locator') ?? '';
    const exactness = locator.endsWith(';rebuilt') ? 'c' : locator.includes(';') ? 'b' : 'a';
    const ranked = String(rank < 0 ? sourceRank.length : rank).padStart(4, '0');
    return [ranked, blanks, exactness, text(row, 'evidence') ?? '', locator].join(' ');
  };
  return copies
    .map((row) => ({ row, place: place(row) }))
    .reduce((least, other) => (other.place < least.place ? other : least)).row;
}
