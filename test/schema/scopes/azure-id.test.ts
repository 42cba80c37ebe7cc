import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../schema/actions/csv.ts';
import { formatAzureId, parseAzureId } from '../../../schema/scopes/azure-id.ts';
import { providerName, typeName } from '../../../schema/scopes/azure-types.ts';

const S = '/subscriptions/00000000-0000-0000-0000-000000000001';
const G = `${S}/resourceGroups/prod`;

type Expected = Partial<NonNullable<ReturnType<typeof parseAzureId>>>;

/** https://learn.microsoft.com/en-us/azure/role-based-access-control/scope-overview and the pages of the providers. */
const IDS: readonly (readonly [id: string, expected: Expected])[] = [
  [
    S,
    {
      kind: 'account',
      type: 'Microsoft.Resources/subscriptions',
      name: '00000000-0000-0000-0000-000000000001',
      account: '00000000-0000-0000-0000-000000000001',
      parent: null,
    },
  ],
  [G, { kind: 'group', type: 'Microsoft.Resources/subscriptions/resourceGroups', name: 'prod', parent: S }],
  [
    `${G}/providers/Microsoft.Compute/virtualMachines/web-1`,
    {
      kind: 'resource',
      provider: 'Microsoft.Compute',
      type: 'Microsoft.Compute/virtualMachines',
      name: 'web-1',
      resourceGroup: 'prod',
      parent: G,
    },
  ],
  // nested
  [
    `${G}/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/c`,
    {
      type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
      name: 'c',
      parent: `${G}/providers/Microsoft.Storage/storageAccounts/data/blobServices/default`,
    },
  ],
  // extending another resource
  [
    `${G}/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Insights/diagnosticSettings/to-storage`,
    {
      type: 'Microsoft.Insights/diagnosticSettings',
      name: 'to-storage',
      parent: `${G}/providers/Microsoft.KeyVault/vaults/v`,
    },
  ],
  // extending a scope
  [
    `${S}/providers/Microsoft.Authorization/roleAssignments/8f2c`,
    { type: 'Microsoft.Authorization/roleAssignments', name: '8f2c', parent: S },
  ],
  [
    `${G}/providers/Microsoft.Authorization/locks/keep`,
    { type: 'Microsoft.Authorization/locks', name: 'keep', parent: G },
  ],
  // management groups
  [
    '/providers/Microsoft.Management/managementGroups/corp',
    { kind: 'folder', name: 'corp', managementGroup: 'corp', account: null, parent: null },
  ],
  [
    '/providers/Microsoft.Management/managementGroups/corp/providers/Microsoft.Authorization/policyAssignments/p',
    {
      kind: 'resource',
      managementGroup: 'corp',
      type: 'Microsoft.Authorization/policyAssignments',
      parent: '/providers/Microsoft.Management/managementGroups/corp',
    },
  ],
  [
    '/providers/Microsoft.Management/managementGroups/corp/subscriptions/0001',
    { kind: 'resource', type: 'Microsoft.Management/managementGroups/subscriptions', name: '0001' },
  ],
  // the tenant itself
  [
    '/providers/Microsoft.Authorization/roleDefinitions/8e3a',
    { type: 'Microsoft.Authorization/roleDefinitions', name: '8e3a', account: null, parent: null },
  ],
  ['/tenants/1111', { kind: 'organization', org: '1111', name: '1111', type: 'Microsoft.Resources/tenants' }],
  ['/tenants/1111/providers/Microsoft.aadiam', { org: '1111', type: 'Microsoft.aadiam', name: null }],
  // places inside a provider, and collections
  [
    `${S}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/old`,
    { type: 'Microsoft.KeyVault/locations/deletedVaults', name: 'old' },
  ],
  [
    `${G}/providers/Microsoft.Compute/virtualMachines`,
    { type: 'Microsoft.Compute/virtualMachines', name: null, parent: G },
  ],
  [
    `${S}/resourceGroups`,
    { kind: 'resource', type: 'Microsoft.Resources/subscriptions/resourceGroups', name: null, parent: S },
  ],
  // in no provider
  [
    `${S}/tagNames/cost/tagValues/it`,
    { type: 'Microsoft.Resources/subscriptions/tagNames/tagValues', name: 'it', provider: null },
  ],
  // a provider nobody has heard of
  [`${G}/providers/Contoso.Widgets/thingS/t`, { type: 'Contoso.Widgets/thingS', name: 't' }],
];

describe('an Azure resource id', () => {
  test.each(IDS)('%s', (id, expected) => {
    expect(parseAzureId(id)).toMatchObject({ cloud: 'azure', id, ...expected });
  });

  test.each(IDS)('%s put together again is the same text', (id) => {
    expect(formatAzureId(parseAzureId(id)!)).toBe(id);
  });

  test('means the same in any casing and with slashes after it', () => {
    const id = `${G}/providers/Microsoft.Network/networkSecurityGroups/nsg/securityRules/ssh`;
    for (const written of [id.toUpperCase(), id.toLowerCase(), `${id}/`, `${id}//`]) {
      const parsed = parseAzureId(written)!;
      expect(parsed).toMatchObject({
        type: 'Microsoft.Network/networkSecurityGroups/securityRules',
        provider: 'Microsoft.Network',
      });
      expect(parsed.name!.toLowerCase()).toBe('ssh');
      expect(parsed.parent!.toLowerCase()).toBe(id.slice(0, -'/securityRules/ssh'.length).toLowerCase());
      expect(formatAzureId(parsed).toLowerCase()).toBe(id.toLowerCase());
    }
  });

  test('with an empty group is read as far as it goes', () => {
    const id = `${S}/resourceGroups//providers/Microsoft.Compute/disks/d`;
    expect(parseAzureId(id)).toMatchObject({
      resourceGroup: null,
      type: 'Microsoft.Compute/disks',
      name: 'd',
    });
    expect(formatAzureId(parseAzureId(id)!)).toBe(id);
  });

  test.each([
    null,
    '',
    '/',
    '/subscriptions',
    '/subscriptions/',
    '/RESOURCE_ID',
    'subscriptions/s',
    '/resourceGroups/g',
  ])('is not %j', (text) => expect(parseAzureId(text)).toBeNull());
});

const word = fc.stringMatching(/^[A-Za-z0-9][\w.() -]{0,8}$/);
const ids = fc
  .tuple(
    fc.constantFrom('/subscriptions', '/SUBSCRIPTIONS', '/tenants'),
    word,
    fc.option(word),
    fc.array(fc.tuple(word, fc.array(fc.tuple(word, word), { maxLength: 3 })), { maxLength: 3 }),
  )
  .map(([root, id, group, providers]) => {
    const inGroup = group === null || root === '/tenants' ? '' : `/resourceGroups/${group}`;
    const inProviders = providers.map(
      ([provider, pairs]) =>
        `/providers/${provider}${pairs.map(([type, name]) => `/${type}/${name}`).join('')}`,
    );
    return `${root}/${id}${inGroup}${inProviders.join('')}`;
  });

describe('whatever the text', () => {
  test('an id put together again says the same', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const parsed = parseAzureId(id)!;
        const again = formatAzureId(parsed);
        expect(again.toLowerCase()).toBe(id.toLowerCase());
        expect(parseAzureId(again)).toEqual({ ...parsed, id: again, parent: parseAzureId(again)!.parent });
        expect(id.startsWith(parsed.parent ?? '')).toBe(true);
        expect(id).toContain(parsed.name ?? '');
      }),
      { numRuns: 500 },
    );
  });

  test('nothing throws, and nothing is said that is not there', () => {
    const pieces = fc.constantFrom(
      'subscriptions',
      'providers',
      'resourceGroups',
      'tenants',
      'Microsoft.Web',
      '',
      'a',
    );
    const texts = fc.array(pieces).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), texts), (text) => {
        const parsed = parseAzureId(text);
        if (parsed === null) return;
        for (const part of [
          parsed.name,
          parsed.subscription,
          parsed.resourceGroup,
          parsed.tenant,
          parsed.parent,
        ])
          expect(text).toContain(part ?? '');
        expect(parseAzureId(formatAzureId(parsed))).toMatchObject({ type: parsed.type, name: parsed.name });
      }),
      { numRuns: 500 },
    );
  });
});

describe('names in their own casing', () => {
  test.each([
    ['MICROSOFT.COMPUTE', ['VIRTUALMACHINES', 'EXTENSIONS'], 'Microsoft.Compute/virtualMachines/extensions'],
    ['microsoft.web', ['sites', 'sourcecontrols'], 'Microsoft.Web/sites/sourcecontrols'],
    [
      'microsoft.automation',
      ['AUTOMATIONACCOUNTS', 'SOURCECONTROLS'],
      'Microsoft.Automation/automationAccounts/sourceControls',
    ],
    // Known by its parts alone.
    ['MICROSOFT.CONTOSO', ['VIRTUALMACHINES'], 'MICROSOFT.CONTOSO/virtualMachines'],
  ])('%s/%s', (provider, types, expected) => expect(typeName(provider, types)).toBe(expected));

  test('what is not known stays as written', () =>
    expect(providerName('CONTOSO.Widgets')).toBe('CONTOSO.Widgets'));

  test('the table has each provider once, and each type once', () => {
    const url = new URL('../../../schema/scopes/azure-types.csv', import.meta.url);
    const rows = parseCsv(readFileSync(url, 'utf8')).slice(1);
    const types = rows.flatMap(([provider, list]) =>
      list!.split(' ').map((type) => `${provider}/${type}`.toLowerCase()),
    );
    expect(rows.map(([provider]) => provider!.toLowerCase())).toEqual(
      [...new Set(rows.map(([provider]) => provider!.toLowerCase()))].sort(),
    );
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  });
});
