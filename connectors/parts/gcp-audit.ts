/**
 * One Cloud Audit Logs entry → one event. In `parts` because GKE's Kubernetes audit logs come in the same form.
 * https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
 */

import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import { parseGcpName } from '../../schema/scopes/gcp-name.ts';
import { parseAddress } from './address.ts';
import { entryIdentity, entryTime, field, locationOf, logIdOf, logParentOf, projectOf } from './gcp-entry.ts';
import { setPrincipal } from './gcp-principal.ts';
import { setTargets } from './gcp-resource.ts';
import {
  array,
  boolean,
  firstText,
  integer,
  isObject,
  type JsonObject,
  jsonText,
  object,
  parseJson,
  text,
} from './value.ts';

/** `payload` is the entry's audit log. */
export function auditEvent(entry: JsonObject, payload: JsonObject): AuditEvent {
  const event = newEvent();
  const request = member(payload, 'request');
  const response = member(payload, 'response');
  const metadata = object(member(payload, 'metadata'));
  // when
  setEntry(event, entry);
  // did what
  event.operation = text(field(payload, 'methodName'));
  event.service = text(field(payload, 'serviceName'));
  event.category = logIdOf(entry)?.replace('cloudaudit.googleapis.com/', '') ?? null;
  event.read_only = readOnly(payload, event.category);
  event.request = jsonText(request);
  event.response = jsonText(response ?? member(payload, 'metadata') ?? member(payload, 'serviceData'));
  event.request_id = text(field(metadata, 'vpcServiceControlsUniqueId'));
  // who
  setPrincipal(event, object(field(payload, 'authenticationInfo')));
  // to what
  const serviceData = object(member(payload, 'serviceData'));
  const named = { payload, request, response, metadata, serviceData };
  setTargets(event, named, text(object(entry['resource'])['type']));
  // from where
  setCaller(event, object(field(payload, 'requestMetadata')));
  event.org ??= text(field(object(field(metadata, 'securityPolicyInfo')), 'organizationId'));
  event.region ??=
    text(array(field(object(field(payload, 'resourceLocation')), 'currentLocations'))[0]) ??
    parseGcpName(text(field(payload, 'resourceName')))?.region ??
    null;
  // with what result
  setResult(event, entry, payload, object(response), metadata);
  if (event.service === 'login.googleapis.com') setSignIn(event, metadata);
  return event;
}

/** Time, ids and place: what every entry says. */
export function setEntry(event: AuditEvent, entry: JsonObject): void {
  const { time, original } = entryTime(entry);
  event.time = time;
  event.time_original = original;
  event.uid = text(field(entry, 'insertId'));
  event.identity = entryIdentity(entry);
  const operation = object(entry['operation']);
  event.correlation_id = firstText(operation['id'], object(entry['split'])['uid'], entry['trace']);
  const parent = logParentOf(entry);
  event.org = parent.kind === 'organizations' ? parent.id : null;
  event.account = projectOf(entry);
  event.region = locationOf(entry);
}

/** A member of the audit log; BigQuery exports write it as JSON text under `<name>Json`. */
function member(payload: JsonObject, name: string): unknown {
  const value = field(payload, name);
  return value === undefined || value === null ? (parseJson(payload[`${name}Json`]) ?? undefined) : value;
}

/** Says so by the permissions that were checked, else by the log: Admin Activity and System Event hold changes only. */
function readOnly(payload: JsonObject, log: string | null): boolean | null {
  const types = array(field(payload, 'authorizationInfo'))
    .map((item) => text(field(object(item), 'permissionType')))
    .filter((type) => type !== null);
  if (types.length > 0) return types.every((type) => type.endsWith('_READ'));
  return log === 'activity' || log === 'system_event' ? false : null;
}

/** Whether permissions were checked, and every one was refused. */
function allRefused(payload: JsonObject): boolean {
  const checks = array(field(payload, 'authorizationInfo'));
  return checks.length > 0 && checks.every((check) => boolean(object(check)['granted']) === false);
}

/** `callerIp` is an address, or `private` and `gce-internal-ip` where Google keeps it to itself. */
function setCaller(event: AuditEvent, request: JsonObject): void {
  const caller = firstText(field(request, 'callerIp'), request['callerIP']);
  const address = parseAddress(caller);
  if (address === null) event.src_host = caller;
  else {
    event.src_ip = address.ip;
    event.src_port = address.port;
  }
  event.user_agent = text(field(request, 'callerSuppliedUserAgent'));
  const attributes = object(field(request, 'requestAttributes'));
  event.dst_host = text(attributes['host']);
  event.dst_ip = parseAddress(object(field(request, 'destinationAttributes'))['ip'])?.ip ?? null;
}

/**
 * `status` is a google.rpc.Status: code 0 is left out of JSON, so a message alone (as System Event logs have) is no error
 * unless the entry's severity says so. Compute and Kubernetes may put the error into the response. Where there is no
 * status at all, the permissions that were checked tell.
 */
function setResult(
  event: AuditEvent,
  entry: JsonObject,
  payload: JsonObject,
  response: JsonObject,
  metadata: JsonObject,
): void {
  const status = object(payload['status']);
  const message = text(status['message']);
  const code = integer(status['code']) ?? 0;
  const error = isObject(response['error'])
    ? response['error']
    : response['status'] === 'Failure'
      ? response
      : null;
  const severe = /^(?:ERROR|CRITICAL|ALERT|EMERGENCY)$/.test(text(entry['severity']) ?? '');
  const denied = event.category === 'policy' || text(field(metadata, 'violationReason')) !== null;
  if (denied && boolean(field(metadata, 'dryRun')) === true) {
    // A perimeter under trial denies nothing, and the entry does not say how the call itself went.
    return;
  }
  const refused = status['code'] === undefined && allRefused(payload);
  if (code !== 0 || error !== null || denied || refused || (message !== null && severe)) {
    event.status = 'failure';
  } else {
    // Of the call, as in the other clouds: a long-running operation that was accepted and fails later has two entries.
    event.status = 'success';
    return;
  }
  event.error_code = firstText(code === 0 ? null : code, error?.['code'], field(metadata, 'violationReason'));
  event.error_message = firstText(message, error?.['message']);
}

/** Google sign-ins, shared from Workspace. https://cloud.google.com/logging/docs/audit/gsuite-audit-logging */
function setSignIn(event: AuditEvent, metadata: JsonObject): void {
  const method = event.operation?.slice(event.operation.lastIndexOf('.') + 1) ?? '';
  const parameters = array(metadata['event'])
    .map(object)
    .flatMap((one) => array(one['parameter']).map(object));
  const parameter = (name: string): JsonObject => parameters.find((one) => one['name'] === name) ?? {};
  if (method === 'loginFailure') {
    event.status = 'failure';
    event.error_code ??= text(parameter('login_failure_type')['value']);
  }
  event.mfa = boolean(parameter('is_second_factor')['boolValue']);
}
