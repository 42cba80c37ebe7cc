/** Compares what seals said they brought of each hour with the rows that are stored: coverage rests on it. */

import { startOf } from '../../ledger/coverage/hours.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { FactRow } from '../coverage-facts.ts';
import { type HourCount, HourTally } from '../hour-tally.ts';
import { readRows } from '../parquet-rows.ts';
import { type Harm, messageOf } from './report.ts';
import type { Tables } from './tables.ts';

/** `stored` counts the events and flows that are stored. A lake that never said what it brought is none to compare. */
export async function checkCoverageFacts(
  { vault }: Stores,
  tables: Tables,
  stored: HourTally,
  problems: Harm[],
): Promise<void> {
  const metadata = tables.get('coverage_facts');
  if (metadata === undefined) return;
  const said = new HourTally();
  for (const { key } of metadata.files) {
    try {
      for (const row of await readRows((await vault.get(key)).body)) {
        const fact = row as unknown as FactRow;
        if (fact.basis === 'records') said.add(fact, fact.records!);
      }
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
      return;
    }
  }
  const left = new Map(said.counts().map((count) => [nameOf(count), count.records]));
  for (const count of stored.counts()) {
    const name = nameOf(count);
    const brought = left.get(name) ?? 0;
    left.delete(name);
    if (brought !== count.records) problems.push(differs(name, count.records, brought));
  }
  // Taken back by a later mapping, to nothing.
  for (const [name, brought] of left) if (brought !== 0) problems.push(differs(name, 0, brought));
}

const nameOf = ({ source, account, region, hour }: HourCount): string =>
  `${[source, account ?? '-', region ?? '-'].join(' ')} ${new Date(startOf(hour) / 1000).toISOString()}`;

const differs = (name: string, stored: number, brought: number): Harm => ({
  code: 'COUNT_DIFFERS',
  key: 'coverage_facts',
  detail: `${name}: ${stored} rows are stored, and it says that ${brought} were brought`,
});
