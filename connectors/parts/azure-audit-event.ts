/**
 * Microsoft Entra directory audits, from blobs and Event Hubs, Microsoft Graph and Log Analytics.
 * https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit
 * https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/auditlogs
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { Fields, openedDeep } from './azure-fields.ts';
import { parseResourceId } from './azure-resource-id.ts';
import { severityOf, statusOf } from './azure-result.ts';
import { setDirectoryTargets } from './azure-targets.ts';
import { setAzureTime } from './azure-time.ts';
import { jsonText } from './value.ts';

/** Privileged Identity Management, under which of its names. */
const PIM = /^(?:MS-PIM|AzureADPIM)(?:-\w+)?$/;

/** Graph's operationResult as numbers, the way older blobs write it. */
const RESULTS = new Map([
  ['0', 'success'],
  ['1', 'failure'],
  ['2', 'timeout'],
]);

export function setAudit(event: AuditEvent, record: Fields): void {
  // Blobs have the audit in `properties`, Graph and Log Analytics in the record itself.
  const inner = record.fields('properties');
  const audit = inner.isEmpty ? record : inner;
  const additional = pairsOf(audit.list('additionalDetails'));
  // when
  setAzureTime(event, [audit.get('activityDateTime'), record.get('time', 'TimeGenerated')]);
  event.uid = audit.text('id');
  // did what
  // The envelope's name is what rules and queries are written for; Graph's records have no envelope.
  event.operation =
    record.text('operationName') ?? audit.text('activityDisplayName') ?? audit.text('operationName');
  event.service =
    audit.text('loggedByService') ?? parseResourceId(record.text('resourceId'))?.provider ?? null;
  event.category = audit.text('category', 'auditEventCategory') ?? record.text('category');
  event.severity = severityOf(record.text('level'));
  event.correlation_id = audit.text('correlationId') ?? record.text('correlationId');
  // who
  setActor(event, record, audit);
  // to what
  setDirectoryTargets(event, audit, additional);
  event.request = jsonText(requestOf(audit));
  event.org = tenantOf(record, audit);
  // from where
  setSource(event, record, audit, additional);
  // with what result
  setResult(event, record, audit);
  if (event.uid === null) event.identity = identityOf(event);
}

/** https://learn.microsoft.com/en-us/graph/api/resources/auditactivityinitiator */
function setActor(event: AuditEvent, record: Fields, audit: Fields): void {
  const initiator = audit.fields('initiatedBy');
  const user = initiator.fields('user');
  const app = initiator.fields('app');
  if (user.text('id', 'userPrincipalName', 'displayName') !== null) {
    event.actor_type = 'human';
    event.actor_name = user.text('userPrincipalName', 'displayName', 'id');
    event.actor_id = user.text('id');
    event.actor_account = user.text('homeTenantId');
  } else if (app.text('servicePrincipalId', 'appId', 'displayName', 'servicePrincipalName') !== null) {
    // Microsoft's own services act under a name alone.
    event.actor_type = app.text('servicePrincipalId', 'appId') === null ? 'service' : 'workload';
    event.actor_name = app.text('displayName', 'servicePrincipalName', 'appId', 'servicePrincipalId');
    event.actor_id = app.text('servicePrincipalId', 'appId');
    event.actor_principal = app.text('appId');
  } else {
    // Nobody is named; the envelope may still say who: a user, a service (`MS-PIM`), or `NA`.
    const name = record.text('identity') ?? audit.text('identity');
    if (name === null || name === 'NA') return;
    event.actor_name = name;
    event.actor_type = name.includes('@') ? 'human' : PIM.test(name) ? 'service' : 'unknown';
  }
}

/** What was changed, with old and new values, which Entra writes as JSON inside JSON. */
function requestOf(audit: Fields): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const name of ['operationType', 'targetResources', 'targetUpdatedProperties', 'additionalDetails']) {
    const value = openedDeep(
      audit.get(name) ?? (name === 'operationType' ? audit.get('AADOperationType') : null),
      6,
    );
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    request[name] = value;
  }
  return request;
}

/** In Log Analytics rows TenantId is the workspace's id, not the directory's. */
function tenantOf(record: Fields, audit: Fields): string | null {
  const ofResource = parseResourceId(record.text('resourceId'))?.tenant ?? null;
  if (record.get('TimeGenerated') !== undefined) return record.text('AADTenantId') ?? ofResource;
  return record.text('tenantId') ?? ofResource ?? audit.text('tenantId');
}

function setSource(event: AuditEvent, record: Fields, audit: Fields, additional: Fields): void {
  const initiator = audit.fields('initiatedBy');
  const address =
    parseAddress(initiator.fields('user').text('ipAddress')) ??
    parseAddress(initiator.fields('app').text('ipAddress')) ??
    parseAddress(record.text('callerIpAddress', 'ipAddress')) ??
    parseAddress(additional.text('ipaddr', 'ClientIpAddress'));
  event.src_ip = address?.ip ?? null;
  event.src_port = address?.port ?? null;
  event.user_agent = audit.text('userAgent') ?? additional.text('User-Agent');
}

function setResult(event: AuditEvent, record: Fields, audit: Fields): void {
  const said =
    audit.text('result') ?? record.text('result') ?? audit.text('resultType') ?? record.text('resultType');
  const result = said === null ? null : (RESULTS.get(said) ?? said);
  event.status = statusOf(result);
  if (event.status !== 'failure') return;
  event.error_code = result?.toLowerCase() === 'timeout' ? 'timeout' : null;
  event.error_message =
    audit.text('resultReason', 'resultDescription') ?? record.text('resultReason', 'resultDescription');
}

/** `[{"key","value"}]` as one object. */
function pairsOf(entries: readonly unknown[]): Fields {
  const pairs: Record<string, unknown> = {};
  for (const entry of entries) {
    const fields = new Fields(entry);
    const key = fields.text('key', 'Name');
    if (key !== null) pairs[key] ??= fields.get('value', 'NewValue');
  }
  return new Fields(pairs);
}

/** For exports that drop the id. */
function identityOf(event: AuditEvent): string | null {
  if (event.correlation_id === null || event.time === null) return null;
  const parts = ['audit', event.correlation_id, Math.floor(event.time / 1000), event.operation];
  return [...parts, event.actor_id, event.target_id]
    .map((part) => part ?? '')
    .join('|')
    .toLowerCase();
}
