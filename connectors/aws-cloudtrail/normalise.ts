import { newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { isTrailEvent, setCall, setTrailEvent } from '../parts/aws-trail-event.ts';
import { isObject, object } from '../parts/value.ts';

const NOTHING = object(null);

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(record.value)) return unreadable('not_an_object', '', 'a CloudTrail record is a JSON object');
  // EventBridge wraps the event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
  const detail = record.value['detail'];
  const [envelope, trail] = isObject(detail) ? [record.value, detail] : [NOTHING, record.value];
  const event = newEvent();
  if (isTrailEvent(trail)) setTrailEvent(event, trail, envelope, object(record.context));
  // A row of LookupEvents may come without the event it summarises.
  else if ('EventName' in trail) setCall(event, NOTHING, NOTHING, trail);
  else
    return unreadable(
      'missing_field',
      '/eventName',
      'none of eventName, eventSource, eventType, insightDetails is there',
    );
  return { kind: 'event', event };
}

function unreadable(code: 'not_an_object' | 'missing_field', path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
