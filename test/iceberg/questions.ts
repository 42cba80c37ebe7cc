/** Filters in the words that every engine takes: what manifests let an engine leave unread must not change an answer. */

import type { TableName } from '../../schema/columns.ts';

export interface Question {
  readonly table: TableName;
  readonly where: string;
}

const DAY = "time >= '2023-11-17T00:00:00+00:00' and time < '2023-11-18T00:00:00+00:00'";

export const QUESTIONS: readonly Question[] = [
  { table: 'events', where: DAY },
  { table: 'events', where: "time < '2023-11-15T00:00:00+00:00'" },
  { table: 'events', where: 'time is null' },
  { table: 'events', where: "time >= '2000-01-01T00:00:00+00:00'" },
  { table: 'events', where: "actor_name = 'mallory'" },
  { table: 'events', where: "action = 'iam.access_key.create'" },
  { table: 'events', where: "source = 'no such source'" },
  { table: 'events', where: 'read_only = false' },
  { table: 'events', where: 'class_uid > 6000' },
  { table: 'events', where: 'error_code is not null' },
  { table: 'flows', where: DAY },
  { table: 'flows', where: 'bytes >= 100000' },
  { table: 'flows', where: "dst_port = 443 and action = 'accept'" },
  { table: 'flows', where: 'zone is null' },
];

/** About columns that older data files do not have. */
export const ABOUT_YOUNGER: readonly Question[] = [
  { table: 'events', where: 'identity is null' },
  { table: 'events', where: "identity = 'i3'" },
  { table: 'events', where: 'count >= 3' },
  { table: 'events', where: "uid = '2026-01-30 2'" },
];
