/** Google Cloud: audit entries over the API, some of them late; flows in a sink's bucket, with late addenda. */

import type { Random } from '../../bench/random.ts';
import { BUCKETS, dayPath, eventTime, expectId, type Hour, inOverlap, type Plan, PROJECT } from './plan.ts';

const METHODS = [
  ['storage.googleapis.com', 'storage.objects.get'],
  ['compute.googleapis.com', 'v1.compute.instances.start'],
  ['iam.googleapis.com', 'google.iam.admin.v1.CreateServiceAccountKey'],
  ['storage.googleapis.com', 'storage.buckets.create'],
] as const;

export function auditEntry(r: Random, project: string, millis: number, insertId: string) {
  const [serviceName, methodName] = r.skewed(METHODS);
  return {
    insertId,
    logName: `${project}/logs/cloudaudit.googleapis.com%2Factivity`,
    timestamp: new Date(millis).toISOString(),
    resource: {
      type: 'gcs_bucket',
      labels: { project_id: project.split('/')[1], bucket_name: `b-${r.below(40)}` },
    },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName,
      methodName,
      resourceName: `projects/_/buckets/b-${r.below(40)}`,
      authenticationInfo: { principalEmail: `person${r.below(50)}@example.com` },
      requestMetadata: { callerIp: `198.51.100.${r.below(256)}` },
    },
  };
}

export function planAudit(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  let made = 0;
  for (let at = 0; at < hour.seconds; at++) {
    const count = Math.floor(perSecond * (at + 1)) - Math.floor(perSecond * at);
    const entries = Array.from({ length: count }, () => {
      const id = `audit-${hour.seed}-${made++}`;
      expectId(plan.expected.events, 'gcp.audit', id);
      const late = r.next() < 0.03 ? r.below(20 * 60_000) : r.below(20_000);
      return auditEntry(r, PROJECT, inOverlap(hour, at, eventTime(hour, at) - late), id);
    });
    if (count > 0) plan.deliveries.push({ at, kind: 'entries', resource: PROJECT, entries });
  }
}

const flowEntry = (r: Random, millis: number, insertId: string) => ({
  insertId,
  jsonPayload: {
    reporter: 'SRC',
    connection: {
      src_ip: `10.10.${r.below(8)}.${r.below(256)}`,
      src_port: 1024 + r.below(60_000),
      dest_ip: `203.0.113.${r.below(256)}`,
      dest_port: r.skewed([443, 22, 5432]),
      protocol: 6,
    },
    bytes_sent: String(100 + r.below(100_000)),
    packets_sent: String(1 + r.below(100)),
    start_time: new Date(millis - 60_000).toISOString(),
    end_time: new Date(millis).toISOString(),
    src_instance: {
      project_id: 'example-project',
      vm_name: `web-${r.below(20)}`,
      region: 'us-central1',
      zone: 'us-central1-a',
    },
    src_vpc: {
      project_id: 'example-project',
      vpc_name: 'prod',
      subnetwork_name: 'apps',
      subnetwork_region: 'us-central1',
    },
  },
  resource: {
    type: 'gce_subnetwork',
    labels: { project_id: 'example-project', subnetwork_name: 'apps', location: 'us-central1-a' },
  },
  timestamp: new Date(millis).toISOString(),
  logName: `${PROJECT}/logs/compute.googleapis.com%2Fvpc_flows`,
  receiveTimestamp: new Date(millis + 1000).toISOString(),
});

/** A part of an hour's file every ten seconds or so; near the end an addendum of what came late. */
export function planSink(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  const every = 10;
  let made = 0;
  const add = (at: number, name: (clock: string) => string, count: number, late: number) => {
    const time = eventTime(hour, at) - late;
    const entries = Array.from({ length: count }, () => {
      const id = `flow-${hour.seed}-${made++}`;
      expectId(plan.expected.flows, 'gcp.vpcflow', id);
      return flowEntry(r, time - r.below(60_000), id);
    });
    const clock = `${new Date(time).toISOString().slice(11, 13)}:00:00_${new Date(time).toISOString().slice(11, 13)}:59:59`;
    plan.deliveries.push({
      at,
      kind: 'sink',
      bucket: BUCKETS.sink,
      key: `compute.googleapis.com/vpc_flows/${dayPath(time)}/${name(clock)}`,
      body: Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')),
    });
  };
  let part = 0;
  for (let at = 0; at < hour.seconds; at += every) {
    const number = part++;
    add(at, (clock) => `${clock}_S${number}.json`, Math.round(perSecond * every), 0);
  }
  add(hour.seconds * 0.9, (clock) => `A0:${clock}_S0.json`, 20, 30 * 60_000);
}
