/** The Google Cloud side for Terraform. https://registry.terraform.io/providers/hashicorp/google/latest/docs */

import type { GeneratedFile } from '../file.ts';
import { type Block, expression, hclFile, resource } from '../hcl.ts';
import {
  ATTRIBUTE_MAPPING,
  attributeCondition,
  GCP_ROLES,
  type GcpPlan,
  labelOf,
  type Parent,
  principalSet,
  type RoutedBucket,
  SERVICES,
  sinkName,
} from './plan.ts';

export function gcpTerraform(plan: GcpPlan): readonly GeneratedFile[] {
  const asksLocation = plan.buckets.some(({ routed }) => routed);
  return [
    {
      name: 'main.tf',
      text: hclFile([...PROVIDERS(plan), ...identity(plan), ...readers(plan), ...sinks(plan)]),
    },
    ...(asksLocation ? [{ name: 'variables.tf', text: hclFile([locationVariable(plan)]) }] : []),
    { name: 'outputs.tf', text: hclFile(OUTPUTS) },
  ];
}

const PROVIDERS = ({ project }: GcpPlan): Block[] => [
  {
    type: 'terraform',
    attributes: { required_version: '>= 1.5' },
    blocks: [
      {
        type: 'required_providers',
        attributes: { google: { source: 'hashicorp/google', version: '>= 6.0, < 8.0' } },
      },
    ],
  },
  { type: 'provider', labels: ['google'], attributes: { project } },
  { type: 'data', labels: ['google_project', 'own'], attributes: { project_id: project } },
];

function identity(plan: GcpPlan): Block[] {
  const { pool, provider, serviceAccount, collector, name, project } = plan;
  return [
    resource(
      'google_project_service',
      'needed',
      {
        for_each: expression(`toset([${SERVICES.map((service) => `"${service}"`).join(', ')}])`),
        project,
        service: expression('each.value'),
        disable_on_destroy: false,
      },
      { comment: 'Services stay on when this is taken down: others may use them.' },
    ),
    resource(
      'google_iam_workload_identity_pool',
      'aws',
      {
        project,
        workload_identity_pool_id: pool,
        display_name: name,
        description: 'The role in AWS that reads audit logs for Akashi; no key exists.',
        depends_on: [expression('google_project_service.needed')],
      },
      { comment: 'Who reads: trusted because AWS says that the role asks.' },
    ),
    resource(
      'google_iam_workload_identity_pool_provider',
      'aws',
      {
        project,
        workload_identity_pool_id: expression(
          'google_iam_workload_identity_pool.aws.workload_identity_pool_id',
        ),
        workload_identity_pool_provider_id: provider,
        attribute_mapping: ATTRIBUTE_MAPPING,
        attribute_condition: attributeCondition(plan),
      },
      { blocks: [{ type: 'aws', attributes: { account_id: collector.account } }] },
    ),
    resource('google_service_account', 'reader', {
      project,
      account_id: serviceAccount,
      display_name: 'Reads audit logs for Akashi',
      depends_on: [expression('google_project_service.needed')],
    }),
    resource('google_service_account_iam_member', 'collector', {
      service_account_id: expression('google_service_account.reader.name'),
      role: GCP_ROLES.federate,
      member: expression(`"${principalSet(`\${google_iam_workload_identity_pool.aws.name}`, plan)}"`),
    }),
  ];
}

const READER = expression('google_service_account.reader.member');

/** The block of a member's role on a parent: its type, and how the parent is named there. */
const MEMBERS: Readonly<Record<Parent['kind'], readonly [string, string]>> = {
  projects: ['google_project_iam_member', 'project'],
  folders: ['google_folder_iam_member', 'folder'],
  organizations: ['google_organization_iam_member', 'org_id'],
  billingAccounts: ['google_billing_account_iam_member', 'billing_account_id'],
};

const readers = ({ grants, views }: GcpPlan): Block[] => [
  ...grants.map(({ parent, role }) => {
    const [type, attribute] = MEMBERS[parent.kind];
    return resource(type, `reader_${labelOf(parent)}`, { [attribute]: parent.id, role, member: READER });
  }),
  ...views.map(({ parent, location, bucket, view }, at) =>
    resource('google_logging_log_view_iam_member', `reader_${at + 1}`, {
      parent: `${parent.kind}/${parent.id}`,
      location,
      bucket,
      name: view,
      role: GCP_ROLES.view,
      member: READER,
    }),
  ),
];

/** The block of a sink: its type, and how its parent is named there. */
const SINKS: Readonly<Record<Parent['kind'], readonly [string, string, boolean]>> = {
  projects: ['google_logging_project_sink', 'project', false],
  folders: ['google_logging_folder_sink', 'folder', true],
  organizations: ['google_logging_organization_sink', 'org_id', true],
  billingAccounts: ['google_logging_billing_account_sink', 'billing_account', false],
};

function sinks(plan: GcpPlan): Block[] {
  return plan.buckets.flatMap((one) => [
    ...(one.routed ? routed(plan, one) : []),
    resource('google_storage_bucket_iam_member', `reader_bucket_${one.number}`, {
      bucket: one.routed ? expression(`google_storage_bucket.logs_${one.number}.name`) : one.bucket,
      role: GCP_ROLES.objects,
      member: READER,
    }),
  ]);
}

function routed(plan: GcpPlan, one: RoutedBucket): Block[] {
  const bucket = `google_storage_bucket.logs_${one.number}.name`;
  return [
    resource(
      'google_storage_bucket',
      `logs_${one.number}`,
      {
        project: plan.project,
        name: one.bucket,
        location: expression('var.bucket_location'),
        uniform_bucket_level_access: true,
        public_access_prevention: 'enforced',
        force_destroy: false,
      },
      {
        comment:
          'Logs wait here until they are read: remove them by a life cycle rule of your own, later than that.',
      },
    ),
    ...one.parents.flatMap((parent) => {
      const [type, attribute, children] = SINKS[parent.kind];
      const label = `logs_${one.number}_${labelOf(parent)}`;
      return [
        resource(type, label, {
          name: sinkName(plan, one),
          [attribute]: parent.id,
          ...(children ? { include_children: true } : {}),
          ...(parent.kind === 'projects' ? { unique_writer_identity: true } : {}),
          destination: expression(`"storage.googleapis.com/\${${bucket}}"`),
          filter: one.filter,
        }),
        resource('google_storage_bucket_iam_member', `writer_${label}`, {
          bucket: expression(bucket),
          role: GCP_ROLES.write,
          member: expression(`${type}.${label}.writer_identity`),
        }),
      ];
    }),
  ];
}

const locationVariable = ({ location }: GcpPlan): Block => ({
  type: 'variable',
  labels: ['bucket_location'],
  attributes: {
    description: 'Where the buckets of logs lie, such as EU or europe-west3.',
    type: expression('string'),
    ...(location === null ? {} : { default: location }),
  },
});

const OUTPUTS: Block[] = [
  {
    type: 'output',
    labels: ['project_number'],
    attributes: {
      description: 'The "projectNumber" of "gcp" in audit-trail.json.',
      value: expression('data.google_project.own.number'),
    },
  },
];
