/** A line of text of no known source → the columns that can be told. */

import type { AuditEvent } from '../../schema/columns.ts';
import { readAccessLog } from './access-log.ts';
import { type FieldNames, readFieldsLine } from './access-log-fields.ts';
import { setDatabaseLine } from './database-log.ts';
import { applyHttp } from './http-event.ts';
import { keyValues } from './key-values.ts';
import { applyLinuxFact } from './linux-fact.ts';
import { isAuthProgram, readLinuxMessage } from './linux-message.ts';
import { type NamedValues, setByName } from './named-values.ts';
import { parseSyslog, type SyslogLine, startsSyslog } from './syslog.ts';
import { leadingTime } from './text-time.ts';
import { jsonText } from './value.ts';

/**
 * Fills the event from the line. `modified` settles years that are left out, `fields` are the names of a `#Fields:` line
 * above. Returns whether a format was recognised; the columns stay empty where it was not.
 */
export function setFromText(
  event: AuditEvent,
  line: string,
  modified: number | null,
  fields: FieldNames | null,
): boolean {
  const syslog = startsSyslog(line) ? parseSyslog(line, modified) : null;
  // A priority or a month's name begins nothing else; a full date does.
  if (syslog !== null && !/^\d/.test(line) && isSyslog(syslog)) {
    setSyslog(event, syslog);
    return true;
  }
  const named = fields === null ? null : readFieldsLine(fields, line);
  const request = named ?? readAccessLog(line);
  if (request !== null) {
    applyHttp(event, request);
    return true;
  }
  if (setDatabaseLine(event, line)) return true;
  if (syslog !== null && isSyslog(syslog)) {
    setSyslog(event, syslog);
    return true;
  }
  const stamp = leadingTime(line, modified);
  if (stamp !== null) {
    event.time = stamp.time;
    event.time_original = stamp.timeOriginal;
    setServerError(event, line.slice(stamp.end));
  }
  setByName(event, pairsOf(line));
  return stamp !== null || event.time !== null;
}

/** auditd's `hostname=` is the remote end, which `addr=` says as well; elsewhere it is the host that writes. */
function pairsOf(line: string): NamedValues {
  const pairs = keyValues(line);
  if (!/^type=\w{1,40} msg=audit\(/.test(line)) return pairs;
  return new Map([...pairs].filter(([name]) => name !== 'hostname'));
}

/** A time alone is no header: other programs begin their lines with one as well. */
function isSyslog({ host, program, priority, time, timeOriginal }: SyslogLine): boolean {
  return priority !== null || (timeOriginal !== '' && (host !== null || program !== null || time !== null));
}

function setSyslog(event: AuditEvent, syslog: SyslogLine): void {
  const message = syslog.message.trimStart();
  const request = readAccessLog(message);
  if (request !== null) applyHttp(event, request);
  else if (syslog.program !== null && isAuthProgram(syslog.program)) {
    const { program, fact } = readLinuxMessage(syslog.program, message);
    applyLinuxFact(event, program, fact);
    event.request = jsonText({ ...(syslog.pid === null ? {} : { pid: syslog.pid }), ...fact.details });
  } else setByName(event, keyValues(message));
  event.time ??= syslog.time;
  event.time_original ??= syslog.timeOriginal === '' ? null : syslog.timeOriginal;
  event.service = syslog.program ?? event.service;
  event.dst_host = syslog.host ?? event.dst_host;
}

const CLIENT = /(?:^|[\s,[])client:? ([0-9A-Fa-f.:[\]]{2,48}?)(?:[,\]]|$)/;
const SERVER = /, server: ([^\s,]{1,255})(?:,|$)/;
const REQUEST = /, request: "([A-Z]{3,10}) ([^"\s]{1,2048})/;

/**
 * Error logs of nginx (`… client: 192.0.2.1, server: example.com, request: "GET / HTTP/1.1"`) and Apache
 * (`[core:error] [pid 1] [client 192.0.2.1:50000] …`).
 */
function setServerError(event: AuditEvent, rest: string): void {
  const text = rest.slice(0, 8192);
  const nginx = /^ \[(\w{3,10})\] \d{1,10}#\d{1,10}: /.test(text);
  const apache =
    /^ \[[\w:]{0,40}\] \[pid /.test(text) || /^ \[(?:error|warn|notice|crit)\] \[client /.test(text);
  if (!nginx && !apache) return;
  const client = CLIENT.exec(text)?.[1];
  if (client === undefined) return;
  const request = nginx ? REQUEST.exec(text) : null;
  const { time, time_original: timeOriginal } = event;
  applyHttp(event, {
    time,
    timeOriginal,
    client,
    host: nginx ? SERVER.exec(text)?.[1] : undefined,
    method: request?.[1],
    uri: request?.[2],
  });
  event.class = 'Base Event';
  event.activity = 'Other';
}
