import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidenceKey, makeKey } from '../../../vault/keys.ts';
import { lockFor } from '../../../vault/s3/lock.ts';
import { parseS3Address, parseS3File, retentionDaysOf } from '../../../vault/s3/settings.ts';
import { codeOf } from '../scratch.ts';

const ADDRESS = 's3://example-vault/trail?state=example-state&retention=2557';

describe('an address', () => {
  test('names both stores; compliance unless another mode is chosen', () => {
    expect(parseS3Address(ADDRESS)).toMatchObject({
      vault: { bucket: 'example-vault', prefix: 'trail/' },
      state: { bucket: 'example-state', prefix: '' },
      mode: 'compliance',
      retentionDays: 2557,
      dialect: 'aws',
    });
  });
  test('without a state both stores are in one bucket', () => {
    const { vault, state } = parseS3Address('s3://example-vault/a/b/');
    expect(state).toEqual(vault);
    expect(vault.prefix).toBe('a/b/');
  });
  test('says the same as a file', () => {
    const file = { vault: 's3://example-vault/trail', state: 's3://example-state', retention: 2557 };
    expect(parseS3File(JSON.stringify(file), 'lake.json')).toEqual(parseS3Address(ADDRESS));
  });
  test('trial is governance for one day', () => {
    expect(parseS3Address('s3://example-vault?trial=true')).toMatchObject({
      mode: 'governance',
      retentionDays: 1,
    });
  });
  test.each([
    ['a misspelt setting', 's3://example-vault?retentoin=7', /"retentoin" is no setting/],
    ['a setting twice', 's3://example-vault?retention=7&retention=8', /twice/],
    ['no days', 's3://example-vault?retention=soon', /whole days/],
    ['0 days', 's3://example-vault?retention=0', /between 1 and 36500/],
    ['101 years', 's3://example-vault?retention=36866', /between 1 and 36500/],
    ['a source without all the rest', 's3://example-vault?retention.aws.cloudtrail=7', /needs "retention"/],
    ['no mode of S3', 's3://example-vault?mode=strict', /compliance, governance/],
    ['a trial with a retention', 's3://example-vault?trial=true&retention=7', /goes with no other/],
    ['plain HTTP to elsewhere', 's3://example-vault?endpoint=http://example.com', /https/],
    ['an endpoint that is no URL', 's3://example-vault?endpoint=example.com:9000:1', /endpoint must/],
    ['no bucket', 's3://?retention=7', /vault must be/],
    ['a bucket no S3 has', 's3://Example_Vault', /vault must be/],
    ['a prefix that climbs', 's3://example-vault/a//b', /vault must be/],
    ['an unknown server', 's3://example-vault?server=minio', /aws, ceph/],
  ])('%s is refused by name', (_, address, said) => {
    expect(() => parseS3Address(address)).toThrow(said);
  });
  test.each([
    's3://example-vault?endpoint=https://alice:hunter2@s3.example.com',
    's3://example-vault?endpoint=https://alice:hunter2@s3.example.com&retention=soon',
    's3://alice:hunter2@example-vault',
    's3://example-vault?endpoint=ftp://alice:hunter2@s3.example.com',
  ])('credentials in an address are refused, and no message repeats them: %s', (address) => {
    let said = '';
    try {
      parseS3Address(address);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain('is no lake on S3');
    expect(said).not.toContain('hunter2');
  });
  test('plain HTTP to this machine is fine', () => {
    for (const endpoint of ['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000'])
      expect(parseS3Address(`s3://example-vault?endpoint=${endpoint}`).endpoint).toBe(endpoint);
  });
  test('whatever is given is read or refused, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        for (const parse of [() => parseS3Address(`s3://${a}?${b}`), () => parseS3File(a, b)]) {
          try {
            parse();
          } catch (error) {
            expect((error as { code?: string }).code).toBe('LAKE_ADDRESS');
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
  test.each([
    '[]',
    'null',
    '7',
    '{"vault":["a"]}',
    '{"retention":7}',
    '{"vault":"example-vault","mode":null}',
  ])('a file with %s is refused', (text) => {
    expect(() => parseS3File(text, 'lake.json')).toThrow(/is no lake on S3/);
  });
});

describe('retention', () => {
  const settings = parseS3Address(
    's3://example-vault?retention=90&retention.aws.cloudtrail=2557&retention.linux.auth=7',
  );
  const of = (source: string) => retentionDaysOf(settings, evidenceKey(source, 'a'.repeat(64)));

  test('is each source’s own, or the one for all the rest', () => {
    expect(of('aws.cloudtrail')).toBe(2557);
    expect(of('linux.auth')).toBe(7);
    expect(of('gcp.audit')).toBe(90);
  });
  test('what proves things of every source is kept as long as the longest', () => {
    expect(retentionDaysOf(settings, makeKey('checkpoint', { size: 1 }))).toBe(2557);
    expect(retentionDaysOf(settings, makeKey('tile', { level: 0, index: 0 }))).toBe(2557);
  });
  test('a date is that many days on, to a whole second and never short of it', () => {
    const now = Date.UTC(2026, 0, 1, 0, 0, 0, 1);
    const { mode, retainUntil } = lockFor(settings, evidenceKey('linux.auth', 'a'.repeat(64)), now);
    expect(mode).toBe('compliance');
    expect(retainUntil.toISOString()).toBe('2026-01-08T00:00:01.000Z');
  });
  test('nothing is locked by accident: writing without a chosen retention is refused', async () => {
    const reading = parseS3Address('s3://example-vault');
    expect(await codeOf((async () => lockFor(reading, 'head'))())).toBe('LAKE_RETENTION');
  });
});
