/** Where a deployment's schedules fetch: entries of its configuration, at servers of this machine. */

import { BUCKETS, LOOKUP_ACCOUNT, PROJECT, TENANT, WORKSPACE } from './organisation/plan.ts';
import type { Cloud } from './servers/cloud.ts';

/** The scheduled connectors, the two that list what a queue may have lost among them. */
export function collectorsOf({ proxies, certificates }: Cloud) {
  const entries: Record<string, unknown>[] = [
    {
      connector: 'aws.cloudtrail',
      name: 'trail-listed',
      delivery: 'bucket',
      bucket: BUCKETS.trail,
      firstDays: 2,
    },
    {
      connector: 'aws.vpcflow',
      name: 'flows-listed',
      delivery: 'bucket',
      bucket: BUCKETS.flows,
      firstDays: 3,
    },
    {
      ...{ connector: 'aws.cloudtrail', name: 'lookup', delivery: 'lookup-events', regions: ['us-east-1'] },
      ...{ account: LOOKUP_ACCOUNT, firstDays: 1, endpoint: proxies.lookup.url },
    },
    {
      ...{ connector: 'azure.activity', name: 'activity', delivery: 'blobs', firstDays: 1 },
      ...{ url: `${proxies.blobs.url}/devstoreaccount1`, certificates },
    },
    {
      ...{
        connector: 'azure.signin',
        name: 'sign-ins',
        delivery: 'workspace',
        workspace: WORKSPACE,
        firstDays: 1,
      },
      ...{ account: TENANT, endpoint: `${proxies.workspace.url}/v1`, certificates },
    },
    {
      ...{ connector: 'gcp.audit', name: 'audit', delivery: 'entries', resources: [PROJECT], firstDays: 1 },
      endpoint: proxies.google.url,
    },
    {
      ...{
        connector: 'gcp.vpcflow',
        name: 'gcp-flows',
        delivery: 'sink',
        bucket: BUCKETS.sink,
        firstDays: 2,
      },
      endpoint: proxies.google.url,
    },
  ];
  return entries.map((entry) => ({ name: String(entry['name']), entry }));
}
