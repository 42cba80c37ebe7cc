/** One record of any of Azure's audit logs → one event. A body may mix them, so each is mapped by what it is. */

import { newEvent } from '../../schema/columns.ts';
import type { Normalised, SourceRecord } from '../contract.ts';
import { setActivity } from './azure-activity-event.ts';
import { setAudit } from './azure-audit-event.ts';
import { Fields } from './azure-fields.ts';
import { kindOfFields } from './azure-kind.ts';
import { setSignIn } from './azure-signin-event.ts';
import { isObject } from './value.ts';

export function azureEvent(record: SourceRecord): Normalised {
  if (!isObject(record.value)) {
    return {
      kind: 'unreadable',
      code: 'not_an_object',
      path: '',
      problem: 'an Azure record is a JSON object',
    };
  }
  const fields = new Fields(record.value);
  const event = newEvent();
  switch (kindOfFields(fields)) {
    case 'signin':
      setSignIn(event, fields);
      return { kind: 'event', event };
    case 'audit':
      setAudit(event, fields);
      return { kind: 'event', event };
    case null:
      if (!saysSomething(fields)) {
        const problem = 'none of operationName, category, resourceId, resultType is there';
        return { kind: 'unreadable', code: 'missing_field', path: '/operationName', problem };
      }
      setActivity(event, fields);
      return { kind: 'event', event };
    default:
      setActivity(event, fields);
      return { kind: 'event', event };
  }
}

/** An envelope that has lost most of itself is still an event as long as it names something that happened. */
function saysSomething(fields: Fields): boolean {
  return (
    fields.get('operationName', 'operationNameValue', 'category', 'resourceId', 'resultType') !== undefined
  );
}
