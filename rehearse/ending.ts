/** After the hour: what is under way comes to its end, every place is asked once more, and all of it is sealed. */

import { loadavg } from 'node:os';
import { pause } from './lambda/mapping.ts';
import type { Stage } from './stage.ts';
import { lagOf, type Watch } from './watch.ts';

/** How long what is under way is waited for at the end. */
const DRAIN_MILLIS = 240_000;
/** Blobs are taken to have ended hours after their own hour. */
const LATER_MILLIS = 6 * 3_600_000;
const LAST_SEALS = 20;

/** One line about how it goes. */
export async function tick(
  stage: Stage,
  watch: Watch,
  startsAt: number,
  say: (text: string) => void,
): Promise<void> {
  const depths = await stage.depths().catch(() => ({ objects: '?', wakes: '?', dead: '?' }));
  const { objects, p95, unseen } = lagOf(stage.vendors.arrivals, watch.visible);
  const failed = stage.invocations.filter(({ outcome }) => outcome !== 'ok').length;
  say(
    `${Math.round((Date.now() - startsAt) / 1000)} s: ${objects} objects arrived, ${unseen.length} not seen yet, lag p95 ` +
      `${p95?.toFixed(1) ?? '-'} s, ${watch.heads} seals, ${depths.objects} messages, ${depths.wakes} wake-ups, ${depths.dead} dead, ` +
      `${stage.invocations.length} invocations (${failed} failed), load ${loadavg()[0]!.toFixed(1)}`,
  );
}

export async function drained(
  stage: Stage,
  watch: Watch,
  deadLetters: number,
  say: (text: string) => void,
): Promise<void> {
  const until = Date.now() + DRAIN_MILLIS;
  while (Date.now() < until) {
    const { unseen } = lagOf(stage.vendors.arrivals, watch.visible);
    // Wake-ups go on as long as schedules do.
    const { objects, dead } = await stage.depths().catch(() => ({ objects: 1, dead: 0 }));
    if (unseen.length === 0 && objects === 0 && dead >= deadLetters) return;
    await pause(1000);
  }
  const { unseen } = lagOf(stage.vendors.arrivals, watch.visible);
  say(`after ${DRAIN_MILLIS / 1000} s there is still more to come: ${unseen.slice(0, 3).join(', ')}`);
}

/** Every place once more, and blobs as if it were hours later: then they have ended. Returns who failed. */
export async function lastRound(stage: Stage, say: (text: string) => void): Promise<string[]> {
  const refused: string[] = [];
  for (const { name } of stage.collectors) {
    const rounds = name === 'activity' ? [{}, { skew: LATER_MILLIS }] : [{}];
    for (const mischief of rounds) {
      const { outcome, problem } = await stage.collect(name, mischief);
      if (outcome !== 'ok') refused.push(`${name}: ${problem}`);
    }
  }
  say('every place was asked once more');
  return refused;
}

/** Seals until a seal finds nothing. Throws when there is always more. */
export async function sealed(stage: Stage, watch: Watch, say: (text: string) => void): Promise<void> {
  for (let n = 0; n < LAST_SEALS; n++) {
    const before = watch.heads;
    const { outcome, problem } = await stage.invoke('seal', { Records: [] }, {});
    if (outcome !== 'ok') say(`seal: ${problem}`);
    await watch.look();
    if (outcome === 'ok' && watch.heads === before) return;
  }
  throw new Error('seal found more to do each time');
}
