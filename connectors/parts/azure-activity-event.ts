/**
 * The Activity Log in its three shapes, and every other diagnostic log in the same envelope.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema
 * https://learn.microsoft.com/en-us/azure/azure-monitor/platform/resource-logs-schema
 * https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/azureactivity
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { providerName } from '../../schema/scopes/azure-types.ts';
import { parseAddress } from './address.ts';
import { setActor, tenantOfClaims } from './azure-actor.ts';
import { Fields, fold, openedDeep } from './azure-fields.ts';
import { parseResourceId } from './azure-resource-id.ts';
import { errorOf, reasonOf, resultWord, severityOf, statusOf } from './azure-result.ts';
import { setResourceTarget } from './azure-targets.ts';
import { setAzureTime } from './azure-time.ts';
import { type JsonObject, jsonText, text } from './value.ts';

/** Categories of older exports that only repeat the operation's last word; the category proper is in properties. */
const VERBS: ReadonlySet<string> = new Set(['write', 'delete', 'action']);

/** Members of `properties` that repeat the envelope or have columns of their own. */
const REPEATED: ReadonlySet<string> = new Set(
  (
    'eventCategory entity message hierarchy statusCode statusMessage serviceRequestId responseBody requestbody caller ' +
    'correlationId activityStatusValue activitySubstatusValue resource resourceGroup resourceProviderValue ' +
    'subscriptionId eventSubmissionTimestamp eventDataId operationId operationNameValue callerIpAddress'
  )
    .split(' ')
    .map(fold),
);

export function setActivity(event: AuditEvent, record: Fields): void {
  const properties = new Fields(openedDeep(record.fields('properties', 'Properties_d').value));
  // when
  setAzureTime(event, [
    record.get('time', 'eventTimestamp', 'TimeGenerated'),
    record.get('timestamp', 'eventTime', 'startTime'),
  ]);
  event.uid = record.text('eventDataId');
  // did what
  setOperation(event, record, properties);
  setRequest(event, record, properties);
  // who
  setActor(event, record, properties);
  // to what, where
  const id = resourceIdOf(record, properties);
  setResourceTarget(event, record, { id, scope: authorizationOf(record).text('scope'), properties });
  event.org = tenantOf(record, properties);
  event.region = record.text('location', 'resourceLocation') ?? properties.text('resourceLocation');
  // from where
  setSource(event, record, properties);
  // with what result
  const result = record.label('resultType', 'status', 'ActivityStatusValue', 'ActivityStatus', 'statusText');
  setResult(event, record, properties, result);
  event.identity = identityOf(event, result, properties);
  if (event.category === 'Security') setFinding(event, record, properties);
}

function setOperation(event: AuditEvent, record: Fields, properties: Fields): void {
  // Log Analytics has the name for people in OperationName and the operation in OperationNameValue.
  event.operation =
    record.label('operationNameValue', 'operationName') ??
    authorizationOf(record).text('action') ??
    properties.text('operationName');
  const written = record.label('categoryValue', 'category');
  event.category =
    written === null || VERBS.has(written.toLowerCase())
      ? (properties.text('eventCategory') ?? written)
      : written;
  const service =
    providerOf(event.operation) ??
    record.label('resourceProviderValue', 'resourceProviderName') ??
    parseResourceId(resourceIdOf(record, properties))?.provider ??
    null;
  event.service = service === null ? null : providerName(service);
  event.severity = severityOf(record.text('level'));
  event.read_only = readOnly(event.operation, event.category, properties.text('requestMethod'));
}

/** `Microsoft.Compute` of `Microsoft.Compute/virtualMachines/write`; null for names that are no such path. */
function providerOf(operation: string | null): string | null {
  const provider = operation?.slice(0, operation.indexOf('/')) ?? '';
  return operation?.includes('/') === true && /^[\w-]{1,100}\.[\w.-]{1,100}$/.test(provider)
    ? provider
    : null;
}

/** An operation's last word says whether it reads; `action` may do either. Graph's log has the HTTP method instead. */
function readOnly(operation: string | null, category: string | null, method: string | null): boolean | null {
  const verb = /\/(read|write|delete)$/i.exec(operation ?? '')?.[1]?.toLowerCase();
  if (verb !== undefined) return verb === 'read';
  if (method !== null) return /^(?:GET|HEAD|OPTIONS)$/i.test(method);
  if (category === 'StorageRead') return true;
  return category === 'StorageWrite' || category === 'StorageDelete' ? false : null;
}

function setRequest(event: AuditEvent, record: Fields, properties: Fields): void {
  const body = properties.get('requestbody');
  event.request = jsonText(body ?? withoutRepeated(properties.value));
  const http = httpOf(record);
  event.request_id =
    http.text('clientRequestId') ??
    properties.text('clientRequestId', 'requestId', 'serviceRequestId') ??
    record.text('requestId');
  event.correlation_id = record.text('correlationId');
}

function withoutRepeated(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !REPEATED.has(fold(name))));
}

function httpOf(record: Fields): Fields {
  return record.fields('httpRequest', 'HTTPRequest');
}

function authorizationOf(record: Fields): Fields {
  const inside = record.fields('identity').fields('authorization');
  return inside.isEmpty ? record.fields('authorization', 'Authorization_d') : inside;
}

function resourceIdOf(record: Fields, properties: Fields): string | null {
  return (
    record.text('resourceId', 'resourceUri') ??
    authorizationOf(record).text('scope') ??
    properties.text('entity')
  );
}

/** In Log Analytics rows TenantId is the workspace's id, not the directory's. */
function tenantOf(record: Fields, properties: Fields): string | null {
  const isRow = record.get('TimeGenerated') !== undefined;
  return (
    (isRow ? record.text('AADTenantId') : record.text('tenantId')) ??
    tenantOfClaims(record) ??
    properties.text('tenantId') ??
    parseResourceId(record.text('resourceId'))?.tenant ??
    null
  );
}

function setSource(event: AuditEvent, record: Fields, properties: Fields): void {
  const http = httpOf(record);
  const said =
    record.text('callerIpAddress') ??
    http.text('clientIpAddress') ??
    properties.text('callerIpAddress', 'clientIpAddress', 'ipAddress', 'clientIp');
  const address = parseAddress(said);
  if (address !== null) {
    event.src_ip = address.ip;
    event.src_port = address.port;
  } else if (said !== null && /^[\w-]+(?:\.[\w-]+)+$/.test(said) && /[a-z]/i.test(said)) {
    event.src_host = said;
  }
  event.user_agent =
    properties.text('userAgent', 'userAgentHeader', 'clientInfo') ??
    record.text('userAgent', 'userAgentHeader');
  event.protocol = record.text('protocol');
  const uri = record.text('uri') ?? properties.text('requestUri');
  event.dst_host = /^https?:\/\/([^/:?#]+)/i.exec(uri ?? '')?.[1] ?? null;
}

function setResult(event: AuditEvent, record: Fields, properties: Fields, result: string | null): void {
  const signature = record.label(
    'resultSignature',
    'subStatus',
    'ActivitySubstatusValue',
    'ActivitySubstatus',
  );
  const http = properties.text('httpStatusCode', 'responseStatusCode') ?? record.text('statusCode');
  // Key Vault calls a refused request a success of its own; the HTTP status says what the caller got.
  event.status =
    statusOf(http) === 'failure' ? 'failure' : (statusOf(result) ?? statusOf(signature) ?? statusOf(http));
  const message = properties.get('statusMessage');
  const error = errorOf(message);
  if (event.status === 'failure') {
    event.error_code =
      error.code ??
      reasonOf(properties.text('statusCode')) ??
      reasonOf(signature) ??
      reasonOf(result) ??
      http;
    event.error_message = error.message ?? record.text('resultDescription', 'description');
  }
  const response = properties.get('responseBody') ?? message;
  if (typeof response === 'object') event.response = jsonText(response);
}

/**
 * What makes a blob's record, the REST answer's and the Log Analytics row the same event: only the last two have an
 * event id, but all have these. Time counts to the millisecond, as the coarsest of them writes it.
 */
function identityOf(event: AuditEvent, result: string | null, properties: Fields): string | null {
  if (event.correlation_id === null) return null;
  const millis = event.time === null ? '' : Math.floor(event.time / 1000);
  const parts = [event.correlation_id, millis, event.operation, resultWord(result), event.target_id];
  // One change is judged by many policies in one instant: each is an event of its own.
  for (const policy of properties.list('policies')) {
    const { value } = new Fields(policy);
    parts.push(text(value['policyAssignmentId']), text(value['policyDefinitionId']));
  }
  return parts
    .map((part) => part ?? '')
    .join('|')
    .toLowerCase();
}

/** Alerts of Defender for Cloud. */
function setFinding(event: AuditEvent, record: Fields, properties: Fields): void {
  event.class = 'Detection Finding';
  const resolved = /^(?:resolved|dismissed)$/i.test(record.label('resultType', 'status') ?? '');
  event.activity = resolved ? 'Close' : 'Create';
  event.severity = severityOf(properties.text('severity')) ?? event.severity;
  event.command = properties.text('commandLine');
  const uid = event.target_name ?? event.correlation_id;
  const title = record.text('resultDescription', 'description') ?? properties.text('title', 'alertName');
  if (uid !== null) {
    event.ocsf_extra = jsonText({ finding_info: title === null ? { uid } : { uid, title } });
  }
}
