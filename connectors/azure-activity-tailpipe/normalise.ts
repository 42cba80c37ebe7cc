import { newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { setActivity } from '../parts/azure-activity-event.ts';
import { Fields } from '../parts/azure-fields.ts';
import { isObject, type JsonObject } from '../parts/value.ts';

export function normalise({ value }: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(value))
    return { kind: 'unreadable', code: 'not_an_object', path: '', problem: 'a row is an object' };
  const fields = new Fields(recordOf(value));
  if (fields.get('operationName', 'category', 'resourceId') === undefined) {
    const problem = 'none of operation_name, category, resource_id is there';
    return { kind: 'unreadable', code: 'missing_field', path: '/operation_name', problem };
  }
  const event = newEvent();
  setActivity(event, fields);
  return { kind: 'event', event };
}

/** The Activity Log's own names; spelling aside, Tailpipe changed one. */
function recordOf(row: JsonObject): JsonObject {
  const own = Object.entries(row).filter(([name, value]) => !name.startsWith('tp_') && value !== null);
  const { authorization_info, ...record } = Object.fromEntries(own);
  // What it read from a storage account has the operation where the event's id and description would be.
  for (const name of ['event_data_id', 'description'])
    if (record[name] === record['operation_name']) delete record[name];
  return { ...record, authorization: authorization_info };
}
