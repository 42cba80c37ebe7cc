/** Events and flows in one list: the columns they share, which of the two a row is, and one line to read. */

import { type Column, EVENT_COLUMNS, FLOW_COLUMNS } from '../../schema/columns.ts';
import { quoteName } from '../sql-text.ts';

/** Columns of both tables, in the order of `events`. `protocol` is a name in one and a number in the other. */
const SHARED: readonly Column[] = EVENT_COLUMNS.filter(({ name }) =>
  FLOW_COLUMNS.some((flow) => flow.name === name),
);

const own = (name: string, meaning: string): Column => ({ name, type: 'string', ocsf: null, meaning });

/** The view's columns, as the catalogue has those of the tables. */
export const TIMELINE_COLUMNS: readonly Column[] = [
  own('kind', 'event or flow.'),
  own('summary', 'One line to read: who did what to what, or both ends and the volume.'),
  ...SHARED,
];

/** IANA protocol numbers a responder meets daily: https://www.iana.org/assignments/protocol-numbers */
const PROTOCOL_NAME =
  "CASE protocol WHEN 1 THEN 'icmp' WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' WHEN 58 THEN 'icmpv6' " +
  'ELSE CAST(protocol AS VARCHAR) END';

/** Who did what to what, from where, with what result. */
const EVENT_SUMMARY = `concat_ws(' ',
  coalesce(actor_name, actor_id), coalesce(operation, action, command), coalesce(target_name, target_id),
  'from ' || coalesce(src_ip, src_host), '(' || coalesce(error_code, nullif(status, 'success')) || ')')`;

/** Both ends, the protocol, the verdict and the volume. */
const FLOW_SUMMARY = `concat_ws(' ',
  action, ${PROTOCOL_NAME},
  concat_ws(':', src_ip, CAST(src_port AS VARCHAR)) || ' → ' || concat_ws(':', dst_ip, CAST(dst_port AS VARCHAR)),
  CAST(bytes AS VARCHAR) || ' bytes', nullif(log_status, 'OK'))`;

/** SQL over the views `events` and `flows`, which Trino reads as DuckDB does. */
export function timelineRelation(): string {
  const side = (kind: string, summary: string, view: string, protocol: string) => {
    const columns = SHARED.map(({ name }) =>
      name === 'protocol' ? `${protocol} AS protocol` : quoteName(name),
    ).join(', ');
    return `SELECT '${kind}' AS kind, ${summary} AS summary, ${columns} FROM ${view}`;
  };
  return `${side('event', EVENT_SUMMARY, 'events', 'protocol')} UNION ALL ${side('flow', FLOW_SUMMARY, 'flows', PROTOCOL_NAME)}`;
}
