import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { parseAddress } from '../parts/address.ts';
import { auditEvent } from '../parts/gcp-audit.ts';
import { auditPayload } from '../parts/gcp-entry.ts';
import { parseEpoch, parseTime } from '../parts/time.ts';
import {
  array,
  firstText,
  integer,
  isObject,
  type JsonObject,
  jsonText,
  object,
  text,
} from '../parts/value.ts';
import { setActor } from './actor.ts';
import { type Envelope, fromLogAnalytics, gkeCluster, setEnvelope } from './envelope.ts';
import { setRequest } from './target.ts';

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  const { value } = record;
  if (!isObject(value)) {
    return {
      kind: 'unreadable',
      code: 'not_an_object',
      path: '',
      problem: 'an audit event is a JSON object',
    };
  }
  const payload = auditPayload(value);
  if (payload !== null) return { kind: 'event', event: gkeEvent(value, payload) };
  const audited = fromLogAnalytics(value) ?? value;
  if (!('verb' in audited || 'auditID' in audited || 'requestURI' in audited)) {
    const problem = 'none of auditID, verb, requestURI is there';
    return { kind: 'unreadable', code: 'missing_field', path: '/auditID', problem };
  }
  const envelope = isObject(record.context) ? (record.context as unknown as Envelope) : null;
  return { kind: 'event', event: eventOf(audited, envelope) };
}

/** GKE exports its API servers' audit log as Cloud Audit Logs; read as gcp.audit reads them. */
function gkeEvent(entry: JsonObject, payload: JsonObject): AuditEvent {
  const event = auditEvent(entry, payload);
  event.cloud = 'gcp';
  event.dst_host ??= gkeCluster(entry);
  return event;
}

function eventOf(record: JsonObject, envelope: Envelope | null): AuditEvent {
  const event = newEvent();
  const stage = text(record['stage']);
  const id = text(record['auditID']);
  // when
  setTimes(event, record, stage, envelope);
  event.uid = id;
  // Every stage of a request is an event of its own under one auditID.
  event.identity = id === null || stage === null ? null : `${id}|${stage}`;
  if (envelope !== null) setEnvelope(event, envelope);
  // who
  const impersonated = record['impersonatedUser'];
  setActor(event, object(record['user']), isObject(impersonated) ? impersonated : null);
  // did what, to what
  setRequest(event, record, envelope?.clusterId ?? null);
  event.request = jsonText(record['requestObject']);
  event.response = jsonText(record['responseObject']);
  // from where
  const source = text(array(record['sourceIPs'])[0]);
  const address = parseAddress(source);
  event.src_ip = address?.ip ?? null;
  event.src_host = address === null ? source : null;
  event.user_agent = text(record['userAgent']);
  // with what result
  setResult(event, record, stage);
  return event;
}

/** `timestamp` is from audit.k8s.io/v1alpha1; the API server's own times come before the envelope's. */
function setTimes(
  event: AuditEvent,
  record: JsonObject,
  stage: string | null,
  envelope: Envelope | null,
): void {
  const original = firstText(
    record['requestReceivedTimestamp'],
    record['stageTimestamp'],
    record['timestamp'],
    envelope?.time,
  );
  event.time_original = original;
  event.time = parseTime(original) ?? parseEpoch(original);
  if (stage === 'ResponseComplete' || stage === 'Panic') event.end_time = parseTime(record['stageTimestamp']);
}

function setResult(event: AuditEvent, record: JsonObject, stage: string | null): void {
  const response = object(record['responseStatus']);
  const annotations = object(record['annotations']);
  const code = integer(response['code']);
  const failed =
    stage === 'Panic' ||
    (code !== null && code >= 400) ||
    response['status'] === 'Failure' ||
    annotations['authorization.k8s.io/decision'] === 'forbid';
  if (failed) {
    event.status = 'failure';
    event.error_code = firstText(code, response['reason']);
    event.error_message = firstText(
      response['message'],
      response['reason'],
      annotations['authorization.k8s.io/reason'],
    );
  } else if (stage === 'RequestReceived' || stage === 'ResponseStarted') {
    event.status = 'started';
  } else if (code !== null) {
    event.status = 'success';
  }
}
