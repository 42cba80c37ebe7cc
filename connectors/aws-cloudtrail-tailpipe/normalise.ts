import { newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { isTrailEvent, setTrailEvent } from '../parts/aws-trail-event.ts';
import { camelCased, camelCasedDeep } from '../parts/tailpipe-rows.ts';
import { isObject, type JsonObject, object } from '../parts/value.ts';

/** Members that CloudTrail does not spell as the rest. */
const NAMES = {
  event_id: 'eventID',
  request_id: 'requestID',
  shared_event_id: 'sharedEventID',
  source_ip_address: 'sourceIPAddress',
};

const NOTHING = object(null);

export function normalise({ value }: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(value)) return unreadable('not_an_object', '', 'a row is an object');
  const trail = eventOf(value);
  if (!isTrailEvent(trail)) return unreadable('missing_field', '/event_name', 'the row names no event');
  const event = newEvent();
  setTrailEvent(event, trail, NOTHING, NOTHING);
  // The same event in a log file of a trail has the same id, and is shown once.
  if (event.uid !== null) event.identity = `aws.cloudtrail/${event.uid}`;
  return { kind: 'event', event };
}

/** The event as far as the row has it. Columns with JSON in them have CloudTrail's own names inside. */
function eventOf(row: JsonObject): JsonObject {
  return {
    ...camelCased(row, NAMES),
    userIdentity: identityOf(object(row['user_identity'])),
    tlsDetails: camelCasedDeep(row['tls_details']),
  };
}

function identityOf(row: JsonObject): JsonObject {
  const identity = object(camelCasedDeep(row));
  const federation = object(object(row['session_context'])['web_id_federation_data']);
  if (!isObject(federation['attributes'])) return identity;
  // Its members are the provider's.
  const session = object(identity['sessionContext']);
  const webIdFederationData = {
    ...object(session['webIdFederationData']),
    attributes: federation['attributes'],
  };
  return { ...identity, sessionContext: { ...session, webIdFederationData } };
}

function unreadable(code: 'not_an_object' | 'missing_field', path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
