import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { recognise, SAMPLE_BYTES, sampleOf } from '../../connectors/recognise.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent, Flow } from '../../schema/columns.ts';
import { type Outcome, readBody } from './read-body.ts';

const samples = new URL('../../../shared/samples/', import.meta.url);

/** Files of one source, and how many records each holds; the walk below must find exactly these. */
const SOURCES = {
  'aws.vpcflow': { folder: 'aws-vpcflow', records: 29, kind: 'flow' },
  'gcp.audit': { folder: 'gcp-audit', records: 71, kind: 'event' },
  'gcp.vpcflow': { folder: 'gcp-vpcflow', records: 7, kind: 'flow' },
  'k8s.audit': { folder: 'k8s-audit', records: 28, kind: 'event' },
} as const;

function filesUnder(folder: string): string[] {
  return readdirSync(new URL(folder, samples), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
}

function bodyOf(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The outcomes of one file, read by whichever connector recognises its content. */
async function read(path: string): Promise<{ id: string | undefined; outcomes: Outcome[] }> {
  const body = bodyOf(path);
  const head = body.subarray(0, SAMPLE_BYTES);
  const found = recognise(sampleOf('renamed', head, body.length <= SAMPLE_BYTES));
  return {
    id: found?.connector.id,
    outcomes: found === null ? [] : await readBody(found.connector, body),
  };
}

describe('object keys', () => {
  const KEYS = [
    [
      'AWSLogs/123456789012/vpcflowlogs/us-east-1/2024/01/10/123456789012_vpcflowlogs_us-east-1_fl-0a1b_20240110T0900Z_5e1f.log.gz',
      'aws.vpcflow',
    ],
    [
      'p/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2024/month=01/day=10/hour=09/123456789012_vpcflowlogs_us-east-1_fl-0a1b_20240110T0900Z_5e1f.log.parquet',
      'aws.vpcflow',
    ],
    ['cloudaudit.googleapis.com/activity/2024/01/10/09:00:00_09:59:59_S0.json', 'gcp.audit'],
    ['logs/cloudaudit.googleapis.com/data_access/2024/01/10/09:00:00_09:59:59_A0:1.json', 'gcp.audit'],
    ['compute.googleapis.com/vpc_flows/2024/01/10/09:00:00_09:59:59_S0.json', 'gcp.vpcflow'],
    ['networkmanagement.googleapis.com/vpc_flows/2024/01/10/09:00:00_09:59:59_S1.json', 'gcp.vpcflow'],
    [
      'insights-logs-kube-audit-admin/resourceId=/SUBSCRIPTIONS/1/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/C/y=2024/m=01/d=10/h=09/m=00/PT1H.json',
      'k8s.audit',
    ],
    ['compute.googleapis.com/firewall/2024/01/10/09:00:00_09:59:59_S0.json', null],
    ['AWSLogs/123456789012/vpcflowlogs/us-east-1/', null],
    ['AWSLogs/123456789012/elasticloadbalancing/us-east-1/2024/01/10/x.log.gz', null],
  ] as const;

  test.each(KEYS)('%s', (key, expected) => {
    const owners = Object.keys(SOURCES).filter((id) =>
      connectorById(id)!.delivery.some((one) => one.kind === 'objects' && one.role(key) === 'records'),
    );
    expect(owners).toEqual(expected === null ? [] : [expected]);
  });
});

describe('very long lines and names', () => {
  test('a flow log line of a million fields is unreadable, quickly', async () => {
    const body = Buffer.from(`srcaddr dstaddr action\n${'10.0.0.1 '.repeat(1_000_000)}`);
    const outcomes = await readBody(connectorById('aws.vpcflow')!, body);
    expect(outcomes[1]?.outcome).toMatchObject({
      code: 'missing_field',
      problem: 'the line has 1000000 fields, its header names 3',
    });
  });

  test('a principal and a resource name made to slow a search down', async () => {
    const entry = {
      protoPayload: {
        methodName: 'x',
        authenticationInfo: {
          principalSubject: `principal://iam.googleapis.com/${'a/subject/'.repeat(200_000)}\n`,
        },
        resourceName: `//x/${'projects/'.repeat(200_000)}\n`,
        response: { targetLink: `https://x/${'projects/'.repeat(200_000)}\n` },
      },
    };
    const [outcome] = await readBody(connectorById('gcp.audit')!, Buffer.from(JSON.stringify(entry)));
    expect(outcome?.outcome).toMatchObject({
      kind: 'event',
      event: { target_id: null, actor_type: 'unknown' },
    });
  });
});

describe.skipIf(!existsSync(samples))('public samples', () => {
  test.each(Object.entries(SOURCES))(
    '%s: every file is recognised and every record accounted for',
    async (id, source) => {
      let records = 0;
      for (const path of filesUnder(source.folder)) {
        const found = await read(path);
        expect([path, found.id]).toEqual([path, id]);
        for (const { outcome } of found.outcomes) {
          // A header line is the one thing in these files that is no record of its own.
          if (outcome.kind === 'skipped' && outcome.reason === 'header_line') continue;
          expect([path, outcome.kind]).toEqual([path, source.kind]);
          records++;
        }
      }
      expect(records).toBe(source.records);
    },
  );

  const rows = async (path: string): Promise<(AuditEvent | Flow)[]> =>
    (await read(new URL(path, samples).pathname)).outcomes.flatMap(
      ({ outcome }): readonly (AuditEvent | Flow)[] =>
        outcome.kind === 'event' ? [outcome.event] : outcome.kind === 'flow' ? [outcome.flow] : [],
    );

  test('a transit gateway flow names its attachment and counts lost packets', async () => {
    const [flow] = await rows('aws-vpcflow/otel-valid_tgw_flow_log.log');
    expect(flow).toMatchObject({
      interface: 'tgw-attach-0abc12345def67890',
      vpc: 'vpc-0abc12345def67890',
      bytes: 1000,
    });
    expect(JSON.parse((flow as Flow).extra ?? '')).toMatchObject({ 'packets-lost-ttl-expired': 4 });
  });

  test('rows without data keep their status and have no addresses', async () => {
    const flows = await rows('aws-vpcflow/flowlogs-reader-v2-noheader.log');
    expect(flows.at(-1)).toMatchObject({ log_status: 'SKIPDATA', src_ip: null, packets: null });
  });

  test('a denied call of an impersonated service account names who stands behind it', async () => {
    const events = await rows('gcp-audit/plaso-gcp_logging.S0.ndjson');
    expect(events.at(-1)).toMatchObject({
      status: 'failure',
      error_code: '7',
      actor_type: 'workload',
      actor_on_behalf_of: 'service-1234567890@compute-system.iam.gserviceaccount.com',
    });
  });

  test('the two ends of an operation share its id', async () => {
    const [last, first] = await rows('gcp-audit/plaso-gcp_logging.S0.ndjson');
    expect(first).toMatchObject({ status: 'success' });
    expect(last).toMatchObject({ status: 'success', correlation_id: (first as AuditEvent).correlation_id });
  });

  test('a System Event with a message and no code is no failure', async () => {
    const [event] = await rows('gcp-audit/otel/system_event.json');
    expect(event).toMatchObject({ status: 'success', actor_type: 'service', category: 'system_event' });
  });

  test('exec into a pod shows the command that was run', async () => {
    const [event] = await rows('k8s-audit/crowdsec-k8s-audit-pod-exec-file.ndjson');
    expect(event).toMatchObject({
      operation: 'create pods/exec',
      command: '/bin/bash',
      target_name: 'test-pod-1',
    });
  });
});
