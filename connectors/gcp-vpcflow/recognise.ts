import type { BodySample, Recognition } from '../contract.ts';
import { field, logIdOf } from '../parts/gcp-entry.ts';
import { entriesIn } from '../parts/gcp-records.ts';
import { isObject, object } from '../parts/value.ts';

/** `compute.googleapis.com/vpc_flows/2024/01/10/09:00:00_09:59:59_S0.json`, under any prefix. */
const LOG_KEY =
  /(?:^|\/)(?:compute|networkmanagement)\.googleapis\.com(?:\/|%2F)vpc_flows\/\d{4}\/\d{2}\/\d{2}\/[^/]+\.json(?:\.gz)?$/;

/** Layout of https://cloud.google.com/logging/docs/export/storage */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return LOG_KEY.test(key) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  const first = sample.records.flatMap(entriesIn).findIndex(isFlowEntry);
  // Where flows come after records of another source, the body is rather that source's.
  if (first >= 0) return { role: 'records', confidence: first === 0 ? 0.9 : 0.6 };
  if (roleOfKey(sample.path) === 'records') return { role: 'records', confidence: 0.7 };
  return hintsOf(sample) ? { role: 'records', confidence: 0.5 } : null;
}

function isFlowEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  const payload = object(field(value, 'jsonPayload'));
  const reported = 'reporter' in payload && 'connection' in payload;
  return (
    reported || (logIdOf(value)?.endsWith('.googleapis.com/vpc_flows') === true && 'connection' in payload)
  );
}

/** A first entry larger than the sample, or broken; or a long list of Pub/Sub messages. */
function hintsOf({ text }: BodySample): boolean {
  if (!/^[\s,]*[[{]/.test(text)) return false;
  const log = /googleapis\.com(?:%2F|\/)vpc_flows"/;
  if (log.test(text)) return true;
  const data = /"data"\s*:\s*"([A-Za-z0-9+/_-]{64,})/.exec(text)?.[1];
  return data !== undefined && log.test(Buffer.from(data, 'base64').toString('utf8'));
}
