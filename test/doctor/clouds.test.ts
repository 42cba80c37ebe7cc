import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ACTIVITY_CATEGORIES } from '../../cloud/azure/plan.ts';
import { azureExamination } from '../../doctor/azure.ts';
import { examined, type Finding } from '../../doctor/finding.ts';
import { gcpExamination } from '../../doctor/gcp.ts';
import { loggingConfiguration } from '../../doctor/gcp-logging.ts';
import { subjectOf } from '../../doctor/subject.ts';
import { JsonServer } from './json-server.ts';

const server = new JsonServer();
beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.answers.clear();
  for (const [name, value] of Object.entries(server.environment())) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

const subject = (...connectors: Record<string, unknown>[]) =>
  subjectOf(JSON.stringify({ connectors }), 'test');
/** But for how many of all are covered. */
const said = (findings: readonly Finding[], state: string): string[] =>
  findings
    .filter((one) => one.state === state && !one.what.startsWith('covered: '))
    .map(({ what, fix }) => `${what} | ${fix}`);

describe('Azure', () => {
  const SUBSCRIPTION = '22222222-3333-4444-5555-666666666666';
  const WORKSPACE = '11111111-2222-3333-4444-555555555555';
  const RESOURCE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs`;
  const SETTINGS = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings`;
  const ENTRA = '/providers/microsoft.aadiam/diagnosticSettings';
  const exporting = (to: Record<string, unknown>, categories: readonly string[]) => ({
    value: [{ properties: { ...to, logs: categories.map((category) => ({ category, enabled: true })) } }],
  });
  const blobs = (connector: string) => ({
    connector,
    name: `${connector}-blobs`,
    delivery: 'blobs',
    url: 'https://example.blob.core.windows.net',
  });
  const look = async (...connectors: Record<string, unknown>[]) =>
    examined([azureExamination(subject(...connectors), Promise.resolve(null), server.url)]);
  beforeEach(() => {
    server.answers.set('/subscriptions', {
      value: [
        { subscriptionId: SUBSCRIPTION, displayName: 'prod', state: 'Enabled' },
        { subscriptionId: 'x', displayName: 'gone', state: 'Deleted' },
      ],
    });
    server.answers.set(SETTINGS, { value: [] });
    server.answers.set(ENTRA, { value: [] });
  });

  test('a subscription that nothing reads is missing, with both ways to cover it', async () => {
    const [told] = said(await look(blobs('azure.activity')), 'missing');
    expect(told).toMatch(
      /^prod \(22222222.*not collected \| Add 22222222.*akashi connect azure.*"delivery": "api"/,
    );
  });

  test('one whose API is read, and one exported whole to a storage account that is read, are covered', async () => {
    const api = { connector: 'azure.activity', delivery: 'api', subscriptions: [SUBSCRIPTION] };
    expect(said(await look(api), 'ok')).toEqual([expect.stringContaining('read over the API')]);
    const account = {
      storageAccountId:
        '/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/example',
    };
    server.answers.set(SETTINGS, exporting(account, ACTIVITY_CATEGORIES));
    expect(said(await look(blobs('azure.activity')), 'ok')).toEqual([expect.stringContaining('prod')]);
    server.answers.set(
      SETTINGS,
      exporting(
        account,
        ACTIVITY_CATEGORIES.filter((one) => one !== 'Policy'),
      ),
    );
    expect(said(await look(blobs('azure.activity')), 'missing')[0]).toContain(
      'of its Activity Log Policy are not exported',
    );
    server.answers.set(SETTINGS, exporting({ storageAccountId: '/x/other' }, ACTIVITY_CATEGORIES));
    expect(said(await look(blobs('azure.activity')), 'missing')[0]).toContain('not collected');
  });

  test('a workspace is known by its own id, which its resource tells', async () => {
    const workspace = { connector: 'azure.activity', delivery: 'workspace', workspace: WORKSPACE };
    server.answers.set(SETTINGS, exporting({ workspaceId: RESOURCE }, ACTIVITY_CATEGORIES));
    server.answers.set(RESOURCE, { properties: { customerId: WORKSPACE } });
    expect(said(await look(workspace), 'ok')).toEqual([
      expect.stringContaining('exported to where it is read'),
    ]);
  });

  test('what may not be looked at is unknown, with the role, and the rest goes on', async () => {
    server.answers.set(SETTINGS, 403);
    server.answers.set(ENTRA, 403);
    const findings = await look(blobs('azure.activity'), blobs('azure.audit'));
    expect(said(findings, 'unknown')).toEqual([
      expect.stringMatching(/prod.*Monitoring Reader/s),
      expect.stringMatching(/Entra.*Security Reader/s),
    ]);
  });

  test('Entra: each source by its own categories', async () => {
    const account = { storageAccountId: '/x/example' };
    server.answers.set(ENTRA, exporting(account, ['AuditLogs', 'SignInLogs']));
    const findings = await look(blobs('azure.audit'), blobs('azure.signin'));
    expect(said(findings, 'ok')).toEqual([expect.stringContaining('all that azure.audit reads')]);
    expect(said(findings, 'missing').at(-1)).toContain(
      'ManagedIdentitySignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs of azure.signin',
    );
  });

  test('nonsense in place of answers crashes nothing', async () => {
    for (const nonsense of [null, [], { value: 7 }, { value: [null, { properties: 3 }] }]) {
      server.answers.set('/subscriptions', { value: [{ subscriptionId: SUBSCRIPTION, state: 'Enabled' }] });
      server.answers.set(SETTINGS, nonsense);
      expect((await look(blobs('azure.activity'))).length).toBeGreaterThan(0);
    }
  });
});

describe('Google Cloud', () => {
  const look = async (connectors: Record<string, unknown>[], organization?: string) => {
    const logging = await loggingConfiguration({
      apiEndpoint: '127.0.0.1',
      port: server.port,
      protocol: 'http',
    });
    const { places } = subject(...connectors);
    const deployment = organization === undefined ? null : ({ gcp: { organization } } as never);
    return examined([
      gcpExamination({ places, deployment }, Promise.resolve(null), { resources: server.url, logging }),
    ]);
  };
  const sink = (more: Record<string, unknown> = {}) => ({
    sinks: [
      {
        name: 'akashi-1',
        destination: 'storage.googleapis.com/example-audit-sink',
        filter: 'log_id("cloudaudit.googleapis.com/activity")',
        includeChildren: true,
        writerIdentity: 'serviceAccount:writer@example.iam.gserviceaccount.com',
        ...more,
      },
    ],
  });
  const READS = { connector: 'gcp.audit', delivery: 'sink', bucket: 'example-audit-sink' };
  beforeEach(() => {
    server.answers.set('/v3/projects:search', {
      projects: [
        {
          projectId: 'example-project',
          name: 'projects/123456789012',
          parent: 'organizations/1',
          state: 'ACTIVE',
        },
        {
          projectId: 'gone-project',
          name: 'projects/2',
          parent: 'organizations/1',
          state: 'DELETE_REQUESTED',
        },
      ],
    });
    server.answers.set('/v2/organizations/1/sinks', { sinks: [] });
    server.answers.set('/v2/projects/example-project/sinks', { sinks: [] });
  });

  test('a project that nothing reads is missing; those of an organisation do not hold it', async () => {
    const entries = { connector: 'gcp.audit', delivery: 'entries', resources: ['organizations/1'] };
    expect(said(await look([entries]), 'missing')).toEqual([
      expect.stringMatching(
        /^example-project: .*not collected.*"resources": \["projects\/example-project"\]/,
      ),
    ]);
  });

  test('read over the API, by id or number; how long its log buckets keep is told', async () => {
    server.answers.set('/v2/projects/example-project/locations/-/buckets', {
      buckets: [
        {
          name: 'projects/example-project/locations/global/buckets/_Default',
          lifecycleState: 'ACTIVE',
          retentionDays: 3,
        },
        {
          name: 'projects/example-project/locations/global/buckets/_Required',
          lifecycleState: 'ACTIVE',
          retentionDays: 400,
          locked: true,
        },
      ],
    });
    const findings = await look([
      { connector: 'gcp.audit', delivery: 'entries', resources: ['projects/example-project'] },
    ]);
    expect(said(findings, 'ok')).toEqual([
      expect.stringContaining('read over the API'),
      expect.stringContaining('_Required of projects/example-project keeps entries for 400 days, locked'),
    ]);
    expect(said(findings, 'missing')).toEqual([
      expect.stringMatching(
        /_Default.*after 3 days \| gcloud logging buckets update _Default --project=example-project --location=global/,
      ),
    ]);
  });

  test('a sink of the organisation covers its projects when it is on, takes in children, and its bucket is read', async () => {
    server.answers.set('/v2/organizations/1/sinks', sink());
    expect(said(await look([READS], '1'), 'missing')).toEqual([]);
    server.answers.set('/v2/organizations/1/sinks', sink({ disabled: true }));
    expect(said(await look([READS], '1'), 'missing')).toEqual([
      expect.stringContaining('example-project'),
      expect.stringMatching(
        /switched off \| gcloud logging sinks update akashi-1 --organization=1 --no-disabled/,
      ),
    ]);
    server.answers.set('/v2/organizations/1/sinks', sink({ includeChildren: false }));
    expect(said(await look([READS], '1'), 'missing')[1]).toContain('--include-children');
    server.answers.set('/v2/organizations/1/sinks', sink({ destination: 'storage.googleapis.com/other' }));
    expect(said(await look([READS], '1'), 'missing')).toEqual([expect.stringContaining('example-project')]);
  });

  test('how many are covered is said first', async () => {
    const [first] = await look([
      { connector: 'gcp.audit', delivery: 'entries', resources: ['organizations/1'] },
    ]);
    expect(first).toMatchObject({ state: 'missing', what: 'covered: 0 of 1 projects' });
    server.answers.set('/v2/organizations/1/sinks', sink());
    expect((await look([READS], '1'))[0]).toMatchObject({ state: 'ok', what: 'covered: 1 of 1 projects' });
  });

  test('what may not be looked at is unknown, with the role', async () => {
    server.answers.set('/v2/organizations/1/sinks', 403);
    expect(said(await look([READS], '1'), 'unknown')[0]).toMatch(
      /the sinks of organizations\/1.*roles\/logging.viewer/,
    );
    server.answers.set('/v3/projects:search', 403);
    const [finding] = await look([READS]);
    expect(finding).toMatchObject({ state: 'unknown', what: expect.stringContaining('roles/browser') });
  });
});
