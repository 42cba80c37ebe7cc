/** Whether the newest digests of a series are there: the one harm that no remaining digest tells of. */

import { type MissingDigest, type Series, spanText } from './chain.ts';
import type { UnlistedLog } from './logs.ts';
import { TOO_YOUNG } from './unlisted.ts';

/** What is known of how far digests must reach. Times in milliseconds since the epoch. */
export interface Expectations {
  readonly now: number;
  /** Everything delivered until then should be covered, but for what is too young; null when nobody says so. */
  readonly until: number | null;
  /** The same for one series, by its name, to the instant: from a trail's status. */
  readonly through: ReadonlyMap<string, number>;
}

/** What shows that a series went on after its newest digest; null when nothing does. */
export function missingTail(
  { name, facts, newestEnd }: Series,
  all: readonly Series[],
  overdue: readonly UnlistedLog[],
  { now, until, through }: Expectations,
): MissingDigest | null {
  if (facts.kind === 'backfill' || newestEnd === null) return null;
  const told = through.get(name) ?? (until === null ? null : Math.min(until, now - TOO_YOUNG));
  if (told !== null)
    return newestEnd < told ? tail(newestEnd, told, 'digests were expected until then') : null;
  const last = overdue.reduce((latest, log) => Math.max(latest, log.name.delivered), newestEnd);
  if (overdue.length > 0)
    return tail(newestEnd, last, `${overdue.length} logs were delivered after the newest digest`);
  // A trail writes digests for all its regions every hour, also when nothing happened there.
  for (const other of all) {
    if (other.facts.kind === 'backfill' || !sameTrail(other, facts)) continue;
    const reached = (other.spans.at(-1)?.to ?? -Infinity) - TOO_YOUNG;
    if (newestEnd < reached)
      return tail(newestEnd, reached, `the same trail wrote later ones for ${other.facts.region}`);
  }
  return null;
}

const tail = (from: number, to: number, why: string): MissingDigest => ({
  state: 'TRUNCATED_TAIL',
  location: null,
  from,
  to,
  detail: `nothing is vouched for ${spanText(from, to)}: ${why}`,
});

const sameTrail = ({ facts }: Series, { account, trail, homeRegion }: Series['facts']): boolean =>
  facts.account === account && facts.trail === trail && facts.homeRegion === homeRegion;
