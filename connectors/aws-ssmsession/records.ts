/**
 * A body is the transcript of a session, a record a line, or the JSON that is streamed to CloudWatch Logs, whose
 * `sessionData` holds a line each, also inside subscription messages.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { isJsonExport, jsonExport } from '../parts/cloudwatch-export.ts';
import { expandSubscriptionMessage, isSubscriptionMessage } from '../parts/cloudwatch-logs.ts';
import { afterHead, startsAsJson } from '../parts/head.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { lines } from '../parts/lines.ts';
import { shownText } from '../parts/terminal.ts';
import { type JsonObject, parseJson } from '../parts/value.ts';
import { promptOf } from './prompt.ts';
import { isSessionMessage } from './recognise.ts';

/** What encloses a line of a transcript. */
export interface LineContext {
  /** The streamed message around it, null in a plain transcript. */
  readonly message: JsonObject | null;
  /** Whether the shell's prompt is a bare `$ ` or `# `, as its first one was. */
  readonly bare: boolean;
}

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return afterHead((head) => {
    const text = head.toString('utf8');
    if (isJsonExport(text)) return jsonExport(expander(sink));
    return startsAsJson(text) ? messages(sink) : transcript(sink);
  });
}

function transcript(sink: RecordSink): Splitter {
  const prompts = new PromptMemory();
  return lines(sink, ({ raw, bytes, locator }) => {
    const context: LineContext = { message: null, bare: prompts.see(raw) };
    sink.record({ raw, bytes, value: undefined, locator, context });
  });
}

function messages(sink: RecordSink): Splitter {
  const inner = expander(sink);
  return jsonRecords(
    {
      ...inner,
      record: (record) => {
        if (!isSubscriptionMessage(record.value)) inner.record(record);
        else expandSubscriptionMessage(record, inner, (message) => parseJson(message) ?? undefined);
      },
    },
    { containers: [] },
  );
}

/** Turns streamed messages into their lines on the way to the sink. */
function expander(sink: RecordSink): RecordSink {
  const sessions = new Map<unknown, PromptMemory>();
  return {
    record: (record) => {
      if (isSessionMessage(record.value)) expandSession(record, sessions, sink);
      else sink.record(record);
    },
    broken: (broken) => sink.broken(broken),
    skipped: (reason) => sink.skipped(reason),
  };
}

/** Sessions whose prompt is remembered at a time. */
const MOST_SESSIONS = 1000;

function expandSession(record: SourceRecord, sessions: Map<unknown, PromptMemory>, sink: RecordSink): void {
  const message = record.value as JsonObject;
  const data = message['sessionData'];
  if (!Array.isArray(data) || !data.every((line) => typeof line === 'string')) {
    sink.record(record);
    return;
  }
  if (sessions.size >= MOST_SESSIONS) sessions.clear();
  const prompts = sessions.get(message['sessionId']) ?? new PromptMemory();
  sessions.set(message['sessionId'], prompts);
  data.forEach((line, index) => {
    if (line.trim() === '') {
      sink.skipped('blank_line');
      return;
    }
    const context: LineContext = { message, bare: prompts.see(line) };
    const locator = `${record.locator};pointer=/sessionData/${index}`;
    sink.record({ raw: line, bytes: null, value: undefined, locator, context });
  });
}

/** Whether the first prompt of a session was a bare one; from then on bare ones are believed. */
class PromptMemory {
  #bare: boolean | null = null;

  see(line: string): boolean {
    if (this.#bare === null) {
      const prompt = promptOf(shownText(line.slice(0, 4096)));
      if (prompt !== null) this.#bare = prompt.bare;
    }
    return this.#bare === true;
  }
}
