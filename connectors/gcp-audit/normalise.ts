import { newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { parseAddress } from '../parts/address.ts';
import { auditEvent, setEntry } from '../parts/gcp-audit.ts';
import { auditPayload, field, logIdOf } from '../parts/gcp-entry.ts';
import { principalType } from '../parts/gcp-principal.ts';
import { firstText, integer, isObject, type JsonObject, object, text } from '../parts/value.ts';

/** Members of which any one makes an object an entry of Cloud Logging. */
const ENTRY_MEMBERS = [
  'logName',
  'log_name',
  'insertId',
  'insert_id',
  'jsonPayload',
  'json_payload',
  'textPayload',
  'text_payload',
];

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  const entry = record.value;
  if (!isObject(entry)) {
    return { kind: 'unreadable', code: 'not_an_object', path: '', problem: 'a log entry is a JSON object' };
  }
  const payload = auditPayload(entry);
  if (payload !== null) return { kind: 'event', event: auditEvent(entry, payload) };
  if (ENTRY_MEMBERS.some((name) => name in entry)) return otherEntry(entry);
  const problem = 'neither protoPayload nor anything else of a log entry is there';
  return { kind: 'unreadable', code: 'missing_field', path: '/protoPayload', problem };
}

/**
 * Logs that sit in the same export without being audit logs. What they have in common with them is filled: time, id,
 * place; who and what only where `jsonPayload` says it as Compute Engine's former activity log did; the client of
 * `httpRequest`.
 */
function otherEntry(entry: JsonObject): Normalised {
  const event = newEvent();
  const payload = object(field(entry, 'jsonPayload'));
  const resource = object(payload['resource']);
  const http = object(field(entry, 'httpRequest'));
  // when
  setEntry(event, entry);
  // did what
  const log = logIdOf(entry);
  event.operation = firstText(payload['event_subtype'], payload['methodName']);
  event.service = log?.includes('googleapis.com/') === true ? log.slice(0, log.indexOf('/')) : null;
  event.category = log;
  // Compute Engine's former activity log, which held changes only.
  if (log === 'compute.googleapis.com/activity_log') event.read_only = false;
  // who
  event.actor_name = text(object(payload['actor'])['user']);
  event.actor_id = event.actor_name;
  if (event.actor_name !== null) event.actor_type = principalType(event.actor_name, null);
  // to what
  event.target_type = text(resource['type']);
  event.target_id = text(resource['id']);
  event.target_name = text(resource['name']);
  if (event.target_id !== null) event.targets = [event.target_id];
  // from where
  event.src_ip = parseAddress(firstText(field(http, 'remoteIp'), payload['ip_address']))?.ip ?? null;
  event.user_agent = firstText(field(http, 'userAgent'), payload['user_agent']);
  // with what result
  const code = integer(http['status']);
  if (code !== null) {
    event.status = code >= 400 ? 'failure' : 'success';
    event.error_code = code >= 400 ? String(code) : null;
  }
  return { kind: 'event', event };
}
