/**
 * What every Cloud Logging entry says, whatever its payload: log, time, id, resource.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
 */

import { parseTime } from './time.ts';
import { firstText, integer, isObject, type JsonObject, object, text } from './value.ts';

const snakeNames = new Map<string, string>();

/** A member by its JSON name, else by the name that Protocol Buffers text and some exporters give it (`insert_id`). */
export function field(value: JsonObject, name: string): unknown {
  const found = value[name];
  if (found !== undefined) return found;
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return value[snake];
}

/** The audit log of an entry; BigQuery exports name it after its type. Null when the entry carries something else. */
export function auditPayload(entry: JsonObject): JsonObject | null {
  for (const name of ['protoPayload', 'proto_payload', 'protopayload_auditlog']) {
    const payload = entry[name];
    if (isObject(payload)) return payload;
  }
  return null;
}

/** Whether a value is an audit log entry. */
export function isAuditEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  const payload = auditPayload(value);
  if (payload === null) return false;
  return (
    'methodName' in payload ||
    'method_name' in payload ||
    'serviceName' in payload ||
    String(payload['@type'] ?? '').endsWith('google.cloud.audit.AuditLog') ||
    logIdOf(value)?.startsWith('cloudaudit.googleapis.com/') === true
  );
}

/** `cloudaudit.googleapis.com/activity` of `projects/p/logs/cloudaudit.googleapis.com%2Factivity`. */
export function logIdOf(entry: JsonObject): string | null {
  const name = text(field(entry, 'logName'));
  const at = name?.indexOf('/logs/') ?? -1;
  if (name === null || at < 0) return null;
  return name.slice(at + 6).replaceAll(/%2f/gi, '/') || null;
}

/** `projects`, `p` of `projects/p/logs/…`. */
export function logParentOf(entry: JsonObject): { kind: string | null; id: string | null } {
  const parts = text(field(entry, 'logName'))?.split('/') ?? [];
  return parts[2] === 'logs' ? { kind: parts[0] || null, id: parts[1] || null } : { kind: null, id: null };
}

/** When it happened, and the text that says so; when Logging received it, where the entry does not say. */
export function entryTime(entry: JsonObject): { time: number | null; original: string | null } {
  for (const name of ['timestamp', 'receiveTimestamp']) {
    const value = field(entry, name);
    if (isObject(value)) {
      // `{"seconds": …, "nanos": …}`, a Protocol Buffers timestamp printed by client libraries.
      const seconds = integer(value['seconds']);
      const nanos = integer(value['nanos']) ?? 0;
      const time = seconds === null ? null : seconds * 1e6 + Math.floor(nanos / 1e3);
      if (time !== null && Number.isSafeInteger(time)) return { time, original: `${seconds}.${nanos}` };
    }
    const original = text(value);
    if (original !== null) return { time: parseTime(original), original };
  }
  return { time: null, original: null };
}

/**
 * What makes two entries the same: Logging itself removes duplicates that agree in log, timestamp and insert id. Null
 * without an insert id.
 */
export function entryIdentity(entry: JsonObject): string | null {
  const id = text(field(entry, 'insertId'));
  if (id === null) return null;
  return `${text(field(entry, 'logName')) ?? ''}|${text(field(entry, 'timestamp')) ?? ''}|${id}`;
}

/** Labels of the monitored resource. Empty ones are as good as absent. */
export function resourceLabels(entry: JsonObject): JsonObject {
  return object(object(entry['resource'])['labels']);
}

/** Project the entry belongs to. */
export function projectOf(entry: JsonObject): string | null {
  const parent = logParentOf(entry);
  return firstText(resourceLabels(entry)['project_id'], parent.kind === 'projects' ? parent.id : null);
}

/** Location, zone or region of the resource, the most telling one. */
export function locationOf(entry: JsonObject): string | null {
  const labels = resourceLabels(entry);
  return firstText(labels['location'], labels['zone'], labels['region']);
}
