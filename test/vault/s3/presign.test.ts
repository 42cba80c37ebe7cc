import { expect, test } from 'vitest';
import { bucketUrl, presignedGet } from '../../../vault/s3/presign.ts';

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const NOW = new Date('2013-05-24T00:00:00Z');

test('signs as AWS’s own example', () => {
  const link = presignedGet(
    { base: 'https://examplebucket.s3.amazonaws.com', key: 'test.txt', region: 'us-east-1' },
    CREDENTIALS,
    86_400,
    NOW,
  );
  expect(new URL(link).searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

test('version, owner and session are part of what is signed', () => {
  const to = { base: bucketUrl('example', 'eu-west-1', null), key: 'a b/c=d', region: 'eu-west-1' };
  const plain = presignedGet(to, CREDENTIALS, 60, NOW);
  expect(new URL(plain).pathname).toBe('/a%20b/c%3Dd');
  const more = presignedGet(
    { ...to, versionId: 'v1', owner: '123456789012' },
    { ...CREDENTIALS, sessionToken: 'token+/=' },
    60,
    NOW,
  );
  const query = new URL(more).searchParams;
  expect(query.get('versionId')).toBe('v1');
  expect(query.get('x-amz-expected-bucket-owner')).toBe('123456789012');
  expect(query.get('X-Amz-Security-Token')).toBe('token+/=');
  expect(query.get('X-Amz-Signature')).not.toBe(new URL(plain).searchParams.get('X-Amz-Signature'));
});

test('a bucket with dots, a region of China and a server of its own', () => {
  expect(bucketUrl('logs.example', 'eu-west-1', null)).toBe(
    'https://s3.eu-west-1.amazonaws.com/logs.example',
  );
  expect(bucketUrl('example', 'cn-north-1', null)).toBe('https://example.s3.cn-north-1.amazonaws.com.cn');
  expect(bucketUrl('example', 'x', 'http://127.0.0.1:9000/')).toBe('http://127.0.0.1:9000/example');
});
