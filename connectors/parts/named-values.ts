/**
 * Columns of records that nobody's schema describes, by the names that most programs give their fields. Names are
 * compared without regard to case and punctuation, nested ones joined: `src_ip`, `srcIp` and `{"src":{"ip":…}}` are one.
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { NAMES } from './field-names.ts';
import { statusOfHttp } from './http-event.ts';
import { parseEpoch, parseTime } from './time.ts';
import { boolean, isObject, type JsonObject, jsonText, text } from './value.ts';

/** Values by folded name; the first of several that fold alike. */
export type NamedValues = ReadonlyMap<string, unknown>;

const MOST_NAMES = 400;
const DEEPEST = 4;
/** Longest text that is a name, an id or an operation; longer ones are prose. */
const LONGEST_NAME = 512;

const SUCCESS = new Set(
  'success successful succeeded ok passed pass allow allowed accept accepted permit permitted granted true yes completed'.split(
    ' ',
  ),
);
const FAILURE = new Set(
  'failure failed fail error denied deny reject rejected block blocked forbidden unauthorized refused false no'.split(
    ' ',
  ),
);

const HTTP_METHODS = new Set([
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
]);

/** Names and values of an object, nested members under their joined names, at most MOST_NAMES of them. */
export function namedValues(object: JsonObject): NamedValues {
  const values = new Map<string, unknown>();
  gather(object, '', 0, values);
  return values;
}

function gather(object: JsonObject, prefix: string, depth: number, values: Map<string, unknown>): void {
  for (const key in object) {
    if (values.size >= MOST_NAMES) return;
    const value = object[key];
    const name = prefix + fold(key);
    if (isObject(value)) {
      if (depth < DEEPEST) gather(value, name, depth + 1, values);
    } else if (value !== null && !values.has(name)) {
      values.set(name, value);
    }
  }
}

export function fold(name: string): string {
  return name
    .slice(0, 128)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '');
}

/** Fills every column that is still empty and that a name speaks of. */
export function setByName(event: AuditEvent, values: NamedValues): void {
  // when
  if (event.time === null) setTime(event, values);
  event.end_time ??= first(values, NAMES.end_time, anyTime)?.value ?? null;
  // did what
  event.operation ??= first(values, NAMES.operation, shortText)?.value ?? null;
  event.service ??= first(values, NAMES.service, shortText)?.value ?? null;
  event.category ??= first(values, NAMES.category, shortText)?.value ?? null;
  event.read_only ??= first(values, NAMES.read_only, boolean)?.value ?? null;
  event.command ??= first(values, NAMES.command, commandText)?.value ?? null;
  // who
  event.actor_name ??= first(values, NAMES.actor_name, shortText)?.value ?? null;
  event.actor_id ??= first(values, NAMES.actor_id, shortText)?.value ?? event.actor_name;
  event.actor_session ??= first(values, NAMES.actor_session, shortText)?.value ?? null;
  if (event.actor_name !== null || event.actor_id !== null) event.actor_type ??= 'unknown';
  // from where, to what
  const source = first(values, NAMES.src_ip, parseAddress)?.value ?? null;
  event.src_ip ??= source?.ip ?? null;
  event.src_port ??= first(values, NAMES.src_port, port)?.value ?? source?.port ?? null;
  event.dst_ip ??= first(values, NAMES.dst_ip, parseAddress)?.value.ip ?? null;
  event.dst_host ??= first(values, NAMES.dst_host, shortText)?.value ?? null;
  event.user_agent ??= first(values, NAMES.user_agent, shortText)?.value ?? null;
  event.protocol ??= first(values, NAMES.protocol, shortText)?.value ?? null;
  event.target_id ??= first(values, NAMES.target_id, shortText)?.value ?? null;
  event.region ??= first(values, NAMES.region, shortText)?.value ?? null;
  event.account ??= first(values, NAMES.account, shortText)?.value ?? null;
  event.request_id ??= first(values, NAMES.request_id, shortText)?.value ?? null;
  event.correlation_id ??= first(values, NAMES.correlation_id, shortText)?.value ?? null;
  // with what result
  const code = first(values, NAMES.http_status, httpCode)?.value ?? null;
  event.status ??= first(values, NAMES.status, statusWord)?.value ?? statusOfHttp(code);
  event.error_code ??= first(values, NAMES.error_code, shortText)?.value ?? null;
  event.error_message ??= first(values, NAMES.error_message, text)?.value ?? null;
  if (event.status === 'failure' && code !== null && Number(code) >= 400) event.error_code ??= code;
  setHttp(event, code);
}

/** A method together with a status or a path is a web request. */
function setHttp(event: AuditEvent, code: string | null): void {
  const method = event.operation?.toUpperCase() ?? '';
  if (event.class !== null || !HTTP_METHODS.has(method)) return;
  if (code === null && event.target_id === null) return;
  event.class = 'HTTP Activity';
  event.activity = method[0]! + method.slice(1).toLowerCase();
  event.response ??= code === null ? null : jsonText({ status: code });
}

function setTime(event: AuditEvent, values: NamedValues): void {
  const date = values.get('date');
  const clock = values.get('time');
  if (typeof date === 'string' && typeof clock === 'string' && /^\d{4}-\d\d-\d\d$/.test(date)) {
    const both = `${date} ${clock}`;
    event.time = parseTime(both);
    if (event.time !== null) {
      event.time_original = both;
      return;
    }
  }
  const found = first(values, NAMES.time, anyTime);
  if (found === null) return;
  event.time = found.value;
  event.time_original = text(values.get(found.name));
}

interface Found<T> {
  readonly name: string;
  readonly value: T;
}

/** The first name whose value reads as `read` wants it. */
function first<T>(
  values: NamedValues,
  names: readonly string[],
  read: (value: unknown) => T | null,
): Found<T> | null {
  for (const name of names) {
    if (!values.has(name)) continue;
    const value = read(values.get(name));
    if (value !== null) return { name, value };
  }
  return null;
}

/** Earliest and latest number taken for a time: 2001 and 2065, in seconds. */
const EARLIEST = 1e9;
const LATEST = 3e9;

function anyTime(value: unknown): number | null {
  const parsed = parseTime(value);
  if (parsed !== null) return parsed;
  const epoch = parseEpoch(value);
  return epoch !== null && epoch >= EARLIEST * 1e6 && epoch < LATEST * 1e6 ? epoch : null;
}

function shortText(value: unknown): string | null {
  const found = text(value);
  return found === null || found.length > LONGEST_NAME || found === '-' ? null : found;
}

function commandText(value: unknown): string | null {
  if (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')) {
    return value.join(' ');
  }
  return typeof value === 'string' && value !== '' ? value : null;
}

function port(value: unknown): number | null {
  const found = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return value !== '' && Number.isInteger(found) && found >= 0 && found <= 65_535 ? found : null;
}

function httpCode(value: unknown): string | null {
  const found = text(value);
  return found !== null && /^[1-5]\d\d$/.test(found) ? found : null;
}

function statusWord(value: unknown): string | null {
  const word = text(value)?.toLowerCase() ?? '';
  if (SUCCESS.has(word)) return 'success';
  return FAILURE.has(word) ? 'failure' : null;
}
