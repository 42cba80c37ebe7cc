/** The hour itself: what vendors deliver, what goes wrong, what somebody fetches by hand. */

import { akashi } from './akashi.ts';
import { pause } from './lambda/mapping.ts';
import { BACKFILLED } from './organisation/gaps.ts';
import type { Delivery, Plan } from './organisation/plan.ts';
import type { Scenario, Scene } from './scenarios.ts';
import type { Stage } from './stage.ts';

/** Each place takes what is for it in order; one that is away keeps no other up. */
export async function produce({ deliveries }: Plan, stage: Stage, startsAt: number): Promise<void> {
  const lanes = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const lane = 'bucket' in delivery ? `${delivery.kind} ${delivery.bucket}` : delivery.kind;
    lanes.set(lane, [...(lanes.get(lane) ?? []), delivery]);
  }
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const delivery of lane) {
        await pause(Math.max(0, startsAt + delivery.at * 1000 - Date.now()));
        await stage.vendors.deliver(delivery);
      }
    }),
  );
}

export async function perform(
  { acts = [] }: Scenario,
  scene: Scene,
  startsAt: number,
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  for (const { at, what, does } of acts) {
    await pause(Math.max(0, startsAt + at * seconds * 1000 - Date.now()));
    if (what !== '') say(what);
    await does(scene);
  }
}

/** An operator at a laptop fetches two ranges while wake-ups go on: whoever is second with the head tries again. */
export async function backfill(
  { backfills }: Plan,
  lake: string,
  endpoint: string,
  environment: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<void> {
  for (const { since, until } of backfills) {
    const words = ['pull', 'gcp.audit', '--delivery', 'entries', '--lake', lake, '--json'];
    const set = { resources: BACKFILLED, endpoint, pageSize: '1000' };
    const settings = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const range = ['--since', new Date(since).toISOString(), '--until', new Date(until).toISOString()];
    for (let attempt = 1; attempt <= 8; attempt++) {
      const { code, out } = await akashi([...words, ...settings, ...range], environment);
      if (code === 0) break;
      say(`a range fetched by hand was refused: ${out.slice(-300).trim()}`);
      await pause(2000);
    }
  }
}
