/**
 * The column catalogue: every column of every table, once. The Parquet schema, the docs page, the OCSF
 * rendering and `akashi columns` are generated from it.
 */

/**
 * `string` UTF-8 text · `json` JSON text · `time` microseconds since 1970-01-01T00:00:00Z · `int` 32-bit ·
 * `long` 64-bit (a JavaScript safe integer here) · `bool` · `strings` a list of text.
 */
export type ColumnType = 'string' | 'json' | 'time' | 'int' | 'long' | 'bool' | 'strings';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** One sentence a responder understands without the vendor's manual. */
  readonly meaning: string;
  /** OCSF attribute path, or null where OCSF has no place for it. */
  readonly ocsf: string | null;
  /** Rows that never leave it empty. */
  readonly required?: true;
}

const column = <N extends string, T extends ColumnType>(
  name: N,
  type: T,
  ocsf: string | null,
  meaning: string,
) => ({ name, type, ocsf, meaning }) as const;

/** One row per audited action, sign-in, operator command or text line. */
export const EVENT_COLUMNS = [
  // when
  column('time', 'time', 'time', 'When it happened, UTC. Empty when the record does not say.'),
  column('end_time', 'time', 'end_time', 'When it ended, where the source gives a range.'),
  column('time_original', 'string', 'metadata.original_time', 'The time exactly as the source wrote it.'),
  // which record
  column(
    'uid',
    'string',
    'metadata.uid',
    "The provider's own event id; made from content where it has none.",
  ),
  column('source', 'string', 'metadata.source', 'The connector that read it, e.g. aws.cloudtrail.'),
  column('cloud', 'string', 'cloud.provider', 'aws, azure, gcp; empty for hosts and anything else.'),
  // did what
  column('class', 'string', 'class_name', 'OCSF class, e.g. API Activity.'),
  column('class_uid', 'int', 'class_uid', 'OCSF class number.'),
  column('activity', 'string', 'activity_name', 'OCSF activity, e.g. Create.'),
  column('type_uid', 'long', 'type_uid', 'OCSF class_uid × 100 + activity_id.'),
  column('severity', 'string', 'severity', 'OCSF severity caption, e.g. Informational.'),
  column('action', 'string', null, 'The same word in every cloud: domain.object.verb.'),
  column('operation', 'string', 'api.operation', "The vendor's own name for the operation."),
  column('service', 'string', 'api.service.name', 'The service that was called, as the vendor names it.'),
  column('category', 'string', 'metadata.log_name', "The vendor's category of the record, e.g. Management."),
  column('read_only', 'bool', null, 'True when it changed nothing, false when it could; empty when unsaid.'),
  // with what result
  column('status', 'string', 'status', 'success, failure or started; empty when the record does not say.'),
  column('error_code', 'string', 'status_code', "The vendor's error code."),
  column('error_message', 'string', 'status_detail', "The vendor's error text."),
  column('count', 'long', 'count', 'How many times, for records that stand for several.'),
  // where
  column('org', 'string', 'cloud.org.uid', 'Organisation or tenant id.'),
  column('account', 'string', 'cloud.account.uid', 'Account, subscription or project it happened in.'),
  column('region', 'string', 'cloud.region', 'Region, location or zone.'),
  // who
  column(
    'actor_type',
    'string',
    'actor.user.type',
    'human, role_session, service, workload, root or anonymous; unknown for somebody of whom no more is said; empty when nobody is told of.',
  ),
  column('actor_name', 'string', 'actor.user.name', 'What a responder would call the person or workload.'),
  column(
    'actor_id',
    'string',
    'actor.user.uid',
    "The actor's stable id: ARN, object id, e-mail or principal.",
  ),
  column(
    'actor_principal',
    'string',
    'actor.user.uid_alt',
    "The vendor's internal unique id of the actor, never reused.",
  ),
  column('actor_account', 'string', 'actor.user.account.uid', 'The account or tenant the actor belongs to.'),
  column(
    'actor_credential',
    'string',
    'actor.session.credential_uid',
    'Access key, key id or credential used.',
  ),
  column('actor_session', 'string', 'actor.session.uid', 'Session name or id.'),
  column(
    'actor_issuer',
    'string',
    'actor.session.issuer',
    'Who issued the session: the role, the provider, the federation.',
  ),
  column('actor_on_behalf_of', 'string', null, 'The principal who stands behind the actor.'),
  column('mfa', 'bool', 'actor.session.is_mfa', 'Whether a second factor was used; empty when unsaid.'),
  // from where
  column('src_ip', 'string', 'src_endpoint.ip', 'Address the request came from.'),
  column('src_port', 'int', 'src_endpoint.port', 'Port the request came from.'),
  column(
    'src_host',
    'string',
    'src_endpoint.hostname',
    'Host name or calling service, when no address was given.',
  ),
  column('user_agent', 'string', 'http_request.user_agent', 'Client program as it named itself.'),
  column('protocol', 'string', 'connection_info.protocol_name', 'Protocol, where one is named.'),
  // to what
  column('dst_ip', 'string', 'dst_endpoint.ip', 'Address that was reached.'),
  column('dst_host', 'string', 'dst_endpoint.hostname', 'Host that was reached.'),
  column('command', 'string', 'process.cmd_line', 'Command line that was run.'),
  column('target_type', 'string', 'resources[0].type', 'Kind of the main resource acted on.'),
  column(
    'target_id',
    'string',
    'resources[0].uid',
    'Full id of the main resource: ARN, Azure resource id, GCP name.',
  ),
  column('target_name', 'string', 'resources[0].name', 'Short name of the main resource.'),
  column('targets', 'strings', 'resources[].uid', 'Ids of all resources the record names.'),
  // what was said
  column('request', 'json', 'api.request.data', 'Request parameters as JSON.'),
  column('response', 'json', 'api.response.data', 'Response as JSON.'),
  column('request_id', 'string', 'api.request.uid', "The vendor's request id."),
  column('correlation_id', 'string', 'metadata.correlation_uid', 'Id shared by records of one operation.'),
  // its proof
  column('conflict', 'bool', null, 'True when copies with this uid differ in substance; all are shown.'),
  column('ocsf_extra', 'json', null, 'What its OCSF class needs beyond these columns, as JSON.'),
  column('raw', 'string', 'raw_data', "The record's original text."),
  column('evidence', 'string', null, 'SHA-256 of the preserved body it came from.'),
  column('locator', 'string', null, 'Where in that body: byte range, JSON pointer or row.'),
  column('identity', 'string', null, 'What makes two records the same event; copies share it.'),
  column('mapping_version', 'string', null, 'Version of the mapping that made this row.'),
] as const satisfies readonly Column[];

/** One row per network flow record. */
export const FLOW_COLUMNS = [
  column('time', 'time', 'time', 'Start of the flow or of its capture window, UTC.'),
  column('end_time', 'time', 'end_time', 'End of the flow or of its capture window.'),
  column('uid', 'string', 'metadata.uid', 'Made from content: the sources give flows no id.'),
  column('source', 'string', 'metadata.source', 'The connector that read it, e.g. aws.vpcflow.'),
  column('cloud', 'string', 'cloud.provider', 'aws, azure or gcp.'),
  column('account', 'string', 'cloud.account.uid', 'Account, subscription or project.'),
  column('region', 'string', 'cloud.region', 'Region or location.'),
  column('zone', 'string', 'cloud.zone', 'Availability zone.'),
  column('vpc', 'string', 'src_endpoint.vpc_uid or dst_endpoint.vpc_uid', 'Virtual network.'),
  column('subnet', 'string', 'src_endpoint.subnet_uid or dst_endpoint.subnet_uid', 'Subnet.'),
  column(
    'interface',
    'string',
    'src_endpoint.interface_uid or dst_endpoint.interface_uid',
    'Network interface, MAC, or attachment.',
  ),
  column(
    'instance',
    'string',
    'src_endpoint.instance_uid or dst_endpoint.instance_uid',
    'Instance or virtual machine.',
  ),
  column('direction', 'string', 'connection_info.direction', 'ingress or egress, seen from the interface.'),
  column('src_ip', 'string', 'src_endpoint.ip', 'Source address.'),
  column('src_port', 'int', 'src_endpoint.port', 'Source port.'),
  column('dst_ip', 'string', 'dst_endpoint.ip', 'Destination address.'),
  column('dst_port', 'int', 'dst_endpoint.port', 'Destination port.'),
  column('protocol', 'int', 'connection_info.protocol_num', 'IANA protocol number.'),
  column('packets', 'long', 'traffic.packets', 'Packets, both directions where the source adds them.'),
  column('bytes', 'long', 'traffic.bytes', 'Bytes, both directions where the source adds them.'),
  column(
    'packets_out',
    'long',
    'traffic.packets_out',
    'Packets from source to destination, where told apart.',
  ),
  column('bytes_out', 'long', 'traffic.bytes_out', 'Bytes from source to destination, where told apart.'),
  column('packets_in', 'long', 'traffic.packets_in', 'Packets from destination to source, where told apart.'),
  column('bytes_in', 'long', 'traffic.bytes_in', 'Bytes from destination to source, where told apart.'),
  column('action', 'string', 'action', 'accept or reject.'),
  column('flow_state', 'string', null, 'begin, continue or end, where the source follows a flow over time.'),
  column(
    'log_status',
    'string',
    'status_code',
    'OK, NODATA or SKIPDATA; SKIPDATA means records were lost by the provider.',
  ),
  column('tcp_flags', 'int', 'connection_info.tcp_flags', 'Bit mask of TCP flags seen.'),
  column('rule', 'string', 'firewall_rule.name', 'Rule that allowed or denied it.'),
  column('pkt_src_ip', 'string', null, 'Original source address of the packet, behind a gateway.'),
  column('pkt_dst_ip', 'string', null, 'Original destination address of the packet, behind a gateway.'),
  column('src_service', 'string', 'src_endpoint.svc_name', 'Cloud service the source address belongs to.'),
  column(
    'dst_service',
    'string',
    'dst_endpoint.svc_name',
    'Cloud service the destination address belongs to.',
  ),
  column(
    'traffic_path',
    'string',
    null,
    'How it left: gateway, peering, encrypted or not, as the source says.',
  ),
  column('extra', 'json', null, 'Fields of the record that have no column, as JSON.'),
  column('raw', 'string', 'raw_data', "The record's original text."),
  column('evidence', 'string', null, 'SHA-256 of the preserved body it came from.'),
  column('locator', 'string', null, 'Where in that body.'),
  column('identity', 'string', null, 'What makes two records the same flow record; copies share it.'),
  column('mapping_version', 'string', null, 'Version of the mapping that made this row.'),
] as const satisfies readonly Column[];

/** One row per preserved body. */
export const EVIDENCE_COLUMNS = [
  column('sha256', 'string', null, 'SHA-256 of the bytes as received; also its key.'),
  column('size', 'long', null, 'Bytes as received.'),
  column('source', 'string', null, 'Connector that recognised it; unrecognised if none did.'),
  column('role', 'string', null, 'records, digest or unrecognised.'),
  column('origin', 'string', null, 'Where it came from: path or URL.'),
  column('version_id', 'string', null, "The origin's object version, where it has one."),
  column('metadata', 'json', null, "The origin's object metadata, as JSON."),
  column('modified_at', 'time', null, 'Last-modified time the origin gave.'),
  column('received_at', 'time', null, 'When we received it.'),
  column('expanded_size', 'long', null, 'Bytes after decompression.'),
  column('records', 'long', null, 'Records found = events + flows + skipped + unreadable.'),
  column('events', 'long', null, 'Records that became events.'),
  column('flows', 'long', null, 'Records that became flows.'),
  column('skipped', 'long', null, 'Records that hold no event, by rule.'),
  column('unreadable', 'long', null, 'Records that could not be read; see quarantine.'),
  column('skip_reasons', 'json', null, 'Skipped records by reason, as JSON.'),
  column('first_time', 'time', null, 'Earliest time in it.'),
  column('last_time', 'time', null, 'Latest time in it.'),
  column('mapping_version', 'string', null, 'Mapping that read it.'),
  column('retain_until', 'time', null, 'Until when the store promised to keep it; empty where it did not.'),
  column(
    'verdict',
    'string',
    null,
    "What the provider's own proof says of it, at the newest judgement; see verdicts.",
  ),
  column('verdict_at', 'time', null, 'When that was judged.'),
] as const satisfies readonly Column[];

/** One row per unreadable record. */
export const QUARANTINE_COLUMNS = [
  column('evidence', 'string', null, 'SHA-256 of the preserved body.'),
  column('source', 'string', null, 'Connector that tried to read it.'),
  column('locator', 'string', null, 'Where in that body.'),
  column('path', 'string', null, 'JSON pointer or field at fault.'),
  column('problem', 'string', null, 'What is wrong, in a sentence.'),
  column('code', 'string', null, 'What is wrong, in a word to branch on.'),
  column('raw', 'string', null, 'The first 4 KiB of the record as text.'),
  column('mapping_version', 'string', null, 'Mapping that tried to read it.'),
] as const satisfies readonly Column[];

/** One row per sealed custody record: who did what with the lake. */
export const CUSTODY_COLUMNS = [
  column('time', 'time', null, 'When it was done, UTC.'),
  column('id', 'string', null, 'Id of the record.'),
  column('action', 'string', null, 'collect, query, export, prove, hold, release or verify.'),
  column('actor', 'string', null, 'Who, as they said with --by; the account where they said nothing.'),
  column('account', 'string', null, 'The account it was done with, user@host, as the system says.'),
  column('case_id', 'string', null, 'The case it was done under.'),
  column('purpose', 'string', null, 'Why, as they said.'),
  column('subject', 'string', null, 'What was acted on: the SQL, a uid, paths. Empty where it is too long.'),
  column('subject_sha256', 'string', null, "SHA-256 of the subject's text."),
  column('parameters', 'json', null, 'Parameters of a query, as JSON.'),
  column('rows', 'long', null, 'Rows that left; empty where that was not known when the first one did.'),
  column('result', 'string', null, 'How it went, in a few words.'),
  column('completes', 'string', null, 'Id of the record whose end this one tells.'),
  column('head_size', 'long', null, "Entries of the ledger at the time: the head's size."),
  column('head_root', 'string', null, "Root hash of the ledger's head at the time."),
  column('tool', 'string', null, 'The program that did it.'),
  column('ledger_index', 'long', null, 'Number of its entry in the ledger.'),
] as const satisfies readonly Column[];

/** One row per hour of a stream, or per hours on end that hold nothing. Derived when asked, from what is stored. */
export const COVERAGE_COLUMNS = [
  column('time', 'time', null, 'Start of the UTC hour.'),
  column('end_time', 'time', null, 'End of it, or of the last of several hours that hold nothing.'),
  column('hours', 'int', null, 'How many hours.'),
  column('source', 'string', null, 'Connector.'),
  column('account', 'string', null, 'Account, subscription or project; empty where records name none.'),
  column('region', 'string', null, 'Region or location; empty where records name none.'),
  column('state', 'string', null, 'open, settling, sealed or reopened.'),
  column('verdict', 'string', null, 'complete, presumed, pending, unknown, silent or gap.'),
  column(
    'basis',
    'string',
    null,
    'What the verdict rests on: digest, window, delay, silence, import or none.',
  ),
  column('expected', 'long', null, 'Log files that digests declare, or records that it usually has.'),
  column('held', 'long', null, 'Of those, what is held.'),
  column('records', 'long', null, 'Records held whose time lies in it.'),
  column('late', 'long', null, 'Records that came after a run had told the hour.'),
  column('reopened_at', 'time', null, 'When the last of those came.'),
  column('problem', 'string', null, 'What is missing, in a word to branch on.'),
  column('detail', 'string', null, 'What is missing, by name.'),
  column('as_of', 'time', null, 'The instant it was judged at.'),
] as const satisfies readonly Column[];

/** What coverage is derived from: one row per hour of a stream that a seal brought, or that a proof speaks of. */
export const COVERAGE_FACT_COLUMNS = [
  column('time', 'time', null, 'Start of the UTC hour, or of the window.'),
  column('end_time', 'time', null, 'End of it.'),
  column(
    'basis',
    'string',
    null,
    'records: brought by a run; digest: declared; window: fetched without a break.',
  ),
  column('source', 'string', null, 'Connector.'),
  column('account', 'string', null, 'Account, subscription or project.'),
  column('region', 'string', null, 'Region or location.'),
  column('series', 'string', null, 'Which of several proofs: the series of digests.'),
  column('records', 'long', null, 'Records brought.'),
  column('expected', 'long', null, 'Log files declared.'),
  column('held', 'long', null, 'Of those, held and proven.'),
  column('problem', 'string', null, 'What is missing, in a word; UNCOVERED where the proof does not reach.'),
  column('detail', 'string', null, 'What is missing, by name.'),
  column('as_of', 'time', null, 'When the run or judgement began.'),
] as const satisfies readonly Column[];

/** One row per judgement of a preserved body by the provider's own proof. */
export const VERDICT_COLUMNS = [
  column('evidence', 'string', null, 'SHA-256 of the preserved body.'),
  column('source', 'string', null, 'Connector.'),
  column(
    'proof',
    'string',
    null,
    'Whose proof: cloudtrail.digest, cloudtrail.lake, or import: our own word that it was imported.',
  ),
  column('verdict', 'string', null, 'The state, in a word to branch on.'),
  column('level', 'string', null, 'valid, open or invalid.'),
  column('judged_at', 'time', null, 'When it was judged.'),
] as const satisfies readonly Column[];

/** Every table and its columns; all but `coverage` are stored. */
export const TABLES = {
  events: EVENT_COLUMNS,
  flows: FLOW_COLUMNS,
  evidence: EVIDENCE_COLUMNS,
  quarantine: QUARANTINE_COLUMNS,
  custody: CUSTODY_COLUMNS,
  coverage: COVERAGE_COLUMNS,
  coverage_facts: COVERAGE_FACT_COLUMNS,
  verdicts: VERDICT_COLUMNS,
} as const satisfies Record<string, readonly Column[]>;

export type TableName = keyof typeof TABLES;

interface ColumnValue {
  string: string | null;
  json: string | null;
  time: number | null;
  int: number | null;
  long: number | null;
  bool: boolean | null;
  strings: readonly string[] | null;
}

/** One row of a table: every column present, null where the source says nothing. */
export type Row<T extends TableName> = {
  -readonly [C in (typeof TABLES)[T][number] as C['name']]: ColumnValue[C['type']];
};

export type AuditEvent = Row<'events'>;
export type Flow = Row<'flows'>;

/** A row with every column null, in catalogue order, so that all rows share one hidden class. */
export function newRow<T extends TableName>(table: T): Row<T> {
  return Object.fromEntries(TABLES[table].map(({ name }) => [name, null])) as Row<T>;
}

const EMPTY_EVENT = newRow('events');
const EMPTY_FLOW = newRow('flows');

/** A fresh event with every column null. */
export const newEvent = (): AuditEvent => ({ ...EMPTY_EVENT });

/** A fresh flow with every column null. */
export const newFlow = (): Flow => ({ ...EMPTY_FLOW });
