/** Reads the comma-separated flow tuples that NSG and virtual network flow logs share the beginning of. */

import { hash } from 'node:crypto';
import type { Flow } from '../../schema/columns.ts';
import type { Normalised, RecordSink, SourceRecord } from '../contract.ts';
import { ipOf } from './address.ts';
import { within } from './azure-locator.ts';
import { BROKEN_RAW_BYTES } from './limits.ts';
import { OccurrenceCounter } from './occurrence.ts';
import { parseEpoch } from './time.ts';

/** What a flow log record says once for all its tuples. */
export interface TupleContext {
  /** What tells this list of tuples from any other, wherever a copy of the record is. */
  readonly origin: string;
  readonly columns: Partial<Flow>;
}

/** Hands over each tuple of a list as a record of its own. */
export function emitTuples(
  tuples: unknown,
  pointer: string,
  context: TupleContext,
  record: SourceRecord,
  sink: RecordSink,
): number {
  if (!Array.isArray(tuples)) {
    brokenPart(record, pointer, 'flowTuples must be an array', tuples, sink);
    return 1;
  }
  tuples.forEach((tuple: unknown, index) => {
    const at = `${pointer}/${index}`;
    if (typeof tuple !== 'string') {
      brokenPart(record, at, 'a flow tuple must be text', tuple, sink);
      return;
    }
    sink.record({
      raw: tuple,
      bytes: null,
      value: undefined,
      locator: within(record.locator, at),
      context,
    });
  });
  return tuples.length;
}

/** Reports a part of a record that is not as the format says. */
export function brokenPart(
  record: SourceRecord,
  pointer: string,
  problem: string,
  value: unknown,
  sink: RecordSink,
): void {
  const raw = typeof value === 'object' ? record.raw : String(value);
  sink.broken({
    locator: within(record.locator, pointer),
    code: 'invalid_field',
    path: pointer,
    problem,
    raw: raw.slice(0, BROKEN_RAW_BYTES),
  });
}

/** NSG tuples write letters, virtual network tuples IANA numbers. */
export function protocolOf(text: string | undefined): number | null {
  if (text === 'T') return 6;
  if (text === 'U') return 17;
  const number = Number(text);
  return text !== undefined && /^\d{1,3}$/.test(text) && number <= 255 ? number : null;
}

export const DIRECTIONS = new Map([
  ['I', 'ingress'],
  ['O', 'egress'],
]);
export const STATES = new Map([
  ['B', 'begin'],
  ['C', 'continue'],
  ['E', 'end'],
]);

/**
 * Sets time, addresses and ports from the first five fields: seconds or milliseconds since 1970 (told apart by
 * magnitude), source and destination address, source and destination port. Returns what is wrong, or null.
 */
export function setEnds(flow: Flow, fields: readonly string[]): Normalised | null {
  const [stamp = '', source = '', destination = '', sourcePort = '', destinationPort = ''] = fields;
  flow.time = /^\d{9,16}$/.test(stamp) ? parseEpoch(stamp) : null;
  if (flow.time === null) return wrongField('time stamp', stamp);
  flow.src_ip = ipOf(source);
  if (flow.src_ip === null) return wrongField('source address', source);
  flow.dst_ip = ipOf(destination);
  if (flow.dst_ip === null) return wrongField('destination address', destination);
  const ports = [portOf(sourcePort), portOf(destinationPort)] as const;
  if (ports[0] === undefined) return wrongField('source port', sourcePort);
  if (ports[1] === undefined) return wrongField('destination port', destinationPort);
  flow.src_port = ports[0];
  flow.dst_port = ports[1];
  return null;
}

/** Sets the counters from four fields; an empty one stays null, and so does a sum that lacks one. */
export function setCounters(flow: Flow, fields: readonly (string | undefined)[]): Normalised | null {
  const counts: (number | null)[] = [];
  for (const field of fields) {
    if (field === undefined || field === '') counts.push(null);
    else if (/^\d{1,15}$/.test(field)) counts.push(Number(field));
    else return wrongField('counter', field);
  }
  const [packetsOut = null, bytesOut = null, packetsIn = null, bytesIn = null] = counts;
  flow.packets_out = packetsOut;
  flow.bytes_out = bytesOut;
  flow.packets_in = packetsIn;
  flow.bytes_in = bytesIn;
  flow.packets = packetsOut === null || packetsIn === null ? null : packetsOut + packetsIn;
  flow.bytes = bytesOut === null || bytesIn === null ? null : bytesOut + bytesIn;
  return null;
}

/**
 * An id for a tuple: 128 bits of SHA-256 over where it was seen, its place in the record and its text. The tuple alone
 * would not do, because two groups on one path log the same text; a copy of the record in another body has the same.
 */
export function tupleUid(source: string, record: SourceRecord, { origin }: TupleContext): string {
  const place = record.locator.slice(record.locator.indexOf(';pointer='));
  return hash('sha256', `${source}\n${origin}\n${place}\n${record.raw}`, 'hex').slice(0, 32);
}

/**
 * Makes `TupleContext.origin` for the records of one body: the resource in any casing, the record's time as written, the
 * interface, and how many identical records came before, since a body that holds one twice has it twice.
 */
export class OriginMaker {
  readonly #occurrences = new OccurrenceCounter();

  originOf(record: SourceRecord, resource: string | null, time: string | null, mac: string | null): string {
    const fingerprint = Number.parseInt(hash('sha256', record.raw, 'hex').slice(0, 13), 16);
    const nth = this.#occurrences.next(fingerprint);
    return JSON.stringify([resource?.toLowerCase() ?? null, time, mac, ...(nth === 1 ? [] : [nth])]);
  }
}

export function wrongCount(found: number, needed: string): Normalised {
  const problem = `the tuple has ${found} fields where there must be ${needed}`;
  return { kind: 'unreadable', code: 'missing_field', path: '', problem };
}

function wrongField(name: string, value: string): Normalised {
  const problem = `${JSON.stringify(value.slice(0, 100))} is no ${name}`;
  return { kind: 'unreadable', code: 'invalid_field', path: '', problem };
}

/** A port, null where it is empty (protocols without ports), undefined where it is none. */
function portOf(text: string): number | null | undefined {
  if (text === '') return null;
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}
