/**
 * The header of a syslog line, in every form in which daemons write it to files and send it on: RFC 3164
 * (https://www.rfc-editor.org/rfc/rfc3164), RFC 5424 (https://www.rfc-editor.org/rfc/rfc5424) and rsyslog's ISO 8601
 * file and forward formats, with or without `<PRI>`.
 */

import { afterStamp } from './cloudwatch-export.ts';
import { resolveYear } from './syslog-year.ts';
import { monthOf, parseTime } from './time.ts';

export interface SyslogLine {
  /** Microseconds since 1970; null when the year cannot be told. */
  readonly time: number | null;
  readonly timeOriginal: string;
  readonly host: string | null;
  readonly program: string | null;
  readonly pid: string | null;
  /** Facility × 8 + severity, where `<PRI>` is there. */
  readonly priority: number | null;
  readonly message: string;
}

const PRIORITY = /^<(\d{1,3})>/;

/** `<34>1 2003-10-11T22:14:15.003Z host app procid msgid [structured data] message` */
const RFC5424 =
  /^([1-9]\d{0,2}) (-|\d{4}-\d\d-\d\dT\S{1,40}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) (?=[-[])/;

/** `Oct 11 22:14:15`, day padded with a blank, a zero or nothing; some devices add the year or fractions. */
const RFC3164 =
  /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: (\d{4})(?= ))?(:? |:$|$)/;

/** rsyslog's file format and `journalctl -o short-iso`; with a blank for the `T` it is some program's own log. */
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(:? |$)/;

/** `sshd[123]: `, `sudo: `, `sshd-session[1]:`, `su(pam_unix)[1]:`, `/USR/SBIN/CRON[1]:`, `login: `. */
const TAG = /^([^\s:[\]<>"'{}=,;]{1,128})(?:\[([^\]\s]{1,32})\])?:(?: |$)/;

/** The same without the colon: `systemd[1] text`. */
const BARE_TAG = /^([^\s:[\]<>"'{}=,;]{1,128})\[(\d{1,10})\](?: |$)/;

const HOST = /^([^\s[\]()"'{}=<>]{1,255}) /;

/** Where a host would stand, other logs have their level or a thread number. */
const NO_HOST = /^(?:trace|debug|info|notice|warn|warning|error|err|fatal|crit|critical|\d{1,20})$/i;

/** Whether the line begins with a syslog header; cheap, and true wherever `parseSyslog` is not null. */
export function startsSyslog(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === 0x3c) return PRIORITY.test(line);
  if (first >= 0x30 && first <= 0x39) return ISO.test(line.slice(0, 64));
  return first >= 0x41 && first <= 0x53 && RFC3164.test(line.slice(0, 64)) && monthOf(line) !== null;
}

/** `modified` (microseconds, or null) settles the year of headers without one. Null when there is no header. */
export function parseSyslog(line: string, modified: number | null): SyslogLine | null {
  // CloudWatch's exports put their own time before the line, which also settles the line's year.
  const stamped = afterStamp(line);
  if (stamped !== null && !ISO.test(stamped.rest) && startsSyslog(stamped.rest)) {
    return parseHeader(stamped.rest, parseTime(stamped.stamp));
  }
  return parseHeader(line, modified);
}

function parseHeader(line: string, modified: number | null): SyslogLine | null {
  const priorityMatch = PRIORITY.exec(line);
  const priority = priorityMatch === null ? null : Number(priorityMatch[1]);
  const rest = priorityMatch === null ? line : line.slice(priorityMatch[0].length);

  if (priority !== null) {
    const modern = RFC5424.exec(rest);
    if (modern !== null) return fromRfc5424(rest, modern, priority);
  }
  const iso = ISO.exec(rest);
  if (iso !== null) {
    const timeOriginal = iso[1]!;
    return withHost(rest, iso[0].length, iso[2]!, parseTime(timeOriginal), timeOriginal, priority);
  }
  const traditional = RFC3164.exec(rest);
  if (traditional !== null) {
    const month = monthOf(traditional[1]!);
    if (month !== null) {
      const [whole, , day, yearBefore, clock, fraction, yearAfter, separator] = traditional;
      const year = yearBefore ?? yearAfter;
      const time = resolveYear(month, Number(day), clock!, fraction, year, modified);
      const timeOriginal = whole.slice(0, whole.length - separator!.length);
      return withHost(rest, whole.length, separator!, time, timeOriginal, priority);
    }
  }
  if (priority === null) return null;
  return { time: null, timeOriginal: '', host: null, program: null, pid: null, priority, message: rest };
}

function fromRfc5424(line: string, match: RegExpExecArray, priority: number): SyslogLine {
  const [whole, , time, host, program, pid] = match;
  const end = structuredDataEnd(line, whole.length);
  let message = line.slice(line[end] === ' ' ? end + 1 : end);
  if (message.startsWith('\ufeff')) message = message.slice(1);
  return {
    time: parseTime(time),
    timeOriginal: time === '-' ? '' : time!,
    host: nil(host!),
    program: nil(program!),
    pid: nil(pid!),
    priority,
    message,
  };
}

/** Index after `-` or after the last of the `[id name="value"]…` groups; `\"` and `\]` are escapes inside a value. */
function structuredDataEnd(line: string, from: number): number {
  if (line[from] === '-') return from + 1;
  const start = from;
  let at = from;
  while (line[at] === '[') {
    let quoted = false;
    let closed = false;
    for (at++; at < line.length && !closed; at++) {
      const char = line[at];
      if (quoted && char === '\\') at++;
      else if (char === '"') quoted = !quoted;
      else if (char === ']' && !quoted) closed = true;
    }
    // Unbalanced: it was no structured data, so all of it belongs to the message.
    if (!closed) return start;
  }
  return at;
}

/** What follows the time: `host tag[pid]: message`; `last message repeated` notes have neither host nor tag. */
function withHost(
  line: string,
  from: number,
  separator: string,
  time: number | null,
  timeOriginal: string,
  priority: number | null,
): SyslogLine {
  const rest = line.slice(from);
  // A colon straight after the time (`Mar 11 09:39:39: …`) leaves no room for a host, nor does a tag.
  const noHost = separator.startsWith(':') || isRepeatNote(rest) || TAG.test(rest);
  const found = noHost ? null : HOST.exec(rest);
  const host = found === null || NO_HOST.test(found[1]!) ? null : found;
  const tagged = host === null ? rest : rest.slice(host[0].length);
  const tag = TAG.exec(tagged) ?? BARE_TAG.exec(tagged);
  return {
    time,
    timeOriginal,
    host: host === null ? null : host[1]!,
    program: tag === null ? null : tag[1]!,
    pid: tag?.[2] ?? null,
    priority,
    message: tag === null ? tagged : tagged.slice(tag[0].length),
  };
}

function isRepeatNote(text: string): boolean {
  return /^(?:--- )?last message repeated \d{1,9} times/.test(text);
}

/** RFC 5424 writes an absent value as `-`. */
function nil(value: string): string | null {
  return value === '-' ? null : value;
}
