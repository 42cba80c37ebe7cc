/** What kind of thing a target is, told from its type as the vendor writes it: the table `target-kinds.csv`. */

import { readFileSync } from 'node:fs';
import { readTable } from '../actions/csv.ts';

export interface TargetKind {
  /** The vendor's own word, in lower case: vendors write types in any letter case. */
  readonly type: string;
  /** `user` (a person, a role or a service account), `group`, `policy`, `databucket`, `object` (in a bucket), … */
  readonly kind: string;
  /** OCSF's number for the type of user, bucket or database. */
  readonly typeId: number | null;
  /** OCSF's number for the type of managed entity. */
  readonly entityTypeId: number;
}

const COLUMNS = ['target_type', 'kind', 'type_id', 'entity_type_id'] as const;
const text = readFileSync(new URL('target-kinds.csv', import.meta.url), 'utf8');

export const TARGET_KINDS: readonly TargetKind[] = readTable(
  text,
  COLUMNS,
  'schema/ocsf/target-kinds.csv',
).map((row) => ({
  type: row.target_type.toLowerCase(),
  kind: row.kind,
  typeId: row.type_id === '' ? null : Number(row.type_id),
  entityTypeId: Number(row.entity_type_id),
}));

/** Types of these kinds, in lower case. */
export const typesOfKind = (kinds: readonly string[]): readonly string[] =>
  TARGET_KINDS.filter(({ kind }) => kinds.includes(kind)).map(({ type }) => type);
