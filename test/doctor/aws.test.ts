import { describe, expect, test } from 'vitest';
import { collectedFrom, glance, judgeAccount } from '../../doctor/aws/judge.ts';
import type { AccountSurvey, FlowLog, Trail } from '../../doctor/aws/survey.ts';
import type { Held } from '../../doctor/held.ts';
import { subjectOf } from '../../doctor/subject.ts';

const OWN = '111122223333';
const MEMBER = '123456789012';
const places = (...connectors: Record<string, unknown>[]) =>
  subjectOf(JSON.stringify({ connectors }), 'test').places;

const TRAIL: Trail = {
  arn: `arn:aws:cloudtrail:eu-central-1:${OWN}:trail/org`,
  name: 'org',
  bucket: 'example-trail',
  organization: true,
  everyRegion: true,
  homeRegion: 'eu-central-1',
  digests: true,
  logging: true,
  deliveryError: null,
};
const flowLog = (resource: string, more: Partial<FlowLog> = {}): FlowLog => ({
  resource,
  active: true,
  destination: 's3://example-flows',
  error: null,
  ...more,
});
const survey = (more: Partial<AccountSurvey> = {}): AccountSurvey => ({
  account: { id: MEMBER, name: 'prod' },
  problem: null,
  trails: [TRAIL],
  regions: [
    { name: 'eu-central-1', vpcs: ['vpc-1'], flowLogs: [flowLog('vpc-1')] },
    { name: 'us-east-1', vpcs: [], flowLogs: [] },
  ],
  ...more,
});
const BOTH = places(
  { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail' },
  { connector: 'aws.vpcflow', delivery: 'bucket', bucket: 'example-flows' },
);
const ARRIVES: Held = new Map([['aws.cloudtrail', new Map([[MEMBER, new Set(['eu-central-1'])]])]]);
const judged = (seen: AccountSurvey, from = BOTH, held: Held | null = ARRIVES) =>
  judgeAccount(seen, collectedFrom(from), held, OWN);
const missing = (...words: Parameters<typeof judged>) =>
  judged(...words)
    .filter(({ state }) => state === 'missing')
    .map(({ what, fix }) => `${what} | ${fix}`);

test('an account under a trail that is collected, its VPCs logged and its records here, lacks nothing', () => {
  expect(judged(survey()).map(({ state }) => state)).toEqual(['ok', 'ok']);
  expect(judged(survey())[0]?.what).toBe(
    `${MEMBER} (prod): the organisation’s trail org of all regions goes to example-trail, which is collected`,
  );
});

describe('trails', () => {
  test.each([
    ['no trail at all', { trails: [] }, /collected in no region.*"delivery": "lookup-events"/s],
    [
      'a trail into another bucket',
      { trails: [{ ...TRAIL, bucket: 'other' }] },
      /writes to other \| Add.*"bucket": "other"/,
    ],
    [
      'switched off',
      { trails: [{ ...TRAIL, logging: false }] },
      /switched off \| aws cloudtrail start-logging --region eu-central-1 --name arn/,
    ],
    ['no digests', { trails: [{ ...TRAIL, digests: false }] }, /--enable-log-file-validation/],
    [
      'delivery refused',
      { trails: [{ ...TRAIL, deliveryError: 'AccessDenied' }] },
      /cannot deliver: AccessDenied/,
    ],
    ['one region alone', { trails: [{ ...TRAIL, everyRegion: false }] }, /not in us-east-1/],
  ])('%s is told with what mends it', (_, more, said) => {
    expect(missing(survey(more as Partial<AccountSurvey>)).join('\n')).toMatch(said);
  });

  test('LookupEvents covers the regions it asks, of its account, and of the reader where it names none', () => {
    const lookup = (account: object) =>
      places({ connector: 'aws.cloudtrail', delivery: 'lookup-events', regions: 'eu-central-1', ...account });
    const none = survey({ trails: [], regions: survey().regions.map((one) => ({ ...one, vpcs: [] })) });
    expect(missing(none, lookup({ account: MEMBER }))).toEqual([expect.stringContaining('not in us-east-1')]);
    expect(missing(none, lookup({}))).toEqual([expect.stringContaining('in no region')]);
    const own = { ...none, account: { id: OWN, name: '' } };
    expect(missing(own, lookup({}))).toEqual([expect.stringContaining('not in us-east-1')]);
  });

  test('covered and silent is unknown, with the question to ask', () => {
    const [, silent] = judged(survey(), BOTH, new Map());
    expect(silent).toMatchObject({ state: 'unknown' });
    expect(silent?.fix).toContain(`--account ${MEMBER}`);
  });
});

describe('networks', () => {
  const withLogs = (...flowLogs: FlowLog[]) =>
    survey({ regions: [{ name: 'eu-central-1', vpcs: ['vpc-1', 'vpc-2'], flowLogs }] });
  test.each([
    [[flowLog('vpc-1')], 'vpc-2 has no flow log'],
    [[flowLog('vpc-1'), flowLog('vpc-2', { active: false })], 'vpc-2 has a flow log that is switched off'],
    [[flowLog('vpc-1'), flowLog('vpc-2', { error: 'Access error' })], 'cannot deliver (Access error)'],
    [
      [flowLog('vpc-1'), flowLog('vpc-2', { destination: '/vpc/flows' })],
      'into /vpc/flows, which is not collected',
    ],
    [[flowLog('vpc-1'), flowLog('subnet-9')], 'vpc-2 has no flow log'],
  ])('%j', (logs, said) => {
    const [told, ...more] = missing(withLogs(...logs));
    expect(more).toEqual([]);
    expect(told).toContain(said);
    expect(told).toContain(
      'aws ec2 create-flow-logs --region eu-central-1 --resource-type VPC --resource-ids vpc-2 --traffic-type ALL --log-destination-type s3 --log-destination arn:aws:s3:::example-flows',
    );
  });

  test('a log group that is collected covers', () => {
    const group = places(
      { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail' },
      { connector: 'aws.vpcflow', delivery: 'log-group', logGroup: '/vpc/flows', region: 'eu-central-1' },
    );
    const logs = ['vpc-1', 'vpc-2'].map((vpc) => flowLog(vpc, { destination: '/vpc/flows' }));
    expect(missing(withLogs(...logs), group)).toEqual([]);
  });
});

test('an account that nobody may look into is judged by what arrives', () => {
  const closed = survey({ problem: 'AWS refuses taking on the role' });
  expect(judged(closed)).toEqual([expect.objectContaining({ state: 'ok' })]);
  const [unseen] = judged(closed, BOTH, null);
  expect(unseen).toMatchObject({ state: 'unknown' });
  expect(unseen?.fix).toContain('organization.units');
});

test('at a glance: how many accounts, regions and VPCs are covered, and which nobody could see', () => {
  const collected = collectedFrom(BOTH);
  expect(glance([survey()], collected, OWN)).toMatchObject({
    state: 'ok',
    what: 'covered: 1 of 1 accounts and 2 of 2 regions by CloudTrail, 1 of 1 VPCs by flow logs',
  });
  const bare = survey({ trails: [], regions: [{ name: 'us-east-1', vpcs: ['vpc-9'], flowLogs: [] }] });
  expect(glance([survey(), bare, survey({ problem: 'refused' })], collected, OWN)).toMatchObject({
    state: 'missing',
    what: 'covered: 1 of 2 accounts and 2 of 3 regions by CloudTrail, 1 of 2 VPCs by flow logs; into 1 accounts nobody here can look',
  });
});

test('the trail that a deployment makes is one of its places', () => {
  const deployment = {
    region: 'eu-central-1',
    account: OWN,
    retention: 400,
    trail: 'account',
    connectors: [],
  };
  const { places: own } = subjectOf(JSON.stringify(deployment), 'test');
  const trail = { ...TRAIL, bucket: `akashi-trail-${OWN}-eu-central-1`, organization: false };
  expect(own.map(({ feed }) => feed.name)).toEqual(['own-trail']);
  const [told] = judged(survey({ trails: [trail] }), own);
  expect(told).toMatchObject({ state: 'ok', what: expect.stringContaining(trail.bucket) });
});
