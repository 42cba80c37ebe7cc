import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent, Flow } from '../../schema/columns.ts';
import { type Outcome, readBody } from './read-body.ts';

const publicSamples = new URL('../../../shared/samples/', import.meta.url);
const ownSamples = new URL('../../connectors/', import.meta.url);

/** Records (or flow tuples) of each public sample, and whose it is. */
const EXPECTED: Readonly<Record<string, readonly [connector: string, count: number]>> = {
  'azure-activity/blob/panther-azure_advisor_security_recommendation.PT1H.json': ['azure.activity', 2],
  'azure-activity/blob/panther-azure_automation_runbook_created_or_modified.PT1H.json': ['azure.activity', 4],
  'azure-activity/blob/panther-azure_diagnostic_settings_deleted.PT1H.json': ['azure.activity', 3],
  'azure-activity/blob/panther-azure_keyvault_certificate_accessed.PT1H.json': ['azure.activity', 4],
  'azure-activity/blob/panther-azure_keyvault_purged.PT1H.json': ['azure.activity', 3],
  'azure-activity/blob/panther-azure_network_ip_discovery.PT1H.json': ['azure.activity', 5],
  'azure-activity/blob/panther-azure_nsg_deleted_or_modified.PT1H.json': ['azure.activity', 8],
  'azure-activity/blob/panther-azure_resource_group_deleted.PT1H.json': ['azure.activity', 3],
  'azure-activity/blob/panther-azure_serverless_execution.PT1H.json': ['azure.activity', 7],
  'azure-activity/blob/panther-azure_storage_account_key_regenerated.PT1H.json': ['azure.activity', 2],
  'azure-activity/blob/panther-azure_storage_blob_anonymous_access_enabled.PT1H.json': ['azure.activity', 6],
  'azure-activity/blob/panther-azure_storage_blob_permissions_modified.PT1H.json': ['azure.activity', 3],
  'azure-activity/blob/panther-azure_storage_fileshare_modified.PT1H.json': ['azure.activity', 4],
  'azure-activity/blob/panther-azure_virtual_network_deleted.PT1H.json': ['azure.activity', 3],
  'azure-activity/blob/panther-azure_vm_snapshot_deleted.PT1H.json': ['azure.activity', 3],
  'azure-activity/eventhub/otel-administrative-log.excerpt.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-alert-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-autoscale-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-identity_as_string.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-pim-log.json': ['azure.activity', 3],
  'azure-activity/eventhub/otel-policy-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-resourcehealth-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-security-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/otel-servicehealth-log.json': ['azure.activity', 1],
  'azure-activity/eventhub/sumologic-activity_log.json': ['azure.activity', 1],
  'azure-activity/sdk/plaso-azure_activity_log.jsonl': ['azure.activity', 4],
  'entra-signin/azure-docs-signin.PT1H.json': ['azure.signin', 1],
  'entra-signin/panther-azure_graph_session_multiple_ips.PT1H.json': ['azure.signin', 3],
  'entra-signin/panther-azure_legacyauth.PT1H.json': ['azure.signin', 2],
  'entra-signin/panther-azure_ropc_login_no_mfa.PT1H.json': ['azure.signin', 2],
  'entra-audit/azure-docs-audit.records.json': ['azure.audit', 3],
  'entra-audit/otrf-AADAuditEvents.ndjson': ['azure.audit', 4],
  'entra-audit/panther-azure_auth_methods_policy_oidc_change.PT1H.json': ['azure.audit', 2],
  'entra-audit/panther-azure_elevate_user_access_admin.PT1H.json': ['azure.audit', 2],
  'entra-audit/panther-azure_policy_changed.PT1H.json': ['azure.audit', 3],
  'azure-nsgflow/microsoft-nsg-v1.excerpt.PT1H.json': ['azure.nsgflow', 6],
  'azure-nsgflow/sumologic-nsg.PT1H.json': ['azure.nsgflow', 153],
  'azure-vnetflow/sumologic-subnet.PT1H.json': ['azure.vnetflow', 68],
  'azure-vnetflow/sumologic-vnet.PT1H.json': ['azure.vnetflow', 166],
};

describe.skipIf(!existsSync(publicSamples))('public samples', () => {
  test('the list has every file there is', () => {
    const found = [
      'azure-activity',
      'entra-signin',
      'entra-audit',
      'azure-nsgflow',
      'azure-vnetflow',
    ].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, publicSamples), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`.split('/samples/').at(-1)!.replaceAll('//', '/')),
    );
    expect(found.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(Object.entries(EXPECTED))('%s', async (path, [connector, count]) => {
    const body = readFileSync(new URL(path, publicSamples));
    expect(sourceOf(body)).toBe(connector);
    const outcomes = await readBody(connectorById(connector)!, body);
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(
      Array(count).fill(connector.endsWith('flow') ? 'flow' : 'event'),
    );
    for (const { outcome } of outcomes) {
      if (outcome.kind === 'event') expect(outcome.event).toMatchObject({ time: expect.any(Number) });
      if (outcome.kind === 'event') expect(outcome.event.operation).not.toBeNull();
      if (outcome.kind === 'flow') expect(outcome.flow.action).not.toBeNull();
    }
    if (connector.endsWith('flow')) expect(new Set(flowsOf(outcomes).map(({ uid }) => uid)).size).toBe(count);
  });

  test('a guest of the tenant is told from its home', async () => {
    const [event] = eventsOf(await read('azure-activity/eventhub/otel-administrative-log.excerpt.json'));
    expect(event).toMatchObject({
      org: '22222222-2222-2222-2222-222222222222',
      actor_account: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
      actor_name: 'user@example.com',
      mfa: true,
      status: 'started',
    });
  });

  test('an NSG tuple and a virtual network tuple', async () => {
    const nsg = flowsOf(await read('azure-nsgflow/sumologic-nsg.PT1H.json'))[0];
    expect(nsg).toMatchObject({
      time: 1_724_090_346_000_000,
      src_ip: '10.1.0.4',
      dst_ip: '20.98.192.237',
      bytes_out: 74,
      bytes_in: 0,
      bytes: 74,
      interface: '6045BDEC2532',
      flow_state: 'end',
      action: 'accept',
    });
    const denied = flowsOf(await read('azure-vnetflow/sumologic-vnet.PT1H.json'))[3];
    expect(denied).toMatchObject({
      time: 1_733_975_966_605_000,
      protocol: 17,
      action: 'reject',
      flow_state: null,
    });
  });
});

describe('one event in three shapes', () => {
  test('has one identity, though only two of them have its id', async () => {
    const exported = (await own('azure.activity', 'export-started-succeeded.PT1H.json'))[1]!;
    const rest = (await own('azure.activity', 'rest-answer.json'))[0]!;
    const row = (await own('azure.activity', 'log-analytics-rows.json'))[0]!;
    expect(rest.identity).toBe(exported.identity);
    expect(row.identity).toBe(exported.identity);
    expect(row.uid).toBe(rest.uid);
    expect(exported.uid).not.toBe(rest.uid);
  });

  test('agrees in what would make copies a conflict', async () => {
    const copies = [
      (await own('azure.activity', 'export-started-succeeded.PT1H.json'))[1]!,
      (await own('azure.activity', 'rest-answer.json'))[0]!,
      (await own('azure.activity', 'log-analytics-rows.json'))[0]!,
    ];
    for (const column of [
      'operation',
      'account',
      'actor_id',
      'src_ip',
      'status',
      'error_code',
      'target_id',
    ] as const)
      expect(new Set(copies.map((copy) => copy[column]?.toLowerCase() ?? null)).size, column).toBe(1);
  });

  test.each([
    ['azure.signin', ['interactive.PT1H.json', 'graph-answer.json', 'log-analytics-rows.json']],
    [
      'azure.audit',
      ['export.PT1H.json', 'graph-answer.json', 'log-analytics-rows.json', 'query-answer.json'],
    ],
  ] as const)('%s: the id is the same, and so are who, what and with what result', async (id, names) => {
    const firsts = await Promise.all(names.map(async (name) => (await own(id, name))[0]!));
    for (const column of [
      'uid',
      'operation',
      'category',
      'actor_name',
      'actor_id',
      'src_ip',
      'target_id',
      'status',
      'mfa',
    ] as const)
      expect(new Set(firsts.map((event) => event[column])).size, column).toBe(1);
  });
});

describe('many policies judging one change at once', () => {
  const verdict = (policy: string) =>
    JSON.stringify({
      time: '2024-03-05T08:00:00.123Z',
      resourceId: '/subscriptions/00000000-0000-0000-0000-000000000001',
      operationName: 'MICROSOFT.AUTHORIZATION/POLICIES/AUDIT/ACTION',
      category: 'Policy',
      resultType: 'Success',
      correlationId: 'one-change',
      properties: { policies: JSON.stringify([{ policyDefinitionId: policy }]) },
    });

  test('are events of their own', async () => {
    const body = Buffer.from(
      `${verdict('/providers/p/policyDefinitions/a')}\n${verdict('/providers/p/policyDefinitions/b')}`,
    );
    const events = eventsOf(await readBody(connectorById('azure.activity')!, body));
    expect(new Set(events.map(({ identity }) => identity)).size).toBe(2);
  });
});

describe('flows have ids', () => {
  const record = (group: string) =>
    `{"time":"t","category":"NetworkSecurityGroupFlowEvent","resourceId":"/subscriptions/1/x/${group}","properties":{"flows":[{"rule":"r","flows":[{"mac":"m","flowTuples":["1709625600,192.0.2.1,192.0.2.2,1,2,T,I,A","1709625600,192.0.2.1,192.0.2.2,1,2,T,I,A"]}]}]}}`;
  const uids = async (...records: string[]) =>
    flowsOf(
      await readBody(connectorById('azure.nsgflow')!, Buffer.from(`{"records":[${records.join(',')}]}`)),
    ).map(({ uid }) => uid);

  test('two groups that log the same text keep a row each, and so do equal tuples and repeated records', async () => {
    expect(new Set(await uids(record('a'), record('b'), record('a'))).size).toBe(6);
  });

  test('a copy of a record in another body has the same, whatever stands before it', async () => {
    expect((await uids(record('b'), record('a'))).slice(2)).toEqual(await uids(record('a')));
  });
});

describe('recognition by content alone', () => {
  const long = 'x'.repeat(80_000);
  test.each([
    [
      'azure.activity',
      {
        time: '2024-03-05T08:00:00Z',
        resourceId: '/SUBSCRIPTIONS/1/x',
        operationName: 'A/B/WRITE',
        category: 'Administrative',
        properties: { long },
      },
    ],
    [
      'azure.activity',
      {
        tables: [
          {
            name: 'PrimaryResult',
            columns: [{ name: 'OperationNameValue' }, { name: '_ResourceId' }],
            rows: [['A/B/WRITE', `/subscriptions/1/${long}`]],
          },
        ],
      },
    ],
    [
      'azure.signin',
      {
        time: '2024-03-05T08:00:00Z',
        category: 'SignInLogs',
        operationName: 'Sign-in activity',
        properties: { long },
      },
    ],
    ['azure.audit', { activityDisplayName: 'Add user', initiatedBy: {}, targetResources: [], long }],
    [
      'azure.nsgflow',
      {
        category: 'NetworkSecurityGroupFlowEvent',
        properties: { flows: [{ rule: 'r', flows: [{ flowTuples: [long] }] }] },
      },
    ],
    [
      'azure.vnetflow',
      { category: 'FlowLogFlowEvent', flowRecords: { flows: [{ flowGroups: [{ flowTuples: [long] }] }] } },
    ],
    [
      'azure.vnetflow',
      { FlowStartTime: '2026-03-05T08:00:00Z', FlowStatus: 'Denied', L4Protocol: 'T', AclRule: long },
    ],
  ])('%s, with a first record longer than the sample', (connector, record) => {
    expect(sourceOf(Buffer.from(JSON.stringify({ records: [record] })))).toBe(connector);
    expect(sourceOf(Buffer.from(JSON.stringify(record)))).toBe(connector);
  });

  test.each([
    [
      'insights-activity-logs/resourceId=/SUBSCRIPTIONS/1/y=2024/m=03/d=05/h=08/m=00/PT1H.json',
      'azure.activity',
    ],
    [
      'insights-logs-auditevent/resourceId=/SUBSCRIPTIONS/1/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V/y=2024/m=03/d=05/h=08/m=00/PT1H.json',
      'azure.activity',
    ],
    ['insights-logs-signinlogs/tenantId=1/y=2024/m=03/d=05/h=08/m=00/PT1H.json', 'azure.signin'],
    [
      'insights-logs-managedidentitysigninlogs/tenantId=1/y=2024/m=03/d=05/h=08/m=00/PT1H.json',
      'azure.signin',
    ],
    [
      'am-AzureActivity/WorkspaceResourceId=/subscriptions/1/y=2024/m=03/d=05/h=08/m=05/PT05M.json',
      'azure.activity',
    ],
    [
      'am-AADNonInteractiveUserSignInLogs/WorkspaceResourceId=/subscriptions/1/y=2024/PT05M.json',
      'azure.signin',
    ],
    ['insights-logs-auditlogs/tenantId=1/y=2024/m=03/d=05/h=08/m=00/PT1H.json', 'azure.audit'],
    [
      'insights-logs-networksecuritygroupflowevent/resourceId=/SUBSCRIPTIONS/1/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N/y=2024/m=03/d=05/h=08/m=00/macAddress=00224871C205/PT1H.json',
      'azure.nsgflow',
    ],
    [
      'insights-logs-flowlogflowevent/flowLogResourceID=/1_NETWORKWATCHERRG/NETWORKWATCHER_WESTUS_FL/y=2024/m=03/d=05/h=08/m=00/macAddress=00224871C205/PT1H.json',
      'azure.vnetflow',
    ],
    [
      'am-NTANetAnalytics/WorkspaceResourceId=/subscriptions/1/y=2026/m=03/d=05/h=08/m=05/PT05M.json',
      'azure.vnetflow',
    ],
  ])('a key settles whose an empty body is, and is taken by one connector only: %s', (key, connector) => {
    expect(recognise(sampleOf(key, Buffer.from('{"records":[]}'), true))?.connector.id).toBe(connector);
    const takers = [
      'azure.activity',
      'azure.signin',
      'azure.audit',
      'azure.nsgflow',
      'azure.vnetflow',
    ].filter((id) =>
      connectorById(id)!.delivery.some((way) => way.kind === 'objects' && way.role(key) === 'records'),
    );
    expect(takers).toEqual([connector]);
  });

  test('Kubernetes audit events in the same envelope are left to their own connector', () => {
    const record = {
      time: '2024-03-05T08:00:00Z',
      resourceId: '/SUBSCRIPTIONS/1/X',
      category: 'kube-audit',
      operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
      properties: { log: '{}' },
    };
    expect(sourceOf(Buffer.from(JSON.stringify(record)))?.startsWith('azure.')).not.toBe(true);
  });

  test.each([
    [
      'an AWS record',
      {
        eventVersion: '1.08',
        eventSource: 's3.amazonaws.com',
        eventName: 'x',
        userIdentity: {},
        resources: [],
      },
    ],
    [
      'a Google Cloud record',
      { logName: 'projects/p/logs/x', protoPayload: { methodName: 'm' }, timestamp: 't', resource: {} },
    ],
    ['an application log', { time: '2024-03-05T08:00:00Z', level: 'info', msg: 'started', category: 'boot' }],
    [
      'a resource listing',
      { id: '/subscriptions/1/resourceGroups/r', name: 'r', location: 'westus', properties: {} },
    ],
  ])('%s is none of these', (_, record) => {
    expect(sourceOf(Buffer.from(`${JSON.stringify(record)}\n`))?.startsWith('azure.') ?? false).toBe(false);
  });
});

function sourceOf(body: Buffer): string | undefined {
  const head = body.subarray(0, 64 * 1024);
  return recognise(sampleOf('renamed', head, head.length === body.length))?.connector.id;
}

async function read(path: string): Promise<Outcome[]> {
  return readBody(connectorById(EXPECTED[path]![0])!, readFileSync(new URL(path, publicSamples)));
}

async function own(id: string, name: string): Promise<AuditEvent[]> {
  const body = readFileSync(new URL(`${id.replace('.', '-')}/samples/${name}`, ownSamples));
  return eventsOf(await readBody(connectorById(id)!, body));
}

function eventsOf(outcomes: readonly Outcome[]): AuditEvent[] {
  return outcomes.flatMap(({ outcome }) => (outcome.kind === 'event' ? [outcome.event] : []));
}

function flowsOf(outcomes: readonly Outcome[]): Flow[] {
  return outcomes.flatMap(({ outcome }) => (outcome.kind === 'flow' ? [outcome.flow] : []));
}
