/**
 * The same as a script of gcloud commands. What is there already stays as it is.
 * https://cloud.google.com/sdk/gcloud/reference
 */

import type { GeneratedFile } from '../file.ts';
import { command, expanded, script, type Word } from '../shell.ts';
import {
  ATTRIBUTE_MAPPING,
  attributeCondition,
  GCP_ROLES,
  type GcpPlan,
  type Parent,
  principalSet,
  type RoutedBucket,
  SERVICES,
  sinkName,
} from './plan.ts';

/** Made unless it can be described. */
const unlessThere = (describe: string, create: string): string =>
  `${describe.replaceAll(' \\\n ', '')} >/dev/null 2>&1 ||\n  ${create.replaceAll('\n', '\n  ')}`;

export function gcloudScript(plan: GcpPlan): readonly GeneratedFile[] {
  const { buckets, location } = plan;
  const asksLocation = buckets.some(({ routed }) => routed);
  const text = script([
    [
      '# Needs: gcloud auth login, by somebody who may do what docs/gcp.md lists.',
      ...(asksLocation
        ? [
            location === null
              ? `: "\${BUCKET_LOCATION:?Where the buckets of logs lie, such as EU or europe-west3.}"`
              : `BUCKET_LOCATION=\${BUCKET_LOCATION:-${location}}`,
          ]
        : []),
    ].join('\n'),
    ...identity(plan),
    ...readers(plan),
    ...buckets.flatMap((one) => [...(one.routed ? routed(plan, one) : []), objectReader(plan, one)]),
    'echo "Put into audit-trail.json: {\\"gcp\\": {\\"projectNumber\\": \\"$number\\"}}"',
  ]);
  return [{ name: 'connect.sh', text, executable: true }];
}

const policy = (words: readonly Word[], member: Word, role: string, condition = true): string =>
  `${command(
    ...words,
    '--member',
    member,
    '--role',
    role,
    ...(condition ? ['--condition', 'None'] : []),
  )} >/dev/null`;

function identity(plan: GcpPlan): string[] {
  const { project, pool, provider, serviceAccount, email, collector, name } = plan;
  const iam = ['gcloud', 'iam'] as const;
  const place = ['--project', project, '--location', 'global'] as const;
  const mapping = Object.entries(ATTRIBUTE_MAPPING)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pools = [...iam, 'workload-identity-pools'] as const;
  return [
    command('gcloud', 'services', 'enable', ...SERVICES, '--project', project),
    `number=$(${command('gcloud', 'projects', 'describe', project, '--format', 'value(projectNumber)')})`,
    unlessThere(
      command(...pools, 'describe', pool, ...place),
      command(...pools, 'create', pool, ...place, '--display-name', name),
    ),
    unlessThere(
      command(...pools, 'providers', 'describe', provider, ...place, '--workload-identity-pool', pool),
      command(
        ...pools,
        'providers',
        'create-aws',
        provider,
        ...place,
        '--workload-identity-pool',
        pool,
        '--account-id',
        collector.account,
        '--attribute-mapping',
        mapping,
        '--attribute-condition',
        attributeCondition(plan),
      ),
    ),
    unlessThere(
      command(...iam, 'service-accounts', 'describe', email, '--project', project),
      command(
        ...iam,
        'service-accounts',
        'create',
        serviceAccount,
        '--project',
        project,
        '--display-name',
        'Reads audit logs for Akashi',
      ),
    ),
    policy(
      [...iam, 'service-accounts', 'add-iam-policy-binding', email, '--project', project],
      expanded(`"${principalSet(`projects/$number/locations/global/workloadIdentityPools/${pool}`, plan)}"`),
      GCP_ROLES.federate,
    ),
  ];
}

const COMMANDS: Readonly<Record<Parent['kind'], readonly string[]>> = {
  projects: ['gcloud', 'projects'],
  folders: ['gcloud', 'resource-manager', 'folders'],
  organizations: ['gcloud', 'organizations'],
  billingAccounts: ['gcloud', 'billing', 'accounts'],
};

const readers = ({ grants, views, email }: GcpPlan): string[] => [
  ...grants.map(({ parent, role }) =>
    policy(
      [...COMMANDS[parent.kind], 'add-iam-policy-binding', parent.id],
      `serviceAccount:${email}`,
      role,
      // Policies of billing accounts have no conditions.
      parent.kind !== 'billingAccounts',
    ),
  ),
  ...views.map(({ parent, location, bucket, view }) =>
    policy(
      [
        'gcloud',
        'logging',
        'views',
        'add-iam-policy-binding',
        view,
        ...parentOption(parent),
        '--location',
        location,
        '--bucket',
        bucket,
      ],
      `serviceAccount:${email}`,
      GCP_ROLES.view,
    ),
  ),
];

const OPTIONS: Readonly<Record<Parent['kind'], string>> = {
  projects: '--project',
  folders: '--folder',
  organizations: '--organization',
  billingAccounts: '--billing-account',
};
const parentOption = ({ kind, id }: Parent): string[] => [OPTIONS[kind], id];

function routed(plan: GcpPlan, one: RoutedBucket): string[] {
  const url = `gs://${one.bucket}`;
  const name = sinkName(plan, one);
  return [
    unlessThere(
      command('gcloud', 'storage', 'buckets', 'describe', url),
      command(
        'gcloud',
        'storage',
        'buckets',
        'create',
        url,
        '--project',
        plan.project,
        '--location',
        expanded('"$BUCKET_LOCATION"'),
        '--uniform-bucket-level-access',
        '--public-access-prevention',
      ),
    ),
    ...one.parents.flatMap((parent) => [
      unlessThere(
        command('gcloud', 'logging', 'sinks', 'describe', name, ...parentOption(parent)),
        command(
          'gcloud',
          'logging',
          'sinks',
          'create',
          name,
          `storage.googleapis.com/${one.bucket}`,
          ...parentOption(parent),
          ...(parent.kind === 'organizations' || parent.kind === 'folders' ? ['--include-children'] : []),
          '--log-filter',
          one.filter,
        ),
      ),
      [
        `writer=$(${command(
          'gcloud',
          'logging',
          'sinks',
          'describe',
          name,
          ...parentOption(parent),
          '--format',
          'value(writerIdentity)',
        )})`,
        policy(
          ['gcloud', 'storage', 'buckets', 'add-iam-policy-binding', url],
          expanded('"$writer"'),
          GCP_ROLES.write,
          false,
        ),
      ].join('\n'),
    ]),
  ];
}

const objectReader = ({ email }: GcpPlan, { bucket }: RoutedBucket): string =>
  policy(
    ['gcloud', 'storage', 'buckets', 'add-iam-policy-binding', `gs://${bucket}`],
    `serviceAccount:${email}`,
    GCP_ROLES.objects,
    false,
  );
