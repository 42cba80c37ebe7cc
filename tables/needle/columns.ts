/** Which columns the needle index knows, and in which of eight kinds it keeps them apart. */

import type { TableName } from '../../schema/columns.ts';

/** Tables with an index. */
export type NeedleTable = Extract<TableName, 'events' | 'flows'>;
export const NEEDLE_TABLES = ['events', 'flows'] as const satisfies readonly NeedleTable[];

/** A hit says in which kind of column the value may stand, so that only those columns are read. */
export const NEEDLE_KINDS = [
  'address',
  'record',
  'request',
  'actor',
  'principal',
  'session',
  'resource',
  'scope',
] as const;
export type NeedleKind = (typeof NEEDLE_KINDS)[number];

const COLUMNS: Readonly<Record<NeedleTable, Readonly<Record<string, NeedleKind>>>> = {
  events: {
    uid: 'record',
    org: 'scope',
    account: 'scope',
    actor_name: 'session',
    actor_id: 'actor',
    actor_principal: 'principal',
    actor_account: 'scope',
    actor_credential: 'session',
    actor_session: 'session',
    actor_issuer: 'session',
    actor_on_behalf_of: 'actor',
    src_ip: 'address',
    src_host: 'address',
    dst_ip: 'address',
    dst_host: 'address',
    target_id: 'resource',
    target_name: 'resource',
    targets: 'resource',
    request_id: 'request',
    correlation_id: 'request',
    evidence: 'scope',
  },
  flows: {
    uid: 'record',
    account: 'scope',
    vpc: 'scope',
    subnet: 'scope',
    interface: 'resource',
    instance: 'resource',
    src_ip: 'address',
    dst_ip: 'address',
    rule: 'resource',
    pkt_src_ip: 'address',
    pkt_dst_ip: 'address',
    evidence: 'scope',
  },
};

/** Number of a column's kind by its name; columns that are not indexed are absent. */
export const needleColumns = (table: TableName): ReadonlyMap<string, number> => BY_TABLE.get(table) ?? NONE;

const NONE: ReadonlyMap<string, number> = new Map();
const BY_TABLE: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  NEEDLE_TABLES.map((table) => [
    table,
    new Map(Object.entries(COLUMNS[table]).map(([name, kind]) => [name, NEEDLE_KINDS.indexOf(kind)])),
  ]),
);

/** Columns whose values are addresses of the network. */
export const ADDRESS_COLUMNS: ReadonlySet<string> = new Set(['src_ip', 'dst_ip', 'pkt_src_ip', 'pkt_dst_ip']);
