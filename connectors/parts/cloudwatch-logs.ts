/**
 * CloudWatch Logs subscription messages: `{"messageType":"DATA_MESSAGE", …, "logEvents":[{"id","timestamp","message"}]}`,
 * each message one record of the source inside.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */

import type { RecordSink, SourceRecord } from '../contract.ts';
import { array, isObject, object, text } from './value.ts';

/** What the envelope says about every message in it. */
export interface LogGroupContext {
  readonly owner: string | null;
  readonly logGroup: string | null;
  readonly logStream: string | null;
  /** Milliseconds since 1970 that CloudWatch gave the message; null when absent. */
  readonly timestamp: unknown;
}

/** Whether a record is a subscription message. */
export function isSubscriptionMessage(value: unknown): boolean {
  return isObject(value) && typeof value['messageType'] === 'string' && 'logEvents' in value;
}

/**
 * Hands over each message of a subscription message as a record of its own, with a pointer to it; control messages
 * are skipped. `parse` turns the message's text into the record's value (JSON.parse for JSON sources).
 */
export function expandSubscriptionMessage(
  record: SourceRecord,
  sink: RecordSink,
  parse: (text: string) => unknown,
): void {
  const envelope = object(record.value);
  if (envelope['messageType'] !== 'DATA_MESSAGE') {
    sink.skipped('control_message');
    return;
  }
  array(envelope['logEvents']).forEach((entry, index) => {
    const event = object(entry);
    const locator = `${record.locator};pointer=/logEvents/${index}/message`;
    const message = event['message'];
    if (typeof message !== 'string') {
      sink.broken({
        locator,
        code: 'missing_field',
        path: '/message',
        problem: 'a log event without its message',
        raw: '',
      });
      return;
    }
    const context: LogGroupContext = {
      owner: text(envelope['owner']),
      logGroup: text(envelope['logGroup']),
      logStream: text(envelope['logStream']),
      timestamp: event['timestamp'],
    };
    try {
      sink.record({ raw: message, bytes: null, value: parse(message), locator, context });
    } catch (error) {
      const problem = `the message is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
      sink.broken({ locator, code: 'invalid_json', path: '/message', problem, raw: message.slice(0, 4096) });
    }
  });
}
