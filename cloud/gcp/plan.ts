/**
 * What a deployment needs in Google Cloud, from its configuration: who may read, what is routed where.
 * Roles: https://cloud.google.com/logging/docs/access-control
 */

import { serviceAccountOf } from '../../connectors/delivery/federation.ts';
import type { Configuration } from '../../infra/configuration.ts';
import { AkashiError } from '../../schema/error.ts';
import { accountOf, type ConnectOptions, texts } from '../azure/plan.ts';
import { assumedRoleArn, type Collector, collectorOf } from '../collector.ts';

/** Logs by connector, as the logging query language asks for them. */
const LOGS: Readonly<Record<string, readonly string[]>> = {
  'gcp.audit': [
    'cloudaudit.googleapis.com/activity',
    'cloudaudit.googleapis.com/data_access',
    'cloudaudit.googleapis.com/policy',
    'cloudaudit.googleapis.com/system_event',
  ],
  'gcp.vpcflow': ['compute.googleapis.com/vpc_flows', 'networkmanagement.googleapis.com/vpc_flows'],
};

/** The narrowest roles that read what a connector asks for. The first holds all that the second does, and data access logs. */
export const GCP_ROLES = {
  'gcp.audit': 'roles/logging.privateLogViewer',
  'gcp.vpcflow': 'roles/logging.viewer',
  view: 'roles/logging.viewAccessor',
  objects: 'roles/storage.objectViewer',
  write: 'roles/storage.objectCreator',
  federate: 'roles/iam.workloadIdentityUser',
} as const;

/** Services that the project must have switched on. */
export const SERVICES = [
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'logging.googleapis.com',
  'storage.googleapis.com',
  'sts.googleapis.com',
] as const;

/** A project, folder, organisation or billing account. */
export interface Parent {
  readonly kind: 'projects' | 'folders' | 'organizations' | 'billingAccounts';
  readonly id: string;
}

export interface LogView {
  readonly parent: Parent;
  readonly location: string;
  readonly bucket: string;
  readonly view: string;
}

/** Whose entries are read over the API, by which role. */
export interface Grant {
  readonly parent: Parent;
  readonly role: string;
}

/** A bucket in Cloud Storage that logs are routed to and read from. */
export interface RoutedBucket {
  /** 1, 2, … by name. */
  readonly number: number;
  readonly bucket: string;
  /** In the logging query language. */
  readonly filter: string;
  readonly parents: readonly Parent[];
  /** Objects below a prefix come from somewhere else than a sink, which cannot write there. */
  readonly routed: boolean;
}

export interface GcpPlan {
  /** Begins the names of what is made. */
  readonly name: string;
  readonly project: string;
  readonly projectNumber: string | null;
  readonly pool: string;
  readonly provider: string;
  /** Name of the service account, and its address. */
  readonly serviceAccount: string;
  readonly email: string;
  readonly collector: Collector;
  /** `arn:aws:sts::111122223333:assumed-role/akashi-collect`. */
  readonly role: string;
  readonly grants: readonly Grant[];
  readonly views: readonly LogView[];
  readonly buckets: readonly RoutedBucket[];
  /** Where buckets lie; null where it is to be asked for. */
  readonly location: string | null;
}

/** The default mapping of Google's for AWS: https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers */
export const ATTRIBUTE_MAPPING = {
  'google.subject': 'assertion.arn',
  'attribute.aws_role':
    "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}assumed-role/') + 'assumed-role/' + assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn",
} as const;

/** Only the collector's role is let into the pool. */
export const attributeCondition = ({ role }: GcpPlan): string => `attribute.aws_role == '${role}'`;

/** Who may stand in for the service account, in a pool named by its full name. */
export const principalSet = (pool: string, { role }: GcpPlan): string =>
  `principalSet://iam.googleapis.com/${pool}/attribute.aws_role/${role}`;

export interface GcpOptions extends ConnectOptions {
  /** Where buckets lie, such as EU or europe-west3. */
  readonly location?: string;
}

const RESOURCE =
  /^(projects|folders|organizations|billingAccounts)\/([A-Za-z0-9:._-]+)(?:\/locations\/([\w-]+)\/buckets\/([\w.-]+)\/views\/([\w.-]+))?$/;
const PROJECT = /^(?:[a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$|^\d{6,15}$/;
const NUMBER = /^\d{1,20}$/;
const BILLING = /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/;
const LOCATION = /^[A-Za-z]{2,4}[A-Za-z0-9-]{0,30}$/;

/** What an id of each kind looks like, and how that is said. */
const IDS: Readonly<Record<Parent['kind'], readonly [RegExp, string]>> = {
  projects: [PROJECT, 'a project id such as example-project, or its number'],
  folders: [NUMBER, 'the number of a folder'],
  organizations: [NUMBER, 'the number of an organisation'],
  billingAccounts: [BILLING, 'a billing account such as 012345-6789AB-CDEF01'],
};

/** Throws CONNECT_GCP, CONNECT_ACCOUNT and CONNECT_PLACE, with the way out. */
export function gcpPlan(configuration: Configuration, options: GcpOptions = {}): GcpPlan {
  const { name, gcp, connectors } = configuration;
  const own = connectors.filter(({ source }) => source.startsWith('gcp.'));
  if (gcp === undefined)
    throw new AkashiError(
      'CONNECT_GCP',
      'The configuration has no "gcp", which says where the pool and the service account are made. Add {"gcp": {"project": "…"}} and connectors of Google Cloud.',
    );
  if (own.length === 0)
    throw new AkashiError(
      'CONNECT_GCP',
      'The configuration names no connector of Google Cloud, so there is nothing to connect. `akashi pull --list` shows them.',
    );
  const { location = null } = options;
  if (location !== null && !LOCATION.test(location))
    throw new AkashiError(
      'CONNECT_PLACE',
      `The location is ${JSON.stringify(location)}, and must be one of Cloud Storage such as EU or europe-west3.`,
    );
  const collector = collectorOf(configuration, accountOf(configuration, options));
  const grants = new Map<string, Grant>();
  const views = new Map<string, LogView>();
  for (const { source, delivery, entry, name: connector } of own) {
    if (delivery !== 'entries') continue;
    for (const resource of texts(entry['resources'])) {
      const { parent, view } = resourceOf(resource, connector);
      const key = `${parent.kind}/${parent.id}`;
      if (view !== null) views.set(resource, view);
      // Who may read data access logs may read all others.
      else if (grants.get(key)?.role !== GCP_ROLES['gcp.audit'])
        grants.set(key, { parent, role: GCP_ROLES[source as 'gcp.audit' | 'gcp.vpcflow'] });
    }
  }
  const parents: Parent[] =
    gcp.organization !== undefined
      ? [{ kind: 'organizations', id: gcp.organization }]
      : grants.size > 0
        ? [...grants.values()].map(({ parent }) => parent)
        : [{ kind: 'projects', id: gcp.project }];
  return {
    name,
    project: gcp.project,
    projectNumber: gcp.projectNumber ?? null,
    pool: gcp.pool,
    provider: gcp.provider,
    serviceAccount: gcp.serviceAccount,
    email: serviceAccountOf(gcp),
    collector,
    role: assumedRoleArn(collector),
    grants: sorted(grants),
    views: sorted(views),
    buckets: bucketsOf(own, parents),
    location,
  };
}

const sorted = <T>(map: ReadonlyMap<string, T>): T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

function bucketsOf(connectors: Configuration['connectors'], parents: readonly Parent[]): RoutedBucket[] {
  const found = new Map<string, { logs: Set<string>; routed: boolean }>();
  for (const { source, delivery, entry } of connectors) {
    if (delivery !== 'sink') continue;
    const bucket = String(entry['bucket']);
    const one = found.get(bucket) ?? { logs: new Set(), routed: false };
    found.set(bucket, one);
    for (const log of LOGS[source] ?? []) one.logs.add(log);
    one.routed ||= entry['prefix'] === undefined || entry['prefix'] === '';
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([bucket, { logs, routed }], at) => ({
      number: at + 1,
      bucket,
      filter: [...logs].map((log) => `log_id("${log}")`).join(' OR '),
      parents,
      routed,
    }));
}

/** A resource of `entries`, taken apart. Throws CONNECT_PLACE. */
function resourceOf(resource: string, connector: string): { parent: Parent; view: LogView | null } {
  const [, kind = '', id = '', location, bucket, view] = RESOURCE.exec(resource) ?? [];
  const known = IDS[kind as Parent['kind']];
  if (known === undefined || !known[0].test(id))
    throw new AkashiError(
      'CONNECT_PLACE',
      `A resource of "${connector}" is ${JSON.stringify(resource)}, and must name ${known?.[1] ?? 'a project, folder, organisation or billing account'}.`,
    );
  const parent = { kind: kind as Parent['kind'], id };
  if (location === undefined || bucket === undefined || view === undefined) return { parent, view: null };
  return { parent, view: { parent, location, bucket, view } };
}

/** `projects_example_project`: a name for a block. */
export const labelOf = ({ kind, id }: Parent): string =>
  `${kind}_${id.replaceAll(/[^A-Za-z0-9]/g, '_')}`.toLowerCase();

export const sinkName = ({ name }: GcpPlan, { number }: RoutedBucket): string => `${name}-${number}`;
