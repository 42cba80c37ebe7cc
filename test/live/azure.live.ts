import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configuredFeed } from '../../connectors/configured.ts';
import { type PullOptions, pull } from '../../stages/pull.ts';
import { BY, newWorld, rowsIn, storesOf, verification, Workshop, type World } from '../stages/memory-lake.ts';

const url = process.env['AKASHI_LIVE_BLOBS'];
const certificates = process.env['AKASHI_LIVE_CERTIFICATES'];
if (url === undefined || certificates === undefined)
  throw new Error('AKASHI_LIVE_BLOBS is not set: start this with npm run test:live');
const service = new BlobServiceClient(url, new DefaultAzureCredential(), {
  tlsOptions: { ca: readFileSync(certificates, 'utf8') },
} as never);

const GUID = '11111111-2222-3333-4444-555555555555';
const HOUR = 3_600_000;
const START = Date.parse('2026-03-10T11:00:00Z');
const HOURLY = 'y=2026/m=03/d=10/h=11/m=00/PT1H.json';
let shop: Workshop;
let world: World;
let container: ContainerClient;
let made = 0;

beforeEach(async () => {
  shop = new Workshop();
  world = newWorld();
  container = service.getContainerClient(`live-${++made}`);
  await container.create();
});
afterEach(() => shop.close());

const pulled = (
  connector: string,
  now: number,
  settings: Record<string, unknown> = {},
  options: PullOptions = {},
) =>
  pull(
    shop.lakeOf(storesOf(world)),
    [
      configuredFeed(
        {
          connector,
          delivery: 'blobs',
          url,
          certificates,
          containers: [container.containerName],
          firstDays: 1,
          ...settings,
        },
        'test',
      ),
    ],
    { threads: 1, by: BY, now: () => now, ...options },
  );

interface Evidence {
  readonly role: string;
  readonly sha256: string;
  readonly size: number;
  readonly origin: string;
}
const evidence = async (): Promise<Evidence[]> =>
  (await rowsIn(storesOf(world), 'evidence')).map((row) => JSON.parse(row) as Evidence);

const closingOf = async (sha256: string, source: string): Promise<Record<string, unknown>> => {
  const { vault } = storesOf(world);
  for await (const { key } of vault.list(`evidence/${source}/`))
    if (key.endsWith(sha256))
      return JSON.parse(Buffer.from((await vault.get(key)).body).toString()) as Record<string, unknown>;
  throw new Error('no such body');
};

describe('an Activity Log export: lines, appended', () => {
  const name = `resourceId=/SUBSCRIPTIONS/${GUID}/${HOURLY}`;
  const line = (number: number) =>
    `${JSON.stringify({ time: new Date(START + number * 1000).toISOString(), resourceId: `/SUBSCRIPTIONS/${GUID}`, operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE', category: 'Administrative', resultType: 'Success', correlationId: `c${number}`, properties: { eventDataId: `event-${number}` } })}\n`;

  test('sixty looks at a growing blob keep no byte twice, and at its end it is proven whole', async () => {
    const blob = container.getAppendBlobClient(name);
    await blob.create();
    let whole = '';
    for (let look = 0; look < 60; look++) {
      const added = [0, 1, 2].map((n) => line(look * 3 + n)).join('');
      await blob.appendBlock(added, Buffer.byteLength(added));
      whole += added;
      const result = await pulled('azure.activity', START + look * 60_000);
      expect(result.feeds[0]).toMatchObject({ error: null, missedCount: 0 });
    }
    const before = await evidence();
    expect(before.reduce((sum, { size }) => sum + size, 0)).toBe(Buffer.byteLength(whole));
    const ended = await pulled('azure.activity', START + 6 * HOUR);
    expect(ended.feeds[0]).toMatchObject({ arrived: 1, error: null, missedCount: 0 });
    const all = await evidence();
    const closing = all.find(({ role }) => role === 'digest')!;
    expect(await closingOf(closing.sha256, 'azure.activity')).toMatchObject({
      whole: true,
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    // Of sixty lines of this size the statement is no small part; of an hour's megabytes it is.
    expect(closing.size).toBeLessThan(60 * 110);
    expect((await rowsIn(storesOf(world), 'events')).length).toBe(180);
    expect((await pulled('azure.activity', START + 7 * HOUR)).feeds[0]).toMatchObject({
      arrived: 0,
      held: 1,
    });
    expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
  });

  test('what is appended after the end is still found', async () => {
    const blob = container.getAppendBlobClient(name);
    await blob.create();
    await blob.appendBlock(line(1), Buffer.byteLength(line(1)));
    await pulled('azure.activity', START + 6 * HOUR);
    await blob.appendBlock(line(2), Buffer.byteLength(line(2)));
    expect((await pulled('azure.activity', START + 7 * HOUR)).feeds[0]).toMatchObject({
      arrived: 2,
      missedCount: 0,
    });
    expect(await rowsIn(storesOf(world), 'events')).toHaveLength(2);
  });
});

describe('a flow log: one document, its end moving on', () => {
  const name = `resourceId=/SUBSCRIPTIONS/${GUID}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG/y=2026/m=03/d=10/h=11/m=00/macAddress=000D3AF87856/PT1H.json`;
  const record = (minute: number) => ({
    time: new Date(START + minute * 60_000).toISOString(),
    systemId: GUID,
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: `/SUBSCRIPTIONS/${GUID}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG`,
    operationName: 'NetworkSecurityGroupFlowEvents',
    properties: {
      Version: 2,
      flows: [
        {
          rule: 'AllowSsh',
          flows: [
            {
              mac: '000D3AF87856',
              flowTuples: [
                `${Math.floor(START / 1000) + minute * 60},192.0.2.7,10.0.0.4,35370,22,T,I,A,B,,,,`,
              ],
            },
          ],
        },
      ],
    },
  });
  const documentOf = (minutes: number) =>
    `{"records":[${Array.from({ length: minutes }, (_, n) => JSON.stringify(record(n))).join(',')}]}`;

  test('each look keeps what is new; the parts have all flows and none twice; nothing is unreadable', async () => {
    const blob = container.getBlockBlobClient(name);
    for (const minutes of [1, 5, 6, 30, 60]) {
      await blob.upload(documentOf(minutes), Buffer.byteLength(documentOf(minutes)));
      const result = await pulled('azure.nsgflow', START + minutes * 60_000);
      expect(result.feeds[0]).toMatchObject({ arrived: 1, error: null });
      expect(result.unreadable).toBe(0);
    }
    const ended = await pulled('azure.nsgflow', START + 6 * HOUR);
    expect(ended.feeds[0]).toMatchObject({ arrived: 1, missedCount: 0, error: null });
    expect(await rowsIn(storesOf(world), 'flows')).toHaveLength(60);
    const closing = (await evidence()).find(({ role }) => role === 'digest')!;
    expect(await closingOf(closing.sha256, 'azure.nsgflow')).toMatchObject({
      whole: true,
      head: '{"records":[',
      end: ']}',
    });
  });

  test('one that was rewritten is told, and kept whole as well', async () => {
    const blob = container.getBlockBlobClient(name);
    await blob.upload(documentOf(5), Buffer.byteLength(documentOf(5)));
    await pulled('azure.nsgflow', START + 5 * 60_000);
    const changed = documentOf(9).replace('35370', '35371');
    await blob.upload(changed, Buffer.byteLength(changed));
    const ended = await pulled('azure.nsgflow', START + 6 * HOUR);
    expect(ended.feeds[0]).toMatchObject({ missedCount: 1, missed: [{ code: 'PULL_BLOB_CHANGED' }] });
    expect((await evidence()).some(({ size }) => size === Buffer.byteLength(changed))).toBe(true);
  });
});

test('a container that is not there is said', async () => {
  const { feeds } = await pulled('azure.audit', START, { containers: ['no-such-container'] });
  expect(feeds[0]!.error).toMatchObject({
    code: 'PULL_PLACE_MISSING',
    message: expect.stringContaining('no-such-container'),
  });
});
