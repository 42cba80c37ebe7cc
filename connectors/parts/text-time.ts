/** The time a line of text begins with, in the forms that programs commonly write. */

import { parseClfTime } from './access-log.ts';
import { resolveYear } from './syslog-year.ts';
import { monthOf, parseEpoch, parseTime, timeOf } from './time.ts';

export interface LeadingTime {
  readonly time: number | null;
  readonly timeOriginal: string;
  /** Index of the first character after the time. */
  readonly end: number;
}

/** Longest time with its brackets. */
const LONGEST = 80;

const ISO =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?:(Z)(?![A-Za-z])| ?((?:UTC|GMT)(?![A-Za-z])|[+-]\d\d:?\d\d(?!\d)|[A-Z]{3,4}(?= )))?/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)[ -](\d\d:\d\d:\d\d)(?=[ ,]|$)/;
const CLF = /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?/;
const CTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})/;
const DASHED = /^(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?/;
const KLOG = /^[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d)\.(\d{6})/;
const EPOCH = /^(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16})(?=[ \t,]|$)/;
const AUDITD = /^type=[A-Z_0-9]{1,40} msg=audit\((\d{10}\.\d{3}):\d{1,20}\):/;

/** Words that may stand where a zone does, but name none. */
const LEVEL = /^(?:INFO|WARN|ERR|LOG|DBG|CRIT|NOTE)$/;

/** Null when the line begins with no time. A zone we cannot place leaves the time empty and keeps what was written. */
export function leadingTime(line: string, modified: number | null): LeadingTime | null {
  const bracket = line[0] === '[' ? 1 : 0;
  const text = line.slice(bracket, LONGEST);
  const found = read(text, modified);
  if (found === null) return null;
  let end = bracket + found.end;
  if (bracket === 1 && line[end] === ']') end++;
  return { ...found, end };
}

function read(text: string, modified: number | null): LeadingTime | null {
  const iso = ISO.exec(text);
  if (iso !== null) return fromIso(iso);
  const compact = COMPACT.exec(text);
  if (compact !== null) {
    const [whole, year, month, day, clock] = compact;
    return { time: parseTime(`${year}-${month}-${day}T${clock}`), timeOriginal: whole, end: whole.length };
  }
  const clf = CLF.exec(text);
  if (clf !== null) return { time: parseClfTime(clf[0]), timeOriginal: clf[0], end: clf[0].length };
  const ctime = CTIME.exec(text);
  if (ctime !== null) {
    const [whole, month, day, hour, minute, second, fraction, year] = ctime;
    return at(whole, year!, month!, day!, [hour!, minute!, second!], fraction);
  }
  const dashed = DASHED.exec(text);
  if (dashed !== null) {
    const [whole, day, month, year, hour, minute, second, fraction] = dashed;
    return at(whole, year!, month!, day!, [hour!, minute!, second!], fraction);
  }
  const klog = KLOG.exec(text);
  if (klog !== null) {
    const time = resolveYear(Number(klog[1]), Number(klog[2]), klog[3]!, klog[4], undefined, modified);
    return { time, timeOriginal: klog[0].slice(1), end: klog[0].length };
  }
  const audit = AUDITD.exec(text);
  if (audit !== null) return { time: parseEpoch(audit[1]), timeOriginal: audit[1]!, end: 0 };
  const epoch = EPOCH.exec(text);
  if (epoch !== null) {
    return { time: parseEpoch(epoch[1]), timeOriginal: epoch[1]!, end: epoch[0].length };
  }
  return null;
}

function fromIso(match: RegExpExecArray): LeadingTime {
  const [whole, year, month, day, clock, fraction, utc, other] = match;
  const zone = utc ?? other;
  const isLevel = zone !== undefined && LEVEL.test(zone);
  const known = zone === undefined || isLevel || /^(?:Z|UTC|GMT|[+-].*)$/.test(zone);
  const offset = zone === undefined || isLevel || !/^[+-]/.test(zone) ? 'Z' : zone;
  const plain = `${year}-${month}-${day}T${clock}${fraction === undefined ? '' : `.${fraction}`}`;
  const written = isLevel ? whole.slice(0, -zone!.length) : whole;
  return {
    time: known ? parseTime(`${plain}${offset}`) : null,
    timeOriginal: written.trim(),
    end: written.length,
  };
}

function at(
  whole: string,
  year: string,
  monthName: string,
  day: string,
  [hour, minute, second]: readonly [string, string, string],
  fraction: string | undefined,
): LeadingTime | null {
  const month = monthOf(monthName);
  if (month === null) return null;
  const time = timeOf(+year, month, +day, +hour, +minute, +second);
  const micros = fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'));
  return { time: time === null ? null : time + micros, timeOriginal: whole, end: whole.length };
}
