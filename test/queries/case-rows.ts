/** Rows of a question's cases, with what every row has unless it says otherwise. */

import type { CaseRow, CaseRows } from '../../queries/cases.ts';
import { allActions } from '../../schema/actions/table.ts';
import { TABLES, type TableName } from '../../schema/columns.ts';

/** Rows by table, those of the first part first; tables without any are left out. */
export function caseRows(
  parts: Readonly<Record<string, CaseRows | undefined>>,
): ReadonlyMap<TableName, readonly CaseRow[]> {
  const tables = Object.keys(TABLES) as TableName[];
  return new Map(
    tables
      .map((table) => {
        const rows = Object.entries(parts).flatMap(([part, given]) =>
          (given?.[table] ?? []).map((row, index) => ({
            ...defaults(table, `${part}-${index}`, row),
            ...row,
          })),
        );
        return [table, rows] as const;
      })
      .filter(([, rows]) => rows.length > 0),
  );
}

/** Class and access are those of its action, as connectors take them. */
function defaults(table: TableName, uid: string, { source, action }: CaseRow): CaseRow {
  if (table === 'events') {
    const from = String(source ?? 'aws.cloudtrail');
    const known = ACTIONS.get(String(action));
    if (typeof action === 'string' && known === undefined)
      throw new Error(`${action} is no canonical action`);
    const access =
      known === undefined || known.access === 'auth' ? {} : { read_only: known.access === 'read' };
    return {
      uid,
      time: NOON,
      ...origin(from),
      ...(known === undefined ? {} : { class: known.class }),
      ...access,
    };
  }
  if (table === 'flows') return { uid, time: NOON, ...origin(String(source ?? 'aws.vpcflow')) };
  return table === 'evidence' ? { sha256: uid } : {};
}

const ACTIONS = new Map(allActions().map((action) => [action.action, action]));
const NOON = '2024-03-12T10:00:00Z';

function origin(source: string): CaseRow {
  const cloud = /^(aws|azure|gcp)\./.exec(source)?.[1];
  return { source, cloud: cloud ?? null };
}
