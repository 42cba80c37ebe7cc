/**
 * Rows of the table NTANetAnalytics, which Traffic Analytics makes of virtual network flow logs: flows of one interval that
 * share all but the source port, counted together. Public addresses stand in a list with counters of their own, and each
 * is a row here. https://learn.microsoft.com/en-us/azure/network-watcher/traffic-analytics-schema?tabs=vnet
 */

import { hash } from 'node:crypto';
import { type Flow, newFlow } from '../../schema/columns.ts';
import type { Normalised, RecordSink, SourceRecord } from '../contract.ts';
import { ipOf } from '../parts/address.ts';
import { Fields } from '../parts/azure-fields.ts';
import { within } from '../parts/azure-locator.ts';
import { azureTime } from '../parts/azure-time.ts';
import { DIRECTIONS, protocolOf } from '../parts/azure-tuples.ts';
import { BROKEN_RAW_BYTES } from '../parts/limits.ts';
import { OccurrenceCounter } from '../parts/occurrence.ts';
import { integer, jsonText } from '../parts/value.ts';

/** What is known of a row beside its own cells. */
export interface AnalyticsContext {
  readonly kind: 'analytics';
  /** How many rows that say the same came before it in this body. */
  readonly nth: number;
  /** The public address that it is read for, and its counters; null for a row with two addresses of its own. */
  readonly public: PublicSide | null;
}

interface PublicSide {
  readonly side: 'src' | 'dst';
  /** `address|started|ended|packets out|packets in|bytes out|bytes in`. */
  readonly entry: string;
}

export const isAnalytics = (context: unknown): context is AnalyticsContext =>
  (context as AnalyticsContext | undefined)?.kind === 'analytics';

/** More addresses than a cell of Log Analytics has room for. */
const MOST_ADDRESSES = 10_000;
const ENTRY_FIELDS = 7;

/** Hands over a row once for each public address it lists, and once where it lists none. */
export class AnalyticsRows {
  readonly #occurrences = new OccurrenceCounter();

  take(record: SourceRecord, sink: RecordSink): void {
    const row = new Fields(record.value);
    // All other kinds are Traffic Analytics' own.
    if ((row.text('SubType') ?? 'FlowLog') !== 'FlowLog') {
      sink.skipped('not_a_flow_log');
      return;
    }
    const nth = this.#occurrences.next(Number.parseInt(hash('sha256', factsOf(row), 'hex').slice(0, 13), 16));
    const sides = publicSides(row);
    if (sides.length > MOST_ADDRESSES) {
      sink.broken({
        locator: record.locator,
        code: 'invalid_field',
        path: '/DestPublicIps',
        problem: `${sides.length} public addresses, and no row has more than ${MOST_ADDRESSES}`,
        raw: record.raw.slice(0, BROKEN_RAW_BYTES),
      });
      return;
    }
    if (sides.length === 0) sink.record({ ...record, context: contextOf(nth, null) });
    sides.forEach(({ at, ...side }) => {
      // What stands there is no JSON value of its own: the text is that of the whole row.
      const locator = within(record.locator, at, true);
      sink.record({ ...record, bytes: null, locator, context: contextOf(nth, side) });
    });
  }
}

const contextOf = (nth: number, side: PublicSide | null): AnalyticsContext => ({
  kind: 'analytics',
  nth,
  public: side,
});

const SIDES = [
  { side: 'src', own: ['SrcIp'], list: ['SrcPublicIps'] },
  { side: 'dst', own: ['DestIp'], list: ['DestPublicIps'] },
] as const;

function publicSides(row: Fields): (PublicSide & { readonly at: string })[] {
  return SIDES.flatMap(({ side, own, list }) => {
    if (row.text(...own) !== null) return [];
    const entries = (row.text(...list) ?? '').split(/\s+/).filter((entry) => entry !== '');
    return entries.map((entry, index) => ({ side, entry, at: `/${list[0]}/${index}` }));
  });
}

const STATUSES = new Map([
  ['A', 'accept'],
  ['Allowed', 'accept'],
  ['D', 'reject'],
  ['Denied', 'reject'],
]);
const WAYS = new Map([...DIRECTIONS, ['Inbound', 'ingress'], ['Outbound', 'egress']]);
const PROTOCOLS = new Map([
  ['TCP', 6],
  ['UDP', 17],
  ['ICMP', 1],
]);

export function normaliseAnalytics(record: SourceRecord, context: AnalyticsContext): Normalised {
  const row = new Fields(record.value);
  const flow = newFlow();
  // when
  flow.time = azureTime(row.get('FlowStartTime', 'FlowIntervalStartTime', 'TimeGenerated'));
  if (flow.time === null) return wrong('missing_field', '/FlowStartTime', 'a row says when its flow began');
  flow.end_time = azureTime(row.get('FlowEndTime', 'FlowIntervalEndTime'));
  // from where, to where
  const { public: listed } = context;
  const [address = '', , , ...counters] = listed?.entry.split('|') ?? [];
  const ends = {
    src: listed?.side === 'src' ? address : row.text('SrcIp'),
    dst: listed?.side === 'dst' ? address : row.text('DestIp'),
  };
  flow.src_ip = ipOf(ends.src);
  flow.dst_ip = ipOf(ends.dst);
  for (const side of ['src', 'dst'] as const)
    if (ends[side] !== null && flow[`${side}_ip`] === null)
      return wrong('invalid_field', `/${side}`, `${JSON.stringify(ends[side]?.slice(0, 100))} is no address`);
  flow.dst_port = portOf(row.get('DestPort'));
  const protocol = row.text('L4Protocol') ?? undefined;
  flow.protocol = PROTOCOLS.get(protocol?.toUpperCase() ?? '') ?? protocolOf(protocol);
  // where it was seen
  flow.direction = WAYS.get(row.text('FlowDirection') ?? '') ?? null;
  Object.assign(flow, placeOf(row, flow.direction));
  // with what result
  flow.action = STATUSES.get(row.text('FlowStatus') ?? '') ?? null;
  flow.rule = row.text('AclRule', 'NSGRule');
  flow.traffic_path = row.text('FlowEncryption', 'ConnectionType');
  flow.src_service = row.text('SrcServiceName');
  flow.dst_service = row.text('DestServiceName');
  setCounts(flow, counters.length === ENTRY_FIELDS - 3 ? counters : COUNTERS.map((name) => row.get(name)));
  flow.extra = extraOf(row);
  const said = `azure.vnetflow NTANetAnalytics\n${factsOf(row)}\n${listed?.side ?? ''}${listed?.entry ?? ''}\n${context.nth}`;
  flow.uid = hash('sha256', said, 'hex').slice(0, 32);
  return { kind: 'flow', flow };
}

/** In the order of a public address's own. */
const COUNTERS = ['PacketsSrcToDest', 'PacketsDestToSrc', 'BytesSrcToDest', 'BytesDestToSrc'] as const;

function setCounts(flow: Flow, values: readonly unknown[]): void {
  const [packetsOut, packetsIn, bytesOut, bytesIn] = values.map(countOf);
  flow.packets_out = packetsOut ?? null;
  flow.packets_in = packetsIn ?? null;
  flow.bytes_out = bytesOut ?? null;
  flow.bytes_in = bytesIn ?? null;
  flow.packets = sum(flow.packets_out, flow.packets_in);
  flow.bytes = sum(flow.bytes_out, flow.bytes_in);
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

function countOf(value: unknown): number | null {
  const count = integer(value);
  return count === null || count < 0 ? null : count;
}

function portOf(value: unknown): number | null {
  const port = integer(value);
  return port === null || port < 0 || port > 65_535 ? null : port;
}

const SUBSCRIPTION = /^\/?(?:subscriptions\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;

/** The inner side of a flow is where it was logged: the destination of what comes in, the source of what goes out. */
function placeOf(row: Fields, direction: string | null): Partial<Flow> {
  const inner = direction === 'ingress' ? 'Dest' : direction === 'egress' ? 'Src' : null;
  const of = (name: string) => (inner === null ? null : row.text(`${inner}${name}`));
  const target = row.text('TargetResourceId');
  const kind = row.text('TargetResourceType')?.toLowerCase();
  const ids = [target, row.text('FlowLogResourceId'), of('Subscription'), row.text('SubscriptionId')];
  const account = ids.map((id) => SUBSCRIPTION.exec(id ?? '')?.[1]).find((id) => id !== undefined);
  return {
    account: account?.toLowerCase() ?? null,
    region: of('Region'),
    vpc: kind === 'virtualnetwork' ? target : null,
    subnet: of('Subnet') ?? (kind === 'subnet' ? target : null),
    interface: row.text('MacAddress') ?? of('Nic'),
    instance: of('Vm'),
  };
}

/** What tells a row from any other, however it was exported and however its columns are ordered. */
const IDENTITY = [
  'FlowLogResourceId',
  'TargetResourceId',
  'FlowIntervalStartTime',
  'FlowIntervalEndTime',
  'FlowStartTime',
  'FlowEndTime',
  'SrcIp',
  'SrcPublicIps',
  'DestIp',
  'DestPublicIps',
  'DestPort',
  'L4Protocol',
  'FlowDirection',
  'FlowStatus',
  'AclGroup',
  'AclRule',
  'MacAddress',
] as const;

const factsOf = (row: Fields): string => JSON.stringify(IDENTITY.map((name) => row.text(name)));

/** Columns that stand in columns of ours, or say nothing of the flow. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'FlowStartTime',
  'FlowEndTime',
  'SrcIp',
  'DestIp',
  'SrcPublicIps',
  'DestPublicIps',
  'DestPort',
  'L4Protocol',
  'FlowDirection',
  'FlowStatus',
  'AclRule',
  'MacAddress',
  'FlowEncryption',
  'SrcServiceName',
  'DestServiceName',
  ...COUNTERS,
  'SubType',
  'Type',
  'TableName',
  'TenantId',
  'SourceSystem',
  'TimeGenerated',
  '_BilledSize',
  '_IsBillable',
]);

const extraOf = ({ value }: Fields): string | null =>
  jsonText(
    Object.fromEntries(
      Object.entries(value).filter(
        ([name, cell]) => !LEFT_OUT.has(name) && cell !== null && cell !== '' && cell !== undefined,
      ),
    ),
  );

const wrong = (code: 'missing_field' | 'invalid_field', path: string, problem: string): Normalised => ({
  kind: 'unreadable',
  code,
  path,
  problem,
});
