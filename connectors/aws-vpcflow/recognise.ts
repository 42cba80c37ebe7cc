import type { BodySample, Recognition } from '../contract.ts';
import { defaultLayout, headerLayout } from '../parts/aws-flow-layout.ts';
import { isParquet } from '../parts/parquet-footer.ts';
import { isObject } from '../parts/value.ts';

/** `<account>_vpcflowlogs_<region>_<flow log id>_<time>_<hash>.log.gz` or `.log.parquet`, under either kind of prefix. */
const LOG_KEY = /(?:^|\/)[^/]*_vpcflowlogs_[^/]+\.(?:log(?:\.gz)?|log\.parquet|parquet)$/;
const PREFIX = /\/(?:vpcflowlogs|aws-service=vpcflowlogs)\//;

/** Layout of https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return LOG_KEY.test(key) || (PREFIX.test(key) && !key.endsWith('/')) ? 'records' : 'ignore';
}

/** Lines of the sample that are looked at. */
const LINES = 20;

export function recognise(sample: BodySample): Recognition | null {
  const confidence = confidenceOf(sample);
  if (confidence > 0) return { role: 'records', confidence };
  return roleOfKey(sample.path) === 'records' ? { role: 'records', confidence: 0.7 } : null;
}

function confidenceOf(sample: BodySample): number {
  if (isParquet(Buffer.from(sample.head.subarray(0, 4)))) return parquetConfidence(sample);
  if (/^\s*[[{]/.test(sample.text)) return messageConfidence(sample);
  for (const line of sample.text.split(/\r?\n/, LINES)) {
    const header = headerLayout(line);
    if (header !== null && (header.names.length >= 3 || roleOfKey(sample.path) === 'records')) return 0.9;
    if (defaultLayout(line.trimEnd()) !== null) return 0.85;
  }
  return 0;
}

/** Column names stand at the file's end, which a sample of a large one lacks; no other source delivers Parquet. */
function parquetConfidence(sample: BodySample): number {
  if (!sample.complete) return 0.2;
  return /srcaddr|dstaddr|interface_id|log_status|tgw_id/.test(sample.text) ? 0.9 : 0;
}

/** Rows exported as JSON, or log events whose message is a flow log line, in whichever envelope. */
function messageConfidence(sample: BodySample): number {
  if (sample.records.some(isRow)) return 0.85;
  const messages = sample.text.matchAll(/"message"\s*:\s*"([^"\\]*)(?:\\n)?"/g);
  let seen = 0;
  for (const [, message] of messages) {
    if (defaultLayout(message!.trimEnd()) !== null || (headerLayout(message!)?.names.length ?? 0) >= 3)
      return 0.85;
    if (++seen >= LINES) break;
  }
  return 0;
}

/** A row under the column names of Parquet files. */
function isRow(record: unknown): boolean {
  if (!isObject(record) || !('srcaddr' in record && 'dstaddr' in record)) return false;
  return ['interface_id', 'interface-id', 'log_status', 'log-status', 'tgw_id', 'tgw-id'].some(
    (name) => name in record,
  );
}
