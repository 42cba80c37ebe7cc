/** Hours that something is wrong with: a log that a digest names and nobody delivered, and a network that fell silent. */

import { gzipSync } from 'node:zlib';
import { trailEvent } from '../../bench/generate.ts';
import type { Random } from '../../bench/random.ts';
import { BEGIN, HOUR, makeSigner, Trail } from '../../test/ledger/digests/parts/trail.ts';
import { flowLine, flowObject } from './aws.ts';
import { auditEntry } from './gcp.ts';
import {
  BUCKETS,
  dayPath,
  expectId,
  HOUR_MILLIS,
  type Hour,
  type Plan,
  type Range,
  stamp,
  type TrailEvent,
  WATCHED_ACCOUNT,
} from './plan.ts';

const REGION = 'eu-west-1';
const HISTORY_HOURS = 40;
const SILENT_HOURS_AGO = 9;
const UNDELIVERED_HOURS_AGO = 6;

/** Four hours of a trail with digests; of the third hour's two logs one never comes. Returns the trail's public keys. */
export function planDigests(plan: Plan, { startsAt, hasGaps }: Hour, r: Random): object {
  const signer = makeSigner(BEGIN, startsAt + 365 * 24 * HOUR);
  const trail = new Trail({ account: WATCHED_ACCOUNT, region: REGION, bucket: BUCKETS.trail, signer });
  const wanted = Math.floor((startsAt - UNDELIVERED_HOURS_AGO * HOUR_MILLIS) / HOUR_MILLIS) * HOUR_MILLIS;
  trail.skip(Math.floor((wanted - BEGIN) / HOUR) - 1);
  for (let n = 0; n < 4; n++) {
    const logs = [0, 1].map((part) => {
      const time = trail.end + (10 + part * 20) * 60_000;
      const event = {
        ...(trailEvent(r, Math.floor(time / 1000) - 120) as TrailEvent),
        ...{ recipientAccountId: WATCHED_ACCOUNT, awsRegion: REGION },
      };
      const name = `${WATCHED_ACCOUNT}_CloudTrail_${REGION}_${stamp(time)}_${r.hex(16)}.json.gz`;
      const key = `AWSLogs/${WATCHED_ACCOUNT}/CloudTrail/${REGION}/${dayPath(time)}/${name}`;
      const content = JSON.stringify({ Records: [event] });
      const isWithheld = hasGaps && n === 2 && part === 1;
      if (isWithheld)
        plan.gaps.push({
          source: 'aws.cloudtrail',
          account: WATCHED_ACCOUNT,
          hour: Math.floor(time / HOUR_MILLIS) * HOUR_MILLIS,
          verdict: 'gap',
          how: 'a log that its digest names never came',
        });
      else {
        expectId(plan.expected.events, 'aws.cloudtrail', event.eventID);
        plan.deliveries.push({ at: 1, kind: 'object', bucket: BUCKETS.trail, key, body: gzipSync(content) });
      }
      return { key, content };
    });
    trail.hour([], { logs });
  }
  for (const [key, { bytes, metadata }] of trail.objects)
    plan.deliveries.push({
      at: 2,
      kind: 'object',
      bucket: BUCKETS.trail,
      key,
      body: Buffer.from(bytes),
      metadata,
    });
  return { PublicKeyList: [signer.listed] };
}

/** Flows every hour of nearly two days up to now, one hour excepted. */
export function planSilence(plan: Plan, { startsAt, hasGaps }: Hour, r: Random): void {
  const last = Math.floor(startsAt / HOUR_MILLIS) * HOUR_MILLIS;
  for (let ago = HISTORY_HOURS; ago >= 0; ago--) {
    const hour = last - ago * HOUR_MILLIS;
    if (hasGaps && ago === SILENT_HOURS_AGO) {
      plan.gaps.push({
        source: 'aws.vpcflow',
        account: WATCHED_ACCOUNT,
        hour,
        verdict: 'silent',
        how: 'a network that is never silent said nothing',
      });
      continue;
    }
    const lines = Array.from({ length: 3 }, (_, n) => {
      const id = 500_000 + ago * 10 + n;
      expectId(plan.expected.flows, 'aws.vpcflow', String(id));
      return flowLine(r, WATCHED_ACCOUNT, hour / 1000 + n, id);
    });
    plan.deliveries.push({ at: 1, ...flowObject(WATCHED_ACCOUNT, REGION, hour + 60_000, r.hex(8), lines) });
  }
}

export const BACKFILLED = 'projects/example-backfill';

/** A project that is fetched by hand, two hours on either side of one that is passed over; returns the ranges. */
export function planBackfill(plan: Plan, { startsAt, seed, hasGaps }: Hour, r: Random): Range[] {
  const first = Math.floor(startsAt / HOUR_MILLIS) * HOUR_MILLIS - 12 * HOUR_MILLIS;
  const entries = Array.from({ length: 50 }, (_, n) => {
    const time = first + n * 6 * 60_000;
    const id = `backfill-${seed}-${n}`;
    const isPassedOver = hasGaps && time >= first + 2 * HOUR_MILLIS && time < first + 3 * HOUR_MILLIS;
    if (!isPassedOver) expectId(plan.expected.events, 'gcp.audit', id);
    return auditEntry(r, BACKFILLED, time, id);
  });
  plan.deliveries.push({ at: 0, kind: 'entries', resource: BACKFILLED, entries });
  if (!hasGaps) return [{ since: first, until: first + 5 * HOUR_MILLIS }];
  plan.gaps.push({
    source: 'gcp.audit',
    account: BACKFILLED.split('/')[1]!,
    hour: first + 2 * HOUR_MILLIS,
    verdict: 'gap',
    how: 'two ranges were fetched by hand, and not the hour between them',
  });
  return [
    { since: first, until: first + 2 * HOUR_MILLIS },
    { since: first + 3 * HOUR_MILLIS, until: first + 5 * HOUR_MILLIS },
  ];
}
