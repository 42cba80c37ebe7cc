/**
 * A CloudTrail event, wherever it comes from.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { setActor, setPrincipal } from './aws-trail-actor.ts';
import { setTargetIds, setTargets } from './aws-trail-targets.ts';
import { parseEpoch, parseTime } from './time.ts';
import {
  array,
  boolean,
  firstText,
  integer,
  isObject,
  type JsonObject,
  jsonText,
  object,
  text,
} from './value.ts';

/** Whether an object is an event of CloudTrail, by the members of which each kind has one. */
export const isTrailEvent = (trail: JsonObject): boolean =>
  'eventName' in trail || 'eventSource' in trail || 'insightDetails' in trail || 'eventType' in trail;

/** One event of any kind. `envelope` is what EventBridge put around it, `lookup` the row of LookupEvents; either may be empty. */
export function setTrailEvent(
  event: AuditEvent,
  trail: JsonObject,
  envelope: JsonObject,
  lookup: JsonObject,
): void {
  if (trail['eventCategory'] === 'Aggregated') setAggregated(event, trail);
  else if (isObject(trail['insightDetails'])) setInsight(event, trail, trail['insightDetails']);
  else setCall(event, trail, envelope, lookup);
}

/**
 * Management, data and network activity events: `trail` is the event, `envelope` what EventBridge put around it, `lookup`
 * the row of LookupEvents; either may be empty.
 */
export function setCall(
  event: AuditEvent,
  trail: JsonObject,
  envelope: JsonObject,
  lookup: JsonObject,
): void {
  // when
  // Logstash's CloudTrail codec moves eventTime to @timestamp.
  setTime(event, firstText(trail['eventTime'], envelope['time'], lookup['EventTime'], trail['@timestamp']));
  event.uid = firstText(trail['eventID'], lookup['EventId']);
  // did what
  event.operation = firstText(trail['eventName'], lookup['EventName']);
  event.service = firstText(trail['eventSource'], lookup['EventSource']);
  event.category =
    text(trail['eventCategory']) ?? (boolean(trail['managementEvent']) === true ? 'Management' : null);
  event.read_only = boolean(trail['readOnly'] ?? lookup['ReadOnly']);
  event.request = jsonText(trail['requestParameters']);
  event.response = jsonText(trail['responseElements'] ?? trail['serviceEventDetails']);
  event.request_id = text(trail['requestID']);
  event.correlation_id = text(trail['sharedEventID']);
  // who
  const additional = object(trail['additionalEventData']);
  setActor(event, object(trail['userIdentity']));
  event.actor_name ??= firstText(additional['UserName'], lookup['Username']);
  event.actor_credential ??= text(lookup['AccessKeyId']);
  event.mfa ??= mfaOfSignIn(additional);
  // to what
  setTargets(event, trail, lookup);
  // from where
  setSource(event, trail);
  event.account = firstText(trail['recipientAccountId'], envelope['account'], event.actor_account);
  event.region = firstText(trail['awsRegion'], envelope['region']);
  // with what result
  event.error_code = text(trail['errorCode']);
  event.error_message = text(trail['errorMessage']);
  event.status = statusOf(event, trail);
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-insight-events.html */
function setInsight(event: AuditEvent, trail: JsonObject, insight: JsonObject): void {
  setTime(event, text(trail['eventTime']));
  event.uid = text(trail['eventID']);
  event.operation = firstText(insight['eventName'], trail['eventName']);
  event.service = firstText(insight['eventSource'], trail['eventSource']);
  event.category = firstText(trail['eventCategory'], 'Insight');
  event.request = jsonText(insight);
  event.correlation_id = text(trail['sharedEventID']);
  event.account = firstText(trail['recipientAccountId'], trail['accountId']);
  event.region = text(trail['awsRegion']);
  event.error_code = text(insight['errorCode']);
  event.class = 'Detection Finding';
  event.activity = insight['state'] === 'End' ? 'Close' : 'Create';
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aggregated-events.html */
function setAggregated(event: AuditEvent, trail: JsonObject): void {
  const window = object(trail['timeWindow']);
  const primary = object(object(trail['summary'])['primaryDimension']);
  setTime(event, text(window['windowStart']));
  event.end_time = parseTime(window['windowEnd']);
  event.uid = firstText(trail['eventId'], trail['eventID']);
  event.service = text(trail['eventSource']);
  event.category = 'Aggregated';
  event.account = firstText(trail['accountId'], trail['recipientAccountId']);
  event.region = text(trail['awsRegion']);
  event.request = jsonText(trail['summary']);
  const statistics = array(primary['statistics']).map(object);
  // One value in the primary dimension names the operation; several stay in the summary, none is preferred.
  if (primary['dimension'] === 'eventName' && statistics.length === 1)
    event.operation = text(statistics[0]!['name']);
  event.operation ??= firstText(trail['eventName'], trail['eventType']);
  const counts = statistics.map((one) => integer(one['value']));
  if (counts.length > 0 && counts.every((count) => count !== null))
    event.count = counts.reduce((sum, count) => sum + count, 0);
  if (primary['dimension'] === 'userIdentity' && statistics.length === 1) {
    setPrincipal(event, text(statistics[0]!['name']));
  }
  if (primary['dimension'] === 'resourceARN') {
    setTargetIds(
      event,
      statistics.map((one) => text(one['name'])).filter((name) => name !== null),
    );
  }
}

function setTime(event: AuditEvent, original: string | null): void {
  event.time_original = original;
  // LookupEvents answers with seconds since 1970 in its JSON protocol.
  event.time = parseTime(original) ?? parseEpoch(original);
}

/** The field holds an address, a service's host name (`cloudformation.amazonaws.com`) or `AWS Internal`. */
function setSource(event: AuditEvent, trail: JsonObject): void {
  const source = text(trail['sourceIPAddress']);
  const address = parseAddress(source);
  if (address !== null) {
    event.src_ip = address.ip;
    event.src_port = address.port;
  } else {
    event.src_host = source;
  }
  event.user_agent = text(trail['userAgent']);
  event.protocol = text(object(trail['tlsDetails'])['tlsVersion']);
  event.dst_host = text(object(trail['tlsDetails'])['clientProvidedHostHeader']);
}

/**
 * A console sign-in has no errorCode; its result stands under the event's own name in responseElements, and for IAM
 * Identity Center in serviceEventDetails.
 */
function statusOf(event: AuditEvent, trail: JsonObject): string {
  const name = event.operation ?? '';
  const answers = [object(trail['responseElements']), object(trail['serviceEventDetails'])];
  for (const answer of answers) {
    if (!Object.hasOwn(answer, name)) continue;
    if (answer[name] === 'Failure') return 'failure';
    if (answer[name] === 'Success') return 'success';
  }
  return event.error_code === null && event.error_message === null ? 'success' : 'failure';
}

function mfaOfSignIn(additional: JsonObject): boolean | null {
  const used = text(additional['MFAUsed']);
  return used === 'Yes' ? true : used === 'No' ? false : null;
}
