/** Audit and activity lines of database servers. */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { leadingTime } from './text-time.ts';
import { parseEpoch, parseTime } from './time.ts';
import { csvFields } from './tokens.ts';
import { jsonText } from './value.ts';

/** Fills the event and returns true where the line is a database server's. */
export function setDatabaseLine(event: AuditEvent, line: string): boolean {
  const first = line.charCodeAt(0);
  // All of them begin with a date or a number.
  if (first < 0x30 || first > 0x39) return false;
  return (
    serverAudit(event, line) ||
    postgresCsv(event, line) ||
    postgresLine(event, line) ||
    mysqlGeneral(event, line)
  );
}

const SERVER_AUDIT = /^(\d{8} \d\d:\d\d:\d\d|\d{16}),/;
const SERVER_AUDIT_OPERATION =
  /^(?:CONNECT|DISCONNECT|FAILED_CONNECT|QUERY|READ|WRITE|CREATE|ALTER|RENAME|DROP|QUERY_\w+|CHANGEUSER)$/;

/**
 * MariaDB's audit plugin, also on RDS and Aurora (there the time is in microseconds):
 * `timestamp,server,user,host,connection,query,operation,database,object,retcode`.
 * https://mariadb.com/kb/en/mariadb-audit-plugin-log-format/
 */
function serverAudit(event: AuditEvent, line: string): boolean {
  if (!SERVER_AUDIT.test(line)) return false;
  const head = line.split(',', 8);
  if (head.length < 8 || !SERVER_AUDIT_OPERATION.test(head[6]!)) return false;
  const [stamp, server, user, host, connection, query, operation] = head as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const rest = line.slice(head.slice(0, 7).join(',').length + 1);
  // The statement may hold commas and quotes of its own; the database stands before it and the result last.
  const comma = rest.indexOf(',');
  const last = rest.lastIndexOf(',');
  const object = comma < 0 ? '' : rest.slice(comma + 1, last > comma ? last : undefined);
  const result = last > comma ? rest.slice(last + 1) : '';
  setTime(event, stamp.length === 16 ? parseEpoch(stamp) : compactTime(stamp), stamp);
  setClass(event, operation.startsWith('QUERY') ? 'Query' : (MYSQL_ACTIVITIES[operation] ?? 'Other'));
  event.operation = operation;
  event.service = 'server_audit';
  event.dst_host = server === '' ? null : server;
  setUser(event, user);
  setFrom(event, host);
  if (operation.startsWith('QUERY')) event.command = unquoted(object) || null;
  else setTarget(event, unquoted(object));
  event.request = jsonText(filled({ connection, query, database: comma < 0 ? rest : rest.slice(0, comma) }));
  if (/^\d{1,6}$/.test(result)) {
    event.status = result === '0' ? 'success' : 'failure';
    event.error_code = result === '0' ? null : result;
  }
  return true;
}

const MYSQL_ACTIVITIES: Readonly<Record<string, string>> = {
  CONNECT: 'Connect',
  FAILED_CONNECT: 'Connect',
  READ: 'Read',
  WRITE: 'Write',
  CREATE: 'Create',
  ALTER: 'Update',
  RENAME: 'Update',
  DROP: 'Delete',
};

const CSV_START = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Z]{3,4},/;

/** https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG */
function postgresCsv(event: AuditEvent, line: string): boolean {
  if (!CSV_START.test(line)) return false;
  const fields = csvFields(line, 26);
  if (fields.length < 14) return false;
  const stamp = leadingTime(fields[0]!, null);
  setTime(event, stamp?.time ?? null, fields[0]!);
  event.service = 'postgresql';
  setUser(event, fields[1]!);
  setFrom(event, fields[4]!.replace(/:(\d{1,5})$/, ''));
  const port = /:(\d{1,5})$/.exec(fields[4]!);
  if (port !== null && Number(port[1]) <= 65_535) event.src_port = Number(port[1]);
  event.actor_session = fields[5] || null;
  setPostgres(event, fields[11]!, fields[13]!, fields[12]!);
  event.request = jsonText(filled({ database: fields[2]!, pid: fields[3]!, application: fields[22] ?? '' }));
  return true;
}

/** PostgreSQL puts two blanks after the level, which others do not. */
const PREFIX =
  /^(.{0,300}?)(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DETAIL|HINT|STATEMENT|CONTEXT|DEBUG\d?): {2}(?! )/s;

/** The stderr log with its usual prefixes: `%m [%p] %q%u@%d ` and RDS's `%t:%r:%u@%d:[%p]:`. */
function postgresLine(event: AuditEvent, line: string): boolean {
  const stamp = leadingTime(line, null);
  if (stamp === null) return false;
  const prefix = PREFIX.exec(line.slice(stamp.end, stamp.end + 400));
  if (prefix === null || !/\[\d{1,10}\]/.test(prefix[1]!)) return false;
  setTime(event, stamp.time, stamp.timeOriginal);
  event.service = 'postgresql';
  const who = /(?:^|[\s:=])([^\s:@=[\]]{1,128})@([^\s:@[\]]{1,128})/.exec(prefix[1]!);
  if (who !== null && who[1] !== '[unknown]') setUser(event, who[1]!);
  const from = /^:([0-9A-Fa-f.:]{2,45}|\S{1,255})\((\d{1,5})\):/.exec(prefix[1]!);
  if (from !== null) {
    setFrom(event, from[1]!);
    if (Number(from[2]) <= 65_535) event.src_port = Number(from[2]);
  }
  const pid = /\[(\d{1,10})\]/.exec(prefix[1]!);
  setPostgres(event, prefix[2]!, line.slice(stamp.end + prefix[0].length), '');
  event.request = jsonText(filled({ database: who?.[2] ?? '', pid: pid?.[1] ?? '' }));
  return true;
}

/** `AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,"select …",<none>`: https://github.com/pgaudit/pgaudit#format */
function setPostgres(event: AuditEvent, level: string, message: string, state: string): void {
  const failed = level === 'ERROR' || level === 'FATAL' || level === 'PANIC';
  event.category = level;
  setClass(event, 'Other');
  if (failed) {
    event.status = 'failure';
    event.error_message = message;
    event.error_code = state === '' || state === '00000' ? null : state;
  }
  if (message.startsWith('AUDIT: ')) {
    const [, , , kind, command, type, object, statement] = csvFields(message.slice(7), 9);
    event.operation = command || kind || null;
    setClass(event, PGAUDIT_ACTIVITIES[kind ?? ''] ?? 'Query');
    event.command = statement || null;
    if (object) {
      event.target_type = type || null;
      setTarget(event, object);
    }
    return;
  }
  const statement = /^(?:statement|execute [^:]{1,128}): (.*)$/s.exec(message);
  if (statement !== null) {
    event.operation = 'statement';
    event.command = statement[1]!;
    setClass(event, 'Query');
    return;
  }
  const connection = /^connection (authorized|received): /.exec(message);
  if (connection !== null) {
    event.operation = `connection ${connection[1]}`;
    setClass(event, 'Connect');
    if (connection[1] === 'authorized') event.status = 'success';
    const host = /^connection received: host=(\S+)(?: port=(\d{1,5}))?/.exec(message);
    if (host !== null) {
      setFrom(event, host[1]!);
      if (host[2] !== undefined && Number(host[2]) <= 65_535) event.src_port = Number(host[2]);
    }
  }
  const refused =
    /^(?:password|peer|ident|LDAP|GSSAPI|SCRAM|certificate) ?\w* authentication failed for user "(.*)"$/is.exec(
      message,
    );
  if (refused !== null) {
    event.operation = 'authentication failed';
    setUser(event, refused[1]!);
    setClass(event, 'Connect');
  }
}

const PGAUDIT_ACTIVITIES: Readonly<Record<string, string>> = {
  READ: 'Read',
  WRITE: 'Write',
};

const GENERAL =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))\t *(\d{1,10}) ([A-Z][A-Za-z ]{2,20}?)(?:\t(.*))?$/s;

/** https://dev.mysql.com/doc/refman/8.4/en/query-log.html */
function mysqlGeneral(event: AuditEvent, line: string): boolean {
  const match = GENERAL.exec(line);
  if (match === null) return false;
  const [, stamp, connection, command, argument] = match;
  setTime(event, parseTime(stamp), stamp!);
  event.service = 'mysql';
  event.operation = command!;
  setClass(
    event,
    command === 'Query' || command === 'Execute' ? 'Query' : command === 'Connect' ? 'Connect' : 'Other',
  );
  if (command === 'Query' || command === 'Execute') event.command = argument ?? null;
  const connected = /^([^@\s]{0,128})@(\S{1,255}) on /.exec(argument ?? '');
  if (command === 'Connect' && connected !== null) {
    setUser(event, connected[1]!);
    setFrom(event, connected[2]!);
  }
  event.request = jsonText(filled({ connection: connection! }));
  return true;
}

function setTime(event: AuditEvent, time: number | null, original: string): void {
  event.time = time;
  event.time_original = original;
}

/** `20240115 10:00:00`. */
function compactTime(text: string): number | null {
  return parseTime(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)} ${text.slice(9)}`);
}

function setClass(event: AuditEvent, activity: string): void {
  event.class = 'Datastore Activity';
  event.activity = activity;
}

function setUser(event: AuditEvent, user: string): void {
  if (user === '') return;
  event.actor_name = user;
  event.actor_id = user;
  event.actor_type = 'unknown';
}

function setFrom(event: AuditEvent, from: string): void {
  const address = parseAddress(from);
  event.src_ip = address?.ip ?? null;
  event.src_host = address === null && from !== '' && from !== '[local]' ? from : null;
}

function setTarget(event: AuditEvent, name: string): void {
  if (name === '') return;
  event.target_id = name;
  event.target_name = name;
  event.targets = [name];
}

function unquoted(text: string): string {
  return text.length >= 2 && text.startsWith("'") && text.endsWith("'")
    ? text.slice(1, -1).replaceAll("\\'", "'")
    : text;
}

function filled(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
