import type { BodySample, Recognition } from '../contract.ts';
import { array, isObject, object, parseJson, text } from '../parts/value.ts';
import { aksLine } from './envelope.ts';

/** Diagnostic settings write AKS's audit logs into containers of these names. */
const LOG_KEY = /(?:^|\/)insights-logs-kube-audit(?:-admin)?\/.+\.json$/;

/** Layout of https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs#send-to-azure-storage */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return LOG_KEY.test(key) ||
    /(?:^|\/)kube-?(?:apiserver-)?audit[^/]*\.(?:log|json|jsonl|ndjson)(?:\.gz)?$/.test(key)
    ? 'records'
    : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  const first = sample.records.flatMap(opened).findIndex(isAuditRecord);
  // Where audit events come after records of another source, the body is rather that source's.
  if (first >= 0) return { role: 'records', confidence: first === 0 ? 0.9 : 0.6 };
  if (sample.records.some(isEmptyList)) return { role: 'records', confidence: 0.9 };
  if (LOG_KEY.test(sample.path)) return { role: 'records', confidence: 0.7 };
  // A first event larger than the sample, or broken; also inside a JSON string.
  const hint =
    /\\?"apiVersion\\?"\s*:\s*\\?"audit\.k8s\.io\//.test(sample.text) && /^[\s,]*[[{]/.test(sample.text);
  return hint ? { role: 'records', confidence: 0.5 } : null;
}

/** What a record holds: the list's items, the log group's messages, itself. */
function opened(record: unknown): unknown[] {
  if (!isObject(record)) return [record];
  if (isAuditKind(record) && Array.isArray(record['items'])) return record['items'];
  const events = [...array(record['logEvents']), ...array(record['events'])];
  if (events.length > 0) return events.map((event) => parseJson(object(event)['message']));
  const line = aksLine(record);
  if (line !== null) return [parseJson(line.line)];
  return [typeof record['message'] === 'string' ? parseJson(record['message']) : record];
}

/** Audit events are of kind Event in the group audit.k8s.io; some exporters drop the group. */
function isAuditRecord(value: unknown): boolean {
  if (!isObject(value)) return false;
  if ('AuditId' in value && 'ObjectRef' in value && 'Verb' in value) return true;
  if (isAuditKind(value)) return true;
  return value['kind'] === 'Event' && 'verb' in value && ('objectRef' in value || 'requestURI' in value);
}

function isAuditKind(value: { readonly [name: string]: unknown }): boolean {
  return text(value['apiVersion'])?.startsWith('audit.k8s.io/') === true;
}

function isEmptyList(value: unknown): boolean {
  return isObject(value) && isAuditKind(value);
}
