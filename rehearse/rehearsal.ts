/** One scenario from the first server to the last check. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '../bench/random.ts';
import { type FunctionName, WAKE_DELAY_SECONDS } from '../functions/list.ts';
import type { ServerUnderTest } from '../test/servers/server.ts';
import { ACCESS_KEY, SECRET_KEY } from '../test/servers/server.ts';
import { type Check, Checks } from './checks.ts';
import { drained, lastRound, sealed, tick } from './ending.ts';
import { backfill, perform, produce } from './hour.ts';
import { judge } from './judge.ts';
import { othersShare } from './machine.ts';
import type { Alarm } from './metrics.ts';
import { answerOf, operate } from './operate.ts';
import { planHour } from './organisation/organisation.ts';
import type { Plan } from './organisation/plan.ts';
import { alarmCheck, type FunctionSummary, lagCheck, silenceCheck, summaries, Usual } from './outcome.ts';
import { recover } from './recover.ts';
import type { Scenario, Scene } from './scenarios.ts';
import { type Cloud, startCloud } from './servers/cloud.ts';
import { Stage } from './stage.ts';
import { tamper } from './tamper.ts';
import { type Lag, lagOf, Watch } from './watch.ts';

const TICK_MILLIS = 10_000;
/** Of the hour, when what runs once an hour or a day does. */
const HOUSEKEEPING_SHARE = 0.5;
/** Errors of functions that are told where something does not hold. */
const MOST_TOLD = 8;
const QUICK_WAKE_SECONDS = 10;
const LAST_QUARTER = 0.75;
const LEAST_RATE = 20;
const LEAST_SECONDS = 25;

export interface RehearsalOptions {
  readonly seed: number;
  /** Records a second, and seconds that the hour takes. */
  readonly rate: number;
  readonly seconds: number;
  /** For who has no time. */
  readonly isBrief: boolean;
  readonly lakeServer: ServerUnderTest;
  readonly code: (name: FunctionName) => string;
  readonly pyiceberg: boolean;
  readonly lagSeconds: number;
  readonly alarms: readonly Alarm[];
  readonly say: (text: string) => void;
  /** What functions print, for who looks for a reason. */
  readonly onLine?: (functionName: string, line: string) => void;
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
  /** Of its processors, what others took during the hour. */
  readonly others: number;
}

/** As much of the rate and the length that were asked for as the scenario takes. */
function paceOf({ share, seconds }: Scenario, options: RehearsalOptions): { rate: number; seconds: number } {
  if (share === undefined) return options;
  return {
    rate: Math.max(LEAST_RATE, options.rate * share),
    seconds: seconds ?? Math.max(LEAST_SECONDS, options.seconds * share),
  };
}

export async function rehearse(scenario: Scenario, options: RehearsalOptions): Promise<RehearsalResult> {
  const { seed, say } = options;
  const { rate, seconds } = paceOf(scenario, options);
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
    // Where lag is not the point, seals are more frequent, so that more of them meet what goes wrong.
    wakeSeconds: scenario.share === undefined && !options.isBrief ? WAKE_DELAY_SECONDS : QUICK_WAKE_SECONDS,
    housekeepingSeconds: seconds * HOUSEKEEPING_SHARE,
    ...(scenario.visibilitySeconds === undefined ? {} : { visibilitySeconds: scenario.visibilitySeconds }),
    mischief: (name, n) =>
      isMischievous ? (scenario.mischief?.(name, n, usual.of(name, stage.invocations), r) ?? null) : null,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
  const environment = environmentOf(stage, folder);
  const watch = new Watch(stage.lake);
  const checks = new Checks(say);
  try {
    const startsAt = Date.now();
    const plan = planHour({ seed, rate, seconds, startsAt, hasGaps: scenario.isFlawless !== true });
    const records = countOf(plan);
    const scene: Scene = { cloud, stage, random: r, plan, folder, environment, checks, say };
    say(`${scenario.name}: ${scenario.about}; ${records} records within ${seconds} s`);
    const share = othersShare();
    stage.start();
    watch.start();
    const ticker = setInterval(() => void tick(stage, watch, startsAt, say), TICK_MILLIS);
    let others = 0;
    try {
      await Promise.all([produce(plan, stage, startsAt), perform(scenario, scene, startsAt, seconds, say)]);
      others = share();
      isMischievous = false;
      say('the hour is over; what is under way comes to its end');
      await scenario.mend?.(scene);
      await drained(stage, watch, scenario.deadLetters ?? 0, say);
      await stage.stopSchedules();
      await backfill(plan, stage.lake, cloud.proxies.google.url, environment, say);
      const refused = await lastRound(stage, say);
      await checks.check('the last round met nobody who refused', () => ({
        ok: refused.length === 0,
        said: refused.join('; ') || 'none',
      }));
      await afterwards(scenario, scene, watch, options);
    } finally {
      clearInterval(ticker);
    }
    const { dead } = await stage.depths();
    tellFaults(cloud, say);
    const lag = lagOf(stage.vendors.arrivals, watch.visible);
    const recoversAt = startsAt + seconds * 1000 * (scenario.recoversAt ?? LAST_QUARTER);
    const lagAtEnd = lagOf(stage.vendors.arrivals, watch.visible, recoversAt);
    const watched = { from: startsAt, until: Date.now(), scale: 3600 / seconds };
    const alarms = alarmCheck(scenario, options.alarms, stage.points, watched);
    await checks.check(`from an object's arrival to queries, p95 ≤ ${options.lagSeconds} s at the end`, () =>
      lagCheck(lag, lagAtEnd, options.lagSeconds, others),
    );
    await checks.check('dead letters are those that should be', () => ({
      ok: dead === (scenario.deadLetters ?? 0),
      said: String(dead),
    }));
    await checks.check('alarms that should fire do, those that should not do not', () => alarms);
    await checks.check('were all to stop now, whoever watches for silence would be told', () =>
      silenceCheck(options.alarms, stage.points, watched),
    );
    const ok = checks.made.every((check) => check.ok);
    if (!ok) for (const complaint of stage.complaints.slice(-MOST_TOLD)) say(complaint);
    return {
      scenario: scenario.name,
      ok,
      seconds: (Date.now() - started) / 1000,
      records,
      rate: records / seconds,
      lag,
      lagAtEnd,
      seals: watch.heads,
      checks: checks.made,
      fired: alarms.fired,
      functions: summaries(stage.invocations),
      load: [load, loadavg()[0]!],
      others,
    };
  } finally {
    await watch.stop();
    await stage.stop();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What is done to a lake that is full, and what is asked of it. */
async function afterwards(
  { isOperated = false, isTamperedWith = false, isLost = false }: Scenario,
  scene: Scene,
  watch: Watch,
  { pyiceberg }: RehearsalOptions,
): Promise<void> {
  const { stage, cloud, plan, folder, environment, checks, say } = scene;
  const sealing = () => sealed(stage, watch, say);
  if (isOperated) await operate({ stage, folder, roots: cloud.authorityRoots, sealed: sealing, checks });
  else await answerOf(stage, 'verify', {});
  await stage.deaf();
  await sealing();
  await judge({ stage, plan, folder, environment, pyiceberg, checks });
  if (isTamperedWith) await tamper(stage, cloud.lakeDisk, checks);
  if (isLost) await recover(scene);
}

/** As commands of ours find it; this process reads the lake itself. */
function environmentOf(stage: Stage, folder: string): Readonly<Record<string, string>> {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const own = {
    AKASHI_HOME: home,
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    AWS_REGION: 'us-east-1',
  };
  Object.assign(process.env, own);
  return { ...stage.environment, ...own };
}

const countOf = ({ expected }: Plan): number =>
  [...expected.events.values(), ...expected.flows.values()].reduce((sum, { size }) => sum + size, 0);

function tellFaults({ proxies }: Cloud, say: (text: string) => void): void {
  for (const [name, { counts }] of Object.entries(proxies)) {
    const { all = 0, ...faults } = Object.fromEntries(counts);
    const met = Object.entries(faults).map(([fault, count]) => `${count} ${fault}`);
    if (met.length > 0) say(`${name}: of ${all} requests ${met.join(', ')}`);
  }
}
