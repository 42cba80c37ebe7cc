import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { claimOf, mayBe, parseDigestName, parseLogName, parseTime } from '../../../ledger/digests/names.ts';
import { parseDigest } from '../../../ledger/digests/parse.ts';
import { signatureFits, stringToSign } from '../../../ledger/digests/signature.ts';
import { keysOf, makeSigner, Trail } from './parts/trail.ts';

const signer = makeSigner(0, 4e12);
let trail: Trail;
beforeAll(() => {
  trail = new Trail({ signer });
  trail.hour();
  trail.hour();
});

describe('names', () => {
  const digest = '123456789012_CloudTrail-Digest_us-east-1_my_trail.x-1_eu-west-1_20260301T010404Z';

  test('of digests, in which a trail may be named with underscores', () => {
    expect(parseDigestName(`${digest}.json.gz`)).toEqual({
      account: '123456789012',
      region: 'us-east-1',
      trail: 'my_trail.x-1',
      homeRegion: 'eu-west-1',
      kind: 'hourly',
      end: Date.parse('2026-03-01T01:04:04Z'),
    });
    expect(parseDigestName(`${digest}_backfill.json.gz`)).toMatchObject({
      kind: 'backfill',
      trail: 'my_trail.x-1',
    });
    expect(parseDigestName(`${digest}.json`)).toMatchObject({ kind: 'hourly' });
  });

  test('of logs', () => {
    const name = '123456789012_CloudTrail_us-east-1_20260301T0105Z_aB3dE5gH7jK9mN1p.json.gz';
    const delivered = Date.parse('2026-03-01T01:05:00Z');
    expect(parseLogName(name)).toEqual({ account: '123456789012', region: 'us-east-1', sort: '', delivered });
    expect(parseLogName(name.replace('CloudTrail', 'CloudTrail-Insight'))).toMatchObject({ sort: 'Insight' });
  });

  test.each([
    `${digest}.json.bz2`,
    digest.replace('20260301', '20260231'),
    digest.replace('T010404Z', 'T256161Z'),
    digest.replace('123456789012', '12345'),
    `x/${digest}.json.gz`,
    '',
    `${'1'.repeat(5000)}.json`,
  ])('%s is neither', (name) => {
    expect(parseDigestName(name)).toBeNull();
    expect(parseLogName(name)).toBeNull();
  });

  test('a digest is no log', () => {
    expect(parseLogName(`${digest}_x.json.gz`)).toBeNull();
  });

  test('names made to be slow to read are read at once', () => {
    const started = performance.now();
    parseDigestName(`123456789012_CloudTrail-Digest_a_${'_a'.repeat(490)}!`);
    expect(performance.now() - started).toBeLessThan(50);
  });

  test('any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseDigestName(text);
        parseLogName(text);
        parseTime(text);
        mayBe(claimOf(text), { bucket: 'b', key: text });
      }),
    );
  });

  const location = { bucket: 'b', key: 'p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz' };
  test.each([
    ['s3://b/p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz', true],
    ['s3://c/p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz', false],
    ['s3://b/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz', false],
    ['s3://b/p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json', false],
    ['copy/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/x.json.gz', true],
    ['C:\\copy\\AWSLogs\\123456789012\\CloudTrail\\us-east-1\\2026\\03\\01\\x.json.gz', true],
    ['copy/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/02/x.json.gz', false],
    ['copy/x.json.gz', true],
    ['copy/x.json', true],
    ['x.json', true],
    ['copy/y.json.gz', false],
  ])('%s may be the object: %s', (origin, may) => {
    expect(mayBe(claimOf(origin), location)).toBe(may);
  });
});

describe('digests', () => {
  const members = () => JSON.parse(trail.digests[1]!.text) as Record<string, unknown>;
  const without = (name: string) => {
    const rest = members();
    delete rest[name];
    return rest;
  };
  const parsed = (value: unknown) => parseDigest(gzipSync(JSON.stringify(value)));

  test('one is read whole', () => {
    const read = parseDigest(gzipSync(trail.digests[1]!.text));
    expect(read).toMatchObject({
      ok: true,
      value: {
        location: { bucket: trail.bucket, key: trail.digests[1]!.key },
        start: trail.digests[1]!.start,
        end: trail.digests[1]!.end,
        previous: { key: trail.digests[0]!.key, signature: trail.digests[0]!.signature },
        logs: [{ key: trail.digests[1]!.logs[0]!.key }],
      },
    });
  });

  test('escaped slashes, as CloudTrail writes them, and spaces change nothing but the hash', () => {
    const text = JSON.stringify(members(), null, 1).replaceAll('/', '\\/');
    expect(parseDigest(gzipSync(text))).toMatchObject({
      ok: true,
      value: { location: { key: trail.digests[1]!.key } },
    });
  });

  test.each([
    'digestStartTime',
    'digestEndTime',
    'digestS3Bucket',
    'digestS3Object',
    'digestPublicKeyFingerprint',
    'digestSignatureAlgorithm',
    'previousDigestSignature',
    'previousDigestS3Object',
    'previousDigestHashValue',
    'logFiles',
  ])('without %s it is none', (name) => {
    expect(parsed(without(name))).toMatchObject({ ok: false, code: 'INVALID_FORMAT' });
  });

  test.each([
    { digestEndTime: '2026-03-01 01:04:04' },
    { digestEndTime: '2026-02-30T01:04:04Z' },
    { digestStartTime: '2027-03-01T01:04:04Z' },
    { digestS3Object: 'somewhere/else.json' },
    { digestS3Bucket: '\ud800' },
    { digestSignatureAlgorithm: 'SHA1withRSA' },
    { previousDigestSignature: null },
    { previousDigestHashValue: 'abc' },
    { previousDigestHashAlgorithm: 'MD5' },
    { logFiles: {} },
    { logFiles: [null] },
    { logFiles: [{ s3Bucket: 'b', s3Object: 'k', hashValue: 'zz', hashAlgorithm: 'SHA-256' }] },
    { logFiles: [{ s3Bucket: 'b', s3Object: 'k', hashValue: 'a'.repeat(64), hashAlgorithm: 'MD5' }] },
  ])('with %j it is none', (change) => {
    expect(parsed({ ...members(), ...change })).toMatchObject({ ok: false, code: 'INVALID_FORMAT' });
  });

  test('any bytes, any JSON', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseDigest(bytes)));
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(members())), (value, name) => {
        parsed(value);
        parsed({ ...members(), [name]: value });
      }),
    );
  });

  test('the text that is signed', () => {
    for (const [at, { text, signature, key }] of trail.digests.entries()) {
      const read = parseDigest(Buffer.from(text));
      if (!read.ok) throw new Error(read.problem);
      const lines = stringToSign(read.value).split('\n');
      expect(lines[1]).toBe(`${trail.bucket}/${key}`);
      expect(lines[3]).toBe(at === 0 ? 'null' : trail.digests[0]!.signature);
      const publicKey = keysOf(signer).get(signer.fingerprint)![0]!.key!;
      expect(signatureFits(read.value, signature, publicKey)).toBe(true);
      expect(signatureFits(read.value, signature.toUpperCase(), publicKey)).toBe(true);
      for (const wrong of [signature.slice(2), `${signature}00`, `00${signature}`, '', signature.slice(1)])
        expect(signatureFits(read.value, wrong, publicKey)).toBe(false);
    }
  });
});
