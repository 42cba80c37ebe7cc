/** Two months of a made-up organisation, as the questions of a monthly report would answer. */

import type { MonthlyData } from '../../../../exports/report/monthly/data.ts';
import { WATCHED } from '../../../../exports/report/monthly/watch-list.ts';
import type { UnitVerdict } from '../../../../ledger/coverage/states.ts';

const month = (from: string, to: string) => ({
  from: new Date(`${from}T00:00:00Z`),
  to: new Date(`${to}T00:00:00Z`),
});
const dayNames = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at + 1).padStart(2, '0')}`);
const hours = (known: Partial<Record<UnitVerdict, number>>): Record<UnitVerdict, number> => ({
  gap: 0,
  silent: 0,
  unknown: 0,
  pending: 0,
  presumed: 0,
  complete: 0,
  ...known,
});

const SOURCES = [
  ['aws.cloudtrail', 31_000],
  ['gcp.audit', 9_000],
  ['azure.activity', 4_000],
  ['azure.signin', 1_500],
  ['k8s.audit', 12_000],
] as const;

const activityOf = (day: string, at: number, factor: number) =>
  SOURCES.filter(([source]) => factor < 1 || source !== 'k8s.audit').map(([source, base]) => {
    const events = Math.round(base * factor * (at % 7 < 2 ? 0.4 : 1));
    const signIn = source === 'azure.signin';
    return {
      day,
      source,
      events,
      failures: Math.round(events * (at === 16 && factor === 1 ? 0.2 : 0.03)),
      changes: signIn ? 0 : Math.round(events / 9),
      signIns: signIn ? Math.round(events * 0.95) : 0,
      failedSignIns: signIn ? Math.round(events * 0.05) : 0,
    };
  });

const now = dayNames('2026-09', 30);
const then = dayNames('2026-08', 31);

export const SAMPLE_MONTH: MonthlyData = {
  period: month('2026-09-01', '2026-10-01'),
  before: month('2026-08-01', '2026-09-01'),
  instant: '2026-10-01T00:05:00.000Z',
  activity: [
    ...then.flatMap((day, at) => activityOf(day, at, 0.9)),
    ...now.flatMap((day, at) => activityOf(day, at, 1)),
  ],
  actors: [
    {
      name: 'deployment-pipeline',
      type: 'role_session',
      events: 412_050,
      changes: 80_112,
      failures: 1_204,
      eventsBefore: 398_112,
    },
    {
      name: 'alice@example.com',
      type: 'human',
      events: 12_400,
      changes: 1_003,
      failures: 61,
      eventsBefore: 11_210,
    },
    { name: '田中 花子', type: 'human', events: 9_120, changes: 75, failures: 12, eventsBefore: 0 },
    {
      name: 'alice@example.com',
      type: 'role_session',
      events: 8_003,
      changes: 455,
      failures: 3,
      eventsBefore: 9_400,
    },
    {
      name: '<img src=x onerror=alert(1)>',
      type: 'unknown',
      events: 7_001,
      changes: 0,
      failures: 7_001,
      eventsBefore: 0,
    },
    { name: 'backup', type: 'service', events: 5_120, changes: 4_990, failures: 0, eventsBefore: 5_118 },
  ],
  actorCounts: { actors: 1_204, actorsBefore: 1_166, newcomers: 57 },
  failures: [
    {
      action: 'storage.object.get',
      errorCode: 'AccessDenied',
      source: 'aws.cloudtrail',
      failures: 20_412,
      actors: 41,
      failuresBefore: 7_920,
    },
    {
      action: 'signin.user.login',
      errorCode: '50126',
      source: 'azure.signin',
      failures: 2_031,
      actors: 310,
      failuresBefore: 1_890,
    },
    {
      action: 'iam.role.grant',
      errorCode: '7',
      source: 'gcp.audit',
      failures: 44,
      actors: 3,
      failuresBefore: 0,
    },
  ],
  domains: [
    { domain: 'storage', changes: 91_000, failures: 240, actors: 204, changesBefore: 88_000 },
    { domain: 'compute', changes: 31_020, failures: 102, actors: 63, changesBefore: 12_400 },
    { domain: 'iam', changes: 2_400, failures: 61, actors: 22, changesBefore: 2_390 },
    { domain: 'logging', changes: 12, failures: 0, actors: 2, changesBefore: 0 },
  ],
  watch: WATCHED.map((question, at) => ({
    question,
    title: question.replaceAll('-', ' '),
    count: [0, 41, 3, 120, 7][at % 5]!,
    countBefore: [0, 44, 0, 96, 7][at % 5]!,
    origin: `from-${question}`,
  })),
  traffic: [...then.map((day) => [day, 4.1e9] as const), ...now.map((day) => [day, 4.6e9] as const)].map(
    ([day, sentBytes], at) => ({
      day,
      source: 'aws.vpcflow',
      flowRecords: 240_000,
      sentBytes: at === 52 ? 31e9 : sentBytes,
      rejected: 12_000,
    }),
  ),
  transfers: Array.from({ length: 34 }, (_, at) => ({
    from: `192.0.2.${at + 1}`,
    to: at === 0 ? '2001:db8:85a3::8a2e:370:7334' : `203.0.113.${at + 1}`,
    port: '443',
    sentBytes: Math.round(26_412_000_000 / (at + 1)),
    flowRecords: 8_120 - at,
    firstSeen: `2026-09-${String((at % 28) + 1).padStart(2, '0')}T02:10:00Z`,
  })),
  transfersCut: false,
  transfersBefore: 21,
  largeFrom: 10_000_000,
  coverage: {
    verdict: 'gap',
    hours: hours({ gap: 3, silent: 11, presumed: 1_426, complete: 720 }),
    sources: [
      {
        source: 'aws.cloudtrail',
        verdict: 'complete',
        hours: hours({ complete: 720 }),
        claimedBefore: '2026-09-30T23:00:00.000000Z',
      },
      {
        source: 'azure.signin',
        verdict: 'gap',
        hours: hours({ gap: 3, presumed: 717 }),
        claimedBefore: '2026-09-18T04:00:00.000000Z',
      },
      {
        source: 'gcp.audit',
        verdict: 'silent',
        hours: hours({ silent: 11, presumed: 709 }),
        claimedBefore: null,
      },
    ],
    problems: [
      {
        from: '2026-09-18T04:00:00.000000Z',
        to: '2026-09-18T07:00:00.000000Z',
        source: 'azure.signin',
        account: '11111111-2222-3333-4444-555555555555',
        region: null,
        verdict: 'gap',
        problem: 'the window was asked for and not answered',
      },
    ],
    problemsLeftOut: 4,
    outside: 0,
    judged: true,
  },
  coverageBefore: {
    verdict: 'presumed',
    hours: hours({ presumed: 2_232 }),
    sources: [
      { source: 'aws.cloudtrail', verdict: 'presumed', hours: hours({ presumed: 744 }), claimedBefore: null },
      { source: 'gcp.audit', verdict: 'presumed', hours: hours({ presumed: 1_488 }), claimedBefore: null },
    ],
    problems: [],
    problemsLeftOut: 0,
    outside: 0,
    judged: true,
  },
  archive: [
    {
      source: 'aws.cloudtrail',
      role: 'records',
      bodies: 41_200,
      bytes: 8_120_000_000,
      expandedBytes: 91_000_000_000,
      records: 61_000_000,
    },
    {
      source: 'aws.cloudtrail',
      role: 'digest',
      bodies: 1_464,
      bytes: 4_120_000,
      expandedBytes: 4_120_000,
      records: 0,
    },
    {
      source: 'gcp.audit',
      role: 'records',
      bodies: 9_100,
      bytes: 1_900_000_000,
      expandedBytes: 1_900_000_000,
      records: 1_700_000,
    },
  ],
  growth: [...then, ...now].map((day) => ({ day, bodies: 60, bytes: 21_000_000, records: 180_000 })),
  origins: {
    activity: 'from-activity-by-day',
    actors: 'from-busiest-actors',
    failures: 'from-commonest-failures',
    domains: 'from-changes-by-domain',
    traffic: 'from-traffic-by-day',
    transfers: 'from-bulk-transfers',
    transfersBefore: 'from-bulk-transfers-before',
    coverage: 'from-coverage',
    coverageBefore: 'from-coverage-before',
    archive: 'from-archive-size',
    growth: 'from-growth-by-day',
  },
};

/** Nothing at all in the lake. */
export const EMPTY_MONTH: MonthlyData = {
  ...SAMPLE_MONTH,
  activity: [],
  actors: [],
  actorCounts: { actors: 0, actorsBefore: 0, newcomers: 0 },
  failures: [],
  domains: [],
  watch: SAMPLE_MONTH.watch.map((row) => ({ ...row, count: 0, countBefore: 0 })),
  traffic: [],
  transfers: [],
  transfersBefore: 0,
  coverage: {
    verdict: null,
    hours: hours({}),
    sources: [],
    problems: [],
    problemsLeftOut: 0,
    outside: 0,
    judged: false,
  },
  coverageBefore: {
    verdict: null,
    hours: hours({}),
    sources: [],
    problems: [],
    problemsLeftOut: 0,
    outside: 0,
    judged: false,
  },
  archive: [],
  growth: [],
};
