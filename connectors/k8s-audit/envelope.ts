/** What encloses an audit event says which cluster it is from. */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseResourceId } from '../parts/azure-resource-id.ts';
import type { LogGroupContext } from '../parts/cloudwatch-logs.ts';
import { field } from '../parts/gcp-entry.ts';
import { firstText, type JsonObject, object, parseJson, text } from '../parts/value.ts';

export interface Envelope {
  readonly cloud: 'aws' | 'azure';
  readonly cluster: string | null;
  /** Full id of the cluster, where it has one. */
  readonly clusterId: string | null;
  readonly account: string | null;
  readonly region: string | null;
  readonly category: string | null;
  /** When the envelope was written, as written; for events without a time of their own. */
  readonly time: unknown;
}

/** EKS writes to the log group `/aws/eks/<cluster>/cluster`. */
export function eksEnvelope(context: LogGroupContext): Envelope {
  return {
    cloud: 'aws',
    cluster: /^\/aws\/eks\/([^/]+)\/cluster$/.exec(context.logGroup ?? '')?.[1] ?? null,
    clusterId: null,
    account: context.owner,
    region: null,
    category: null,
    time: context.timestamp,
  };
}

/** A diagnostic record of AKS, or a row of Log Analytics' AzureDiagnostics, AKSAudit or AKSAuditAdmin. */
export function aksEnvelope(record: JsonObject): Envelope {
  const clusterId = firstText(record['resourceId'], record['ResourceId'], record['_ResourceId']);
  const resource = parseResourceId(clusterId);
  return {
    cloud: 'azure',
    cluster: resource?.type === 'Microsoft.ContainerService/managedClusters' ? resource.name : null,
    clusterId,
    account: firstText(resource?.subscription?.toLowerCase(), record['SubscriptionId']),
    region: firstText(record['location'], record['Location']),
    category: firstText(record['category'], record['Category']),
    time: firstText(record['time'], record['TimeGenerated']),
  };
}

/** Where a diagnostic record of AKS keeps the line the API server wrote, and where that stands. Null for other records. */
export function aksLine(record: JsonObject): { line: string; pointer: string } | null {
  const properties = record['properties'];
  const inside = object(typeof properties === 'string' ? parseJson(properties) : properties);
  if (typeof inside['log'] === 'string') {
    const pointer = typeof properties === 'string' ? '/properties;pointer=/log' : '/properties/log';
    return { line: inside['log'], pointer };
  }
  return typeof record['log_s'] === 'string' ? { line: record['log_s'], pointer: '/log_s' } : null;
}

/** AKS's control plane has other logs too; these two are the audit log, the second without reads. */
export function isAuditCategory(record: JsonObject): boolean {
  const category = firstText(record['category'], record['Category']);
  return category === null || category.toLowerCase().startsWith('kube-audit');
}

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/AKSAudit */
const LOG_ANALYTICS_COLUMNS: readonly (readonly [string, string])[] = [
  ['AuditId', 'auditID'],
  ['Level', 'level'],
  ['Stage', 'stage'],
  ['Verb', 'verb'],
  ['User', 'user'],
  ['ImpersonatedUser', 'impersonatedUser'],
  ['SourceIps', 'sourceIPs'],
  ['UserAgent', 'userAgent'],
  ['ObjectRef', 'objectRef'],
  ['ResponseStatus', 'responseStatus'],
  ['RequestObject', 'requestObject'],
  ['ResponseObject', 'responseObject'],
  ['RequestUri', 'requestURI'],
  ['RequestReceivedTime', 'requestReceivedTimestamp'],
  ['StageReceivedTime', 'stageTimestamp'],
  ['Annotations', 'annotations'],
];

/** A row of AKSAudit under the names of the audit event it was made from; null for any other object. */
export function fromLogAnalytics(row: JsonObject): JsonObject | null {
  if (!('AuditId' in row)) return null;
  const event: Record<string, unknown> = {};
  for (const [column, name] of LOG_ANALYTICS_COLUMNS) {
    const value = row[column];
    // Dynamic columns are exported as JSON text by some tools.
    const parsed = typeof value === 'string' && /^[[{]/.test(value) ? parseJson(value) : null;
    if (value !== undefined && value !== null) event[name] = parsed ?? value;
  }
  return event;
}

/** Sets cloud, place and category. */
export function setEnvelope(event: AuditEvent, envelope: Envelope): void {
  event.cloud = envelope.cloud;
  event.account = envelope.account;
  event.region = envelope.region;
  event.category = envelope.category;
  event.dst_host = envelope.cluster;
}

/** Cluster of a GKE entry. */
export function gkeCluster(entry: JsonObject): string | null {
  return text(object(object(field(entry, 'resource'))['labels'])['cluster_name']);
}
