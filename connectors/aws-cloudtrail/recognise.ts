import type { BodySample, Recognition } from '../contract.ts';
import { isOneObject } from '../parts/one-object.ts';
import { isObject, object, parseJson } from '../parts/value.ts';

const LOG_KEY = /_CloudTrail_[a-z0-9-]+_\d{8}T\d{4}Z_[^/]+\.json(\.gz)?$/;
const DIGEST_KEY = /_CloudTrail-Digest_[^/]+\.json(\.gz)?$/;

/** Layout of https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  if (DIGEST_KEY.test(key)) return 'digest';
  return LOG_KEY.test(key) || /\/CloudTrail(?:-(?!Digest)[A-Za-z]+)?\//.test(key) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  const { members } = sample;
  const isDigest = members.includes('digestPublicKeyFingerprint') || members.includes('digestS3Object');
  if (isDigest && isOneObject(sample)) return { role: 'digest', confidence: 0.95 };
  for (const record of sample.records) {
    if (isTrailRecord(record)) return { role: 'records', confidence: 0.9 };
  }
  // A body with no records yet, such as `{"Records":[]}`, or one that is broken from the start.
  if (roleOfKey(sample.path) === 'records') return { role: 'records', confidence: 0.7 };
  if (roleOfKey(sample.path) === 'digest') return { role: 'digest', confidence: 0.7 };
  if (sample.members.length > 0 && sample.members[0] === 'Records')
    return { role: 'records', confidence: 0.4 };
  if (/"eventVersion"\s*:/.test(sample.text) && /"eventSource"\s*:/.test(sample.text)) {
    return { role: 'records', confidence: 0.5 };
  }
  return null;
}

/** A CloudTrail event, or one of the envelopes it comes in. */
function isTrailRecord(record: unknown): boolean {
  if (!isObject(record)) return false;
  if (isEvent(record)) return true;
  if (isEvent(record['detail'])) return true;
  if (typeof record['CloudTrailEvent'] === 'string') return true;
  if ('EventName' in record && 'EventSource' in record && 'EventId' in record) return true;
  if (record['messageType'] === 'DATA_MESSAGE' && Array.isArray(record['logEvents'])) {
    const first = object(record['logEvents'][0])['message'];
    return isEvent(parseJson(first));
  }
  return false;
}

function isEvent(value: unknown): boolean {
  if (!isObject(value) || Array.isArray(value)) return false;
  const trailFields =
    'eventVersion' in value || 'userIdentity' in value || 'awsRegion' in value || 'eventType' in value;
  const named = 'eventName' in value || 'insightDetails' in value || value['eventCategory'] === 'Aggregated';
  return trailFields && named && ('eventSource' in value || 'insightDetails' in value);
}
