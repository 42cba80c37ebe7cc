import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configuredFeed } from '../../connectors/configured.ts';
import { readFacts } from '../../stages/coverage-facts.ts';
import { type PullOptions, pull } from '../../stages/pull.ts';
import { readHead } from '../../tables/head.ts';
import { AzureServer } from '../connectors/delivery/azure-server.ts';
import { HAS_OPENSSL, NO_OPENSSL } from '../ledger/timestamps/parts/openssl.ts';
import { BY, newWorld, rowsIn, storesOf, verification, Workshop, type World } from './memory-lake.ts';

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

const NOW = Date.parse('2026-03-10T12:00:00Z');
const GUID = '11111111-2222-3333-4444-555555555555';
let shop: Workshop;
let world: World;
let server: AzureServer;
let at: { plain: string; secure: string };

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  server = new AzureServer();
  at = await server.start();
  Object.assign(process.env, server.environment());
});
afterAll(async () => {
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) delete process.env[name];
  if (HAS_OPENSSL) await server.stop();
});
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  if (HAS_OPENSSL) server.reset();
});
afterEach(() => shop.close());

const pulled = (entry: Record<string, unknown>, options: PullOptions = {}) =>
  pull(shop.lakeOf(storesOf(world)), [configuredFeed({ connector: 'azure.activity', ...entry }, 'test')], {
    now: () => NOW,
    threads: 1,
    by: BY,
    ...options,
  });

const uids = async (): Promise<Set<string>> =>
  new Set(
    (await rowsIn(storesOf(world), 'events')).map((row) => String((JSON.parse(row) as { uid: string }).uid)),
  );

const bodies = async (): Promise<string[]> => {
  const { vault } = storesOf(world);
  const held: string[] = [];
  for await (const { key } of vault.list('evidence/'))
    held.push(Buffer.from((await vault.get(key)).body).toString());
  return held;
};

// https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/azureactivity
const row = (number: number, happened: string, ingested = happened) => ({
  ingested,
  cells: {
    TimeGenerated: happened,
    OperationNameValue: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE',
    CategoryValue: 'Administrative',
    ActivityStatusValue: 'Success',
    Caller: 'ana@example.com',
    CallerIpAddress: '192.0.2.7',
    EventDataId: `event-${number}`,
    SubscriptionId: GUID,
    Type: 'AzureActivity',
  },
});

const seconds = (start: string, count: number) =>
  Array.from({ length: count }, (_, n) => row(n, new Date(Date.parse(start) + n * 1000).toISOString()));

describe.skipIf(!HAS_OPENSSL)('a Log Analytics workspace', () => {
  const workspace = () => ({
    delivery: 'workspace',
    workspace: GUID,
    firstDays: 1,
    endpoint: at.secure,
    certificates: server.certificates,
  });

  test('every answer is kept as it was sent, by a managed identity', async () => {
    server.tables.set('AzureActivity', seconds('2026-03-10T10:00:00Z', 40));
    const result = await pulled({ ...workspace(), account: GUID });
    expect(result.feeds[0]).toMatchObject({ arrived: 1, error: null });
    expect(await uids()).toHaveLength(40);
    expect(await bodies()).toEqual(server.sent);
    const { windows } = await readFacts(storesOf(world), (await readHead(storesOf(world).state)).head);
    expect(windows.at(-1)).toMatchObject({ to: NOW * 1000, stream: { account: GUID } });
    expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
  });

  test('flows that Traffic Analytics counted are rows of their network’s log', async () => {
    server.tables.set('NTANetAnalytics', [
      {
        ingested: '2026-03-10T10:10:00Z',
        cells: {
          TimeGenerated: '2026-03-10T10:10:00Z',
          SubType: 'FlowLog',
          FlowStartTime: '2026-03-10T09:01:00Z',
          FlowEndTime: '2026-03-10T09:40:00Z',
          SrcIp: '203.0.113.66',
          DestIp: '10.1.1.5',
          DestPort: 22,
          L4Protocol: 'T',
          FlowDirection: 'Inbound',
          FlowStatus: 'Denied',
          Type: 'NTANetAnalytics',
        },
      },
    ]);
    const result = await pulled({ connector: 'azure.vnetflow', ...workspace() });
    expect(result.feeds[0]).toMatchObject({ arrived: 1, error: null });
    const flows = (await rowsIn(storesOf(world), 'flows')).map((one) => JSON.parse(one) as object);
    expect(flows).toMatchObject([
      { source: 'azure.vnetflow', src_ip: '203.0.113.66', dst_port: 22, action: 'reject' },
    ]);
    expect(await bodies()).toEqual(server.sent);
  });

  test('what happened long before and is ingested late is not passed by', async () => {
    server.tables.set('AzureActivity', seconds('2026-03-10T11:00:00Z', 3));
    await pulled(workspace());
    server.tables.get('AzureActivity')!.push(row(99, '2026-03-08T01:00:00.000Z', '2026-03-10T12:05:00.000Z'));
    await pulled(workspace(), { now: () => NOW + 3_600_000 });
    expect(await uids()).toHaveLength(4);
  });

  test('an answer that is cut is asked for in halves, until each is whole', async () => {
    server.mostRows = 30;
    server.tables.set('AzureActivity', seconds('2026-03-10T11:00:00Z', 200));
    expect((await pulled(workspace())).feeds[0]!.error).toBeNull();
    expect(await uids()).toHaveLength(200);
    expect((await bodies()).some((body) => body.includes('PartialError'))).toBe(false);
  });

  test('one second that holds too much is said, and not passed over', async () => {
    server.mostRows = 2;
    server.tables.set(
      'AzureActivity',
      Array.from({ length: 5 }, (_, n) => row(n, '2026-03-10T11:00:00.500Z')),
    );
    expect((await pulled(workspace())).feeds[0]!.error?.code).toBe('PULL_TOO_LARGE');
    server.mostRows = 10;
    expect((await pulled(workspace())).feeds[0]!.error).toBeNull();
    expect(await uids()).toHaveLength(5);
  });

  test('a range is asked for by when things happened', async () => {
    server.tables.set('AzureActivity', [row(1, '2026-02-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z')]);
    const range = { since: Date.parse('2026-02-01'), until: Date.parse('2026-02-02') };
    expect((await pulled(workspace(), { range })).events).toBe(1);
  });

  test('refused, throttled, cut off and broken off by turns, it gets everything', async () => {
    server.tables.set('AzureActivity', seconds('2026-03-10T11:00:00Z', 20));
    const faults = [{ status: 429, retryAfter: '0' }, { status: 503 }, 'cut', 'short'] as const;
    server.fault = (request) => (request % 3 === 1 ? faults[request % faults.length]! : null);
    expect((await pulled(workspace())).feeds[0]!.error).toBeNull();
    expect(await uids()).toHaveLength(20);
  }, 60_000);

  test('what is refused for good is said with the role', async () => {
    server.fault = () => ({ status: 403 });
    expect((await pulled(workspace())).feeds[0]!.error).toMatchObject({
      code: 'PULL_DENIED',
      message: expect.stringContaining('Log Analytics Reader'),
    });
  });

  test('all four tables of sign-ins are asked for', async () => {
    await pulled({ ...workspace(), connector: 'azure.signin' });
    expect(new Set(server.queries.map((query) => query.split(' ')[0]))).toEqual(
      new Set([
        'SigninLogs',
        'AADNonInteractiveUserSignInLogs',
        'AADServicePrincipalSignInLogs',
        'AADManagedIdentitySignInLogs',
      ]),
    );
  });
});

describe.skipIf(!HAS_OPENSSL)('the Activity Log API', () => {
  const api = () => ({ delivery: 'api', subscriptions: GUID, firstDays: 1, endpoint: at.plain });
  const event = (number: number, eventTimestamp: string) => ({
    eventTimestamp,
    eventDataId: `event-${number}`,
    subscriptionId: GUID,
    caller: 'ana@example.com',
    operationName: { value: 'Microsoft.Storage/storageAccounts/write' },
    category: { value: 'Administrative' },
    status: { value: 'Succeeded' },
    resourceId: `/subscriptions/${GUID}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/example`,
  });
  const events = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      event(n, new Date(Date.parse('2026-03-10T11:00:00Z') + n * 1000).toISOString()),
    );

  test('page after page, each kept as it was sent', async () => {
    server.activity.set(GUID, events(50));
    expect((await pulled(api())).feeds[0]!.error).toBeNull();
    expect(await uids()).toHaveLength(50);
    expect(new Set(await bodies())).toEqual(new Set(server.sent));
  });

  test('a next page at another host is not asked for: the token stays here', async () => {
    server.activity.set(GUID, events(50));
    server.elsewhere = 'https://example.com/steal';
    expect((await pulled(api())).feeds[0]!.error).toMatchObject({
      code: 'PULL_ANSWER',
      message: expect.stringContaining('https://example.com'),
    });
  });
});
