import type { BodySample, Recognition } from '../contract.ts';
import { foldProgram } from '../parts/linux-fact.ts';
import { isAuthProgram } from '../parts/linux-message.ts';
import { parseSyslog, startsSyslog } from '../parts/syslog.ts';
import { isObject, object, parseJson } from '../parts/value.ts';

/** Lines of the sample that are looked at. */
const LINES = 50;

/** Programs of any Linux host: their lines make it a system log. */
const SYSTEM_PROGRAM =
  /^(?:kernel|systemd\w*|r?syslogd|syslog_ng|cron|anacron|atd|dhclient|dhcpcd|networkmanager|dbus\w*|chronyd|ntpd|auditd|snapd|rsyslog|audit|init|pam)$/;

const PATH = /(?:^|\/)(?:auth\.log|secure|messages|syslog)(?:[-.][\w.-]*)?$/;

/** Hosts name their logs alike everywhere: `auth.log`, `secure`, with a date or a number when rotated. */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return PATH.test(key) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  const confidence = Math.max(ofRecords(sample.records), ofLines(sample.text));
  return confidence === 0 ? null : { role: 'records', confidence };
}

/** journald's JSON, or the CloudWatch agent's messages with a line each. */
function ofRecords(records: readonly unknown[]): number {
  let best = 0;
  for (const record of records) {
    if (!isObject(record)) continue;
    const own = ofEntry(record);
    if (own > 0) return own;
    if (record['messageType'] === 'DATA_MESSAGE' && Array.isArray(record['logEvents'])) {
      const message = object(record['logEvents'][0])['message'];
      if (typeof message === 'string') best = Math.max(best, ofLines(message), ofEntry(parseJson(message)));
    }
  }
  return best;
}

function ofEntry(entry: unknown): number {
  if (!isObject(entry)) return 0;
  if ('__REALTIME_TIMESTAMP' in entry && ('MESSAGE' in entry || '__CURSOR' in entry)) return 0.9;
  return 'MESSAGE' in entry && ('SYSLOG_IDENTIFIER' in entry || '_COMM' in entry) ? 0.8 : 0;
}

/** 0.9 for a line of sshd, sudo and their like, 0.5 for one of a Linux system program, 0.3 for any daemon's. */
function ofLines(text: string): number {
  let best = 0;
  for (const line of text.split('\n', LINES)) {
    if (!startsSyslog(line)) continue;
    const header = parseSyslog(line.slice(0, 1024), null);
    if (header === null || header.timeOriginal === '') continue;
    if (header.program !== null) best = Math.max(best, ofProgram(header.program, header.pid));
    else if (/^(?:--- )?last message repeated /.test(header.message)) best = Math.max(best, 0.3);
    if (best === 0.9) break;
  }
  return best === 0 ? ofRun(text) : best;
}

/** Messages forwarded over TCP without framing stand one after another, and a later one may name its program. */
function ofRun(text: string): number {
  const inner = /<\d{1,3}>\d{4}-\d\d-\d\dT\S{1,40} \S{1,255} ([\w./-]{1,64})\[(\d{1,10})\]: /.exec(text);
  return inner === null ? 0 : ofProgram(inner[1]!, inner[2]!);
}

function ofProgram(program: string, pid: string | null): number {
  if (isAuthProgram(program)) return 0.9;
  if (SYSTEM_PROGRAM.test(foldProgram(program))) return 0.5;
  return pid !== null && /^\d+$/.test(pid) ? 0.3 : 0;
}
