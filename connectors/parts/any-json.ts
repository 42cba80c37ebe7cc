/** A JSON object of no known source → the columns that can be told. */

import type { AuditEvent } from '../../schema/columns.ts';
import { newEvent } from '../../schema/columns.ts';
import { setFromText } from './any-text.ts';
import { namedValues, setByName } from './named-values.ts';
import { isObject, type JsonObject, parseJson } from './value.ts';

/** Members in which shippers put the line they carry: Docker's `log`, Fluent Bit's and others' `message`. */
const CARRIED = ['log', 'message', 'msg', 'MESSAGE', '@message', 'textPayload', 'raw'] as const;
/** Longest carried line that is read again. */
const LONGEST_CARRIED = 256 * 1024;

/** Fills the event: from its members by their names, then from the log line it carries. */
export function setFromJson(event: AuditEvent, value: JsonObject, modified: number | null): void {
  setByName(event, namedValues(value));
  for (const name of CARRIED) {
    const carried = value[name];
    if (typeof carried !== 'string' || carried.length > LONGEST_CARRIED || carried === '') continue;
    fillFrom(event, carriedEvent(carried.trimEnd(), modified));
    break;
  }
}

function carriedEvent(line: string, modified: number | null): AuditEvent | null {
  const event = newEvent();
  if (line.startsWith('{')) {
    const inner = parseJson(line);
    if (!isObject(inner)) return null;
    setByName(event, namedValues(inner));
    return event;
  }
  return setFromText(event, line, modified, null) ? event : null;
}

/** Columns that the object's own members left empty. */
function fillFrom(event: AuditEvent, carried: AuditEvent | null): void {
  if (carried === null) return;
  const target = event as Record<string, unknown>;
  for (const [column, value] of Object.entries(carried)) {
    if (value !== null && target[column] === null) target[column] = value;
  }
}
