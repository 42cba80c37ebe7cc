import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchKeys, gatherKeys, parseKeys, readKeyFiles } from '../../../ledger/digests/keys.ts';
import { makeSigner } from './parts/trail.ts';

const from = Date.parse('2026-01-01T00:00:00Z');
const to = Date.parse('2026-02-01T00:00:00Z');
const signer = makeSigner(from, to);
const { Fingerprint, Value } = signer.listed;

describe('a list of keys', () => {
  test.each([
    ['ISO 8601, as AWS CLI 2 prints', '2026-01-01T01:00:00+01:00', '2026-02-01T00:00:00+00:00', Value],
    ['seconds, as AWS CLI 1 prints', from / 1000, to / 1000, Value],
    ['dates and bytes, as an SDK gives', new Date(from), new Date(to), Buffer.from(Value, 'base64')],
  ])('%s', (_, ValidityStartTime, ValidityEndTime, value) => {
    const parsed = parseKeys({
      PublicKeyList: [{ Fingerprint, Value: value, ValidityStartTime, ValidityEndTime }],
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: [{ fingerprint: Fingerprint, window: { from, to }, problem: null, region: null }],
    });
  });

  test.each([null, 7, 'x', {}, { PublicKeyList: 7 }, [{ PublicKeyList: [] }, 3]])('%j is none', (value) => {
    expect(parseKeys(value)).toMatchObject({ ok: false, code: 'KEYS_UNREADABLE' });
  });

  test.each([
    [
      'bytes after the key',
      Buffer.concat([Buffer.from(Value, 'base64'), Buffer.from('x')]).toString('base64'),
    ],
    ['other base64 of it', `${Value}\n`],
    ['nothing', ''],
  ])('%s is a key that cannot be used', (_, value) => {
    const parsed = parseKeys({ PublicKeyList: [{ ...signer.listed, Value: value }] });
    expect(parsed.ok && parsed.value[0]).toMatchObject({ key: null, problem: expect.any(String) });
  });

  test('any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseKeys(value);
        parseKeys({ PublicKeyList: [value] });
      }),
    );
  });

  test('told twice is one', () => {
    const parsed = parseKeys([{ PublicKeyList: [signer.listed] }, { PublicKeyList: [signer.listed] }]);
    expect(parsed.ok && gatherKeys(parsed.value).get(Fingerprint)).toHaveLength(1);
  });
});

describe('key files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'akashi-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, content: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  test('of several regions are read together', async () => {
    const other = makeSigner(from, to);
    const keys = await readKeyFiles([
      file('a.json', { PublicKeyList: [signer.listed] }),
      file('b.json', { PublicKeyList: [other.listed] }),
    ]);
    expect([...keys.keys()].sort()).toEqual([Fingerprint, other.fingerprint].sort());
  });

  test.each(['{', '{}', '"x"'])('%j is refused with the way out', async (content) => {
    await expect(readKeyFiles([file('bad.json', content)])).rejects.toMatchObject({
      code: 'KEYS_UNREADABLE',
      message: expect.stringContaining('list-public-keys'),
    });
  });
});

describe('keys fetched', () => {
  test('from every region, page after page, each bound to its region', async () => {
    const asked: string[] = [];
    const keys = await fetchKeys(
      async ({ region, StartTime, NextToken }) => {
        asked.push(`${region} ${StartTime.toISOString()} ${NextToken ?? ''}`);
        const one = makeSigner(from, to);
        return { PublicKeyList: [one.listed], ...(NextToken === undefined ? { NextToken: 'more' } : {}) };
      },
      ['us-east-1', 'eu-west-1'],
      { from, to },
    );
    expect(asked).toEqual(
      ['us-east-1', 'us-east-1', 'eu-west-1', 'eu-west-1'].map(
        (region, at) => `${region} 2026-01-01T00:00:00.000Z ${at % 2 === 0 ? '' : 'more'}`,
      ),
    );
    const regions = [...keys.values()].flat().map(({ region }) => region);
    expect(regions.sort()).toEqual(['eu-west-1', 'eu-west-1', 'us-east-1', 'us-east-1']);
  });

  test('a list without end is refused', async () => {
    await expect(
      fetchKeys(async () => ({ PublicKeyList: [], NextToken: 'x' }), ['us-east-1'], { from, to }),
    ).rejects.toMatchObject({ code: 'KEYS_UNREADABLE' });
  });
});
