/** Bytes that come again, under another source or with a manifest that lies: sealed once, or named by any verification. */

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../../stages/collect.ts';
import { headFacts } from '../../stages/custody.ts';
import { verify } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { type Preserved, type PreserveRequest, preserveMany } from '../../vault/evidence.ts';
import { pendingKey } from '../../vault/keys.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { encodeManifest, type Manifest } from '../../vault/manifest.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { trailLog } from '../functions/world.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { codeOf, scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const newLake = async (): Promise<Lake> => openLake(join(await newFolder(), 'lake'));

const sizeOf = async (lake: Lake): Promise<number> => headFacts((await readHead(lake.state)).head).headSize;

const PROVENANCE = {
  origin: 'one',
  versionId: null,
  metadata: {},
  modified: null,
  receivedAt: 1_773_136_800_000_000,
  collector: 'akashi/test',
};

const requestOf = (source: string): PreserveRequest => ({
  source,
  role: 'records',
  body: Buffer.from(trailLog(1)),
  provenance: PROVENANCE,
});

const manifestOf = ({ sha256, size }: Preserved) =>
  ({ source: 'aws.cloudtrail', role: 'records', sha256, size, ...PROVENANCE }) as const;

/** Puts a manifest of a body into the inbox, as whoever can write there might. */
async function restaged(lake: Lake, body: Preserved, lies: Partial<Manifest>): Promise<void> {
  const bytes = encodeManifest({ format: 1, ...manifestOf(body), ...lies });
  const key = pendingKey(body.sha256, hashBytes(bytes).slice(0, 16));
  await lake.state.putIfAbsent(key, bytes, WRITE_KINDS.pending);
}

const seal = (lake: Lake) => collect(lake, [], { threads: 1 });

const double = new S3Double();
const home = process.env['AKASHI_HOME'];
let endpoint: string;
useTestCredentials();
beforeAll(async () => {
  endpoint = await double.start();
  double.addBucket('vault', true);
  double.addBucket('state', false);
});
afterAll(async () => {
  await double.stop();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});
async function newLakeOnS3(): Promise<Lake> {
  process.env['AKASHI_HOME'] = await newFolder();
  return openLake(`s3://vault/trail?state=state&endpoint=${endpoint}&mode=governance&retention=30`);
}

test.each([
  ['in a folder', newLake],
  ['on S3', newLakeOnS3],
])(
  'the same bytes from another source, which says how large the ledger was, are not sealed again: %s',
  async (_, open) => {
    const lake = await open();
    for (const source of ['aws.cloudtrail', 'github.audit']) {
      await preserveMany(lake, [requestOf(source)], await sizeOf(lake));
      await seal(lake);
    }
    expect((await verify(lake, { deep: true, threads: 1 })).problems).toEqual([]);
  },
);

test('a body sealed twice, as its manifest said that it was new, is found without any byte being hashed', async () => {
  const lake = await newLake();
  const [body] = await preserveMany(lake, [requestOf('aws.cloudtrail')], 0);
  await seal(lake);
  await restaged(lake, body!, { origin: 'two', ledgerBefore: await sizeOf(lake) });
  await seal(lake);
  const { problems } = await verify(lake, { threads: 1 });
  expect(problems.map(({ code, key }) => `${code} ${key}`)).toContain('COUNT_DIFFERS evidence');
});

test('a manifest that names a source without that body takes nothing from the body', async () => {
  const lake = await newLake();
  const [body] = await preserveMany(lake, [requestOf('aws.cloudtrail')], 0);
  await lake.state.remove(body!.pendingKey);
  await restaged(lake, body!, { source: 'github.audit' });
  expect(await codeOf(seal(lake))).toBe('STORE_MISSING');
  expect(await sizeOf(lake)).toBe(0);
});

test('one that names a source which no key can name is told, and keeps nothing else from being sealed', async () => {
  const lake = await newLake();
  const [body] = await preserveMany(lake, [requestOf('aws.cloudtrail')], 0);
  const bytes = JSON.stringify({ ...manifestOf(body!), format: 1, source: '../x' });
  const key = pendingKey(body!.sha256, hashBytes(Buffer.from(bytes)).slice(0, 16));
  await lake.state.putIfAbsent(key, Buffer.from(bytes), WRITE_KINDS.pending);
  expect(await seal(lake)).toMatchObject({ objects: 1, inboxProblems: [{ key }] });
  expect((await verify(lake, { threads: 1 })).problems).toMatchObject([{ code: 'UNREADABLE', key }]);
});
