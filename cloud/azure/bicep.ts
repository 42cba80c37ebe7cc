/**
 * The Azure side for Bicep, a file for each scope that something is deployed to, and a script that deploys them in order.
 * https://learn.microsoft.com/en-us/azure/templates/microsoft.insights/diagnosticsettings,
 * https://learn.microsoft.com/en-us/azure/templates/microsoft.aadiam/diagnosticsettings,
 * https://learn.microsoft.com/en-us/graph/templates/bicep/reference/overview
 */

import { ENTRA_AUDIENCE } from '../../connectors/delivery/federation.ts';
import { type BicepValue, bicepExpression, bicepFile, type Resource } from '../bicep.ts';
import type { GeneratedFile } from '../file.ts';
import {
  ACTIVITY_CATEGORIES,
  AZURE_ROLES,
  type AzurePlan,
  type Destination,
  destinationHelp,
  ISSUER_HELP,
  parameterOf,
} from './plan.ts';
import { azureScript } from './script.ts';

/** https://learn.microsoft.com/en-us/graph/templates/bicep/how-to-reference-microsoft-graph-bicep-extension */
const BICEP_CONFIGURATION = {
  extensions: { microsoftGraphV1: 'br:mcr.microsoft.com/bicep/extensions/microsoftgraph/v1.0:1.0.0' },
};

export function azureBicep(plan: AzurePlan): readonly GeneratedFile[] {
  const { destinations, asked } = plan;
  const kinds = new Set(destinations.map(({ kind }) => kind));
  return [
    { name: 'bicepconfig.json', text: `${JSON.stringify(BICEP_CONFIGURATION, null, 2)}\n` },
    { name: 'identity.bicep', text: identity(plan) },
    ...(destinations.some(({ activity }) => activity)
      ? [{ name: 'activity.bicep', text: activity(plan) }]
      : []),
    ...(destinations.some(({ entra }) => entra.length > 0)
      ? [{ name: 'entra.bicep', text: entra(plan) }]
      : []),
    ...(kinds.has('workspace') ? [{ name: 'workspace-reader.bicep', text: reader('workspace') }] : []),
    ...(kinds.has('storage') ? [{ name: 'storage-reader.bicep', text: reader('storage') }] : []),
    ...(plan.networks.length > 0 ? [{ name: 'flow-log.bicep', text: flowLog() }] : []),
    ...(asked.length > 0 ? [{ name: 'subscription-reader.bicep', text: subscriptionReader() }] : []),
    { name: 'deploy.sh', text: azureScript(plan), executable: true as const },
  ];
}

const identity = ({ name, role, issuer }: AzurePlan): string =>
  bicepFile({
    scope: 'subscription',
    extension: 'microsoftGraphV1',
    parameters: [
      { name: 'issuer', description: ISSUER_HELP, ...(issuer === null ? {} : { default: issuer }) },
    ],
    resources: [
      {
        symbol: 'reader',
        type: 'Microsoft.Graph/applications@v1.0',
        comment: 'Who reads: trusted because AWS says that the role asks. It has no secret.',
        body: { uniqueName: `${name}-reader`, displayName: `${name}-reader` },
        children: [
          {
            symbol: 'collector',
            type: 'federatedIdentityCredentials@v1.0',
            body: {
              name: bicepExpression(`'\${reader.uniqueName}/${name}-collector'`),
              audiences: [ENTRA_AUDIENCE],
              issuer: bicepExpression('issuer'),
              subject: role,
            },
          },
        ],
      },
      {
        symbol: 'principal',
        type: 'Microsoft.Graph/servicePrincipals@v1.0',
        body: { appId: bicepExpression('reader.appId') },
      },
    ],
    outputs: { application: 'reader.appId', principal: 'principal.id' },
  });

const parametersOf = (destinations: readonly Destination[]) =>
  destinations.map((one) => ({ name: parameterOf(one), description: destinationHelp(one) }));

const setting = (
  { name }: AzurePlan,
  destination: Destination,
  type: string,
  categories: readonly string[],
): Resource => ({
  symbol: `${destination.kind}${destination.number}`,
  type,
  body: {
    name: `${name}-${destination.kind}-${destination.number}`,
    properties: {
      [destination.kind === 'workspace' ? 'workspaceId' : 'storageAccountId']: bicepExpression(
        parameterOf(destination),
      ),
      logs: categories.map((category): BicepValue => ({ category, enabled: true })),
    },
  },
});

function activity(plan: AzurePlan): string {
  const destinations = plan.destinations.filter((one) => one.activity);
  return bicepFile({
    scope: 'subscription',
    parameters: parametersOf(destinations),
    resources: destinations.map((one) =>
      setting(plan, one, 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview', ACTIVITY_CATEGORIES),
    ),
  });
}

function entra(plan: AzurePlan): string {
  const destinations = plan.destinations.filter((one) => one.entra.length > 0);
  return bicepFile({
    scope: 'tenant',
    parameters: parametersOf(destinations),
    resources: destinations.map((one) =>
      setting(plan, one, 'microsoft.aadiam/diagnosticSettings@2017-04-01', one.entra),
    ),
  });
}

const PLACES = {
  workspace: 'Microsoft.OperationalInsights/workspaces@2023-09-01',
  storage: 'Microsoft.Storage/storageAccounts@2023-05-01',
} as const;

const PRINCIPAL = { name: 'principal', description: 'Object id of the service principal that reads.' };

const assignment = (scope: string | null, role: string): Resource => ({
  symbol: 'assignment',
  type: 'Microsoft.Authorization/roleAssignments@2022-04-01',
  body: {
    name: bicepExpression(
      `guid(${scope === null ? 'subscription().id' : `${scope}.id`}, principal, '${role}')`,
    ),
    ...(scope === null ? {} : { scope: bicepExpression(scope) }),
    properties: {
      roleDefinitionId: bicepExpression(
        `subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${role}')`,
      ),
      principalId: bicepExpression('principal'),
      principalType: 'ServicePrincipal',
    },
  },
});

const reader = (kind: Destination['kind']): string =>
  bicepFile({
    scope: 'resourceGroup',
    parameters: [{ name: 'name', description: `Name of the ${kind}.` }, PRINCIPAL],
    resources: [
      { symbol: kind, type: PLACES[kind], existing: true, body: { name: bicepExpression('name') } },
      { ...assignment(kind, AZURE_ROLES[kind].id), comment: `${AZURE_ROLES[kind].name}.` },
    ],
  });

const subscriptionReader = (): string =>
  bicepFile({
    scope: 'subscription',
    parameters: [PRINCIPAL],
    resources: [
      {
        ...assignment(null, AZURE_ROLES.subscription.id),
        comment: `${AZURE_ROLES.subscription.name}: reads the Activity Log over its API.`,
      },
    ],
  });

/** https://learn.microsoft.com/en-us/azure/templates/microsoft.network/networkwatchers/flowlogs */
const flowLog = (): string =>
  bicepFile({
    scope: 'resourceGroup',
    parameters: [
      { name: 'name', description: 'Name of the flow log.' },
      { name: 'watcher', description: 'Name of the Network Watcher of the region.' },
      { name: 'region', description: 'Region of the network.' },
      { name: 'network', description: 'Resource id of the virtual network.' },
      { name: 'storage', description: 'Resource id of the storage account, in the same region.' },
    ],
    resources: [
      {
        symbol: 'regionWatcher',
        type: 'Microsoft.Network/networkWatchers@2024-05-01',
        existing: true,
        body: { name: bicepExpression('watcher') },
      },
      {
        symbol: 'flowLog',
        type: 'Microsoft.Network/networkWatchers/flowLogs@2024-05-01',
        comment: 'Every flow of the network. How long blobs stay is the storage account’s own rule.',
        body: {
          parent: bicepExpression('regionWatcher'),
          name: bicepExpression('name'),
          location: bicepExpression('region'),
          properties: {
            enabled: true,
            targetResourceId: bicepExpression('network'),
            storageId: bicepExpression('storage'),
            format: { type: 'JSON', version: 2 },
            retentionPolicy: { enabled: false, days: 0 },
          },
        },
      },
    ],
  });
