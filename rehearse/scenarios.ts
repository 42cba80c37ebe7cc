/** What goes wrong in a rehearsal, as data: faults of servers, of time, of deliveries and of functions. */

import type { Random } from '../bench/random.ts';
import type { Checks } from './checks.ts';
import type { Mischief } from './lambda/function.ts';
import { pause } from './lambda/mapping.ts';
import { BUCKETS, type Plan } from './organisation/plan.ts';
import { deliverElsewhere, redriveThem } from './redrive.ts';
import { type Cloud, SERVERS, type ServerName } from './servers/cloud.ts';
import type { Stage } from './stage.ts';

export interface Act {
  /** When, as a share of the hour. */
  readonly at: number;
  readonly what: string;
  readonly does: (scene: Scene) => Promise<void> | void;
}

export interface Scene {
  readonly cloud: Cloud;
  readonly stage: Stage;
  readonly random: Random;
  readonly plan: Plan;
  readonly folder: string;
  /** For commands of ours. */
  readonly environment: Readonly<Record<string, string>>;
  readonly checks: Checks;
  readonly say: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly acts?: readonly Act[];
  /** What becomes of the n-th invocation of a function; its usual time in milliseconds helps to choose a moment. */
  readonly mischief?: (
    functionName: string,
    n: number,
    usualMillis: number,
    random: Random,
  ) => Mischief | null;
  readonly shuffle?: boolean;
  readonly visibilitySeconds?: number;
  /** Of the hour, from when on what arrives is seen in time again; 0.75 unless given. */
  readonly recoversAt?: number;
  /** Alarms that must have fired: of each of these at least one. */
  readonly alarms?: readonly (readonly string[])[];
  /** Alarms that must not fire. */
  readonly quiet?: readonly string[];
  /** Nothing is wrong with the hour, no alarm may fire at all; elsewhere three hours of it are wrong on purpose. */
  readonly isFlawless?: boolean;
  /** Whether the lake is stamped, compacted, verified and exported from at the end. */
  readonly isOperated?: boolean;
  /** Whether somebody alters what is stored, at the very end. */
  readonly isTamperedWith?: boolean;
  /** Whether what can be lost is lost after that, and made again. */
  readonly isLost?: boolean;
  /** What somebody puts right once the hour is over. */
  readonly mend?: (scene: Scene) => Promise<void>;
  /** Messages that end as dead letters, and are meant to. */
  readonly deadLetters?: number;
  /** How much of the usual rate and length it takes. */
  readonly share?: number;
  /** Seconds that the hour takes here, however long it was asked to be. */
  readonly seconds?: number;
}

/** Seconds for which a killed server is away. */
const AWAY_MILLIS = 4000;

const killed = (name: ServerName, at: number): Act => ({
  at,
  what: `${name} is killed and comes back ${AWAY_MILLIS / 1000} s later`,
  async does({ cloud, stage }) {
    if (name === 'aws') await stage.vendors.rememberAws();
    await cloud.kill(name);
    await pause(AWAY_MILLIS);
    await cloud.restart(name);
    if (name !== 'aws') return;
    await stage.vendors.restoreAws();
    await stage.deaf();
    stage.listen();
  },
});

const everyServer =
  (rate: number) =>
  ({ cloud }: Scene): void => {
    for (const name of SERVERS) cloud.proxies[name].rate = rate;
  };

/** Two a second while they last: CloudTrail's own limit, and refusals besides. */
function throttled(cloud: Cloud): void {
  const asked: number[] = [];
  cloud.lookup.fault = (request) => {
    const now = Date.now();
    asked.push(now);
    while ((asked[0] ?? now) < now - 1000) asked.shift();
    return asked.length > 2 || request % 3 === 0 ? { status: 400, type: 'ThrottlingException' } : null;
  };
}

function expiring({ cloud }: Scene): void {
  // Every token is good for a few requests only.
  cloud.google.tokenUses = 7;
  cloud.azure.fault = (request) => (request % 5 === 0 ? { status: 401 } : null);
  cloud.lookup.fault = () => ({ status: 400, type: 'ExpiredTokenException' });
}

function renewed({ cloud }: Scene): void {
  cloud.google.tokenUses = Number.POSITIVE_INFINITY;
  cloud.azure.fault = () => null;
  cloud.lookup.fault = () => null;
}

const SKEWS = [-600_000, 600_000, 0];
const FAILURES = ['Failures-collect', 'Failures-ingest', 'Failures-seal', 'Failures-normalise'];

const POISON = ['hello', '{"Records":7}'];

let isOut = false;
function outage(begins: boolean): void {
  isOut = begins;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'calm',
    about: 'nothing goes wrong: the hour as it is, late records and growing blobs among it',
    isFlawless: true,
    isOperated: true,
  },
  {
    name: 'servers-killed',
    about: 'each server is killed and started again; moto forgets all queues, which listing makes good',
    acts: SERVERS.map((name, at) => killed(name, 0.15 + (0.7 * at) / SERVERS.length)),
    recoversAt: 0.9,
    share: 0.2,
  },
  {
    name: 'refusals',
    about:
      'one request in five to each server is refused with 503 or 429, left hanging, cut, or its answer lost',
    acts: [
      { at: 0.05, what: 'a fifth of all requests meets a fault', does: everyServer(0.2) },
      { at: 0.9, what: 'servers answer again', does: everyServer(0) },
    ],
    recoversAt: 0.9,
    share: 0.2,
  },
  {
    name: 'duplicates',
    about: 'every notification again and late, in any order, and two collects of the same place at once',
    shuffle: true,
    acts: Array.from({ length: 30 }, (_, n) => ({
      at: (n + 1) / 32,
      what: n === 0 ? 'notifications are repeated from here on' : '',
      async does({ stage, random }: Scene) {
        for (const name of ['trail', 'flows'] as const) {
          const url = stage.directly(stage.queues[name]);
          await stage.vendors.tellAgain(url, BUCKETS[name], random.below(1000), random.below(8));
        }
        if (n % 6 === 0) await Promise.all([stage.collect('audit'), stage.collect('audit')]);
      },
    })),
    share: 0.2,
  },
  {
    name: 'lambdas-killed',
    about: 'one invocation in four is killed, at any point of it',
    mischief: (_name, _n, usualMillis, random) =>
      random.next() < 0.25 ? { killAfter: Math.ceil(random.next() * 1.2 * usualMillis) } : null,
    // To the hour's end.
    recoversAt: 1,
    alarms: [FAILURES],
    share: 0.2,
  },
  {
    name: 'clock-skew',
    about: 'clocks of instances are ten minutes ahead or behind',
    mischief: (_name, n) => ({ skew: SKEWS[n % SKEWS.length]! }),
    share: 0.2,
  },
  {
    name: 'expired-credentials',
    about: "tokens end in the middle of pages, and an account's keys for a while altogether",
    acts: [
      { at: 0.1, what: 'credentials end', does: expiring },
      { at: 0.85, what: 'they are renewed', does: renewed },
    ],
    alarms: [['Failures-collect']],
    share: 0.2,
  },
  {
    name: 'growing-blobs',
    about: 'blobs are looked at every other second while they grow',
    acts: Array.from({ length: 25 }, (_, n) => ({
      at: (n + 1) / 27,
      what: n === 0 ? 'blobs are looked at all the time' : '',
      does: async ({ stage }: Scene) => void (await stage.collect('activity')),
    })),
    share: 0.2,
  },
  {
    name: 'throttled-lookup',
    about: 'LookupEvents throttles two requests in three or more, with HTTP 400',
    acts: [{ at: 0.02, what: 'LookupEvents throttles', does: ({ cloud }) => throttled(cloud) }],
    share: 0.2,
  },
  {
    name: 'poison',
    about:
      'messages that nobody understands, and objects of a bucket that is not configured, end as dead letters; redriven',
    visibilitySeconds: 8,
    acts: [
      {
        at: 0.05,
        what: 'two messages that nobody understands, and objects in a bucket that the configuration does not name',
        async does({ stage, plan, random }) {
          for (const text of POISON) await stage.vendors.say(stage.directly(stage.queues.trail), text);
          await deliverElsewhere(stage, plan, random);
        },
      },
    ],
    mend: redriveThem,
    deadLetters: POISON.length,
    alarms: [['Dead-trail'], ['Missed-ingest']],
    share: 0.2,
  },
  {
    name: 'silence',
    about: 'sealer and ingest die at once for two minutes: their alarms say so, and nothing is lost',
    mischief: (name) => (isOut && ['seal', 'ingest'].includes(name) ? { killAfter: 1 } : null),
    acts: [
      { at: 0.05, what: 'seal and ingest die as soon as they start', does: () => outage(true) },
      { at: 2.4, what: 'they live again', does: () => outage(false) },
    ],
    alarms: [['SealerSilent'], ['Lag'], ['Old-trail', 'Old-flows'], ['Failures-seal'], ['Failures-ingest']],
    // The outage outlasts the hour.
    recoversAt: 1,
    share: 0.2,
    seconds: 60,
  },
  {
    name: 'tampering',
    about:
      'somebody with every right to the buckets alters, hides and overwrites what is stored, and removes what can go',
    isOperated: true,
    isTamperedWith: true,
    isLost: true,
    share: 0.2,
  },
];

/** For CI: the worst of all at once, after a calm hour. */
export const MIXED: Scenario = {
  name: 'mixed',
  about: 'a bit of everything: kills, refusals, duplicates, servers away',
  shuffle: true,
  mischief: (_name, _n, usualMillis, random) =>
    random.next() < 0.1 ? { killAfter: Math.ceil(random.next() * 1.2 * usualMillis) } : null,
  acts: [
    { at: 0.1, what: 'a request in twenty meets a fault', does: everyServer(0.05) },
    killed('lake', 0.3),
    killed('blobs', 0.5),
    { at: 0.6, what: 'LookupEvents throttles', does: ({ cloud }) => throttled(cloud) },
    { at: 0.9, what: 'servers answer again', does: everyServer(0) },
  ],
  recoversAt: 1,
  isTamperedWith: true,
  share: 0.2,
};
