/** The double's operations on buckets: settings, listings, and deleting many keys. */

import { element, elements, escapeXml, type S3Double, type S3Reply, type S3Request, xml } from './double.ts';
import { checkSums, needSum } from './double-checksum.ts';
import { type BucketModel, type Mode, remove, S3Refusal, type Version } from './double-model.ts';

export function bucketOperation(double: S3Double, request: S3Request): S3Reply {
  const { method, query, headers } = request;
  if (method === 'PUT' && query.size === 0) {
    if (double.buckets.has(request.bucket)) throw new S3Refusal(409, 'BucketAlreadyOwnedByYou');
    double.addBucket(request.bucket, headers['x-amz-bucket-object-lock-enabled'] === 'true');
    return { status: 200 };
  }
  const bucket = double.buckets.get(request.bucket);
  if (bucket === undefined) throw new S3Refusal(404, 'NoSuchBucket');
  if (method === 'HEAD') return { status: 200 };
  if (query.has('versioning'))
    return method === 'PUT' ? putVersioning(bucket, request) : getVersioning(bucket);
  if (query.has('object-lock')) return method === 'PUT' ? putLock(bucket, request) : getLock(bucket);
  if (method === 'POST' && query.has('delete')) return deleteMany(double, bucket, request);
  if (method === 'GET' && query.has('versions')) return listVersions(double, bucket, query);
  if (method === 'GET' && query.get('list-type') === '2') return listObjects(double, bucket, query);
  throw new S3Refusal(501, 'NotImplemented');
}

function putVersioning(bucket: BucketModel, { body }: S3Request): S3Reply {
  const status = element(body, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Refusal(400, 'MalformedXML');
  if (bucket.lock && status === 'Suspended')
    throw new S3Refusal(409, 'InvalidBucketState', 'An Object Lock configuration is present on this bucket.');
  bucket.versioning = status;
  return { status: 200 };
}

const getVersioning = ({ versioning }: BucketModel): S3Reply => ({
  status: 200,
  body: xml('VersioningConfiguration', versioning === null ? '' : `<Status>${versioning}</Status>`),
});

function putLock(bucket: BucketModel, { body, headers }: S3Request): S3Reply {
  needSum(checkSums(headers, body).any);
  if (element(body, 'ObjectLockEnabled') !== 'Enabled') throw new S3Refusal(400, 'MalformedXML');
  const mode = element(body, 'Mode');
  const [days, years] = [element(body, 'Days'), element(body, 'Years')];
  if (mode === null && (days ?? years) !== null) throw new S3Refusal(400, 'MalformedXML');
  if (mode !== null && (days === null) === (years === null)) throw new S3Refusal(400, 'MalformedXML');
  if (mode !== null && mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE')
    throw new S3Refusal(400, 'MalformedXML');
  if (mode !== null && !(Number(days ?? years) > 0))
    throw new S3Refusal(400, 'InvalidArgument', 'Default retention period must be a positive integer value.');
  if (bucket.versioning !== 'Enabled')
    throw new S3Refusal(409, 'InvalidBucketState', "Versioning must be 'Enabled' on the bucket");
  bucket.lock = true;
  bucket.rule = mode && { mode: mode as Mode, days: days === null ? Number(years) * 365 : Number(days) };
  return { status: 200 };
}

function getLock({ lock, rule }: BucketModel): S3Reply {
  if (!lock) throw new S3Refusal(404, 'ObjectLockConfigurationNotFoundError');
  const inner = rule
    ? `<Rule><DefaultRetention><Mode>${rule.mode}</Mode><Days>${rule.days}</Days></DefaultRetention></Rule>`
    : '';
  return {
    status: 200,
    body: xml('ObjectLockConfiguration', `<ObjectLockEnabled>Enabled</ObjectLockEnabled>${inner}`),
  };
}

function deleteMany(double: S3Double, bucket: BucketModel, { body, headers }: S3Request): S3Reply {
  needSum(checkSums(headers, body).any);
  const bypass = headers['x-amz-bypass-governance-retention'] === 'true';
  const results = elements(body, 'Object').map((one) => {
    const key = element(one, 'Key') ?? '';
    const versionId = element(one, 'VersionId');
    try {
      remove(bucket, key, versionId, bypass, double.now());
      return `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`;
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      return `<Error><Key>${escapeXml(key)}</Key><Code>${error.code}</Code><Message>${error.message}</Message></Error>`;
    }
  });
  return { status: 200, body: xml('DeleteResult', results.join('')) };
}

const sortedKeys = ({ keys }: BucketModel, prefix: string): string[] =>
  [...keys.keys()].filter((key) => key.startsWith(prefix)).sort((a, b) => (a < b ? -1 : 1));

const pageSize = ({ pageKeys }: S3Double, query: URLSearchParams): number =>
  Math.min(Number(query.get('max-keys') ?? pageKeys), pageKeys);

function listObjects(double: S3Double, bucket: BucketModel, query: URLSearchParams): S3Reply {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const live = sortedKeys(bucket, prefix).filter(
    (key) => key > after && bucket.keys.get(key)![0]!.isMarker === false,
  );
  // A folder stands for all its keys and counts as one.
  const entries = [...new Set(live.map((key) => folderOf(key, prefix, delimiter) ?? key))].filter(
    (entry) => entry !== after,
  );
  const page = entries.slice(0, pageSize(double, query));
  const more = entries.length > page.length;
  const contents = page.map((entry) => {
    const version = bucket.keys.get(entry)?.[0];
    if (version === undefined || folderOf(entry, prefix, delimiter) !== null)
      return `<CommonPrefixes><Prefix>${escapeXml(entry)}</Prefix></CommonPrefixes>`;
    const { body, etag, modified } = version;
    return `<Contents><Key>${escapeXml(entry)}</Key><Size>${body.length}</Size><ETag>&quot;${etag}&quot;</ETag><LastModified>${modified.toISOString()}</LastModified></Contents>`;
  });
  // Behind a folder the next page begins after its last key.
  const token = more ? `${page.at(-1)!}${page.at(-1)!.endsWith(delimiter || '\0') ? '\uffff' : ''}` : '';
  const next = more ? `<NextContinuationToken>${escapeXml(token)}</NextContinuationToken>` : '';
  return {
    status: 200,
    body: xml('ListBucketResult', `<IsTruncated>${more}</IsTruncated>${next}${contents.join('')}`),
  };
}

function folderOf(key: string, prefix: string, delimiter: string): string | null {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? null : key.slice(0, at + delimiter.length);
}

function listVersions(double: S3Double, bucket: BucketModel, query: URLSearchParams): S3Reply {
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker');
  const entries = sortedKeys(bucket, prefix).flatMap((key) =>
    bucket.keys.get(key)!.map((version, at) => ({ key, version, isLatest: at === 0 })),
  );
  const start =
    keyMarker === ''
      ? 0
      : idMarker === null
        ? entries.findIndex(({ key }) => key > keyMarker)
        : entries.findIndex(({ key, version }) => key === keyMarker && version.id === idMarker) + 1;
  const rest = start < 0 ? [] : entries.slice(start);
  const page = rest.slice(0, pageSize(double, query));
  const more = rest.length > page.length;
  const last = page.at(-1);
  const next = more
    ? `<NextKeyMarker>${escapeXml(last!.key)}</NextKeyMarker><NextVersionIdMarker>${last!.version.id}</NextVersionIdMarker>`
    : '';
  return {
    status: 200,
    body: xml(
      'ListVersionsResult',
      `<IsTruncated>${more}</IsTruncated>${next}${page.map(({ key, version, isLatest }) => versionXml(key, version, isLatest)).join('')}`,
    ),
  };
}

function versionXml(key: string, { id, isMarker, body, etag, modified }: Version, isLatest: boolean): string {
  const shared = `<Key>${escapeXml(key)}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>${modified.toISOString()}</LastModified>`;
  if (isMarker) return `<DeleteMarker>${shared}</DeleteMarker>`;
  return `<Version>${shared}<ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size></Version>`;
}
