/**
 * Which OCSF attribute each column becomes. What the column catalogue's `ocsf` paths say holds for every class that has
 * the attribute; here stand the columns that need more than a path, and what one class asks beyond the catalogue.
 */

import { EVENT_COLUMNS, FLOW_COLUMNS } from '../columns.ts';
import { OCSF_VERSION } from './model.ts';
import { PRODUCTS } from './products.ts';
import {
  type Condition,
  column,
  constant,
  filler,
  first,
  not,
  type Rule,
  rule,
  type Value,
  when,
} from './value.ts';

/** Logs of a host: `dst_host` is the host itself, and an operation is no call to an API. */
export const FROM_HOST: Condition = { column: 'source', in: ['linux.auth', 'aws.ssmsession'] };
const FROM_API = not(FROM_HOST);

const productMap = (part: 'name' | 'vendor') =>
  Object.fromEntries(
    Object.entries(PRODUCTS).flatMap(([source, product]) =>
      product[part] === null ? [] : [[source, product[part]]],
    ),
  );

const SEVERITIES: Value = {
  map: 'severity',
  to: { Unknown: 0, Informational: 1, Low: 2, Medium: 3, High: 4, Critical: 5, Fatal: 6 },
  other: 99,
  empty: 0,
};

const PROVIDERS: Value = { map: 'cloud', to: { aws: 'AWS', azure: 'Azure', gcp: 'GCP' }, other: 'same' };

/** Attributes every record has, whichever table it comes from. */
const EVERY_RECORD: readonly Rule[] = [
  filler('metadata.version', constant(OCSF_VERSION)),
  rule(
    'metadata.product.name',
    first({ map: 'source', to: productMap('name'), other: 'same' }, constant('Unknown')),
  ),
  filler('metadata.product.vendor_name', { map: 'source', to: productMap('vendor'), other: null }),
  filler('cloud.account.type_id', { map: 'cloud', to: { aws: 10, gcp: 11, azure: 13 }, other: null }),
];

/** Columns whose attribute needs more than the catalogue's path. */
const EVENT_VALUES: Readonly<Record<string, readonly Rule[]>> = {
  // classification is written from the class itself
  class: [],
  class_uid: [],
  activity: [],
  type_uid: [],
  severity: [rule('severity_id', SEVERITIES)],
  cloud: [rule('cloud.provider', PROVIDERS)],
  operation: [
    rule('api.operation', when(FROM_API, column('operation'))),
    rule('metadata.event_code', when(FROM_HOST, column('operation'))),
  ],
  service: [
    rule('api.service.name', when(FROM_API, column('service'))),
    rule('metadata.log_provider', when(FROM_HOST, column('service'))),
  ],
  status: [rule('status_id', { map: 'status', to: { success: 1, failure: 2 }, other: 99 })],
  error_code: [
    rule('status_code', column('error_code')),
    rule('api.response.error', when(FROM_API, column('error_code'))),
  ],
  error_message: [
    rule('status_detail', column('error_message')),
    rule('api.response.error_message', when(FROM_API, column('error_message'))),
  ],
  actor_type: [
    rule('actor.user.type_id', {
      map: 'actor_type',
      to: { unknown: 0, human: 1, root: 2, service: 4, workload: 4 },
      other: 99,
    }),
  ],
  dst_host: [
    rule('dst_endpoint.hostname', column('dst_host')),
    rule('device.hostname', when(FROM_HOST, column('dst_host'))),
    filler('device.type_id', constant(0)),
  ],
  // The list of resources is one value made of these four.
  target_type: [],
  target_id: [],
  target_name: [],
  targets: [],
  protocol: [
    rule('connection_info.protocol_name', column('protocol')),
    filler('connection_info.direction_id', constant(0)),
  ],
  command: [
    rule('process.cmd_line', column('command')),
    // OCSF wants an id given by whoever tells of the process: the only one to tell of this one is the record.
    filler('process.uid', column('uid')),
  ],
};

/** The interface that saw a flow belongs to the end on the inside, which only the direction tells. */
const ofInterface = (name: string, attribute: string): readonly Rule[] => [
  rule(`src_endpoint.${attribute}`, when({ column: 'direction', in: ['egress'] }, column(name))),
  rule(`dst_endpoint.${attribute}`, when({ column: 'direction', in: ['ingress'] }, column(name))),
];

/** Keywords of https://www.iana.org/assignments/protocol-numbers that flow logs hold. */
const PROTOCOLS = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipv4',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospfigp',
  132: 'sctp',
};

const FLOW_VALUES: Readonly<Record<string, readonly Rule[]>> = {
  time: [rule('time', column('time')), filler('start_time', column('time'))],
  cloud: [rule('cloud.provider', PROVIDERS)],
  vpc: ofInterface('vpc', 'vpc_uid'),
  subnet: ofInterface('subnet', 'subnet_uid'),
  interface: ofInterface('interface', 'interface_uid'),
  instance: ofInterface('instance', 'instance_uid'),
  direction: [
    filler('connection_info.direction_id', {
      map: 'direction',
      to: { ingress: 1, egress: 2 },
      other: 99,
      empty: 0,
    }),
    rule('observation_point_id', { map: 'direction', to: { ingress: 2, egress: 1 }, other: null }),
  ],
  protocol: [
    rule('connection_info.protocol_num', column('protocol')),
    filler('connection_info.protocol_name', { map: 'protocol', to: PROTOCOLS, other: null }),
  ],
  action: [rule('action_id', { map: 'action', to: { accept: 1, reject: 2 }, other: 99 })],
};

const catalogueRules = (
  columns: readonly { readonly name: string; readonly ocsf: string | null }[],
  special: Readonly<Record<string, readonly Rule[]>>,
): readonly Rule[] =>
  columns.flatMap(({ name, ocsf }) => special[name] ?? (ocsf === null ? [] : [rule(ocsf, column(name))]));

/** What every event says, in whichever of these attributes its class has. */
export const EVENT_RULES: readonly Rule[] = [...EVERY_RECORD, ...catalogueRules(EVENT_COLUMNS, EVENT_VALUES)];

/** What every flow says. */
export const FLOW_RULES: readonly Rule[] = [
  ...EVERY_RECORD,
  filler('severity_id', constant(1)),
  ...catalogueRules(FLOW_COLUMNS, FLOW_VALUES),
];

/** OCSF activity of a flow: what a tracked connection did, or what became of the packets. */
export const FLOW_ACTIVITY: Value = first(
  when({ column: 'action', in: ['reject'] }, constant('Refuse')),
  { map: 'flow_state', to: { begin: 'Open', end: 'Close' }, other: null },
  constant('Traffic'),
);
