import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGcpName, parseGcpName, parseGcpNameOf } from '../../../schema/scopes/gcp-name.ts';

type Expected = Partial<NonNullable<ReturnType<typeof parseGcpName>>>;

/** https://cloud.google.com/iam/docs/full-resource-names, and resourceName as the services' audit logs write it. */
const NAMES: readonly (readonly [name: string, expected: Expected])[] = [
  [
    '//compute.googleapis.com/projects/p/zones/us-central1-a/instances/i',
    {
      kind: 'resource',
      service: 'compute.googleapis.com',
      type: 'compute.googleapis.com/instances',
      name: 'i',
      account: 'p',
      region: 'us-central1-a',
      parent: '//compute.googleapis.com/projects/p/zones/us-central1-a',
    },
  ],
  [
    'projects/p/zones/us-central1-a/instances/i',
    { type: 'instances', collection: 'instances', service: null, name: 'i', account: 'p' },
  ],
  [
    'https://www.googleapis.com/compute/v1/projects/p/global/networks/default',
    {
      collection: 'networks',
      name: 'default',
      region: 'global',
      parent: 'https://www.googleapis.com/compute/v1/projects/p',
    },
  ],
  [
    'https://content.googleapis.com/sql/v1beta4/projects/p/instances/db',
    { collection: 'instances', name: 'db', service: null },
  ],
  [
    'https://pubsub.googleapis.com/v1/projects/p/topics/t',
    { type: 'pubsub.googleapis.com/topics', name: 't' },
  ],
  ['bigquery.googleapis.com/projects/p/datasets/d', { type: 'bigquery.googleapis.com/datasets', name: 'd' }],
  // containers
  [
    'projects/example-prod',
    {
      kind: 'account',
      type: 'cloudresourcemanager.googleapis.com/projects',
      account: 'example-prod',
      parent: null,
    },
  ],
  ['projects/415104041262', { kind: 'account', name: '415104041262', account: '415104041262' }],
  ['projects/example.com:old', { kind: 'account', account: 'example.com:old' }],
  ['organizations/123', { kind: 'organization', org: '123', name: '123' }],
  ['folders/456', { kind: 'folder', folder: '456', name: '456', account: null }],
  ['projects/p/locations/europe-west3', { kind: 'location', region: 'europe-west3', parent: 'projects/p' }],
  [
    'organizations/123/roles/auditor',
    { kind: 'resource', org: '123', name: 'auditor', parent: 'organizations/123' },
  ],
  ['billingAccounts/0X0X0X-0X0X0X-0X0X0X', { kind: 'resource', name: '0X0X0X-0X0X0X-0X0X0X', account: null }],
  // ids that stand for any project
  ['projects/_/buckets/b', { collection: 'buckets', name: 'b', account: null }],
  [
    'projects/_/buckets/b/objects/a/b c/d.csv',
    { collection: 'objects', name: 'a/b c/d.csv', parent: 'projects/_/buckets/b' },
  ],
  ['projects/_/buckets/b/objects/folder/', { name: 'folder/' }],
  [
    'projects/-/serviceAccounts/sa@p.iam.gserviceaccount.com',
    { collection: 'serviceAccounts', name: 'sa@p.iam.gserviceaccount.com', account: null },
  ],
  ['storage.googleapis.com/b', { type: 'storage.googleapis.com/buckets', name: 'b' }],
  [
    '//storage.googleapis.com/b/a/c.csv',
    { type: 'storage.googleapis.com/objects', name: 'a/c.csv', parent: '//storage.googleapis.com/b' },
  ],
  ['//storage.googleapis.com/b', { type: 'storage.googleapis.com/buckets', name: 'b' }],
  // deep
  [
    'projects/p/serviceAccounts/sa@p.iam.gserviceaccount.com/keys/0123abcd',
    {
      collection: 'keys',
      name: '0123abcd',
      parent: 'projects/p/serviceAccounts/sa@p.iam.gserviceaccount.com',
    },
  ],
  [
    'projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
    { collection: 'cryptoKeyVersions', name: '1', region: 'l' },
  ],
  [
    '//container.googleapis.com/projects/p/locations/l/clusters/c/k8s/namespaces/n/apps/deployments/d',
    { type: 'container.googleapis.com/deployments', name: 'd' },
  ],
  [
    '//container.googleapis.com/projects/p/locations/l/clusters/c',
    { type: 'container.googleapis.com/clusters', name: 'c' },
  ],
  // a collection as a whole, and what there is one of only
  ['projects/p/datasets', { kind: 'resource', type: null, name: null, account: 'p', parent: 'projects/p' }],
  ['organizations/123/settings', { type: null, name: null, org: '123' }],
];

describe('a Google Cloud resource name', () => {
  test.each(NAMES)('%s', (name, expected) => {
    expect(parseGcpName(name)).toMatchObject({ cloud: 'gcp', id: name, ...expected });
  });

  test.each(NAMES)('%s put together again is the same text', (name) => {
    expect(formatGcpName(parseGcpName(name)!)).toBe(name);
  });

  test.each([
    null,
    '',
    '/',
    '//',
    'projects',
    '/projects/p',
    'managedZones/z',
    'user@example.com',
    'https://www.googleapis.com/auth/cloud-platform',
    'https://example.com/projects/p',
    '//evil',
  ])('is not %j', (text) => expect(parseGcpName(text)).toBeNull());

  test('whose service is known may begin with any collection', () => {
    expect(parseGcpNameOf('dns.googleapis.com', 'managedZones/z')).toMatchObject({
      type: 'dns.googleapis.com/managedZones',
      name: 'z',
      account: null,
    });
    expect(parseGcpNameOf('compute.googleapis.com', 'projects/p/zones/z/instances/i')).toMatchObject({
      type: 'compute.googleapis.com/instances',
    });
    // Its own word is better than ours.
    expect(
      parseGcpNameOf('iam.googleapis.com', '//compute.googleapis.com/projects/p/zones/z/disks/d'),
    ).toMatchObject({
      type: 'compute.googleapis.com/disks',
    });
    expect(parseGcpNameOf(null, '')).toBeNull();
  });
});

describe('whatever the text', () => {
  const part = fc.constantFrom(
    'projects',
    'objects',
    'buckets',
    'global',
    'zones',
    'k8s',
    'locations',
    'p',
    '_',
    '',
    'a b',
  );
  const prefixes = fc.constantFrom(
    '',
    '//storage.googleapis.com/',
    '//a.b/',
    'https://www.googleapis.com/compute/v1/',
  );
  const texts = fc
    .tuple(prefixes, fc.array(part, { minLength: 1, maxLength: 9 }))
    .map(([prefix, parts]) => prefix + parts.join('/'));

  test('what parses is written as it came, but for slashes after it, and says nothing that is not there', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), texts),
        fc.option(fc.constant('iam.googleapis.com')),
        (text, service) => {
          for (const name of [parseGcpName(text), parseGcpNameOf(service, text)]) {
            if (name === null) continue;
            const again = formatGcpName(name);
            expect(text.startsWith(again)).toBe(true);
            expect(text.slice(again.length)).toMatch(/^\/*$/);
            for (const said of [name.name, name.account, name.org, name.folder, name.region, name.parent])
              expect(text).toContain(said ?? '');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('takes no long time', () => {
    const started = performance.now();
    for (const unit of ['buckets/a/', 'objects/', '/', 'projects/', 'a.'])
      for (const prefix of ['', '//', 'https://', 'projects/'])
        parseGcpNameOf(null, prefix + unit.repeat(4000 / unit.length));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
