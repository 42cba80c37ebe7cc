/** The double's operations on objects: whole, in parts, and their locks. */

import { createHash, randomBytes } from 'node:crypto';
import {
  element,
  elements,
  escapeXml,
  md5Hex,
  type S3Double,
  type S3Reply,
  type S3Request,
  xml,
} from './double.ts';
import { checkSums, needSum } from './double-checksum.ts';
import {
  type BucketModel,
  changeRetention,
  checkCondition,
  holdFrom,
  type MultipartUpload,
  remove,
  retentionFrom,
  S3Refusal,
  store,
  type Version,
  versionIn,
} from './double-model.ts';

export function objectOperation(double: S3Double, bucket: BucketModel, request: S3Request): S3Reply {
  const { method, query } = request;
  if (query.has('retention'))
    return method === 'PUT' ? putRetention(double, bucket, request) : getRetention(bucket, request);
  if (query.has('legal-hold')) return method === 'PUT' ? putHold(bucket, request) : getHold(bucket, request);
  if (query.has('uploads')) return beginParts(double, bucket, request);
  if (query.has('uploadId')) return partOperation(double, bucket, request);
  switch (method) {
    case 'PUT':
      return put(double, bucket, request);
    case 'GET':
    case 'HEAD':
      return get(bucket, request);
    case 'DELETE': {
      const bypass = request.headers['x-amz-bypass-governance-retention'] === 'true';
      const { versionId, isMarker } = remove(
        bucket,
        request.key,
        query.get('versionId'),
        bypass,
        double.now(),
      );
      return {
        status: 204,
        headers: {
          ...(versionId === null ? {} : { 'x-amz-version-id': versionId }),
          ...(isMarker ? { 'x-amz-delete-marker': 'true' } : {}),
        },
      };
    }
    default:
      throw new S3Refusal(501, 'NotImplemented');
  }
}

function lockOf(double: S3Double, bucket: BucketModel, { headers }: S3Request) {
  const mode = headers['x-amz-object-lock-mode'];
  const until = headers['x-amz-object-lock-retain-until-date'];
  const hold = headers['x-amz-object-lock-legal-hold'];
  const retention = retentionFrom(bucket, mode, until, double.now());
  const held = holdFrom(bucket, hold);
  return { retention, held, any: retention !== null || hold !== undefined };
}

const KEPT = ['content-type', 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];

const keptHeaders = ({ headers }: S3Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-') || KEPT.includes(name)),
  ) as Record<string, string>;

function put(double: S3Double, bucket: BucketModel, request: S3Request): S3Reply {
  const { headers, key, body } = request;
  const sums = checkSums(headers, body);
  const { retention, held, any } = lockOf(double, bucket, request);
  if (any) needSum(sums.any);
  checkCondition(bucket, key, headers['if-match'], headers['if-none-match']);
  const etag = md5Hex(body);
  const id = store(bucket, key, {
    isMarker: false,
    body,
    etag,
    headers: keptHeaders(request),
    checksum: sums.sha256,
    modified: double.now(),
    retention,
    held,
  });
  return { status: 200, headers: { etag: `"${etag}"`, ...versionHeader(bucket, id) } };
}

const versionHeader = ({ versioning }: BucketModel, id: string): Record<string, string> =>
  versioning === null ? {} : { 'x-amz-version-id': id };

function get(bucket: BucketModel, { key, query, headers, method }: S3Request): S3Reply {
  const version = versionIn(bucket, key, query.get('versionId'));
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== `"${version.etag}"`)
    throw new S3Refusal(412, 'PreconditionFailed');
  const { body, retention, held } = version;
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range === null || range[2] === '' ? body.length : Math.min(Number(range[2]) + 1, body.length);
  if (range !== null && start >= body.length) throw new S3Refusal(416, 'InvalidRange');
  const part = body.subarray(start, end);
  return {
    status: range === null ? 200 : 206,
    headers: {
      ...version.headers,
      etag: `"${version.etag}"`,
      'last-modified': version.modified.toUTCString(),
      'accept-ranges': 'bytes',
      ...versionHeader(bucket, version.id),
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${body.length}` }),
      ...(method === 'HEAD' ? { 'content-length': String(part.length) } : {}),
      ...(headers['x-amz-checksum-mode'] === 'ENABLED' && version.checksum !== null && range === null
        ? { 'x-amz-checksum-sha256': version.checksum }
        : {}),
      ...(retention === null
        ? {}
        : {
            'x-amz-object-lock-mode': retention.mode,
            'x-amz-object-lock-retain-until-date': retention.until.toISOString(),
          }),
      ...(held ? { 'x-amz-object-lock-legal-hold': 'ON' } : {}),
    },
    body: part,
  };
}

function lockable(bucket: BucketModel, { key, query }: S3Request): Version {
  if (!bucket.lock) throw new S3Refusal(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  return versionIn(bucket, key, query.get('versionId'));
}

function putRetention(double: S3Double, bucket: BucketModel, request: S3Request): S3Reply {
  const { body, headers } = request;
  needSum(checkSums(headers, body).any);
  const version = lockable(bucket, request);
  const mode = element(body, 'Mode');
  const until = element(body, 'RetainUntilDate');
  if ((mode === null) !== (until === null)) throw new S3Refusal(400, 'MalformedXML');
  if (mode !== null && mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE')
    throw new S3Refusal(400, 'MalformedXML');
  const bypass = headers['x-amz-bypass-governance-retention'] === 'true';
  changeRetention(version, mode === null ? null : { mode, until: new Date(until!) }, bypass, double.now());
  return { status: 200 };
}

function getRetention(bucket: BucketModel, request: S3Request): S3Reply {
  const { retention } = lockable(bucket, request);
  if (retention === null) throw new S3Refusal(404, 'NoSuchObjectLockConfiguration');
  return {
    status: 200,
    body: xml(
      'Retention',
      `<Mode>${retention.mode}</Mode><RetainUntilDate>${retention.until.toISOString()}</RetainUntilDate>`,
    ),
  };
}

function putHold(bucket: BucketModel, request: S3Request): S3Reply {
  needSum(checkSums(request.headers, request.body).any);
  const version = lockable(bucket, request);
  const status = element(request.body, 'Status');
  if (status !== 'ON' && status !== 'OFF') throw new S3Refusal(400, 'MalformedXML');
  version.held = status === 'ON';
  return { status: 200 };
}

function getHold(bucket: BucketModel, request: S3Request): S3Reply {
  const { held } = lockable(bucket, request);
  if (!held) throw new S3Refusal(404, 'NoSuchObjectLockConfiguration');
  return { status: 200, body: xml('LegalHold', '<Status>ON</Status>') };
}

function beginParts(double: S3Double, bucket: BucketModel, request: S3Request): S3Reply {
  const { retention, held } = lockOf(double, bucket, request);
  const id = randomBytes(12).toString('hex');
  bucket.uploads.set(id, {
    key: request.key,
    headers: keptHeaders(request),
    retention,
    held,
    wantsSha256: request.headers['x-amz-checksum-algorithm'] === 'SHA256',
    parts: new Map(),
  });
  return {
    status: 200,
    body: xml(
      'InitiateMultipartUploadResult',
      `<Key>${escapeXml(request.key)}</Key><UploadId>${id}</UploadId>`,
    ),
  };
}

function partOperation(double: S3Double, bucket: BucketModel, request: S3Request): S3Reply {
  const id = request.query.get('uploadId')!;
  const parts = bucket.uploads.get(id);
  if (parts === undefined || parts.key !== request.key) throw new S3Refusal(404, 'NoSuchUpload');
  if (request.method === 'PUT') return putPart(parts, request);
  if (request.method === 'DELETE') {
    bucket.uploads.delete(id);
    return { status: 204 };
  }
  const reply = complete(double, bucket, parts, request);
  bucket.uploads.delete(id);
  return reply;
}

function putPart(upload: MultipartUpload, { query, headers, body }: S3Request): S3Reply {
  const sums = checkSums(headers, body);
  if (upload.retention !== null || upload.held) needSum(sums.any);
  if (upload.wantsSha256 && sums.sha256 === null) throw new S3Refusal(400, 'InvalidRequest');
  const number = Number(query.get('partNumber'));
  if (!(number >= 1 && number <= 10_000)) throw new S3Refusal(400, 'InvalidArgument');
  const etag = md5Hex(body);
  upload.parts.set(number, { body, etag, sha256: sums.sha256 });
  return { status: 200, headers: { etag: `"${etag}"` } };
}

function complete(
  double: S3Double,
  bucket: BucketModel,
  upload: MultipartUpload,
  { key, headers, body }: S3Request,
): S3Reply {
  checkCondition(bucket, key, headers['if-match'], headers['if-none-match']);
  const named = elements(body, 'Part').map((inner) => {
    const part = upload.parts.get(Number(element(inner, 'PartNumber')));
    const sum = element(inner, 'ChecksumSHA256');
    if (part === undefined || part.etag !== element(inner, 'ETag')?.replaceAll('"', ''))
      throw new S3Refusal(400, 'InvalidPart');
    if (part.sha256 !== null && sum !== part.sha256) throw new S3Refusal(400, 'InvalidPart');
    return part;
  });
  if (named.length === 0) throw new S3Refusal(400, 'MalformedXML');
  if (named.slice(0, -1).some((part) => part.body.length < double.minPartBytes))
    throw new S3Refusal(400, 'EntityTooSmall');
  const sums = named.map(({ sha256 }) => Buffer.from(sha256 ?? '', 'base64'));
  const etag = `${md5Hex(Buffer.concat(named.map((part) => Buffer.from(part.etag, 'hex'))))}-${named.length}`;
  const composite = createHash('sha256').update(Buffer.concat(sums)).digest('base64');
  const id = store(bucket, key, {
    isMarker: false,
    body: Buffer.concat(named.map((part) => part.body)),
    etag,
    headers: upload.headers,
    checksum: `${composite}-${named.length}`,
    modified: double.now(),
    retention: upload.retention,
    held: upload.held,
  });
  return {
    status: 200,
    headers: versionHeader(bucket, id),
    body: xml(
      'CompleteMultipartUploadResult',
      `<Key>${escapeXml(key)}</Key><ETag>&quot;${etag}&quot;</ETag>`,
    ),
  };
}
