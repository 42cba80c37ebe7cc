/** AWS: a trail of the organisation and flow logs as objects, and an account without a trail. */

import { gzipSync } from 'node:zlib';
import { trailEvent } from '../../bench/generate.ts';
import type { Random } from '../../bench/random.ts';
import {
  BUCKETS,
  dayPath,
  eventTime,
  expectId,
  type Hour,
  inOverlap,
  LOOKUP_ACCOUNT,
  type Plan,
  stamp,
  type TrailEvent,
} from './plan.ts';

const ORGANISATION = 'o-a1b2c3d4e5';
const ACCOUNTS = ['111122223001', '111122223002', '111122223003', '111122223004'];
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-northeast-1'];
const MINUTE = 60_000;

const FLOW_HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

const eventOf = (r: Random, millis: number, account: string, awsRegion: string): TrailEvent => ({
  ...(trailEvent(r, Math.floor(millis / 1000)) as TrailEvent),
  ...{ recipientAccountId: account, awsRegion },
});

/** `perSecond` events a second in objects of about fifty, one in thirty of them late by up to half an hour. */
export function planTrail(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  const each = 50;
  const count = Math.max(1, Math.round((perSecond * hour.seconds) / each));
  for (let n = 0; n < count; n++) {
    const at = ((n + r.next()) / count) * hour.seconds;
    const account = r.skewed(ACCOUNTS);
    const region = r.skewed(REGIONS);
    const late = r.next() < 1 / 30 ? r.below(30) * MINUTE : 0;
    const time = eventTime(hour, at) - late;
    const events = Array.from({ length: each }, () =>
      eventOf(r, time - r.below(5 * MINUTE), account, region),
    );
    for (const { eventID } of events) expectId(plan.expected.events, 'aws.cloudtrail', eventID);
    const name = `${account}_CloudTrail_${region}_${stamp(time)}_${r.hex(16)}.json.gz`;
    plan.deliveries.push({
      at,
      kind: 'object',
      bucket: BUCKETS.trail,
      key: `AWSLogs/${ORGANISATION}/${account}/CloudTrail/${region}/${dayPath(time)}/${name}`,
      body: gzipSync(JSON.stringify({ Records: events })),
    });
  }
}

/** One line of the default format. Its bytes are its id, as nothing else names a flow. */
export function flowLine(r: Random, account: string, seconds: number, id: number): string {
  const inside = `10.0.${r.below(16)}.${r.below(256)}`;
  const outside = `203.0.113.${r.below(256)}`;
  const [from, to] = r.next() < 0.5 ? [inside, outside] : [outside, inside];
  const network = `eni-${(r.below(64) * 0x1234567).toString(16).padStart(17, '0')}`;
  const ports = `${1024 + r.below(60_000)} ${r.skewed([443, 53, 5432, 22])} 6`;
  const verdict = r.next() < 0.93 ? 'ACCEPT' : 'REJECT';
  return `2 ${account} ${network} ${from} ${to} ${ports} ${1 + r.below(50)} ${id} ${seconds} ${seconds + 60} ${verdict} OK`;
}

export function flowObject(
  account: string,
  region: string,
  millis: number,
  unique: string,
  lines: readonly string[],
) {
  const name = `${account}_vpcflowlogs_${region}_fl-0123456789abcdef0_${stamp(millis)}_${unique}.log.gz`;
  return {
    kind: 'object' as const,
    bucket: BUCKETS.flows,
    key: `AWSLogs/${account}/vpcflowlogs/${region}/${dayPath(millis)}/${name}`,
    body: gzipSync(`${[FLOW_HEADER, ...lines].join('\n')}\n`),
  };
}

export function planFlows(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  const each = 80;
  const count = Math.max(1, Math.round((perSecond * hour.seconds) / each));
  for (let n = 0; n < count; n++) {
    const at = ((n + r.next()) / count) * hour.seconds;
    const [account, region] = [r.skewed(ACCOUNTS), r.skewed(REGIONS)];
    const time = eventTime(hour, at);
    const lines = Array.from({ length: each }, (_, line) => {
      const id = 1_000_000 + n * 1000 + line;
      expectId(plan.expected.flows, 'aws.vpcflow', String(id));
      return flowLine(r, account, Math.floor((time - r.below(5 * MINUTE)) / 1000), id);
    });
    plan.deliveries.push({ at, ...flowObject(account, region, time, r.hex(8), lines) });
  }
}

/** What happens in an account that nobody set a trail up for. */
export function planLookup(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  for (let at = 0; at < hour.seconds; at++) {
    const count = Math.floor(perSecond * (at + 1)) - Math.floor(perSecond * at);
    const events = Array.from({ length: count }, () =>
      eventOf(r, inOverlap(hour, at, eventTime(hour, at) - r.below(MINUTE)), LOOKUP_ACCOUNT, 'us-east-1'),
    );
    for (const { eventID } of events) expectId(plan.expected.events, 'aws.cloudtrail', eventID);
    if (count > 0) plan.deliveries.push({ at, kind: 'lookup', events });
  }
}
