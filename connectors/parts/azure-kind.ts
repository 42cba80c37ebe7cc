/** Tells Azure's logs apart by the record alone: they share one envelope, and files do not keep their names. */

import type { BodySample } from '../contract.ts';
import { Fields } from './azure-fields.ts';
import { isResourceId } from './azure-resource-id.ts';
import { tableRow } from './azure-tables.ts';
import { isObject, type JsonObject } from './value.ts';

/** `activity` stands for every diagnostic log that is none of the others. */
export type AzureKind = 'activity' | 'signin' | 'audit' | 'nsgflow' | 'vnetflow' | 'kubernetes';

/** Diagnostic categories and Log Analytics tables of sign-ins, lower case. */
const SIGN_IN_LOGS: ReadonlySet<string> = new Set([
  'signinlogs',
  'noninteractiveusersigninlogs',
  'serviceprincipalsigninlogs',
  'managedidentitysigninlogs',
  'microsoftserviceprincipalsigninlogs',
  'adfssigninlogs',
  'aadnoninteractiveusersigninlogs',
  'aadserviceprincipalsigninlogs',
  'aadmanagedidentitysigninlogs',
]);

/** What kind of Azure record the value is; null when it does not look like one. */
export function kindOf(value: unknown): AzureKind | null {
  if (!isObject(value)) return null;
  return kindOfFields(new Fields(value));
}

/** `kindOf` for a record already wrapped. */
export function kindOfFields(record: Fields): AzureKind | null {
  const category = (record.label('category') ?? '').toLowerCase();
  const properties = record.fields('properties');
  if (category === 'flowlogflowevent' || isObject(record.get('flowRecords'))) return 'vnetflow';
  if (isAnalyticsRow(record)) return 'vnetflow';
  if (category === 'networksecuritygroupflowevent' || hasFlows(properties)) return 'nsgflow';
  if (category.startsWith('kube-audit')) return 'kubernetes';
  if (isSignIn(record, category)) return 'signin';
  if (isAudit(record, properties)) return 'audit';
  return isActivity(record, category) ? 'activity' : null;
}

/** A row of NTANetAnalytics: by the name of its table, or by columns that no other log has together. */
export function isAnalyticsRow(record: Fields): boolean {
  if (record.text('Type', 'TableName') === 'NTANetAnalytics') return true;
  return (
    record.get('FlowIntervalStartTime', 'FlowStartTime') !== undefined &&
    record.get('FlowStatus') !== undefined &&
    record.get('L4Protocol') !== undefined
  );
}

function hasFlows(properties: Fields): boolean {
  const first = properties.list('flows')[0];
  return isObject(first) && Array.isArray(first['flows']);
}

function isSignIn(record: Fields, category: string): boolean {
  if (SIGN_IN_LOGS.has(category)) return true;
  const table = record.text('Type');
  if (table !== null && SIGN_IN_LOGS.has(table.toLowerCase())) return true;
  if (record.get('createdDateTime') === undefined) return false;
  // Microsoft Graph's signIn has no category; no other resource there has these together.
  return (
    record.get('appDisplayName', 'appId', 'servicePrincipalId') !== undefined &&
    record.get('isInteractive', 'signInEventTypes', 'conditionalAccessStatus', 'clientAppUsed', 'status') !==
      undefined
  );
}

function isAudit(record: Fields, properties: Fields): boolean {
  if (properties.get('auditEventCategory') !== undefined) return true;
  for (const part of [properties, record]) {
    if (
      part.get('loggedByService') !== undefined &&
      part.get('initiatedBy', 'activityDisplayName', 'activityDateTime') !== undefined
    )
      return true;
    if (
      part.get('initiatedBy') !== undefined &&
      part.get('targetResources', 'activityDisplayName') !== undefined
    )
      return true;
  }
  return false;
}

function isActivity(record: Fields, category: string): boolean {
  const operation = record.label('operationName', 'operationNameValue');
  if (record.get('eventTimestamp') !== undefined)
    return operation !== null || record.get('eventDataId', 'resourceId', 'caller') !== undefined;
  const named = operation !== null || category !== '';
  // A resource id is Azure's alone; without one the envelope must be there nearly whole.
  if (named && isResourceId(record.get('resourceId', 'resourceUri'))) return true;
  if (named && record.get('TimeGenerated') !== undefined)
    return (
      record.get('TenantId', 'SourceSystem', 'SubscriptionId', 'ResourceId', 'CorrelationId') !== undefined
    );
  if (operation === null || category === '') return false;
  return (
    record.get('time', 'resultType', 'correlationId', 'callerIpAddress', 'operationVersion') !== undefined
  );
}

/** The kinds found among a body's first records, containers opened; empty when none of them is Azure's. */
export function kindsOf(sample: BodySample): ReadonlySet<AzureKind> {
  const kinds = new Set<AzureKind>();
  for (const record of sample.records) {
    for (const inner of innerRecords(record)) {
      const kind = kindOf(inner);
      if (kind !== null) kinds.add(kind);
    }
  }
  if (kinds.size === 0 && sample.records.length === 0) addKindsOfText(sample, kinds);
  return kinds;
}

/** A record, or the first few inside an envelope or a query answer. */
function innerRecords(record: unknown): readonly unknown[] {
  if (!isObject(record)) return [];
  if (Array.isArray(record['records'])) return record['records'].slice(0, 5);
  return Array.isArray(record['tables']) ? rowsOf(record['tables']) : [record];
}

function rowsOf(tables: readonly unknown[]): JsonObject[] {
  const rows: JsonObject[] = [];
  for (const table of tables) {
    const row = tableRow(table, 0);
    if (row !== null) rows.push(row);
  }
  return rows;
}

/** A first record longer than the sample, or broken, still shows its kind by the names in it. */
function addKindsOfText({ text }: BodySample, kinds: Set<AzureKind>): void {
  if (!/^[\s,]*[[{]/.test(text)) return;
  const names = (pattern: string) => new RegExp(`"(?:${pattern})"`, 'i').test(text);
  if (names('flowRecords') && names('flowTuples')) kinds.add('vnetflow');
  else if (names('FlowStartTime') && names('FlowStatus') && names('L4Protocol')) kinds.add('vnetflow');
  else if (names('NetworkSecurityGroupFlowEvent') && names('flowTuples')) kinds.add('nsgflow');
  else if (names('kube-audit(?:-admin)?')) kinds.add('kubernetes');
  else if (names('\\w*SignInLogs')) kinds.add('signin');
  else if (names('appDisplayName|servicePrincipalName') && names('createdDateTime')) kinds.add('signin');
  else if (names('initiatedBy') && names('targetResources|loggedByService')) kinds.add('audit');
  else if (names('operationName|operation_name|operationNameValue') && isEnvelopeText(text))
    kinds.add('activity');
}

function isEnvelopeText(text: string): boolean {
  return (
    /"_?resource_?(?:Id|Uri)"\s*:\s*"\/(?:subscriptions|tenants|providers)\//i.test(text) ||
    /"event_?Timestamp"\s*:/i.test(text) ||
    /"OperationNameValue"/.test(text)
  );
}
