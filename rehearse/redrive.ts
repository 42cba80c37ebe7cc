/** A bucket that nobody configured: its objects' messages die, the configuration is mended, and they are redriven. */

import { gzipSync } from 'node:zlib';
import { trailEvent } from '../bench/generate.ts';
import type { Random } from '../bench/random.ts';
import { akashi } from './akashi.ts';
import { pause } from './lambda/mapping.ts';
import { dayPath, expectId, type Plan, stamp, type TrailEvent } from './organisation/plan.ts';
import type { Scene } from './scenarios.ts';
import type { Stage } from './stage.ts';

const BUCKET = 'example-forgotten';
const ACCOUNT = '111122223009';
const REGION = 'eu-west-1';
const OBJECTS = 3;
const EVENTS_EACH = 20;
const PATIENCE_MILLIS = 240_000;

/** Objects that must be found in the end, with messages about them in the trail's queue. */
export async function deliverElsewhere(stage: Stage, plan: Plan, r: Random): Promise<void> {
  await stage.vendors.makeBucket(BUCKET, { queueArn: stage.queues.trail.arn, by: 'itself' });
  const time = Date.now() - 600_000;
  for (let n = 0; n < OBJECTS; n++) {
    const events = Array.from({ length: EVENTS_EACH }, () => ({
      ...(trailEvent(r, Math.floor(time / 1000)) as TrailEvent),
      ...{ recipientAccountId: ACCOUNT, awsRegion: REGION },
    }));
    for (const { eventID } of events) expectId(plan.expected.events, 'aws.cloudtrail', eventID);
    const name = `${ACCOUNT}_CloudTrail_${REGION}_${stamp(time)}_${r.hex(16)}.json.gz`;
    await stage.vendors.put({
      at: 0,
      kind: 'object',
      bucket: BUCKET,
      key: `AWSLogs/${ACCOUNT}/CloudTrail/${REGION}/${dayPath(time)}/${name}`,
      body: gzipSync(JSON.stringify({ Records: events })),
    });
  }
}

interface Redriven {
  readonly moved: number;
  readonly to: string;
}

/** Once they are all dead, the bucket is configured; `akashi redrive` brings everything back, and what is poison dies again. */
export async function redriveThem({ stage, environment, checks, say }: Scene): Promise<void> {
  const poison = 2;
  await checks.check('what nobody could take is redriven once its cause is gone', async () => {
    await until(async () => (await stage.depths()).dead >= OBJECTS + poison);
    const { dead } = await stage.depths();
    stage.configureTrail([BUCKET]);
    say(`${dead} messages are dead; the bucket is configured, and they are redriven`);
    const { deadLetterUrl } = stage.queues.trail;
    const words = ['redrive', '--queue', stage.directly({ ...stage.queues.trail, directUrl: deadLetterUrl })];
    const first = await akashi([...words, '--json'], environment);
    if (first.code !== 0) throw new Error(first.out);
    const { moved, to } = JSON.parse(first.out) as Redriven;
    return {
      ok: dead === OBJECTS + poison && moved === dead && to.endsWith('/trail-objects'),
      said: `${moved} of ${dead} moved`,
    };
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MILLIS; Date.now() < end; await pause(1000))
    if (await isSo()) return;
}
