/**
 * What a message says has arrived in a bucket: S3's own event notifications, the same through SNS, and EventBridge's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */

export interface NotifiedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | null;
}

/** Total. Null when the text is no notification at all; empty when it names no new object (`s3:TestEvent`, removals). */
export function notifiedObjects(text: string): NotifiedObject[] | null {
  const message = parsed(text);
  if (message === null) return null;
  // SNS without raw delivery puts the notification into a text.
  if (typeof message['Message'] === 'string' && 'TopicArn' in message)
    return notifiedObjects(message['Message']);
  if (message['Event'] === 's3:TestEvent') return [];
  if (message['source'] === 'aws.s3' && isObject(message['detail'])) {
    if (message['detail-type'] !== 'Object Created') return [];
    const { bucket, object } = message['detail'];
    return named(isObject(bucket) ? bucket['name'] : null, object, 'version-id', (key) => key);
  }
  if (!Array.isArray(message['Records'])) return null;
  const found: NotifiedObject[] = [];
  for (const record of message['Records'] as unknown[]) {
    if (!isObject(record) || !isObject(record['s3'])) return null;
    if (!/^(?:s3:)?ObjectCreated:/.test(String(record['eventName']))) continue;
    const { bucket, object } = record['s3'];
    // Keys in S3's own notifications are URL-encoded, with + for a space.
    const one = named(isObject(bucket) ? bucket['name'] : null, object, 'versionId', decoded);
    if (one === null) return null;
    found.push(...one);
  }
  return found;
}

function named(bucket: unknown, object: unknown, version: string, keyOf: (key: string) => string | null) {
  if (typeof bucket !== 'string' || !isObject(object) || typeof object['key'] !== 'string') return null;
  const key = keyOf(object['key']);
  if (key === null) return null;
  const versionId = object[version];
  return [{ bucket, key, versionId: typeof versionId === 'string' ? versionId : null }];
}

function decoded(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
