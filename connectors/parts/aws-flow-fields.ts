/**
 * Every field of a flow log record and the column it fills.
 * VPC: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 * Transit gateway: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-log-records.html
 */

import type { Flow } from '../../schema/columns.ts';
import { ipIn } from './address.ts';

/** Reads `line[start, end)` into a column; false when that is no value of the field. */
export type Reader = (flow: Flow, line: string, start: number, end: number) => boolean;

/** Largest second whose microseconds a JavaScript number holds exactly; the year 2255. */
const MAX_SECONDS = Math.floor(Number.MAX_SAFE_INTEGER / 1e6);
const MAX_INT = 2 ** 31 - 1;

const text =
  (set: (flow: Flow, value: string) => void): Reader =>
  (flow, line, start, end) => {
    set(flow, line.substring(start, end));
    return true;
  };

const number =
  (max: number, set: (flow: Flow, value: number) => void): Reader =>
  (flow, line, start, end) => {
    const value = digits(line, start, end);
    if (!(value <= max)) return false;
    set(flow, value);
    return true;
  };

const address =
  (set: (flow: Flow, value: string) => void): Reader =>
  (flow, line, start, end) => {
    const ip = ipIn(line, start, end);
    if (ip === null) return false;
    set(flow, ip);
    return true;
  };

const action: Reader = (flow, line, start, end) => {
  const value = line.substring(start, end);
  flow.action = value === 'ACCEPT' ? 'accept' : value === 'REJECT' ? 'reject' : value.toLowerCase();
  return true;
};

/** Fields with a column. Source and destination attachment of a transit gateway: the source is the flow's own side. */
export const READERS: Readonly<Record<string, Reader>> = {
  start: number(MAX_SECONDS, (flow, value) => {
    flow.time = value * 1e6;
  }),
  end: number(MAX_SECONDS, (flow, value) => {
    flow.end_time = value * 1e6;
  }),
  // `unknown` for interfaces that AWS services make.
  'account-id': text((flow, value) => {
    flow.account = value === 'unknown' ? null : value;
  }),
  region: text((flow, value) => {
    flow.region = value;
  }),
  'az-id': text((flow, value) => {
    flow.zone = value;
  }),
  'tgw-src-az-id': text((flow, value) => {
    flow.zone = value;
  }),
  'vpc-id': text((flow, value) => {
    flow.vpc = value;
  }),
  'tgw-src-vpc-id': text((flow, value) => {
    flow.vpc = value;
  }),
  'subnet-id': text((flow, value) => {
    flow.subnet = value;
  }),
  'tgw-src-subnet-id': text((flow, value) => {
    flow.subnet = value;
  }),
  'interface-id': text((flow, value) => {
    flow.interface = value;
  }),
  'tgw-attachment-id': text((flow, value) => {
    flow.interface = value;
  }),
  'instance-id': text((flow, value) => {
    flow.instance = value;
  }),
  'flow-direction': text((flow, value) => {
    flow.direction = value;
  }),
  srcaddr: address((flow, value) => {
    flow.src_ip = value;
  }),
  srcport: number(65_535, (flow, value) => {
    flow.src_port = value;
  }),
  dstaddr: address((flow, value) => {
    flow.dst_ip = value;
  }),
  dstport: number(65_535, (flow, value) => {
    flow.dst_port = value;
  }),
  protocol: number(255, (flow, value) => {
    flow.protocol = value;
  }),
  packets: number(Number.MAX_SAFE_INTEGER, (flow, value) => {
    flow.packets = value;
  }),
  bytes: number(Number.MAX_SAFE_INTEGER, (flow, value) => {
    flow.bytes = value;
  }),
  action,
  'log-status': text((flow, value) => {
    flow.log_status = value;
  }),
  'tcp-flags': number(MAX_INT, (flow, value) => {
    flow.tcp_flags = value;
  }),
  'pkt-srcaddr': address((flow, value) => {
    flow.pkt_src_ip = value;
  }),
  'pkt-dstaddr': address((flow, value) => {
    flow.pkt_dst_ip = value;
  }),
  'pkt-src-aws-service': text((flow, value) => {
    flow.src_service = value;
  }),
  'pkt-dst-aws-service': text((flow, value) => {
    flow.dst_service = value;
  }),
  'traffic-path': text((flow, value) => {
    flow.traffic_path = value;
  }),
};

/** Fields without a column; they go to `extra` under these names. */
const OTHERS = [
  'type',
  'sublocation-type',
  'sublocation-id',
  'ecs-cluster-arn',
  'ecs-cluster-name',
  'ecs-container-instance-arn',
  'ecs-container-instance-id',
  'ecs-container-id',
  'ecs-second-container-id',
  'ecs-service-name',
  'ecs-task-definition-arn',
  'ecs-task-arn',
  'ecs-task-id',
  'reject-reason',
  'resource-id',
  'encryption-status',
  'resource-type',
  'tgw-id',
  'tgw-src-vpc-account-id',
  'tgw-dst-vpc-account-id',
  'tgw-dst-vpc-id',
  'tgw-dst-subnet-id',
  'tgw-src-eni',
  'tgw-dst-eni',
  'tgw-dst-az-id',
  'tgw-pair-attachment-id',
  'packets-lost-no-route',
  'packets-lost-blackhole',
  'packets-lost-mtu-exceeded',
  'packets-lost-ttl-expired',
];

/** Says only which fields a default format has, and may be lower than the fields imply: it stays in `raw`. */
export const VERSION = 'version';

export const KNOWN_FIELDS: ReadonlySet<string> = new Set([VERSION, ...Object.keys(READERS), ...OTHERS]);

/** Value of decimal digits, exact up to 2^53; NaN for anything else. */
function digits(line: string, start: number, end: number): number {
  if (end - start > 16) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
