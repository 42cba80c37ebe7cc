import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { isTrailEvent, setTrailEvent } from '../parts/aws-trail-event.ts';
import { isObject, type JsonObject, object, text } from '../parts/value.ts';
import { eventOfRow } from './columns.ts';

/** Kinds of event data store that hold no audit events. */
const NO_EVENTS: Readonly<Record<string, string>> = {
  ConfigurationItem: 'configuration_item',
  Evidence: 'audit_manager_evidence',
  ActivityAuditLog: 'event_from_outside_aws',
};

const NOTHING = object(null);

export function normalise({ value, context }: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(value)) return unreadable('not_an_object', '', 'neither an event nor a row of columns');
  return context === 'event' ? wholeEvent(value) : row(value);
}

function wholeEvent(trail: JsonObject): Normalised {
  const other = otherKind(trail['eventCategory']);
  if (other !== null) return { kind: 'skipped', reason: other };
  if (!isTrailEvent(trail))
    return unreadable('missing_field', '/eventName', 'the column eventJson holds no event of CloudTrail');
  const event = newEvent();
  setTrailEvent(event, trail, NOTHING, NOTHING);
  return sameAsInTrails(event);
}

function row(columns: JsonObject): Normalised {
  const { trail, asked } = eventOfRow(columns);
  const other = otherKind(trail['eventCategory']);
  if (other !== null) return { kind: 'skipped', reason: other };
  // Counts and lists of names are answers of a query too.
  const named = isTrailEvent(trail) && ('eventID' in trail || 'eventTime' in trail);
  if (!named) return { kind: 'skipped', reason: 'row_without_event' };
  const event = newEvent();
  setTrailEvent(event, trail, NOTHING, NOTHING);
  leaveUnsaid(event, trail, asked);
  return sameAsInTrails(event);
}

/** What a row does not tell because nobody asked for the column is not told here either. */
function leaveUnsaid(event: AuditEvent, trail: JsonObject, asked: ReadonlySet<string>): void {
  // The caller's account is not always the one it happened in.
  if (!asked.has('recipientAccountId')) event.account = null;
  const answered = isAnswered(trail, 'responseElements') || isAnswered(trail, 'serviceEventDetails');
  const signIn = text(trail['eventSource']) === 'signin.amazonaws.com';
  const failed = 'errorCode' in trail || 'errorMessage' in trail;
  // Without an error, a call has succeeded only where errors would show, and a sign-in only where its answer says so.
  if (!failed && (!asked.has('errorCode') || signIn) && !answered) event.status = null;
}

/** Whether the answer has the member under which sign-ins tell how they went. */
const isAnswered = (trail: JsonObject, member: string): boolean =>
  Object.hasOwn(object(trail[member]), text(trail['eventName']) ?? '');

/** The same event in a log file of a trail has the same id, and is shown once. */
function sameAsInTrails(event: AuditEvent): Normalised {
  if (event.uid !== null) event.identity = `aws.cloudtrail/${event.uid}`;
  return { kind: 'event', event };
}

function otherKind(category: unknown): string | null {
  return typeof category === 'string' && Object.hasOwn(NO_EVENTS, category) ? NO_EVENTS[category]! : null;
}

function unreadable(code: 'not_an_object' | 'missing_field', path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
