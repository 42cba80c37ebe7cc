/** Derives the rows of a package again from its originals, with the mappings that its ledger entries name. */

import { connectorById } from '../../../connectors/registry.ts';
import type { EntryOf } from '../../../ledger/entry.ts';
import { EXPANSION_LIMITS } from '../../../stages/expand.ts';
import { normaliseBody, type RowSink } from '../../../stages/normalise.ts';
import type { RowTable } from '../../ocsf-selection.ts';
import type { Bodies } from './ledger.ts';
import type { Listed } from './lists.ts';
import type { PackageReader } from './reader.ts';
import { recordKey } from './records.ts';
import { type PackageVerification, tell } from './report.ts';
import { rowHash } from './row-hash.ts';

/** A whole row of the package. */
export interface WholeRow {
  readonly hash: string;
  readonly evidence: string;
  /** Where it stands: `data/rows/events.jsonl` and its line. */
  readonly file: string;
  readonly line: number;
}

/** By table and `recordKey`. */
export type WholeRows = ReadonlyMap<string, WholeRow>;

export const wholeKey = (table: RowTable, evidence: string, locator: string): string =>
  `${table} ${recordKey(evidence, locator)}`;

/** Tells of rows that the evidence does not give; bodies read by another version's mapping are counted, and left alone. */
export async function deriveRows(
  reader: PackageReader,
  bodies: Bodies,
  rows: WholeRows,
  listed: ReadonlyMap<string, Listed>,
  report: PackageVerification,
  onBody: (done: number, total: number) => void,
): Promise<void> {
  const counts = { bodies: 0, rows: 0, notCheckable: 0 };
  report.rederived = counts;
  const good = new Set<string>();
  const checked = new Set<string>();
  let [done, absent] = [0, 0];
  for (const [key, body] of bodies) {
    const connector = connectorById(body.source);
    if (!listed.has(`data/evidence/${key}`)) {
      absent++;
      continue;
    }
    if (connector === undefined || connector.mappingVersion !== body.mapping) {
      counts.notCheckable++;
      continue;
    }
    await derive(reader, key, body, (table, locator, row) => {
      const own = wholeKey(table, body.sha256, locator);
      if (rows.get(own)?.hash === rowHash(table, row)) good.add(own);
    });
    checked.add(body.sha256);
    counts.bodies++;
    onBody(++done, bodies.size);
  }
  counts.rows = good.size;
  if (absent > 0)
    report.caveats.push(
      `${absent} of ${bodies.size} originals are not in it: the rows of those are the word of whoever made it.`,
    );
  for (const [key, { evidence, file, line }] of rows)
    if (checked.has(evidence) && !good.has(key))
      tell(report, 'NOT_DERIVABLE', file, `row ${line} is not what the mapping reads in its record`);
}

async function derive(
  reader: PackageReader,
  key: string,
  { sha256, source, origin, modified }: EntryOf<'evidence'>,
  onRow: (table: RowTable, locator: string, row: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const sink: RowSink = {
    event: (row) => onRow('events', row.locator ?? '', { ...row }),
    flow: (row) => onRow('flows', row.locator ?? '', { ...row }),
    quarantine: () => {},
    settle: () => {},
  };
  const body = () => reader.open(`data/evidence/${key}`);
  await normaliseBody(connectorById(source)!, { sha256, origin, modified }, body, EXPANSION_LIMITS, sink);
}
