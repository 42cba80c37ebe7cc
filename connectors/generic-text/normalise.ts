import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import type { FieldNames } from '../parts/access-log-fields.ts';
import { setFromJson } from '../parts/any-json.ts';
import { setFromText } from '../parts/any-text.ts';
import { afterStamp } from '../parts/cloudwatch-export.ts';
import { continuedLine } from '../parts/continuation.ts';
import { parseTime } from '../parts/time.ts';
import { isObject, parseJson } from '../parts/value.ts';

/** Longest line that may be JSON among lines of text. */
const LONGEST_JSON = 1024 * 1024;

export function normalise(record: SourceRecord, facts: BodyFacts): Normalised {
  const event = newEvent();
  const { raw, context } = record;
  // CloudWatch's exports put a time before each event.
  const stamped = afterStamp(raw);
  const json = stamped?.rest ?? raw;
  const object = json.startsWith('{') && json.length <= LONGEST_JSON ? parseJson(json) : null;
  if (isObject(object)) {
    setFromJson(event, object, facts.modified);
    event.time ??= parseTime(stamped?.stamp);
    event.time_original ??= stamped?.stamp ?? null;
  } else if (!setFromText(event, raw, facts.modified, fieldsOf(context))) {
    const continued = continuedLine(context);
    if (continued !== null) setContinued(event, continued, facts);
  }
  event.class ??= 'Base Event';
  event.activity ??= 'Other';
  return { kind: 'event', event };
}

/** When and where the line was written that this one carries on. */
function setContinued(event: AuditEvent, line: string, facts: BodyFacts): void {
  const before = newEvent();
  setFromText(before, line, facts.modified, null);
  event.time = before.time;
  event.time_original = before.time_original;
  event.service ??= before.service;
  event.dst_host ??= before.dst_host;
}

function fieldsOf(context: unknown): FieldNames | null {
  return isObject(context) && Array.isArray(context['fields'])
    ? { fields: context['fields'] as string[] }
    : null;
}
