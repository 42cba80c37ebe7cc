import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configuredFeeds, feedsOf } from '../../connectors/configured.ts';
import { connectors } from '../../connectors/registry.ts';
import { parseConfiguration, readConfiguration } from '../../infra/configuration.ts';

const EXAMPLE = readFileSync(new URL('../../infra/example/audit-trail.json', import.meta.url), 'utf8');
const trail = { connector: 'aws.cloudtrail', name: 'org', delivery: 'bucket', bucket: 'example-trail' };
const least = { region: 'eu-central-1', retention: 2557, connectors: [trail] };
const azureEntry = {
  connector: 'azure.activity',
  delivery: 'api',
  subscriptions: ['22222222-3333-4444-5555-666666666666'],
};
const gcpEntry = { connector: 'gcp.audit', delivery: 'entries', resources: ['projects/example-project'] };

test('the example has every way of every connector, and `akashi pull` reads the same file', () => {
  const { connectors: read } = parseConfiguration(EXAMPLE, 'audit-trail.json');
  const ways = connectors.flatMap(({ id }) => feedsOf(id).map((way) => `${id} ${way.id}`));
  expect(new Set(read.map(({ source, delivery }) => `${source} ${delivery}`))).toEqual(new Set(ways));
  expect(configuredFeeds(EXAMPLE, 'audit-trail.json').map(({ name }) => name)).toEqual(
    read.map(({ name }) => name),
  );
});

test('three properties are enough, and the rest has defaults', () => {
  expect(readConfiguration(least, 'c')).toMatchObject({
    name: 'akashi',
    trial: false,
    mode: 'compliance',
    retention: 2557,
    residency: ['eu-central-1'],
    encryption: 'kms',
    schedule: { everyMinutes: 5, connectors: {} },
    seal: { everySeconds: 30, everyMinutes: 5 },
    alarms: { lagMinutes: 30, silenceMinutes: 60, email: [] },
  });
});

test('a trial is locked for one day and needs no retention', () => {
  const { retention: _, ...rest } = least;
  expect(readConfiguration({ ...rest, trial: true }, 'c')).toMatchObject({
    retention: 1,
    mode: 'governance',
  });
});

const { retention: _, ...unchosen } = least;
/** What is wrong, its code, and what the message must say: the value, the rule, the way out. */
const REFUSED: [what: string, configuration: unknown, code: string, ...says: string[]][] = [
  ['no object', [], 'CONFIG_VALUE', '[]', 'an object'],
  [
    'an unknown property',
    { ...least, retentoin: 1 },
    'CONFIG_UNKNOWN',
    '"retentoin"',
    'did you mean "retention"',
    'connectors',
  ],
  [
    'an unknown property inside',
    { ...least, seal: { minutes: 1 } },
    'CONFIG_UNKNOWN',
    '"seal"',
    '"minutes"',
    'everyMinutes',
  ],
  ['no region', { ...least, region: undefined }, 'CONFIG_MISSING', '"region"', 'eu-central-1'],
  ['no such region', { ...least, region: 'Frankfurt' }, 'CONFIG_VALUE', '"Frankfurt"', 'eu-west-1'],
  ['a bad account', { ...least, account: '1234' }, 'CONFIG_VALUE', '"1234"', '12 digits'],
  [
    'a bad ARN',
    { ...least, holdRelease: 'role/audit' },
    'CONFIG_VALUE',
    '"role/audit"',
    'arn:aws:iam::123456789012:role/audit',
  ],
  ['a bad key ARN', { ...least, sourceKeys: ['alias/mine'] }, 'CONFIG_VALUE', '"alias/mine"', 'arn:aws:kms'],
  [
    'one bad value among others',
    { ...least, alarms: { email: ['audit@example.com', 'audit'] } },
    'CONFIG_VALUE',
    'each must be an address such as audit@example.com, and one is "audit".',
  ],
  ['one value for a list', { ...least, standards: 'pci' }, 'CONFIG_VALUE', 'a list, ["pci"], and is "pci"'],
  [
    'an account without quotes',
    { ...least, account: 123456789012 },
    'CONFIG_VALUE',
    '"123456789012" in quotes, and is 123456789012',
  ],
  [
    'an unknown connector',
    { ...least, connectors: [{ connector: 'aws.cloudtrial' }] },
    'CONNECTOR_UNKNOWN',
    '"aws.cloudtrial"',
    'did you mean "aws.cloudtrail"',
    'connector 1',
    'aws.cloudtrail',
  ],
  [
    'an unknown delivery',
    { ...least, connectors: [{ connector: 'aws.cloudtrail', delivery: 'mail' }] },
    'DELIVERY_UNKNOWN',
    '"mail"',
    'lookup-events',
  ],
  [
    'a bad setting',
    { ...least, connectors: [{ ...trail, bucket: 'No' }] },
    'CONNECTOR_SETTING',
    '"No"',
    'a bucket name',
  ],
  ['a name twice', { ...least, connectors: [trail, trail] }, 'CONFIG_NAME', '"org"', 'share a cursor'],
  [
    'names that differ in dots alone',
    {
      ...least,
      connectors: [
        { ...trail, name: 'org.a' },
        { ...trail, name: 'org-a' },
      ],
    },
    'CONFIG_NAME',
    '"org.a" and "org-a"',
    'no dots',
  ],
  [
    'a name too long',
    { ...least, connectors: [{ ...trail, name: 'a'.repeat(41) }] },
    'CONFIG_NAME',
    '41',
    'at most 40',
    'shorter',
  ],
  ['nothing to collect', { ...least, connectors: [] }, 'CONFIG_MISSING', '"trail"'],
  ['no retention', unchosen, 'CONFIG_RETENTION', 'not given', '2557', '"trial"'],
  [
    'compliance without retention',
    { ...unchosen, mode: 'compliance' },
    'CONFIG_RETENTION',
    'nobody can shorten',
    '"trial"',
  ],
  [
    'compliance on trial',
    { ...unchosen, trial: true, mode: 'compliance' },
    'CONFIG_RETENTION',
    'governance',
    'one day',
  ],
  ['a standard on trial', { ...unchosen, trial: true, standards: ['pci'] }, 'CONFIG_RETENTION', 'pci'],
  [
    'under the standard',
    { ...least, retention: 364, standards: ['pci'] },
    'CONFIG_RETENTION',
    '364',
    '365',
    '10.5.1',
    'take "pci" out',
  ],
  [
    'one source under it',
    { ...least, standards: ['soc2'], retentionBySource: { 'linux.auth': 90 } },
    'CONFIG_RETENTION',
    'linux.auth',
    '90',
    '365',
  ],
  [
    'an unknown source',
    { ...least, retentionBySource: { 'linux.aut': 400 } },
    'CONFIG_RETENTION',
    '"linux.aut"',
    'linux.auth',
  ],
  [
    'a region outside residency',
    { ...least, residency: ['eu-west-1'] },
    'CONFIG_RESIDENCY',
    'eu-central-1',
    'eu-west-1',
  ],
  [
    'a replica outside it',
    { ...least, encryption: 's3', replica: { bucket: 'copy', account: '123456789012', region: 'us-east-1' } },
    'CONFIG_RESIDENCY',
    'us-east-1',
    'eu-central-1',
  ],
  [
    'a replica at home',
    {
      ...least,
      account: '123456789012',
      replica: { bucket: 'copy', account: '123456789012', region: 'eu-central-1' },
    },
    'CONFIG_REPLICA',
    '123456789012',
    'another account',
  ],
  [
    'a region outside a residency of none',
    { ...least, residency: [] },
    'CONFIG_RESIDENCY',
    'allows none',
    'add eu-central-1',
  ],
  [
    'a replica’s key elsewhere',
    {
      ...least,
      replica: {
        bucket: 'copy',
        account: '123456789012',
        region: 'eu-central-1',
        key: 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555',
      },
    },
    'CONFIG_REPLICA',
    '123456789012 in eu-west-1',
    '123456789012 in eu-central-1',
    'only=replica',
  ],
  [
    'a time-stamping secret for no authority',
    { ...least, stamp: { authorization: 'arn:aws:ssm:eu-central-1:123456789012:parameter/tsa' } },
    'CONFIG_MISSING',
    '"stamp.authorization"',
    '"stamp.authority"',
    'URL',
  ],
  [
    'a log group by its ARN',
    {
      ...least,
      connectors: [
        {
          connector: 'aws.vpcflow',
          delivery: 'log-group',
          region: 'eu-central-1',
          logGroup: 'arn:aws:logs:eu-central-1:123456789012:log-group:/vpc/flows:*',
        },
      ],
    },
    'CONNECTOR_SETTING',
    'log-group:/vpc/flows:*',
    'such as /vpc/flows',
  ],
  [
    'Azure without credentials',
    { ...least, connectors: [azureEntry] },
    'CONFIG_PERMISSION',
    'azure.activity',
    '"tenant"',
    'akashi connect azure',
  ],
  [
    'Google without credentials',
    { ...least, connectors: [gcpEntry] },
    'CONFIG_PERMISSION',
    'gcp.audit',
    '"project"',
    'akashi connect gcp',
  ],
  [
    'an organisation’s trail of none',
    { ...least, trail: 'organization' },
    'CONFIG_ORGANIZATION',
    '"organization"',
    'o-a1b2c3d4e5',
  ],
  [
    'a schedule for nobody',
    { ...least, schedule: { connectors: { other: 5 } } },
    'CONFIG_NAME',
    '"other"',
    'org',
  ],
  ['a schedule of no time', { ...least, schedule: { everyMinutes: 0 } }, 'CONFIG_VALUE', '0', '1 to 1440'],
  [
    'a notification for nobody',
    { ...least, notifications: { other: 'listing' } },
    'CONFIG_NAME',
    '"other"',
    'org',
  ],
  [
    'an odd notification',
    { ...least, notifications: { org: 'pigeon' } },
    'CONFIG_VALUE',
    '"pigeon"',
    'eventbridge',
  ],
];

test.each(REFUSED)('%s is refused', (_what, configuration, code, ...says) => {
  let error: unknown;
  try {
    readConfiguration(configuration, 'audit-trail.json');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ name: 'AkashiError', code });
  for (const words of ['audit-trail.json', ...says]) expect((error as Error).message).toContain(words);
});

test('a file that is no JSON is refused by name', () => {
  expect(() => parseConfiguration('{', 'audit-trail.json')).toThrow(/audit-trail\.json.*no JSON/);
  expect(() => parseConfiguration('\uFEFF{}', 'audit-trail.json')).toThrow(/byte order mark.*UTF-8/);
});
