import { newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { setFromJson } from '../parts/any-json.ts';
import { setFromText } from '../parts/any-text.ts';
import { parseEpoch } from '../parts/time.ts';
import { isObject, object } from '../parts/value.ts';

export function normalise(record: SourceRecord, facts: BodyFacts): Normalised {
  const event = newEvent();
  const stamped = parseEpoch(object(record.context)['timestamp']);
  const modified = stamped ?? facts.modified;
  if (isObject(record.value)) setFromJson(event, record.value, modified);
  else if (record.value === undefined) setFromText(event, record.raw, modified, null);
  // A bare number, text or list says nothing of its own; it stays searchable in raw.
  event.time ??= stamped;
  event.class ??= 'Base Event';
  event.activity ??= 'Other';
  return { kind: 'event', event };
}
