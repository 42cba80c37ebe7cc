/**
 * Links that let whoever has one read one version of one object for a while, and nothing else.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */

import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface LinkTo {
  /** `https://bucket.s3.eu-west-1.amazonaws.com`, or a server's URL with the bucket as the beginning of the path. */
  readonly base: string;
  readonly key: string;
  readonly region: string;
  /** Left out: what the key names when the link is used. */
  readonly versionId?: string;
  /** Account that must own the bucket. */
  readonly owner?: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** `seconds`: how long it works, a week at most; a session's end is its end as well. */
export function presignedGet(
  { base, key, region, versionId, owner }: LinkTo,
  credentials: Credentials,
  seconds: number,
  now = new Date(),
): string {
  const url = new URL(base);
  const path = `${url.pathname.replace(/\/$/, '')}/${key.split('/').map(encoded).join('/')}`;
  const time = now.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(seconds)],
    ['X-Amz-SignedHeaders', 'host'],
    ...(credentials.sessionToken === undefined ? [] : [['X-Amz-Security-Token', credentials.sessionToken]]),
    ...(owner === undefined ? [] : [['x-amz-expected-bucket-owner', owner]]),
    ...(versionId === undefined ? [] : [['versionId', versionId]]),
  ]
    .map(([name = '', value = '']) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const request = ['GET', path, query, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = [ALGORITHM, time, scope, createHash('sha256').update(request).digest('hex')].join('\n');
  const signature = hmac(keyOf(credentials.secretAccessKey, scope), toSign).toString('hex');
  return `${url.origin}${path}?${query}&X-Amz-Signature=${signature}`;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const keyOf = (secret: string, scope: string): Buffer =>
  scope.split('/').reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`) as Buffer;

/** Everything but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Where a bucket answers: a server's own URL, or Amazon's name for it, by its path where its dots would break TLS. */
export function bucketUrl(bucket: string, region: string, endpoint: string | null): string {
  if (endpoint !== null) return `${endpoint.replace(/\/$/, '')}/${bucket}`;
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}
