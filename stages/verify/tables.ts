/** Checks that the head's tables are the ledger's, and that their rows add up to what its entries count. */

import type { TableName } from '../../schema/columns.ts';
import type { Head } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Claims } from './claims.ts';
import { type Harm, messageOf } from './report.ts';

export async function checkTables(
  stores: Stores,
  head: Head,
  claims: Claims,
  problems: Harm[],
): Promise<void> {
  const { metadata, data, tails } = claims;
  for (const table of new Set([...Object.keys(head.tables), ...metadata.keys()]) as Set<TableName>) {
    const named = head.tables[table];
    const sealed = metadata.get(table);
    if (named !== sealed) {
      problems.push({
        code: 'HEAD_DIFFERS',
        key: 'head',
        detail: `for ${table} it names ${named ?? 'nothing'}, and the ledger's newest is ${sealed ?? 'nothing'}`,
      });
    }
  }
  for (const [stream, index] of Object.entries(head.tails)) {
    if (tails.get(stream) === index) continue;
    problems.push({
      code: 'HEAD_DIFFERS',
      key: 'head',
      detail: `it says the newest entry of ${stream} is ${index}; the ledger says ${tails.get(stream) ?? 'none'}`,
    });
  }

  const rows: Record<string, number> = {};
  for (const table of Object.keys(head.tables) as TableName[]) {
    try {
      for (const file of (await readTable(stores.vault, head, table)).files) {
        const entry = data.get(file.key);
        if (entry === undefined || entry.sha256 !== file.sha256 || entry.rows !== file.rows) {
          problems.push({
            code: 'HEAD_DIFFERS',
            key: file.key,
            detail: `${table} lists it otherwise than the ledger does`,
          });
        }
        rows[table] = (rows[table] ?? 0) + file.rows;
      }
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key: head.tables[table] ?? table, detail: messageOf(error) });
      return;
    }
  }
  const counted = { events: 0, flows: 0, quarantine: 0, evidence: 0 };
  for (const { events, flows, unreadable } of claims.evidence.values()) {
    counted.events += events;
    counted.flows += flows;
    counted.quarantine += unreadable;
    counted.evidence++;
  }
  for (const [table, count] of Object.entries(counted)) {
    if ((rows[table] ?? 0) === count) continue;
    problems.push({
      code: 'COUNT_DIFFERS',
      key: table,
      detail: `it holds ${rows[table] ?? 0} rows, and the ledger's entries add up to ${count}`,
    });
  }
}
