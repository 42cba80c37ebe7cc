/**
 * A body is audit events: one a line, a bare array, an EventList (`items`); in CloudWatch Logs messages of EKS, in
 * diagnostic records of AKS, or as Cloud Audit Logs entries of GKE.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import {
  expandSubscriptionMessage,
  isSubscriptionMessage,
  type LogGroupContext,
} from '../parts/cloudwatch-logs.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { BROKEN_RAW_BYTES } from '../parts/limits.ts';
import { isObject, type JsonObject } from '../parts/value.ts';
import { aksEnvelope, aksLine, type Envelope, eksEnvelope, isAuditCategory } from './envelope.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return jsonRecords(
    {
      record: (record) => expand(record, sink),
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: ['items', 'records', 'events'] },
  );
}

function expand(record: SourceRecord, sink: RecordSink): void {
  const { value } = record;
  if (!isObject(value)) sink.record(record);
  else if (isSubscriptionMessage(value)) expandSubscription(record, sink);
  else if (typeof value['message'] === 'string') expandLogEvent(record, value, value['message'], sink);
  else expandDiagnostic(record, value, sink);
}

/** The log group of an EKS cluster holds its other logs too, told apart by their streams' names. */
function expandSubscription(record: SourceRecord, sink: RecordSink): void {
  const inner: RecordSink = {
    record: ({ raw, locator, context }) => {
      const group = context as LogGroupContext;
      if (isAuditStream(group.logStream)) emit(raw, locator, eksEnvelope(group), sink);
      else sink.skipped('not_an_audit_stream');
    },
    broken: (broken) => sink.broken(broken),
    skipped: (reason) => sink.skipped(reason),
  };
  expandSubscriptionMessage(record, inner, () => undefined);
}

/** One log event of `filter-log-events` and `get-log-events`, which do not name the group. */
function expandLogEvent(record: SourceRecord, event: JsonObject, message: string, sink: RecordSink): void {
  const logStream = typeof event['logStreamName'] === 'string' ? event['logStreamName'] : null;
  if (!isAuditStream(logStream)) {
    sink.skipped('not_an_audit_stream');
    return;
  }
  const envelope = eksEnvelope({ owner: null, logGroup: null, logStream, timestamp: event['timestamp'] });
  emit(message, `${record.locator};pointer=/message`, envelope, sink);
}

/** https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html */
function isAuditStream(name: string | null): boolean {
  return (
    name === null ||
    name.startsWith('kube-apiserver-audit') ||
    !/^(?:kube-apiserver|authenticator|kube-controller-manager|cloud-controller-manager|kube-scheduler)-/.test(
      name,
    )
  );
}

function expandDiagnostic(record: SourceRecord, value: JsonObject, sink: RecordSink): void {
  const found = aksLine(value);
  if (found !== null) {
    if (isAuditCategory(value))
      emit(found.line, `${record.locator};pointer=${found.pointer}`, aksEnvelope(value), sink);
    else sink.skipped('not_an_audit_category');
  } else if ('AuditId' in value) {
    sink.record({ ...record, context: aksEnvelope(value) });
  } else {
    sink.record(record);
  }
}

/** The line the API server wrote, parsed; control planes cut long ones, which then are no JSON. */
function emit(line: string, locator: string, context: Envelope, sink: RecordSink): void {
  const raw = line.trimEnd();
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    const problem = `the log line is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
    sink.broken({ locator, code: 'invalid_json', path: '', problem, raw: raw.slice(0, BROKEN_RAW_BYTES) });
    return;
  }
  sink.record({ raw, bytes: null, value, locator, context });
}
