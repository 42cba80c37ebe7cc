/**
 * The Azure side for Terraform: azurerm for exports and roles, azuread for who reads.
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs,
 * https://registry.terraform.io/providers/hashicorp/azuread/latest/docs
 */

import { ENTRA_AUDIENCE } from '../../connectors/delivery/federation.ts';
import type { GeneratedFile } from '../file.ts';
import { type Block, expression, type HclValue, hclFile, resource } from '../hcl.ts';
import { flowLogOf, WATCHER_GROUP, watcherOf } from './networks.ts';
import {
  ACTIVITY_CATEGORIES,
  AZURE_ROLES,
  type AzurePlan,
  type Destination,
  destinationHelp,
  destinationName,
  ISSUER_HELP,
} from './plan.ts';

export function azureTerraform(plan: AzurePlan): readonly GeneratedFile[] {
  return [
    {
      name: 'main.tf',
      text: hclFile([
        ...providers(plan),
        ...identity(plan),
        ...exports(plan),
        ...flowLogs(plan),
        ...readers(plan),
      ]),
    },
    { name: 'variables.tf', text: hclFile(variables(plan)) },
    { name: 'outputs.tf', text: hclFile(OUTPUTS) },
  ];
}

function providers({ tenant, subscriptions, networks }: AzurePlan): Block[] {
  const [first] = subscriptions;
  return [
    {
      type: 'terraform',
      attributes: { required_version: '>= 1.5' },
      blocks: [
        {
          type: 'required_providers',
          attributes: {
            azuread: { source: 'hashicorp/azuread', version: '~> 3.0' },
            azurerm: { source: 'hashicorp/azurerm', version: '~> 4.0' },
          },
        },
      ],
    },
    { type: 'provider', labels: ['azuread'], attributes: { tenant_id: tenant } },
    {
      type: 'provider',
      labels: ['azurerm'],
      attributes: { tenant_id: tenant, ...(first === undefined ? {} : { subscription_id: first }) },
      blocks: [{ type: 'features' }],
    },
    // A flow log lies in the subscription of its network.
    ...[...new Set(networks.map(({ subscription }) => subscription))].sort().map(
      (subscription): Block => ({
        type: 'provider',
        labels: ['azurerm'],
        attributes: { alias: aliasOf(subscription), tenant_id: tenant, subscription_id: subscription },
        blocks: [{ type: 'features' }],
      }),
    ),
  ];
}

const aliasOf = (subscription: string): string => `subscription_${subscription.replaceAll('-', '_')}`;

const flowLogs = ({ name, networks }: AzurePlan): Block[] =>
  networks.map((network) =>
    resource(
      'azurerm_network_watcher_flow_log',
      `network_${network.number}`,
      {
        provider: expression(`azurerm.${aliasOf(network.subscription)}`),
        name: flowLogOf(name, network),
        network_watcher_name: watcherOf(network),
        resource_group_name: WATCHER_GROUP,
        location: network.region,
        target_resource_id: network.id,
        storage_account_id: idOf(network.destination),
        enabled: true,
        version: 2,
      },
      {
        blocks: [{ type: 'retention_policy', attributes: { enabled: false, days: 0 } }],
        comment: 'Every flow of the network. How long blobs stay is the storage account’s own rule.',
      },
    ),
  );

const identity = ({ name, role }: AzurePlan): Block[] => [
  resource(
    'azuread_application_registration',
    'reader',
    { display_name: `${name}-reader`, description: 'Reads audit logs for Akashi; has no secret.' },
    { comment: 'Who reads: trusted because AWS says that the role asks.' },
  ),
  resource('azuread_service_principal', 'reader', {
    client_id: expression('azuread_application_registration.reader.client_id'),
  }),
  resource('azuread_application_federated_identity_credential', 'collector', {
    application_id: expression('azuread_application_registration.reader.id'),
    display_name: `${name}-collector`,
    audiences: [ENTRA_AUDIENCE],
    issuer: expression('var.aws_issuer'),
    subject: role,
  }),
];

const idOf = (destination: Destination): HclValue => expression(`var.${destinationName(destination)}`);
const targetOf = (destination: Destination): Record<string, HclValue> =>
  destination.kind === 'workspace'
    ? { log_analytics_workspace_id: idOf(destination) }
    : { storage_account_id: idOf(destination) };
const labelOf = ({ kind, number }: Destination): string => `${kind}_${number}`;
const enabled = (categories: readonly string[]): Block[] =>
  categories.map((category) => ({ type: 'enabled_log', attributes: { category } }));

function exports({ name, subscriptions, destinations }: AzurePlan): Block[] {
  return destinations.flatMap((destination) => {
    const label = labelOf(destination);
    const title = `${name}-${destination.kind}-${destination.number}`;
    const activity = subscriptions.map((subscription, at) =>
      resource(
        'azurerm_monitor_diagnostic_setting',
        `activity_${at + 1}_${label}`,
        {
          name: title,
          target_resource_id: `/subscriptions/${subscription}`,
          ...targetOf(destination),
        },
        { blocks: enabled(ACTIVITY_CATEGORIES), comment: 'The Activity Log of a subscription, all of it.' },
      ),
    );
    const entra = resource(
      'azurerm_monitor_aad_diagnostic_setting',
      `entra_${label}`,
      { name: title, ...targetOf(destination) },
      {
        blocks: enabled(destination.entra),
        comment: 'Entra takes this from a person signed in with az login, not from a service principal.',
      },
    );
    return [...(destination.activity ? activity : []), ...(destination.entra.length > 0 ? [entra] : [])];
  });
}

function readers({ destinations, asked }: AzurePlan): Block[] {
  const assignment = (name: string, scope: HclValue, role: string): Block =>
    resource('azurerm_role_assignment', name, {
      scope,
      role_definition_name: role,
      principal_id: expression('azuread_service_principal.reader.object_id'),
      principal_type: 'ServicePrincipal',
    });
  return [
    ...destinations.map((destination) =>
      assignment(`reader_${labelOf(destination)}`, idOf(destination), AZURE_ROLES[destination.kind].name),
    ),
    ...asked.map((subscription, at) =>
      assignment(
        `reader_subscription_${at + 1}`,
        `/subscriptions/${subscription}`,
        AZURE_ROLES.subscription.name,
      ),
    ),
  ];
}

const variable = (name: string, description: string, value: string | null): Block => ({
  type: 'variable',
  labels: [name],
  attributes: { description, type: expression('string'), ...(value === null ? {} : { default: value }) },
});

const variables = ({ issuer, destinations }: AzurePlan): Block[] => [
  variable('aws_issuer', ISSUER_HELP, issuer),
  ...destinations.map((one) => variable(destinationName(one), destinationHelp(one), null)),
];

const OUTPUTS: Block[] = [
  {
    type: 'output',
    labels: ['application'],
    attributes: {
      description: 'The "application" of "azure" in audit-trail.json.',
      value: expression('azuread_application_registration.reader.client_id'),
    },
  },
];
