import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nativeViews } from '../../../connectors/native-views.ts';
import { explainQuery } from '../../../engine/explain.ts';
import { readSnapshot } from '../../../engine/lake-snapshot.ts';
import { runQuery } from '../../../engine/query.ts';
import { collect } from '../../../stages/collect.ts';
import { readVkey } from '../../../stages/ledger.ts';
import { proveRow, type RowOrigin } from '../../../stages/prove.ts';
import { verify } from '../../../stages/verify/verify.ts';
import { isLockedKey } from '../../../vault/keys.ts';
import { openLake, openLakeForReading } from '../../../vault/lake.ts';
import { codeOf, scratchFolder } from '../scratch.ts';
import { S3Double, type S3Request } from './double.ts';
import type { Version } from './double-model.ts';
import { useTestCredentials } from './subject.ts';

useTestCredentials();
const newFolder = scratchFolder();
const double = new S3Double();
let endpoint: string;
let folder: string;
let address: string;
let lakes = 0;

const home = process.env['AKASHI_HOME'];
beforeAll(async () => {
  endpoint = await double.start();
  folder = await newFolder();
  mkdirSync(join(folder, 'in'));
  const lines = (user: string) =>
    Array.from(
      { length: 3 },
      (_, n) =>
        `Mar  1 10:0${n}:00 host sshd[7]: Accepted password for ${user} from 192.0.2.${n} port 22 ssh2\n`,
    ).join('');
  for (const user of ['alice', 'bob']) writeFileSync(join(folder, 'in', `${user}.log`), lines(user));
});
afterAll(async () => {
  await double.stop();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});

beforeEach(() => {
  double.buckets.clear();
  double.addBucket('vault', true);
  double.addBucket('state', false);
  process.env['AKASHI_HOME'] = join(folder, `home-${lakes++}`);
  address = `s3://vault/trail?state=state&endpoint=${endpoint}&retention=30&retention.linux.auth=60`;
});

const collected = async () =>
  collect(await openLake(address), [join(folder, 'in')], { threads: 1, source: 'linux.auth' });

const query = async (sql: string) => {
  const lake = await openLakeForReading(address);
  const answer = await runQuery({ sql, snapshot: await readSnapshot(lake), views: nativeViews() });
  const rows: unknown[][] = [];
  for await (const batch of answer) rows.push(...(batch as unknown[][]));
  return { names: answer.columns.map(({ name }) => name), rows };
};

const said = async () =>
  (await verify(await openLakeForReading(address), { deep: true, threads: 1 })).problems;
const evidence = (): [string, Version[]] =>
  [...double.buckets.get('vault')!.keys].find(([key]) => key.includes('/evidence/linux.auth/'))!;
const keyIn = (path: string) => path.replace('trail/vault/', '');

describe('a lake on S3', () => {
  test('collects, answers, verifies whole and proves a row', async () => {
    expect(await collected()).toMatchObject({ objects: 2, events: 6 });
    expect(await said()).toEqual([]);
    const { names, rows } = await query('select * from events order by time, uid limit 1');
    const row = Object.fromEntries(names.map((name, at) => [name, rows[0]![at]]));
    const lake = await openLakeForReading(address);
    const proof = await proveRow(lake, (await readVkey(lake.root))!, {
      ...row,
      table: 'events',
    } as unknown as RowOrigin);
    expect(Buffer.from(proof.record).toString()).toContain('Accepted password for');
  });

  test('what was collected is a duplicate the next time', async () => {
    await collected();
    expect(await collected()).toMatchObject({ objects: 0, duplicateObjects: 2 });
  });

  test('a settings file opens the same lake', async () => {
    await collected();
    const file = join(folder, `lake-${lakes}.json`);
    writeFileSync(file, JSON.stringify({ vault: 's3://vault/trail', state: 'state', endpoint }));
    const result = await verify(await openLakeForReading(file), {});
    expect(result).toMatchObject({ ok: true, checkpoint: { size: expect.any(Number) } });
  });

  test('both stores may share one locked bucket', async () => {
    address = `s3://vault/trail?endpoint=${endpoint}&trial=true`;
    await collected();
    expect(await said()).toEqual([]);
    expect(await collected()).toMatchObject({ duplicateObjects: 2 });
    expect(evidence()[1][0]!.retention?.mode).toBe('GOVERNANCE');
  });

  test('every object is encrypted with the key that was named, in buckets of the account that was named', async () => {
    const writes: S3Request[] = [];
    double.fault = (request) => {
      if (request.method === 'PUT') writes.push(request);
      expect(request.headers['x-amz-expected-bucket-owner']).toBe('123456789012');
      return null;
    };
    address += '&kms=alias/trail&owner=123456789012';
    await collected();
    double.fault = () => null;
    expect(writes.length).toBeGreaterThan(10);
    for (const { headers } of writes) {
      expect(headers['x-amz-server-side-encryption']).toBe('aws:kms');
      expect(headers['x-amz-server-side-encryption-aws-kms-key-id']).toBe('alias/trail');
    }
    expect(await said()).toEqual([]);
  });

  test('evidence and its proofs are locked for as long as was chosen, by source', async () => {
    await collected();
    for (const [path, [version]] of double.buckets.get('vault')!.keys) {
      const { mode, until } = version!.retention ?? { mode: null, until: null };
      const days = until === null ? null : Math.round((until.getTime() - Date.now()) / 86_400_000);
      const promised = isLockedKey(keyIn(path)) ? ['COMPLIANCE', 60] : [null, null];
      expect([mode, days], path).toEqual(promised);
    }
    expect(double.buckets.get('vault')!.keys.size).toBeGreaterThan(4);
  });

  test('another machine finds the verifier key, and cannot write without the signing key', async () => {
    await collected();
    process.env['AKASHI_HOME'] = join(folder, `other-${lakes}`);
    expect(await said()).toEqual([]);
    writeFileSync(
      join(folder, 'in', 'carol.log'),
      'Mar  1 10:00:00 host sshd[7]: Accepted password for carol from 192.0.2.9 port 22 ssh2\n',
    );
    expect(await codeOf(collected())).toBe('KEY_MISSING');
    rmSync(join(folder, 'in', 'carol.log'));
  });

  const cached = (): string[] => {
    const lakes = join(process.env['AKASHI_HOME']!, 'lakes');
    const cache = join(lakes, readdirSync(lakes)[0]!, 'cache');
    const names = readdirSync(cache, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.length > 60).map((name) => join(cache, name));
  };

  test('only parts of the tables and columns asked about are fetched, once', async () => {
    await collected();
    const fetched = () => double.log.filter((request) => /GET .*\/events\/data\//.test(request)).length;
    double.log.length = 0;
    await query('select count(*) from events');
    // A footer and the hashes of the parts.
    expect([cached().length, fetched()]).toEqual([2, 2]);
    await query('select count(*) from events');
    expect(fetched()).toBe(2);
    // A bloom filter, and the two chunks in one request.
    await query("select actor_name from events where src_ip = '192.0.2.1'");
    expect([cached().length, fetched()]).toEqual([5, 4]);
    await query("select actor_name from events where src_ip = '203.0.113.1'");
    await query("select actor_name from events where time > '2100-01-01'");
    expect([cached().length, fetched()]).toEqual([5, 4]);
  });

  test('a fetched part that was changed on this machine is fetched again', async () => {
    await collected();
    const sql = 'select uid from events order by uid';
    const { rows } = await query(sql);
    for (const path of cached()) {
      chmodSync(path, 0o644);
      const bytes = readFileSync(path);
      bytes[8]! ^= 1;
      writeFileSync(path, bytes);
    }
    expect((await query(sql)).rows).toEqual(rows);
  });

  test('explain tells what would be fetched, and a cap on it refuses', async () => {
    await collected();
    const lake = await openLakeForReading(address);
    const request = {
      sql: 'select raw from events',
      snapshot: await readSnapshot(lake),
      views: nativeViews(),
    };
    const { requests, fetchBytes, bytes, tableBytes, dollars } = await explainQuery(request);
    expect(requests).toBe(1);
    expect(fetchBytes).toBe(bytes);
    expect(bytes).toBeLessThan(tableBytes / 2);
    expect(dollars).toBeGreaterThan(0);
    expect(await codeOf(runQuery({ ...request, maxReadBytes: bytes - 1 }))).toBe('QUERY_TOO_LARGE');
    const answer = await runQuery({ ...request, maxReadBytes: bytes });
    for await (const batch of answer) expect(batch).toHaveLength(6);
    expect((await explainQuery(request)).requests).toBe(0);
  });

  test('a later version or a mark of deletion over a data file changes no answer', async () => {
    await collected();
    const before = (await query('select uid from events order by uid')).rows;
    process.env['AKASHI_HOME'] = join(folder, `other-${lakes}`);
    const { keys } = double.buckets.get('vault')!;
    for (const [key, versions] of keys) {
      if (!key.includes('/events/data/')) continue;
      const isFile = key.endsWith('.parquet');
      keys.set(key, [
        { ...versions[0]!, id: 'later', isMarker: isFile, body: Buffer.from('{}') },
        ...versions,
      ]);
    }
    expect((await query('select uid from events order by uid')).rows).toEqual(before);
  });

  test('a data file put in place of the sealed one is never read', async () => {
    await collected();
    const versions = [...double.buckets.get('vault')!.keys].find(
      ([key]) => key.includes('/events/data/') && key.endsWith('.parquet'),
    )![1];
    const body = Buffer.from(versions[0]!.body);
    body[8]! ^= 1;
    versions[0] = { ...versions[0]!, body, checksum: null, headers: {} };
    expect(await codeOf(query('select * from events'))).toBe('DATA_ALTERED');
  });
});

describe('what is said of a body that was stored just before', () => {
  const said = async (key: string) => {
    const lake = await openLake(address);
    const before = double.log.length;
    const lately = await lake.remote!.statLately(key);
    const requests = double.log.length - before;
    return { lately, requests, counts: await lake.vault.stat(key) };
  };

  test('is said in one request, and the same', async () => {
    await collected();
    const { lately, requests, counts } = await said(keyIn(evidence()[0]));
    expect(requests).toBe(1);
    expect(lately).toEqual(counts);
  });
  test('is that of the version that counts where another on top is kept for less, not at all, or marks it deleted', async () => {
    await collected();
    const [key, versions] = evidence();
    const first = versions[0]!;
    const until = new Date(first.retention!.until.getTime() - 86_400_000);
    for (const over of [
      { ...first, id: 'over', retention: { ...first.retention!, until } },
      { ...first, id: 'over', retention: null },
      { ...first, id: 'over', isMarker: true },
    ]) {
      double.buckets.get('vault')!.keys.set(key, [over, first]);
      const { lately, counts } = await said(keyIn(key));
      expect(lately).toEqual(counts);
      expect(lately?.version).toBe(first.id);
    }
  });
  test('is nothing where nothing is', async () => {
    await collected();
    expect((await said(`evidence/linux.auth/00/${'0'.repeat(64)}`)).lately).toBeNull();
  });
});

describe('what verify says of what others did to a key', () => {
  const markOver = (key: string, versions: Version[]) =>
    double.buckets
      .get('vault')!
      .keys.set(key, [{ ...versions[0]!, id: 'marker', isMarker: true }, ...versions]);

  test('a delete marker on evidence is named; what lies under it is whole', async () => {
    await collected();
    const [key, versions] = evidence();
    markOver(key, versions);
    expect(await said()).toMatchObject([{ code: 'DELETE_MARKER', key: keyIn(key) }]);
  });
  test('a second version with other bytes is named, and the first is what is read', async () => {
    await collected();
    const [key, versions] = evidence();
    const forged = { ...versions[0]!, id: 'forged', body: Buffer.from('forged'), etag: 'f'.repeat(32) };
    double.buckets.get('vault')!.keys.set(key, [forged, ...versions]);
    expect(await said()).toMatchObject([{ code: 'LATER_VERSION', key: keyIn(key) }]);
  });
  test('a second version with the same bytes changes nothing, and is mentioned', async () => {
    await collected();
    const [key, versions] = evidence();
    double.buckets.get('vault')!.keys.set(key, [{ ...versions[0]!, id: 'again' }, ...versions]);
    const result = await verify(await openLakeForReading(address), { deep: true });
    expect(result.problems).toEqual([]);
    expect(result.caveats.join()).toContain('repeat the first');
  });
  test('evidence that is gone with only a marker left is missing, too', async () => {
    await collected();
    const [key, versions] = evidence();
    double.buckets.get('vault')!.keys.set(key, [{ ...versions[0]!, id: 'marker', isMarker: true }]);
    expect((await said()).map(({ code }) => code).sort()).toEqual(
      expect.arrayContaining(['DELETE_MARKER', 'MISSING']),
    );
  });
  test('a lock that is gone, or shorter than promised, is named', async () => {
    await collected();
    const [key, versions] = evidence();
    const promised = versions[0]!.retention!;
    versions[0]!.retention = null;
    expect(await said()).toMatchObject([{ code: 'LOCK_MISSING', key: keyIn(key) }]);
    versions[0]!.retention = { ...promised, until: new Date(promised.until.getTime() - 86_400_000) };
    expect(await said()).toMatchObject([{ code: 'LOCK_SHORTER', key: keyIn(key) }]);
  });
  test('another verifier key than this machine knows is named', async () => {
    await collected();
    const versions = double.buckets.get('state')!.keys.get('state/ledger.vkey')!;
    const body = Buffer.from('lake-x.example.com+00000000+AAAA\n');
    versions[0] = { ...versions[0]!, body, checksum: null, headers: {} };
    expect(await said()).toMatchObject([{ code: 'ALTERED', key: 'ledger.vkey' }]);
  });
});

describe('a lake on S3 is refused', () => {
  test.each([
    ['without Object Lock', () => double.addBucket('vault', false), 'BUCKET_UNVERSIONED'],
    [
      'with versioning alone',
      () => {
        double.addBucket('vault', false).versioning = 'Enabled';
      },
      'BUCKET_UNLOCKED',
    ],
    ['without its bucket', () => double.buckets.delete('vault'), 'STORE_GONE'],
  ])('%s', async (_, change, code) => {
    change();
    expect(await codeOf(openLake(address))).toBe(code);
    expect([...double.buckets.get('state')!.keys]).toEqual([]);
  });
  test('for reading when nothing was ever collected', async () => {
    expect(await codeOf(openLakeForReading(address))).toBe('LAKE_MISSING');
  });
  test('for writing when no retention was chosen', async () => {
    expect(await codeOf(openLake(`s3://vault?state=state&endpoint=${endpoint}`))).toBe('LAKE_RETENTION');
  });
  test('when the state store belongs to another vault', async () => {
    await openLake(address);
    double.addBucket('other-vault', true);
    const other = address.replace('s3://vault', 's3://other-vault');
    expect(await codeOf(openLakeForReading(other))).toBe('LAKE_OTHER_VAULT');
  });
  test.each([
    ['written by a newer version', '{"format":2,"vault":"x"}', 'LAKE_NEWER'],
    ['with a damaged note', '{"format":', 'LAKE_DAMAGED'],
  ])('%s', async (_, note, code) => {
    await openLake(address);
    const versions = double.buckets.get('state')!.keys.get('state/lake.json')!;
    versions[0] = { ...versions[0]!, body: Buffer.from(note), checksum: null, headers: {} };
    expect(await codeOf(openLakeForReading(address))).toBe(code);
  });
});
