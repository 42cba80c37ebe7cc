/** Whose a file of Tailpipe's is, where its columns stand beyond the sample. */

import { expect, test } from 'vitest';
import { recognise, sampleOf } from '../../connectors/recognise.ts';

const LARGE = Buffer.from('PAR1 and more than a sample holds');
const sourceOf = (path: string, body = LARGE): string | undefined =>
  recognise(sampleOf(path, body, false))?.connector.id;

test.each([
  [
    '/home/a/.tailpipe/data/default/tp_table=aws_cloudtrail_log/tp_partition=p/tp_index=i/tp_date=2025-05-01/data_0.parquet',
    'aws.cloudtrail-tailpipe',
  ],
  [
    'default/main/aws_vpc_flow_log/tp_partition=p/tp_index=default/year=2025/month=5/ducklake-0198.parquet',
    'aws.vpcflow-tailpipe',
  ],
  ['default/main/azure_activity_log/tp_partition=p/ducklake-0198.parquet', 'azure.activity-tailpipe'],
  ['data/tp_table=gcp_audit_log/tp_partition=p/x.parquet', 'gcp.audit-tailpipe'],
])('%s', (path, source) => expect(sourceOf(path)).toBe(source));

test('a list of deleted rows, another table and a folder that only sounds alike are none', () => {
  for (const path of [
    'default/main/aws_cloudtrail_log/ducklake-0198-delete.parquet',
    'data/tp_table=nginx_access_log/tp_partition=p/x.parquet',
    'aws_cloudtrail_log/x.parquet',
  ])
    expect(sourceOf(path)).not.toMatch(/-tailpipe$/);
  expect(sourceOf('tp_table=aws_cloudtrail_log/x.json', Buffer.from('{"a":1}'))).not.toBe(
    'aws.cloudtrail-tailpipe',
  );
});
