/** What is generated for the other clouds, and the tools of those clouds that take it. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { azureBicep } from '../../cloud/azure/bicep.ts';
import { azurePlan } from '../../cloud/azure/plan.ts';
import { azureTerraform } from '../../cloud/azure/terraform.ts';
import type { GeneratedFile } from '../../cloud/file.ts';
import { gcloudScript } from '../../cloud/gcp/gcloud.ts';
import { gcpPlan } from '../../cloud/gcp/plan.ts';
import { gcpTerraform } from '../../cloud/gcp/terraform.ts';
import { type Configuration, parseConfiguration } from '../../infra/configuration.ts';

const EXAMPLE = readFileSync(new URL('../../infra/example/audit-trail.json', import.meta.url), 'utf8');
const example = parseConfiguration(EXAMPLE, 'example');

/** The example with members replaced. */
const changed = (change: (file: Record<string, unknown>) => void): Configuration => {
  const file = JSON.parse(EXAMPLE) as Record<string, unknown>;
  change(file);
  return parseConfiguration(JSON.stringify(file), 'changed');
};
const withEntries = (resources: readonly string[]) =>
  changed((file) => {
    file['connectors'] = [{ connector: 'gcp.audit', delivery: 'entries', resources }];
    file['notifications'] = {};
    file['schedule'] = {};
    (file['gcp'] as Record<string, unknown>)['organization'] = undefined;
  });
const EVERYWHERE = withEntries([
  'projects/example-project',
  'folders/123456789012',
  'billingAccounts/012345-6789AB-CDEF01',
  'projects/example-project/locations/global/buckets/_Default/views/_AllLogs',
]);
const parentSinks = changed((file) => {
  file['connectors'] = [
    {
      connector: 'gcp.audit',
      name: 'a',
      delivery: 'entries',
      resources: ['folders/123456789012', 'projects/example-project', 'billingAccounts/012345-6789AB-CDEF01'],
    },
    { connector: 'gcp.audit', name: 'b', delivery: 'sink', bucket: 'example-audit-sink' },
    { connector: 'gcp.vpcflow', name: 'c', delivery: 'sink', bucket: 'example-copies', prefix: 'copies/' },
  ];
  file['notifications'] = {};
  file['schedule'] = {};
  (file['gcp'] as Record<string, unknown>)['organization'] = undefined;
});

const WAYS: Readonly<Record<string, () => readonly GeneratedFile[]>> = {
  'azure bicep': () => azureBicep(azurePlan(example)),
  'azure terraform': () => azureTerraform(azurePlan(example)),
  'gcp terraform': () => gcpTerraform(gcpPlan(example)),
  'gcp terraform, folders, billing and views': () => gcpTerraform(gcpPlan(EVERYWHERE)),
  'gcp terraform, sinks of several parents': () => gcpTerraform(gcpPlan(parentSinks, { location: 'EU' })),
  'gcp gcloud': () => gcloudScript(gcpPlan(example, { location: 'EU' })),
  'gcp gcloud, folders, billing and views': () => gcloudScript(gcpPlan(EVERYWHERE)),
  'gcp gcloud, sinks of several parents': () => gcloudScript(gcpPlan(parentSinks)),
};
const files = Object.entries(WAYS).flatMap(([way, make]) =>
  make().map((file) => ({ title: `${way}: ${file.name}`, ...file })),
);
const textOf = (way: string, name: string): string =>
  WAYS[way]!().find((file) => file.name === name)?.text ?? '';

test.each(Object.entries(WAYS))('%s is the same each time, and holds no secret', (_, make) => {
  expect(make()).toEqual(make());
  for (const { text } of make()) {
    expect(text).not.toMatch(/password|client_secret|private_key|secret_value/i);
  }
});

describe('Azure', () => {
  // https://learn.microsoft.com/en-us/graph/templates/bicep/reference/federatedidentitycredentials
  test('the application trusts one role of one account, for one audience', () => {
    const bicep = textOf('azure bicep', 'identity.bicep');
    expect(bicep).toContain("subject: 'arn:aws:iam::111122223333:role/akashi-collect'");
    expect(bicep).toContain("audiences: [\n      'api://AzureADTokenExchange'\n    ]");
    const terraform = textOf('azure terraform', 'main.tf');
    expect(terraform).toMatch(/subject +=\s"arn:aws:iam::111122223333:role\/akashi-collect"/);
    expect(terraform).toMatch(/audiences +=\s\["api:\/\/AzureADTokenExchange"\]/);
  });

  // https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema#categories
  // https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options
  test('every category that a connector reads is exported, to every place it reads from', () => {
    const categories = (text: string) => [...text.matchAll(/category: '(\w+)'/g)].map(([, name]) => name);
    const activity = categories(textOf('azure bicep', 'activity.bicep'));
    expect(activity).toHaveLength(16);
    expect(new Set(activity)).toEqual(
      new Set([
        'Administrative',
        'Security',
        'ServiceHealth',
        'Alert',
        'Recommendation',
        'Policy',
        'Autoscale',
        'ResourceHealth',
      ]),
    );
    expect(new Set(categories(textOf('azure bicep', 'entra.bicep')))).toEqual(
      new Set([
        'SignInLogs',
        'NonInteractiveUserSignInLogs',
        'ServicePrincipalSignInLogs',
        'ManagedIdentitySignInLogs',
        'AuditLogs',
      ]),
    );
  });

  // https://learn.microsoft.com/en-us/azure/role-based-access-control/built-in-roles
  test('readers get the narrowest roles on what they read, and no other', () => {
    const roles = [...textOf('azure terraform', 'main.tf').matchAll(/role_definition_name = "([^"]+)"/g)];
    expect(roles.map(([, role]) => role)).toEqual([
      'Log Analytics Reader',
      'Storage Blob Data Reader',
      'Monitoring Reader',
    ]);
    expect(textOf('azure bicep', 'workspace-reader.bicep')).toContain('73c42c96-874c-492b-b04d-ab87d138a893');
    expect(textOf('azure bicep', 'storage-reader.bicep')).toContain('2a2b9908-6ea1-4ae2-8e65-a410df84e7d1');
    expect(textOf('azure bicep', 'subscription-reader.bicep')).toContain(
      '43d0d8ad-25c7-4714-9337-8ba259a9fe05',
    );
  });

  // https://learn.microsoft.com/en-us/azure/templates/microsoft.network/networkwatchers/flowlogs
  test('flow logs are switched on for the networks that are named, in their own subscription, region and watcher', () => {
    const script = textOf('azure bicep', 'deploy.sh');
    expect(script).toMatch(/--resource-group \\?\s*NetworkWatcherRG/);
    expect(script).toContain('watcher=NetworkWatcher_westeurope');
    expect(script).toContain('virtualNetworks/vnet-hub');
    const terraform = textOf('azure terraform', 'main.tf');
    expect(terraform).toContain('resource "azurerm_network_watcher_flow_log" "network_1"');
    expect(terraform).toMatch(/provider +=\sazurerm\.subscription_22222222_3333/);
    const withNetworks = (networks: Record<string, string>) =>
      azurePlan(
        changed((file) => {
          (file['azure'] as Record<string, unknown>)['networks'] = networks;
        }),
      );
    const vnet = (name: string) =>
      `/subscriptions/22222222-3333-4444-5555-666666666666/resourceGroups/rg/providers/Microsoft.Network/${name}`;
    expect(() => withNetworks({ [vnet('networkSecurityGroups/nsg')]: 'westeurope' })).toThrow(
      /no longer be made/,
    );
    expect(() => withNetworks({ [vnet('virtualNetworks/v')]: 'westeurope/other' })).toThrow(
      /CONNECT_NETWORK|other.*example/s,
    );
  });

  test('a deployment in China is trusted by the names of that partition', () => {
    const china = changed((file) => {
      file['region'] = 'cn-north-1';
      file['residency'] = ['cn-north-1'];
      file['replica'] = undefined;
    });
    expect(azurePlan(china).role).toBe('arn:aws-cn:iam::111122223333:role/akashi-collect');
  });
});

describe('Google Cloud', () => {
  test('only the one role passes the provider, and it alone may stand in for the service account', () => {
    const text = textOf('gcp terraform', 'main.tf');
    const role = 'arn:aws:sts::111122223333:assumed-role/akashi-collect';
    expect(text).toContain(`attribute_condition = "attribute.aws_role == '${role}'"`);
    expect(text).toContain(
      `"principalSet://iam.googleapis.com/\${google_iam_workload_identity_pool.aws.name}/attribute.aws_role/${role}"`,
    );
    expect(text).toMatch(/account_id = "111122223333"/);
  });

  // https://cloud.google.com/logging/docs/access-control
  test('data access logs take the private viewer, flows the plain one', () => {
    const plan = gcpPlan(example);
    expect(plan.grants).toEqual([
      { parent: { kind: 'organizations', id: '123456789012' }, role: 'roles/logging.privateLogViewer' },
      { parent: { kind: 'projects', id: 'example-project' }, role: 'roles/logging.viewer' },
    ]);
  });

  test('both of one project take the private viewer once', () => {
    const both = changed((file) => {
      file['connectors'] = ['gcp.vpcflow', 'gcp.audit'].map((connector) => ({
        connector,
        delivery: 'entries',
        resources: ['projects/example-project'],
      }));
      file['notifications'] = {};
      file['schedule'] = {};
    });
    expect(gcpPlan(both).grants.map(({ role }) => role)).toEqual(['roles/logging.privateLogViewer']);
  });

  // https://cloud.google.com/logging/docs/export/aggregated_sinks
  test('the sink of an organisation or folder takes in its children; a bucket below a prefix gets none', () => {
    expect(textOf('gcp terraform', 'main.tf')).toMatch(
      /"google_logging_organization_sink"[^}]+include_children += true/,
    );
    const text = textOf('gcp terraform, sinks of several parents', 'main.tf');
    expect(text).toMatch(/"google_logging_folder_sink"[^}]+include_children += true/);
    expect(text).toContain('"google_logging_billing_account_sink"');
    expect(text).toContain('"google_logging_project_sink"');
    expect(text).toMatch(/bucket = "example-copies"/);
    expect(text.match(/resource "google_storage_bucket" /g)).toHaveLength(1);
  });
});

/** Arguments as the providers' own schemas name them, read out of packages that are made from those. */
const SCHEMAS = JSON.parse(readFileSync(new URL('provider-arguments.json', import.meta.url), 'utf8')) as {
  blocks: Record<string, { required: string[]; optional: string[] }>;
};
const META = new Set(['depends_on', 'for_each', 'provider']);

test.each(files.filter(({ name }) => name === 'main.tf'))(
  '$title: every argument is one of its resource, and none that is required is missing',
  ({ text }) => {
    const blocks = [...text.matchAll(/^(resource|data) "(\w+)" "\w+" \{\n([\s\S]*?)^\}/gm)];
    expect(blocks.length).toBeGreaterThan(5);
    for (const [, kind, type, body] of blocks) {
      const schema = SCHEMAS.blocks[kind === 'data' ? `data.${type}` : type!]!;
      expect(schema, type).toBeDefined();
      const given = [...new Set([...body!.matchAll(/^ {2}(\w+)(?: +=| \{)/gm)].map(([, name]) => name!))];
      const known = [...schema.required, ...schema.optional];
      expect(
        given.filter((name) => !known.includes(name) && !META.has(name)),
        type,
      ).toEqual([]);
      expect(
        schema.required.filter((name) => !given.includes(name)),
        type,
      ).toEqual([]);
    }
  },
);

const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;

function run(
  tool: string,
  words: readonly string[],
  { name, text }: GeneratedFile,
): { status: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  try {
    writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync(tool, [...words, name], { cwd: folder, encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(!has('terraform')).each(files.filter(({ name }) => name.endsWith('.tf')))(
  '$title is as `terraform fmt` writes it',
  (file) => {
    const { status, said } = run('terraform', ['fmt', '-check', '-diff'], file);
    expect(status, said).toBe(0);
  },
);

const scripts = files.filter(({ name }) => name.endsWith('.sh'));
test.each(scripts)('$title: bash reads it', (file) => {
  expect(run('bash', ['-n'], file)).toEqual({ status: 0, said: '' });
});
test.skipIf(!has('shellcheck')).each(scripts)('$title: shellcheck finds nothing', (file) => {
  expect(run('shellcheck', [], file)).toEqual({ status: 0, said: '' });
});
