/**
 * Splits bodies of Cloud Logging entries: a bare array, one a line, `entries.list` answers, files of a bucket sink, and
 * Pub/Sub messages with an entry as base64.
 */

import type { RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { jsonRecords } from './json-records.ts';
import { BROKEN_RAW_BYTES } from './limits.ts';
import { isObject, type JsonObject } from './value.ts';

const CONTAINERS = ['entries', 'receivedMessages'];

/** Entries one by one. What is neither an entry nor a Pub/Sub message is handed on for `normalise` to judge. */
export function entryRecords(sink: RecordSink): Splitter {
  return jsonRecords(
    {
      record: (record) => expand(record, sink),
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: CONTAINERS },
  );
}

/** The entries found in one record of a sample, Pub/Sub messages opened. */
export function entriesIn(value: unknown): unknown[] {
  if (!isObject(value)) return [];
  for (const name of CONTAINERS) {
    const items = value[name];
    if (Array.isArray(items)) return items.flatMap((item) => (item === value ? [] : entryOf(item)));
  }
  return entryOf(value);
}

function entryOf(value: unknown): unknown[] {
  if (!isObject(value)) return [];
  const found = messageData(value);
  if (found === null) return [value];
  try {
    return [JSON.parse(decode(found.data))];
  } catch {
    return [];
  }
}

function expand(record: SourceRecord, sink: RecordSink): void {
  const found = isObject(record.value) ? messageData(record.value) : null;
  if (found === null) {
    sink.record(record);
    return;
  }
  const raw = decode(found.data);
  const locator = `${record.locator};pointer=${found.pointer};rebuilt`;
  try {
    sink.record({ raw, bytes: null, value: JSON.parse(raw), locator, context: record.value });
  } catch (error) {
    sink.broken({
      locator,
      code: 'invalid_json',
      path: found.pointer,
      problem: `the message's data is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`,
      raw: raw.slice(0, BROKEN_RAW_BYTES),
    });
  }
}

/**
 * Data of a Pub/Sub message: of a push (`message`), a pull (`receivedMessages[]`), a CloudEvent (`data.message`), or the
 * message alone. https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage
 */
function messageData(value: JsonObject): { data: string; pointer: string } | null {
  const { message, data } = value;
  if (isObject(message) && typeof message['data'] === 'string')
    return { data: message['data'], pointer: '/message/data' };
  if (isObject(data) && isObject(data['message']) && typeof data['message']['data'] === 'string') {
    return { data: data['message']['data'], pointer: '/data/message/data' };
  }
  const isMessage = 'messageId' in value || 'message_id' in value;
  return typeof data === 'string' && isMessage ? { data, pointer: '/data' } : null;
}

/** Base64; some tools print the data decoded already. */
function decode(data: string): string {
  return /^\s*[{[]/.test(data) ? data : Buffer.from(data, 'base64').toString('utf8');
}
