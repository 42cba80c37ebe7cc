/** What was acted on: the record's `resources`, then the parameters that name a resource. */

import type { AuditEvent } from '../../schema/columns.ts';
import { type Arn, parseArn } from '../../schema/scopes/arn.ts';
import { ec2Type, isEc2Id } from '../../schema/scopes/ec2-id.ts';
import { parameterOf } from './aws-trail-parameters.ts';
import { isObject, type JsonObject, text } from './value.ts';

/** Requests can be long lists; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const MAX_DEPTH = 8;
/** Values looked at in one record; a request of a million members names its targets among the first. */
const MAX_VALUES = 5000;

/** One record being read. */
interface Reading {
  readonly event: AuditEvent;
  /** The event's, as the table of parameters has them. */
  readonly service: string;
  readonly operation: string;
  readonly found: string[];
  values: number;
}

/** Sets target_type, target_id, target_name and targets. */
export function setTargets(event: AuditEvent, record: JsonObject, lookup: JsonObject): void {
  const service = event.service ?? '';
  const dot = service.indexOf('.');
  const reading: Reading = {
    event,
    service: dot < 0 ? service : service.slice(0, dot),
    operation: event.operation ?? '',
    found: [],
    values: 0,
  };
  addResources(reading, record['resources']);
  addResources(reading, lookup['Resources']);
  const request = record['requestParameters'];
  if (isObject(request)) addParameters(reading, request);
  collect(reading, request, 0);
  const asked = reading.found.length;
  collect(reading, record['responseElements'], 0);
  setMade(reading, asked);
  // Services that act by themselves tell here what they acted on; a sign-in tells who switched roles.
  collect(reading, record['serviceEventDetails'], 0);
  if (reading.service !== 'signin') collect(reading, record['additionalEventData'], 0);
  if (reading.found.length > 0) event.targets = reading.found;
}

/** Sets the target columns where ids are all that the record gives. */
export function setTargetIds(event: AuditEvent, ids: readonly string[]): void {
  if (ids.length === 0) return;
  event.targets = ids.slice(0, MAX_TARGETS);
  setMain(event, ids[0]!, null);
}

const MAKING = /^(?:Create|Run|Copy|Register|Import)([A-Za-z]+?)s?$/;

/**
 * What an EC2 call made is what it was about, not the image or volume it was made of: the first id that only the answer
 * has, of the type that the operation is named after.
 */
function setMade({ event, service, operation, found }: Reading, asked: number): void {
  if (service !== 'ec2' || found.length === asked) return;
  const noun = MAKING.exec(operation)?.[1]?.toLowerCase();
  if (noun === undefined) return;
  for (let at = asked; at < found.length; at++) {
    const type = ec2Type(found[at]!);
    if (type === null || type.slice(type.lastIndexOf(':') + 1).toLowerCase() !== noun) continue;
    setMain(event, found[at]!, type);
    return;
  }
}

/** `resources` of a record (`ARN`, `type`), or of LookupEvents (`ResourceName`, `ResourceType`). */
function addResources(reading: Reading, resources: unknown): void {
  if (!Array.isArray(resources)) return;
  for (const entry of resources as readonly unknown[]) {
    if (!isObject(entry)) continue;
    const id =
      text(entry['ARN']) ??
      text(entry['ARNPrefix']) ??
      text(entry['resourceName']) ??
      text(entry['ResourceName']);
    if (id !== null) add(reading, id, text(entry['type']) ?? text(entry['ResourceType']));
  }
}

/** Members of the request that name something, the most specific first. */
function addParameters(reading: Reading, request: JsonObject): void {
  const named: { readonly rank: number; readonly type: string | null; readonly value: unknown }[] = [];
  for (const name in request) {
    const parameter = parameterOf(name, reading.service, reading.operation);
    if (parameter === undefined) continue;
    const type = parameter.type ?? (name === 'resourceId' ? text(request['resourceType']) : null);
    named.push({ rank: parameter.rank, type, value: request[name] });
  }
  if (named.length > 1) named.sort((a, b) => a.rank - b.rank);
  for (const { type, value } of named) addNamed(reading, value, type);
}

/** One name, or a list of them. */
function addNamed(reading: Reading, value: unknown, type: string | null): void {
  if (typeof value === 'string') {
    if (value !== '') add(reading, value, type);
  } else if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (reading.found.length >= MAX_TARGETS || reading.values++ > MAX_VALUES) return;
      if (typeof item === 'string' && item !== '') add(reading, item, type);
    }
  }
}

/** ARNs and ids of EC2's form anywhere in the value, and parameters that name something at any depth. */
function collect(reading: Reading, value: unknown, depth: number): void {
  if (typeof value === 'string') {
    const { length } = value;
    if (length >= 10 && length <= 2048 && (isArn(value) || isEc2Id(value))) add(reading, value, null);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (reading.found.length >= MAX_TARGETS || reading.values > MAX_VALUES) return;
  if (Array.isArray(value)) {
    reading.values += value.length;
    for (const item of value) collect(reading, item, depth + 1);
    return;
  }
  for (const name in value) {
    reading.values++;
    const member = (value as JsonObject)[name];
    if (typeof member === 'string') {
      if (member === '') continue;
      const parameter = parameterOf(name, reading.service, reading.operation);
      if (parameter?.deep === true) add(reading, member, parameter.type);
      // Most members are short text or numbers; they are not worth a call.
      else if (member.length >= 10) collect(reading, member, depth + 1);
    } else if (typeof member === 'object') collect(reading, member, depth + 1);
  }
}

function isArn(text: string): boolean {
  return text.charCodeAt(0) === 0x61 && text.startsWith('arn:');
}

/** The first that is added is the main one. `type` is what is said of it beside its id. */
function add({ event, found }: Reading, id: string, type: string | null): void {
  if (found.length >= MAX_TARGETS || found.includes(id)) return;
  found.push(id);
  if (found.length === 1) setMain(event, id, type);
}

/** What the record says of the type stands; where it says nothing, the id itself may tell. */
function setMain(event: AuditEvent, id: string, type: string | null): void {
  const arn = arnOf(id);
  event.target_id = id;
  event.target_type = type ?? arn?.type ?? ec2Type(id);
  event.target_name = arn === null ? id : (arn.name ?? arn.resource);
}

/** Resources are acted on again and again, and taking an ARN apart costs a microsecond. Bounded: ids come from logs. */
const known = new Map<string, Arn | null>();
const KNOWN_LIMIT = 10_000;
const LONGEST_KNOWN = 256;

function arnOf(id: string): Arn | null {
  if (!isArn(id) || id.length > LONGEST_KNOWN) return parseArn(id);
  const remembered = known.get(id);
  if (remembered !== undefined) return remembered;
  const arn = parseArn(id);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(id, arn);
  return arn;
}
