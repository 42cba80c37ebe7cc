/**
 * What a deployment needs in Azure, from its configuration: who may read, what is exported where.
 * Roles: https://learn.microsoft.com/en-us/azure/role-based-access-control/built-in-roles
 */

import type { Configuration } from '../../infra/configuration.ts';
import { AkashiError } from '../../schema/error.ts';
import { collectorOf } from '../collector.ts';
import { type Network, networksOf } from './networks.ts';

/** https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema#categories */
export const ACTIVITY_CATEGORIES = [
  'Administrative',
  'Alert',
  'Autoscale',
  'Policy',
  'Recommendation',
  'ResourceHealth',
  'Security',
  'ServiceHealth',
] as const;

/** https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options */
export const ENTRA_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  'azure.audit': ['AuditLogs'],
  'azure.signin': [
    'ManagedIdentitySignInLogs',
    'NonInteractiveUserSignInLogs',
    'ServicePrincipalSignInLogs',
    'SignInLogs',
  ],
};

interface Role {
  readonly name: string;
  readonly id: string;
}

/** The narrowest built-in roles that read what a delivery asks for. */
export const AZURE_ROLES = {
  workspace: { name: 'Log Analytics Reader', id: '73c42c96-874c-492b-b04d-ab87d138a893' },
  storage: { name: 'Storage Blob Data Reader', id: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' },
  subscription: { name: 'Monitoring Reader', id: '43d0d8ad-25c7-4714-9337-8ba259a9fe05' },
} as const satisfies Readonly<Record<string, Role>>;

/** A workspace or storage account that logs are exported to and read from. Its resource id is asked for: nothing else tells it. */
export interface Destination {
  readonly kind: 'workspace' | 'storage';
  /** 1, 2, … among those of its kind. */
  readonly number: number;
  /** The workspace's id, or the storage account's name. */
  readonly id: string;
  readonly activity: boolean;
  readonly entra: readonly string[];
  /** Whether flow logs of virtual networks are read from it. */
  readonly flows: boolean;
}

export interface AzurePlan {
  /** Begins the names of what is made. */
  readonly name: string;
  readonly tenant: string;
  /** Whose activity logs are exported. */
  readonly subscriptions: readonly string[];
  /** Whose Activity Log is read over its API. */
  readonly asked: readonly string[];
  readonly destinations: readonly Destination[];
  /** Virtual networks whose flow logs are switched on. */
  readonly networks: readonly Network[];
  /** The role in AWS that reads. */
  readonly role: string;
  /** Issuer of its account's tokens; null where it is to be asked for. */
  readonly issuer: string | null;
}

export interface ConnectOptions {
  /** AWS account of the deployment, where the configuration does not name it. */
  readonly account?: string;
  /** What `aws iam get-outbound-web-identity-federation-info` says. */
  readonly issuer?: string;
}

const ISSUER = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const ACCOUNT = /^\d{12}$/;
/** https://learn.microsoft.com/en-us/azure/storage/common/storage-account-overview#storage-account-name */
const STORAGE_HOST = /^https:\/\/([a-z0-9]{3,24})(?:\.[a-z0-9]+)?\.blob\.[a-z0-9.-]+\/?$/;

/** Throws CONNECT_AZURE, CONNECT_ACCOUNT, CONNECT_ISSUER, CONNECT_PLACE and CONNECT_NETWORK, with the way out. */
export function azurePlan(configuration: Configuration, options: ConnectOptions = {}): AzurePlan {
  const { name, azure, connectors } = configuration;
  const own = connectors.filter(({ source }) => source.startsWith('azure.'));
  if (azure === undefined)
    throw new AkashiError(
      'CONNECT_AZURE',
      'The configuration has no "azure", which says whose logs are read. Add {"azure": {"tenant": "…", "subscriptions": ["…"]}} and connectors of Azure.',
    );
  if (own.length === 0)
    throw new AkashiError(
      'CONNECT_AZURE',
      'The configuration names no connector of Azure, so there is nothing to connect. `akashi pull --list` shows them.',
    );
  const account = accountOf(configuration, options);
  const { issuer = null } = options;
  if (issuer !== null && !ISSUER.test(issuer))
    throw new AkashiError(
      'CONNECT_ISSUER',
      `The issuer is ${JSON.stringify(issuer)}, and must be an https URL such as https://example.tokens.sts.global.api.aws. ` +
        '`aws iam get-outbound-web-identity-federation-info` says it.',
    );
  const places = new Map<string, { kind: Destination['kind']; id: string; sources: Set<string> }>();
  const asked = new Set<string>();
  for (const { source, delivery, name: connector, entry } of own) {
    if (delivery === 'api') {
      for (const one of texts(entry['subscriptions'])) asked.add(one);
      continue;
    }
    const kind = delivery === 'workspace' ? 'workspace' : 'storage';
    const id =
      kind === 'workspace' ? String(entry['workspace']) : storageName(String(entry['url']), connector);
    const place = places.get(`${kind} ${id}`) ?? { kind, id, sources: new Set() };
    places.set(`${kind} ${id}`, place.sources.add(source) && place);
  }
  const destinations = (['workspace', 'storage'] as const).flatMap((kind) =>
    [...places.values()]
      .filter((place) => place.kind === kind)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, sources }, at) => ({
        kind,
        number: at + 1,
        id,
        activity: sources.has('azure.activity'),
        entra: [...sources].flatMap((source) => ENTRA_CATEGORIES[source] ?? []).sort(),
        flows: kind === 'storage' && sources.has('azure.vnetflow'),
      })),
  );
  const subscriptions = [...azure.subscriptions].sort();
  if (subscriptions.length === 0 && destinations.some(({ activity }) => activity))
    throw new AkashiError(
      'CONNECT_AZURE',
      'azure.activity is exported from each subscription, and "azure" names none. Add them: {"azure": {"subscriptions": ["…"]}}.',
    );
  return {
    name,
    tenant: azure.tenant,
    subscriptions,
    asked: [...asked].sort(),
    destinations,
    networks: networksOf(configuration, destinations),
    role: collectorOf(configuration, account).arn,
    issuer,
  };
}

/** The AWS account of the deployment. Throws CONNECT_ACCOUNT. */
export function accountOf({ account }: Configuration, { account: given }: ConnectOptions): string {
  const known = given ?? account;
  if (known !== undefined && ACCOUNT.test(known)) return known;
  throw new AkashiError(
    'CONNECT_ACCOUNT',
    known === undefined
      ? 'The configuration names no "account", and the other cloud must know which one to trust. Add it, or name it with --account.'
      : `The account is ${JSON.stringify(known)}, and must have 12 digits.`,
  );
}

/** As a configuration gives a list: a list, or one text with commas. */
export const texts = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? value.split(',').map((part) => part.trim())
    : Array.isArray(value)
      ? value.map(String)
      : [];

function storageName(url: string, connector: string): string {
  const name = STORAGE_HOST.exec(url)?.[1];
  if (name !== undefined) return name;
  throw new AkashiError(
    'CONNECT_PLACE',
    `The url of "${connector}" is ${JSON.stringify(url)}, and must be that of a storage account such as https://example.blob.core.windows.net.`,
  );
}

/** What a destination's resource id is called where it is asked for: `workspace_1_id`. */
export const destinationName = ({ kind, number }: Destination): string => `${kind}_${number}_id`;

/** The same in Bicep: `workspace1Id`. */
export const parameterOf = ({ kind, number }: Destination): string => `${kind}${number}Id`;

export const destinationHelp = ({ kind, id }: Destination): string =>
  kind === 'workspace'
    ? `Resource id of the Log Analytics workspace ${id}.`
    : `Resource id of the storage account ${id}.`;

export const ISSUER_HELP =
  'Issuer of the AWS account: aws iam get-outbound-web-identity-federation-info (switched on by enable-outbound-web-identity-federation).';
