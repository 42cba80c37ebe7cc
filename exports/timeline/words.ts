/** A line in words: who did what to what, from where, with what result. Texts as the logs have them; renderers make them inert. */

import type { Lane } from './lanes.ts';
import type { GapLine, RecordLine, RecordRow, TimelineLine } from './model.ts';
import { numberOf, textOf } from './records.ts';

/** IANA protocol numbers a responder meets daily: https://www.iana.org/assignments/protocol-numbers */
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

export interface Words {
  readonly lane: Lane;
  readonly who: string;
  readonly action: string;
  readonly target: string;
  readonly from: string;
  /** ok, failed, refused, or as the record says; empty where it says nothing. */
  readonly result: string;
  /** An error code, how often, how many bytes. */
  readonly detail: string;
  /** Whether it did not do what was asked for. */
  readonly failed: boolean;
}

/** Milliseconds that a Date can hold. */
const LAST_MILLIS = 8.64e15;
/** RFC 3339 with microseconds and `Z`. */
export function isoText(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const date = new Date(Math.max(-LAST_MILLIS, Math.min(LAST_MILLIS, millis)));
  const rest = String(((micros % 1000) + 1000) % 1000).padStart(3, '0');
  return `${date.toISOString().slice(0, -1)}${rest}Z`;
}

/** `08:24:08`, UTC. */
export const clockText = (micros: number): string => isoText(micros).split('T')[1]!.slice(0, 8);

/** `2024-03-12`, UTC. */
export const dayText = (micros: number): string => isoText(micros).split('T')[0]!;

/** `3 h 12 min`, `2 days 4 h`, `45 s`: the two largest parts. */
export function durationText(micros: number): string {
  const seconds = Math.round(micros / 1e6);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Who acted, and for whom where the record says that somebody stands behind them. */
export function nameOf(row: RecordRow): string {
  const name = textOf(row['actor_name']) ?? textOf(row['actor_id']);
  const behind = textOf(row['actor_on_behalf_of']);
  if (name === null) return behind ?? '-';
  const full = named(name, row);
  return behind === null || behind === name ? full : `${full} for ${behind}`;
}

/** A role says little without whose session it is: `deploy/ci-run`. */
function named(name: string, row: RecordRow): string {
  const session = textOf(row['actor_session']);
  const own = `${name}/${session}`;
  return session !== null && textOf(row['actor_id'])?.endsWith(`/${own}`) ? own : name;
}

const LANE_OF: Readonly<Record<string, Lane>> = { aws: 'aws', azure: 'azure', gcp: 'gcp' };

export function laneOf(cloud: string | null, source: string): Lane {
  if (cloud !== null && Object.hasOwn(LANE_OF, cloud)) return LANE_OF[cloud]!;
  const vendor = source.split('.')[0]!;
  if (Object.hasOwn(LANE_OF, vendor)) return LANE_OF[vendor]!;
  return vendor === 'k8s' ? 'k8s' : vendor === 'linux' ? 'host' : 'other';
}

export const wordsOf = (line: RecordLine): Words =>
  (line.kind === 'event' ? eventWords : flowWords)(line.row);

function eventWords(row: RecordRow): Words {
  const text = (name: string) => textOf(row[name]);
  const host = text('dst_host');
  const what = text('command') ?? text('target_name') ?? text('target_id') ?? '';
  const status = text('status');
  const failed = status === 'failure';
  const code = text('error_code');
  const count = numberOf(row['count']) ?? 1;
  return {
    lane: laneOf(text('cloud'), text('source') ?? ''),
    who: nameOf(row),
    action: text('action') ?? text('operation') ?? text('class') ?? '-',
    target: [host, what].filter(Boolean).join(host !== null && what !== '' ? ': ' : ''),
    from: text('src_ip') ?? text('src_host') ?? '',
    result: failed ? 'failed' : status === 'success' ? 'ok' : (status ?? ''),
    detail: [failed && code !== 'OK' ? (code ?? '') : '', count > 1 ? `×${count}` : '']
      .filter(Boolean)
      .join(' '),
    failed,
  };
}

/** `203.0.113.66:443`; IPv6 addresses in brackets. */
const endText = (ip: string | null, port: number | null): string =>
  ip === null ? '-' : port === null ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function flowWords(row: RecordRow): Words {
  const text = (name: string) => textOf(row[name]);
  const action = text('action');
  const bytes = numberOf(row['bytes']);
  const status = text('log_status');
  const protocol = numberOf(row['protocol']);
  const failed = action === 'reject';
  const name = protocol === null ? '' : ` ${PROTOCOLS[protocol] ?? `protocol ${protocol}`}`;
  return {
    lane: laneOf(text('cloud'), text('source') ?? ''),
    who: text('instance') ?? text('interface') ?? '',
    action: `flow.${text('direction') ?? 'seen'}`,
    target:
      text('dst_ip') === null
        ? (status ?? '')
        : `${endText(text('src_ip'), numberOf(row['src_port']))} → ${endText(text('dst_ip'), numberOf(row['dst_port']))}${name}`,
    from: '',
    result: failed ? 'refused' : action === 'accept' ? 'ok' : (action ?? ''),
    detail: [bytes === null ? '' : sizeText(bytes), status === 'OK' ? '' : (status ?? '')]
      .filter(Boolean)
      .join(' '),
    failed,
  };
}

/** 1536 → `1.5 KB`; powers of 1,000. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** One sentence for a line, as other tools show it. */
export function messageOf(line: TimelineLine): string {
  if (line.kind === 'gap') return gapText(line);
  const { who, action, target, from, result, detail } = wordsOf(line);
  const end = [result, detail].filter(Boolean).join(' ');
  return [who, action, target, from === '' ? '' : `from ${from}`, end === '' ? '' : `(${end})`]
    .filter((part) => part !== '' && part !== '-')
    .join(' ');
}

export const streamText = ({
  source,
  account,
  region,
}: Pick<GapLine, 'source' | 'account' | 'region'>): string =>
  [source, account, region].filter((part) => part !== null && part !== '').join(' ');

/** What is missing of which hours, as far as it is known. */
export function gapText(gap: GapLine): string {
  const hours = durationText(gap.end - gap.time);
  const what =
    gap.verdict === 'silent'
      ? `silent for ${hours}: nothing held, usually ${gap.expected ?? 'some'} records`
      : `gap of ${hours}: ${gap.problem ?? 'something is missing'}${gap.expected === null ? '' : `, ${gap.held ?? 0} of ${gap.expected} log files held`}`;
  return `${streamText(gap)} ${what}${gap.detail === null ? '' : ` (${gap.detail})`}`;
}
