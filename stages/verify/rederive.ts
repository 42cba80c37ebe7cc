/** Derives every row again from its evidence and compares it with the rows that are stored. */

import { connectorById } from '../../connectors/registry.ts';
import type { Stores } from '../../vault/evidence.ts';
import { evidenceKey } from '../../vault/keys.ts';
import { EXPANSION_LIMITS, SYNC_STORED } from '../expand.ts';
import { HourTally } from '../hour-tally.ts';
import { normaliseBody, type RowSink } from '../normalise.ts';
import type { Claims, EvidenceClaim } from './claims.ts';
import { checkCoverageFacts } from './coverage-rows.ts';
import { checkDataFiles } from './data-files.ts';
import { messageOf, type Verification } from './report.ts';
import { addRow, DERIVED, emptySets, type RowSets, sameRows } from './row-sets.ts';
import type { Tables } from './tables.ts';

/** Objects and tables must have been found unaltered before. */
export async function rederive(
  stores: Stores,
  claims: Claims,
  tables: Tables,
  result: Verification,
  onBody: (done: number, total: number) => void,
): Promise<void> {
  const tally = new HourTally();
  const stored = await storedSets(stores, tables, tally, result);
  const report = { bodies: 0, rows: 0, notCheckable: 0 };
  result.rederived = report;
  let done = 0;
  for (const body of claims.evidence.values()) {
    const held = stored.get(body.sha256) ?? emptySets();
    stored.delete(body.sha256);
    countRows(body, held, result);
    const outcome = await compare(stores, body, held, result);
    if (outcome === null) report.notCheckable++;
    else {
      report.bodies++;
      report.rows += outcome;
    }
    onBody(++done, claims.evidence.size);
  }
  for (const [sha256, sets] of stored) {
    for (const table of DERIVED) {
      if (sets[table].rows === 0) continue;
      const detail = `${sets[table].rows} rows name the evidence ${sha256}, which the ledger does not have`;
      result.problems.push({ code: 'NOT_DERIVABLE', key: table, detail });
    }
  }
  // Rows that are wrong themselves are named already, and must not accuse what counted them.
  if (result.problems.length === 0) await checkCoverageFacts(stores, tables, tally, result.problems);
}

/** Rows of each body as its entry counted them, also where this build cannot derive them. */
function countRows(
  { sha256, source, events, flows, unreadable }: EvidenceClaim,
  held: RowSets,
  { problems }: Verification,
) {
  const counted = { events, flows, quarantine: unreadable };
  for (const table of DERIVED) {
    if (held[table].rows === counted[table]) continue;
    const detail = `${held[table].rows} rows of ${table} are stored, and the ledger counted ${counted[table]}`;
    problems.push({ code: 'COUNT_DIFFERS', key: evidenceKey(source, sha256), detail });
  }
}

/** How many rows the body gives; null when this build cannot tell whether they are the ones stored. */
async function compare(
  stores: Stores,
  body: EvidenceClaim,
  held: RowSets,
  { problems }: Verification,
): Promise<number | null> {
  const key = evidenceKey(body.source, body.sha256);
  // A digest or an unrecognised body holds no records: nothing to derive, and no rows to have.
  const connector = body.role === 'records' ? connectorById(body.source) : undefined;
  if (body.role === 'records' && connector?.mappingVersion !== body.mapping) return null;
  try {
    const derived = connector === undefined ? emptySets() : await derivedSets(stores, body, key);
    const different = DERIVED.filter((table) => !sameRows(derived, held, table));
    // Collected under other bounds on expansion than the usual ones, which are not on record.
    if (different.length > 0 && (derived.bounded || held.bounded)) return null;
    for (const table of different) {
      const detail =
        `its evidence gives ${derived[table].rows} rows of ${table}; ${held[table].rows} are stored, and they are not ` +
        'the same';
      problems.push({ code: 'NOT_DERIVABLE', key, detail });
    }
    return DERIVED.reduce((sum, table) => sum + derived[table].rows, 0);
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
    return 0;
  }
}

async function derivedSets({ vault }: Stores, body: EvidenceClaim, key: string): Promise<RowSets> {
  const sets = emptySets();
  const sink: RowSink = {
    event: (row) => addRow(sets, 'events', row),
    flow: (row) => addRow(sets, 'flows', row),
    quarantine: (row) => addRow(sets, 'quarantine', row),
    settle: () => {},
  };
  const bytes = body.size <= SYNC_STORED ? (await vault.get(key)).body : () => vault.openRead(key);
  const facts = { sha256: body.sha256, origin: body.origin, modified: body.modified };
  await normaliseBody(connectorById(body.source)!, facts, bytes, EXPANSION_LIMITS, sink);
  return sets;
}

/** The stored rows of every body, by its hash. */
async function storedSets(
  stores: Stores,
  tables: Tables,
  tally: HourTally,
  result: Verification,
): Promise<Map<string, RowSets>> {
  const sets = new Map<string, RowSets>();
  for (const table of DERIVED) {
    const metadata = tables.get(table);
    if (metadata === undefined) continue;
    await checkDataFiles(stores, metadata, result.problems, (row) => {
      const evidence = String(row['evidence']);
      let own = sets.get(evidence);
      if (own === undefined) {
        own = emptySets();
        sets.set(evidence, own);
      }
      addRow(own, table, row);
      if (table !== 'quarantine') tally.add(row as unknown as Parameters<HourTally['add']>[0]);
    });
  }
  return sets;
}
