import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { continuedLine } from '../parts/continuation.ts';
import { applyLinuxFact } from '../parts/linux-fact.ts';
import { type LinuxMessage, readLinuxMessage } from '../parts/linux-message.ts';
import { parseSyslog } from '../parts/syslog.ts';
import { parseEpoch } from '../parts/time.ts';
import { isObject, jsonText, object } from '../parts/value.ts';
import { readJournal } from './journal.ts';

export function normalise(record: SourceRecord, facts: BodyFacts): Normalised {
  const event = newEvent();
  if (record.value === undefined) setLine(event, record, facts);
  else if (isObject(record.value)) setJournalEntry(event, record.value);
  else {
    const problem = 'a journal entry is a JSON object';
    return { kind: 'unreadable', code: 'not_an_object', path: '', problem };
  }
  return { kind: 'event', event };
}

function setLine(event: AuditEvent, record: SourceRecord, facts: BodyFacts): void {
  // CloudWatch stamps each message it passes on, which says the year better than the file's own date does.
  const stamped = parseEpoch(object(record.context)['timestamp']);
  const modified = stamped ?? facts.modified;
  const own = parseSyslog(record.raw, modified);
  const continued = own === null ? continuedLine(record.context) : null;
  const header = own ?? (continued === null ? null : parseSyslog(continued, modified));
  // when
  event.time = header?.time ?? stamped;
  event.time_original = header?.timeOriginal || null;
  // what, who, from where
  const message = own === null ? { program: folded(header?.program), fact: { event: 'message' } } : null;
  setMessage(event, message ?? readLinuxMessage(own!.program, own!.message), header?.pid ?? null);
  event.service = header?.program ?? null;
  event.dst_host = header?.host ?? null;
}

function setJournalEntry(event: AuditEvent, entry: Readonly<Record<string, unknown>>): void {
  const journal = readJournal(entry);
  event.time = journal.time;
  event.time_original = journal.timeOriginal;
  event.uid = journal.cursor;
  setMessage(event, readLinuxMessage(journal.program, journal.message), journal.pid, journal.details);
  event.service = journal.program;
  event.dst_host = journal.host;
}

function setMessage(
  event: AuditEvent,
  { program, fact }: LinuxMessage,
  pid: string | null,
  more: Readonly<Record<string, string>> = {},
): void {
  applyLinuxFact(event, program, fact);
  event.request = jsonText({ ...(pid === null ? {} : { pid }), ...more, ...fact.details });
}

/** A continued line belongs to its program, but says nothing that a reader of whole messages could tell. */
function folded(program: string | null | undefined): string {
  return readLinuxMessage(program ?? null, '').program;
}
