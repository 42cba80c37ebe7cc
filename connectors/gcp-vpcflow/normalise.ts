import { type Flow, newFlow } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, ProblemCode, SourceRecord } from '../contract.ts';
import { ipOf } from '../parts/address.ts';
import {
  entryIdentity,
  entryTime,
  field,
  locationOf,
  projectOf,
  resourceLabels,
} from '../parts/gcp-entry.ts';
import { parseTime } from '../parts/time.ts';
import { firstText, integer, isObject, type JsonObject, jsonText, object, text } from '../parts/value.ts';

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  const entry = record.value;
  if (!isObject(entry)) return unreadable('not_an_object', '', 'a log entry is a JSON object');
  const payload = field(entry, 'jsonPayload');
  if (!isObject(payload))
    return unreadable('missing_field', '/jsonPayload', 'a flow log entry without jsonPayload');
  const connection = payload['connection'];
  if (!isObject(connection)) {
    return unreadable('missing_field', '/jsonPayload/connection', 'a flow log entry without its connection');
  }
  const flow = newFlow();
  const reporter = text(payload['reporter']);
  // The side that reported: a flow between two VMs is reported once by each.
  const side = sideOf(reporter, payload);
  // when
  flow.time = parseTime(payload['start_time']) ?? entryTime(entry).time;
  flow.end_time = parseTime(payload['end_time']);
  flow.uid = text(field(entry, 'insertId'));
  flow.identity = entryIdentity(entry);
  // where
  setPlace(flow, entry, payload, side);
  flow.direction = directionOf(reporter);
  // from where, to what
  flow.src_ip = ipOf(connection['src_ip']);
  flow.src_port = portOf(connection['src_port']);
  flow.dst_ip = ipOf(connection['dest_ip']);
  flow.dst_port = portOf(connection['dest_port']);
  flow.protocol = bounded(connection['protocol'], 255);
  flow.src_service = serviceOf(payload['src_google_service']);
  flow.dst_service = serviceOf(payload['dest_google_service']);
  // how much: each report counts what went from source to destination
  flow.packets = counted(payload['packets_sent']);
  flow.bytes = counted(payload['bytes_sent']);
  flow.packets_out = flow.packets;
  flow.bytes_out = flow.bytes;
  flow.extra = extraOf(payload);
  return { kind: 'flow', flow };
}

type Side = 'src' | 'dest';

/** SRC and DEST are VMs; gateways report as SRC_GATEWAY and DEST_GATEWAY. */
function sideOf(reporter: string | null, payload: JsonObject): Side {
  if (reporter?.startsWith('SRC') === true) return 'src';
  if (reporter?.startsWith('DEST') === true) return 'dest';
  return isObject(payload['src_instance']) || isObject(payload['src_vpc']) ? 'src' : 'dest';
}

/** Seen from the reporting side: what it sends leaves it. */
function directionOf(reporter: string | null): string | null {
  if (reporter?.startsWith('SRC') === true) return 'egress';
  return reporter?.startsWith('DEST') === true ? 'ingress' : null;
}

function setPlace(flow: Flow, entry: JsonObject, payload: JsonObject, side: Side): void {
  const instance = object(payload[`${side}_instance`]);
  const vpc = object(payload[`${side}_vpc`]);
  const gateway = object(payload[`${side}_gateway`]);
  const labels = resourceLabels(entry);
  flow.account = projectOf(entry) ?? firstText(vpc['project_id'], instance['project_id']);
  flow.zone = firstText(instance['zone'], zoneIn(locationOf(entry)));
  flow.region = firstText(
    instance['region'],
    vpc['subnetwork_region'],
    gateway['location'],
    regionOf(flow.zone),
    locationOf(entry),
  );
  flow.vpc = text(vpc['vpc_name']);
  flow.subnet = firstText(vpc['subnetwork_name'], labels['subnetwork_name']);
  flow.instance = text(instance['vm_name']);
}

/** `us-central1-f` → `us-central1`. */
function regionOf(zone: string | null): string | null {
  return zone === null ? null : zone.slice(0, zone.lastIndexOf('-'));
}

function zoneIn(location: string | null): string | null {
  return location !== null && /^[a-z]+-[a-z]+\d+-[a-z]$/.test(location) ? location : null;
}

/** `storage.googleapis.com`; its type where Google does not name it. */
function serviceOf(value: unknown): string | null {
  const service = object(value);
  return firstText(service['service_name'], service['type']);
}

function portOf(value: unknown): number | null {
  return bounded(value, 65_535);
}

function bounded(value: unknown, max: number): number | null {
  const number = counted(value);
  return number !== null && number <= max ? number : null;
}

function counted(value: unknown): number | null {
  const number = integer(value);
  return number !== null && number >= 0 ? number : null;
}

/** Members that a column holds in full. */
const MAPPED = new Set(['connection', 'start_time', 'end_time', 'bytes_sent', 'packets_sent']);

/** Round-trip time, locations, GKE and gateway details, and both sides' instances and networks. */
function extraOf(payload: JsonObject): string | null {
  return jsonText(Object.fromEntries(Object.entries(payload).filter(([name]) => !MAPPED.has(name))));
}

function unreadable(code: ProblemCode, path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
