import type { BodySample, Recognition } from '../contract.ts';
import { isAuditEntry } from '../parts/gcp-entry.ts';
import { entriesIn } from '../parts/gcp-records.ts';

/** `cloudaudit.googleapis.com/activity/2024/01/10/09:00:00_09:59:59_S0.json`, under any prefix. */
const LOG_KEY =
  /(?:^|\/)cloudaudit\.googleapis\.com(?:\/|%2F)(?:activity|data_access|system_event|policy)\/\d{4}\/\d{2}\/\d{2}\/[^/]+\.json(?:\.gz)?$/;

/** Layout of https://cloud.google.com/logging/docs/export/storage */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return LOG_KEY.test(key) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  const entries = sample.records.flatMap(entriesIn);
  const first = entries.findIndex(isAuditEntry);
  // Where audit entries come after records of another source, the body is rather that source's.
  if (first >= 0) return { role: 'records', confidence: first === 0 ? 0.9 : 0.6 };
  if (roleOfKey(sample.path) === 'records') return { role: 'records', confidence: 0.7 };
  return hintsOf(sample) ? { role: 'records', confidence: 0.5 } : null;
}

/** A first entry larger than the sample, or broken; or a long list of Pub/Sub messages. */
function hintsOf({ text }: BodySample): boolean {
  if (!/^[\s,]*[[{]/.test(text)) return false;
  if (/"logName"\s*:\s*"[^"]*cloudaudit\.googleapis\.com/.test(text)) return true;
  if (/"@type"\s*:\s*"type\.googleapis\.com\/google\.cloud\.audit\.AuditLog"/.test(text)) return true;
  const data = /"data"\s*:\s*"([A-Za-z0-9+/_-]{64,})/.exec(text)?.[1];
  return (
    data !== undefined && Buffer.from(data, 'base64').toString('utf8').includes('cloudaudit.googleapis.com')
  );
}
