/** One scenario from the first server to the last check. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, random } from '../bench/random.ts';
import type { FunctionName } from '../functions/list.ts';
import type { ServerUnderTest } from '../test/servers/server.ts';
import { ACCESS_KEY, SECRET_KEY } from '../test/servers/server.ts';
import { akashi, type Check, judge } from './judge.ts';
import type { Invocation } from './lambda/function.ts';
import { pause } from './lambda/mapping.ts';
import { type Alarm, firedAt } from './metrics.ts';
import { BACKFILLED } from './organisation/gaps.ts';
import { planHour } from './organisation/organisation.ts';
import type { Delivery, Plan } from './organisation/plan.ts';
import type { Scenario } from './scenarios.ts';
import { startCloud } from './servers/cloud.ts';
import { Stage } from './stage.ts';
import { type Lag, lagOf, Watch } from './watch.ts';

const TICK_MILLIS = 10_000;
/** How long what is under way is waited for at the end. */
const DRAIN_MILLIS = 240_000;
/** Blobs are taken to have ended hours after their own hour. */
const LATER_MILLIS = 6 * 3_600_000;
const LAST_SEALS = 20;

export interface RehearsalOptions {
  readonly seed: number;
  /** Records a second, and seconds that the hour takes. */
  readonly rate: number;
  readonly seconds: number;
  readonly lakeServer: ServerUnderTest;
  readonly code: (name: FunctionName) => string;
  readonly pyiceberg: boolean;
  readonly lagSeconds: number;
  readonly alarms: readonly Alarm[];
  readonly say: (text: string) => void;
  /** What functions print, for who looks for a reason. */
  readonly onLine?: (functionName: string, line: string) => void;
}

export interface FunctionSummary {
  readonly name: string;
  readonly invocations: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly p50Millis: number;
  readonly p95Millis: number;
  readonly peakMegabytes: number;
  /** Seconds of processor, all invocations together. */
  readonly cpuSeconds: number;
}

export interface RehearsalResult {
  readonly scenario: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly records: number;
  readonly rate: number;
  /** Of the whole run, and of its last quarter: whether it recovered. */
  readonly lag: Lag;
  readonly lagAtEnd: Lag;
  readonly seals: number;
  readonly checks: readonly Check[];
  readonly fired: readonly string[];
  readonly functions: readonly FunctionSummary[];
  /** One-minute load average of the machine, at the start and the end. */
  readonly load: readonly [number, number];
}

export async function rehearse(scenario: Scenario, options: RehearsalOptions): Promise<RehearsalResult> {
  const { seed, say } = options;
  const share = scenario.share ?? 1;
  const rate = scenario.share === undefined ? options.rate : Math.max(20, options.rate * share);
  const seconds = scenario.share === undefined ? options.seconds : Math.max(30, options.seconds * share);
  const started = Date.now();
  const load = loadavg()[0]!;
  const folder = mkdtempSync(join(tmpdir(), `akashi-rehearse-${scenario.name}-`));
  const cloud = await startCloud(join(folder, 'servers'), options.lakeServer, seed);
  const r = random(seed + 1);
  const usual = new Usual();
  let isMischievous = true;
  const stage = await Stage.set(cloud, {
    folder,
    code: options.code,
    seed,
    shuffle: scenario.shuffle ?? false,
    ...(scenario.visibilitySeconds === undefined ? {} : { visibilitySeconds: scenario.visibilitySeconds }),
    mischief: (name, n) =>
      isMischievous ? (scenario.mischief?.(name, n, usual.of(name, stage.invocations), r) ?? null) : null,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
  const ours = {
    ...stage.environment,
    AKASHI_HOME: join(folder, 'home'),
    AWS_REGION: 'us-east-1',
  };
  Object.assign(process.env, {
    AKASHI_HOME: ours.AKASHI_HOME,
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    AWS_REGION: 'us-east-1',
  });
  mkdirSync(ours.AKASHI_HOME, { recursive: true });
  const watch = new Watch(stage.lake);
  try {
    const startsAt = Date.now();
    const plan = planHour({ seed, rate, seconds, startsAt });
    const records = countOf(plan);
    say(`${scenario.name}: ${scenario.about}; ${records} records within ${seconds} s`);
    stage.start();
    watch.start();
    const ticker = setInterval(() => void tick(stage, watch, startsAt, say), TICK_MILLIS);
    try {
      await Promise.all([
        produce(plan, stage, startsAt),
        perform(scenario, { cloud, stage, random: r }, startsAt, seconds, say),
      ]);
      isMischievous = false;
      say('the hour is over; what is under way comes to its end');
      await drained(stage, watch, scenario.deadLetters ?? 0, say);
      await stage.stopSchedules();
      await backfill(plan, stage.lake, cloud.proxies.google.url, ours, say);
    } finally {
      clearInterval(ticker);
    }
    const refused = await lastRound(stage, say);
    await stage.deaf();
    await lastSeals(stage, watch, refused, say);
    const { dead } = await stage.depths();
    for (const [name, { counts }] of Object.entries(cloud.proxies)) {
      const { all = 0, ...faults } = Object.fromEntries(counts);
      const met = Object.entries(faults).map(([fault, count]) => `${count} ${fault}`);
      if (met.length > 0) say(`${name}: of ${all} requests ${met.join(', ')}`);
    }
    const lag = lagOf(stage.vendors.arrivals, watch.visible);
    const lagAtEnd = lagOf(stage.vendors.arrivals, watch.visible, startsAt + seconds * 750);
    const scale = 3600 / seconds;
    const ringing = options.alarms.filter((alarm) => firedAt(alarm, stage.points, startsAt, scale) !== null);
    const fired = [...new Set(ringing.map(({ name }) => name))];
    const checks: Check[] = [
      ...(await judge(
        {
          lake: stage.lake,
          plan,
          folder,
          environment: ours,
          pyiceberg: options.pyiceberg,
          ask: (sql) => stage.ask(sql),
        },
        say,
      )),
      lagCheck(lag, lagAtEnd, options.lagSeconds),
      {
        name: 'dead letters are those that should be',
        ok: dead === (scenario.deadLetters ?? 0),
        said: String(dead),
      },
      alarmCheck(scenario, fired),
      {
        name: 'the last round met nobody who refused',
        ok: refused.length === 0,
        said: refused.join('; ') || 'none',
      },
    ];
    for (const { name, ok, said } of checks.slice(-4))
      say(`${ok ? 'holds' : 'DOES NOT HOLD'}  ${name}: ${said}`);
    return {
      scenario: scenario.name,
      ok: checks.every(({ ok }) => ok),
      seconds: (Date.now() - started) / 1000,
      records,
      rate: records / seconds,
      lag,
      lagAtEnd,
      seals: watch.heads,
      checks,
      fired,
      functions: summaries(stage.invocations),
      load: [load, loadavg()[0]!],
    };
  } finally {
    await watch.stop();
    await stage.stop();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const countOf = ({ expected }: Plan): number =>
  [...expected.events.values(), ...expected.flows.values()].reduce((sum, { size }) => sum + size, 0);

/** Each place takes what is for it in order; one that is away keeps no other up. */
async function produce({ deliveries }: Plan, stage: Stage, startsAt: number): Promise<void> {
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

async function perform(
  { acts = [] }: Scenario,
  scene: {
    cloud: Parameters<NonNullable<Scenario['acts']>[number]['does']>[0]['cloud'];
    stage: Stage;
    random: Random;
  },
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
async function backfill(
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

async function tick(
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

async function drained(
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
async function lastRound(stage: Stage, say: (text: string) => void): Promise<string[]> {
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

async function lastSeals(
  stage: Stage,
  watch: Watch,
  refused: string[],
  say: (text: string) => void,
): Promise<void> {
  for (let n = 0; n < LAST_SEALS; n++) {
    const before = watch.heads;
    const { outcome, problem } = await stage.invoke('seal', { Records: [] }, {});
    if (outcome !== 'ok') say(`seal: ${problem}`);
    await watch.look();
    if (outcome === 'ok' && watch.heads === before) return;
  }
  refused.push('seal found more to do each time');
}

const shown = (seconds: number | null): string => (seconds === null ? '-' : `${seconds.toFixed(1)} s`);

const lagCheck = (whole: Lag, end: Lag, target: number): Check => ({
  name: `from an object's arrival to queries, p95 ≤ ${target} s in the hour's last quarter`,
  ok: end.unseen.length === 0 && (end.p95 ?? 0) <= target,
  said: `p50 ${shown(end.p50)}, p95 ${shown(end.p95)}, most ${shown(end.most)}; of the whole hour p95 ${shown(whole.p95)}, most ${shown(whole.most)}`,
});

function alarmCheck({ alarms = [], quiet = [] }: Scenario, fired: readonly string[]): Check {
  const loud = fired.filter((name) => quiet.includes(name));
  const due = alarms.length === 0 || alarms.some((name) => fired.includes(name));
  return {
    name: 'alarms that should fire do, those that should not do not',
    ok: due && loud.length === 0,
    said: `fired: ${fired.join(', ') || 'none'}${due ? '' : `; none of ${alarms.join(', ')}`}`,
  };
}

/** How long invocations of a function usually take, from those that ended well. */
class Usual {
  of(name: string, invocations: readonly Invocation[]): number {
    const own = invocations.filter(({ functionName, outcome }) => functionName === name && outcome === 'ok');
    return own.length === 0
      ? 3000
      : own.slice(-9).reduce((sum, { millis }) => sum + millis, 0) / Math.min(9, own.length);
  }
}

function summaries(invocations: readonly Invocation[]): FunctionSummary[] {
  return [...new Set(invocations.map(({ functionName }) => functionName))].sort().map((name) => {
    const own = invocations.filter(({ functionName }) => functionName === name);
    const millis = own.map((one) => one.millis).sort((a, b) => a - b);
    const outcomes: Record<string, number> = {};
    for (const { outcome } of own) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return {
      name,
      invocations: own.length,
      outcomes,
      p50Millis: Math.round(millis[Math.floor(millis.length / 2)]!),
      p95Millis: Math.round(millis[Math.floor(millis.length * 0.95)]!),
      cpuSeconds: own.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0) / 1000,
      peakMegabytes: Math.round(Math.max(...own.map(({ peakBytes }) => peakBytes)) / 2 ** 20),
    };
  });
}
