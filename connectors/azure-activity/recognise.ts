import type { BodySample, Recognition } from '../contract.ts';
import { kindsOf } from '../parts/azure-kind.ts';

/** Logs in containers of their own that other connectors read. */
const OTHERS =
  /(?:insights-logs|am)-(?:\w*signinlogs|auditlogs|networksecuritygroupflowevent|flowlogflowevent|ntanetanalytics|kube-audit)/i;

/**
 * Layout of https://learn.microsoft.com/en-us/azure/azure-monitor/platform/resource-logs#send-to-azure-storage: one
 * container per category, `insights-activity-logs` for the Activity Log, and a blob per resource and hour. `am-<table>`
 * is what Log Analytics exports: https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-data-export
 */
const KEY =
  /(?:insights-(?:activity-logs|operational-logs|logs-[\w-]+)\/|resourceId=\/(?:SUBSCRIPTIONS|TENANTS)\/|am-azure(?:activity|diagnostics)\/).*\.json(?:\.gz)?$/i;
const OTHER_FOLDERS = /\/macAddress=[^/]+\/|flowLogResourceID=/i;

export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return KEY.test(key) && !OTHERS.test(key) && !OTHER_FOLDERS.test(key) ? 'records' : 'ignore';
}

/** Everything in Azure's envelope that no other connector reads whole, mixtures included. */
export function recognise(sample: BodySample): Recognition | null {
  const kinds = kindsOf(sample);
  const mixed = kinds.has('signin') && kinds.has('audit');
  if (kinds.has('activity') || mixed) {
    return { role: 'records', confidence: kinds.has('kubernetes') ? 0.6 : 0.9 };
  }
  if (kinds.size > 0 || sample.records.length > 0) return null;
  if (roleOfKey(sample.path) === 'records') return { role: 'records', confidence: 0.7 };
  // `{"records":[]}`: nothing says whose, and nothing is lost.
  return sample.complete && sample.members[0] === 'records' ? { role: 'records', confidence: 0.3 } : null;
}
