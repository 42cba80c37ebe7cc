/** Tells whose a body is from its path and its first bytes. */

import type { BodySample, Connector, Recognition } from './contract.ts';
import { foreignFormat } from './foreign.ts';
import { jsonRecords } from './parts/json-records.ts';
import { isObject } from './parts/value.ts';
import { connectors } from './registry.ts';

/** Bytes of the decompressed body that recognition looks at. */
export const SAMPLE_BYTES = 64 * 1024;

/** Members under which vendors put their records; opening any of them shows what is inside. */
const CONTAINERS = [
  'Records',
  'records',
  'Events',
  'events',
  'value',
  'entries',
  'items',
  'receivedMessages',
];
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Records looked at. */
const SAMPLE_RECORDS = 5;
/** Read at a time until there are that many. */
const STEP_BYTES = 4 * 1024;

export interface Recognised {
  readonly connector: Connector;
  readonly recognition: Recognition;
}

/**
 * The connector most sure that the body is its own; on equal confidence the first in the registry. Null for none, and
 * for what `foreignFormat` names: an archive of logs may look like one of them.
 */
export function recognise(sample: BodySample): Recognised | null {
  if (foreignFormat(sample.head) !== null) return null;
  let best: Recognised | null = null;
  for (const connector of connectors) {
    if (best !== null && connector.lastResort) break;
    const recognition = connector.recognise(sample);
    if (recognition !== null && (best === null || recognition.confidence > best.recognition.confidence)) {
      best = { connector, recognition };
    }
  }
  return best;
}

/** `head` are the first SAMPLE_BYTES after decompression, or fewer when the body is shorter. */
export function sampleOf(path: string, head: Uint8Array, complete: boolean): BodySample {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const records = /^[\s,]*[[{]/.test(text) ? firstRecords(head) : [];
  return {
    path: path.replaceAll('\\', '/'),
    head,
    text,
    complete,
    records,
    members: membersOf(text, records),
  };
}

function firstRecords(head: Uint8Array): unknown[] {
  const found: unknown[] = [];
  const splitter = jsonRecords(
    {
      record: ({ value }) => {
        if (found.length < SAMPLE_RECORDS) found.push(value);
      },
      broken: () => {},
      skipped: () => {},
    },
    { containers: CONTAINERS },
  );
  for (let at = 0; at < head.length && found.length < SAMPLE_RECORDS; at += STEP_BYTES) {
    splitter.push(head.subarray(at, at + STEP_BYTES));
  }
  // The last record is often cut by the sample's end; it is not pushed to its end, so it is left out.
  return found;
}

/** Member names of the first object: from its parse when there is one, else as they can be read off its beginning. */
function membersOf(text: string, records: readonly unknown[]): string[] {
  const opening = /^[\s,]*(?:\[\s*)?\{/.exec(text);
  if (opening === null) return [];
  const names = topLevelNames(text, opening[0].length);
  if (names.length > 0) return names;
  const first = records[0];
  return isObject(first) ? Object.keys(first) : [];
}

/** Keys at depth 1, reading once from just inside the opening brace to the closing brace or the text's end. */
function topLevelNames(text: string, from: number): string[] {
  const names: string[] = [];
  let depth = 1;
  for (let at = from; at < text.length && depth > 0; at++) {
    switch (text.charCodeAt(at)) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case QUOTE: {
        const end = stringEnd(text, at + 1);
        if (depth === 1 && /^\s{0,8}:/.test(text.slice(end + 1, end + 10)))
          names.push(text.slice(at + 1, end));
        at = end;
      }
    }
  }
  return names;
}

/** Index of the quote that ends a string, or the text's length. */
function stringEnd(text: string, from: number): number {
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let escapes = 0;
    while (quote - escapes > from && text.charCodeAt(quote - escapes - 1) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote;
    at = quote + 1;
  }
}
