import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatScope, parseScope } from '../../../schema/scopes/scope.ts';

test.each([
  ['arn:aws:s3:::logs', 'aws', 'AWS::S3::Bucket'],
  ['/subscriptions/s/resourceGroups/g', 'azure', 'Microsoft.Resources/subscriptions/resourceGroups'],
  ['//pubsub.googleapis.com/projects/p/topics/t', 'gcp', 'pubsub.googleapis.com/topics'],
])('%s is of %s', (text, cloud, type) => {
  const scope = parseScope(text)!;
  expect(scope).toMatchObject({ cloud, type, id: text });
  expect(formatScope(scope)).toBe(text);
});

test.each([null, '', 'alice', '123456789012', 'i-0123456789abcdef0', 'https://example.com/'])(
  '%j is no scope',
  (text) => expect(parseScope(text)).toBeNull(),
);

test('what encloses a scope is a scope of the same cloud, and the way up ends', () => {
  const texts = fc.oneof(
    fc.constantFrom(
      'arn:aws:dynamodb:us-east-1:123456789012:table/t/index/i',
      'arn:aws:s3:::b/k',
      '/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f/providers/G.H/i/j',
      '/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/d',
      '//iam.googleapis.com/projects/p/serviceAccounts/s/keys/k',
      'projects/p/locations/l/keyRings/r/cryptoKeys/k',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let scope = parseScope(text);
      for (let steps = 0; scope?.parent != null; steps++) {
        expect(scope.parent.length).toBeLessThan(scope.id.length);
        const outer = parseScope(scope.parent);
        expect(outer?.cloud).toBe(scope.cloud);
        scope = outer;
        expect(steps).toBeLessThan(20);
      }
    }),
  );
});
