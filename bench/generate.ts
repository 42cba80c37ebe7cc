/** Generates CloudTrail log files and VPC flow logs of a made-up organisation, with the sizes and skews of real ones. */

import { createHash } from 'node:crypto';
import { type Random, random } from './random.ts';

const REGIONS = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'us-west-2', 'eu-central-1'];
const ACCOUNTS = Array.from({ length: 12 }, (_, i) => String(111_122_223_000 + i));

/** eventSource, eventName, readOnly, how the request names what it acts on. */
const CALLS: readonly (readonly [string, string, boolean, (r: Random) => object])[] = [
  [
    'sts',
    'AssumeRole',
    true,
    (r) => ({ roleArn: role(r), roleSessionName: `session-${r.hex(8)}`, durationSeconds: 3600 }),
  ],
  [
    'ec2',
    'DescribeInstances',
    true,
    (r) => ({ instancesSet: { items: [{ instanceId: `i-${r.hex(17)}` }] }, filterSet: {} }),
  ],
  [
    's3',
    'GetBucketAcl',
    true,
    (r) => ({ bucketName: `example-bucket-${r.below(200)}`, Host: 's3.amazonaws.com', acl: '' }),
  ],
  [
    'kms',
    'Decrypt',
    true,
    (r) => ({
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::example-bucket-${r.below(200)}/key/${r.hex(12)}` },
    }),
  ],
  [
    'logs',
    'DescribeLogStreams',
    true,
    (r) => ({
      logGroupName: `/aws/lambda/function-${r.below(400)}`,
      orderBy: 'LastEventTime',
      descending: true,
    }),
  ],
  [
    's3',
    'GetObject',
    true,
    (r) => ({
      bucketName: `example-bucket-${r.below(200)}`,
      key: `data/${r.hex(20)}.parquet`,
      'x-id': 'GetObject',
    }),
  ],
  [
    'lambda',
    'Invoke',
    false,
    (r) => ({
      functionName: `arn:aws:lambda:us-east-1:111122223000:function:function-${r.below(400)}`,
      invocationType: 'Event',
    }),
  ],
  ['dynamodb', 'DescribeTable', true, (r) => ({ tableName: `table-${r.below(80)}` })],
  [
    'ssm',
    'UpdateInstanceInformation',
    false,
    (r) => ({ instanceId: `i-${r.hex(17)}`, agentVersion: '3.2.2222.0', platformType: 'Linux' }),
  ],
  ['iam', 'GetRole', true, (r) => ({ roleName: `role-${r.below(300)}` })],
  [
    'ec2',
    'RunInstances',
    false,
    (r) => ({
      instancesSet: { items: [{ imageId: `ami-${r.hex(17)}`, minCount: 1, maxCount: 1 }] },
      instanceType: 'm6i.large',
      subnetId: `subnet-${r.hex(17)}`,
    }),
  ],
  ['iam', 'CreateAccessKey', false, (r) => ({ userName: `user-${r.below(100)}` })],
  [
    'ec2',
    'AuthorizeSecurityGroupIngress',
    false,
    (r) => ({
      groupId: `sg-${r.hex(17)}`,
      ipPermissions: {
        items: [
          { ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } },
        ],
      },
    }),
  ],
  [
    'cloudtrail',
    'StopLogging',
    false,
    () => ({ name: 'arn:aws:cloudtrail:us-east-1:111122223000:trail/main' }),
  ],
];

const AGENTS = [
  'aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/sts#1.26.5',
  'Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#5.10.205-195.804.amzn2.x86_64 md/arch#x86_64 lang/python#3.11.6',
  'aws-cli/2.15.0 Python/3.11.6 Linux/5.10.205 exe/x86_64.amzn.2 prompt/off command/s3.cp',
  'console.amazonaws.com',
  'cloudformation.amazonaws.com',
  'AWS Internal',
];

/** A role has one principal id for life, as in IAM. */
const principalOf = (account: string, roleName: string): string =>
  `AROA${createHash('sha256').update(`${account} ${roleName}`).digest('hex').slice(0, 17).toUpperCase()}`;

const role = (r: Random) => `arn:aws:iam::${r.skewed(ACCOUNTS)}:role/role-${Math.floor(r.next() ** 3 * 300)}`;

/** One CloudTrail event of about 1.5 KB at `seconds` since the epoch. */
export function trailEvent(r: Random, seconds: number): object {
  const account = r.skewed(ACCOUNTS);
  const region = r.skewed(REGIONS);
  const [source, name, readOnly, request] = r.skewed(CALLS);
  const roleName = `role-${Math.floor(r.next() ** 3 * 300)}`;
  const session = `session-${Math.floor(r.next() ** 2 * 2000)}`;
  const principal = principalOf(account, roleName);
  const time = iso(seconds);
  const failed = r.next() < 0.03;
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${principal}:${session}`,
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${session}`,
      accountId: account,
      accessKeyId: `ASIA${Math.floor(r.next() ** 2 * 5000)
        .toString(36)
        .toUpperCase()
        .padStart(16, 'X')}`,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: principal,
          arn: `arn:aws:iam::${account}:role/${roleName}`,
          accountId: account,
          userName: roleName,
        },
        webIdFederationData: {},
        attributes: { creationDate: iso(seconds - r.below(3600)), mfaAuthenticated: 'false' },
      },
    },
    eventTime: time,
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: `10.${r.below(4)}.${r.below(256)}.${r.below(256)}`,
    userAgent: r.skewed(AGENTS),
    ...(failed
      ? {
          errorCode: 'AccessDenied',
          errorMessage: `User: arn:aws:sts::${account}:assumed-role/${roleName}/${session} is not authorized to perform: ${source}:${name}`,
        }
      : {}),
    requestParameters: request(r),
    responseElements: readOnly ? null : { requestId: uuid(r), result: { status: 'ok', id: r.hex(20) } },
    requestID: uuid(r),
    eventID: uuid(r),
    readOnly,
    resources: [
      { accountId: account, type: 'AWS::IAM::Role', ARN: `arn:aws:iam::${account}:role/${roleName}` },
    ],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${source}.${region}.amazonaws.com`,
    },
  };
}

/** A CloudTrail log file, `{"Records":[…]}`, of `count` events over the `span` seconds from `seconds`. */
export function trailFile(seed: number, count: number, seconds: number, span = 300): string {
  const r = random(seed);
  const events: string[] = [];
  for (let i = 0; i < count; i++)
    events.push(JSON.stringify(trailEvent(r, seconds + Math.floor((i * span) / count))));
  return `{"Records":[${events.join(',')}]}`;
}

/** A version 2 flow log file with its header line, `count` records over the `span` seconds from `seconds`. */
export function flowFile(seed: number, count: number, seconds: number, span = 300): string {
  const r = random(seed);
  const lines = [
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  ];
  for (let i = 0; i < count; i++) {
    const start = seconds + Math.floor((i * span) / count);
    const packets = 1 + Math.floor(r.next() ** 4 * 5000);
    const inside = `10.0.${r.below(16)}.${r.below(256)}`;
    const outside = r.next() < 0.5 ? `10.1.${r.below(16)}.${r.below(256)}` : `203.0.113.${r.below(256)}`;
    const [from, to] = r.next() < 0.5 ? [inside, outside] : [outside, inside];
    lines.push(
      `2 ${r.skewed(ACCOUNTS)} eni-${(r.below(64) * 0x1234567).toString(16).padStart(17, '0')} ${from} ${to} ${1024 + r.below(60_000)} ` +
        `${r.skewed([443, 53, 5432, 22, 80, 8080])} ${r.skewed([6, 17, 1])} ${packets} ${packets * (40 + r.below(1400))} ` +
        `${start} ${start + 60} ${r.next() < 0.93 ? 'ACCEPT' : 'REJECT'} OK`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

function uuid(r: Random): string {
  const h = r.hex(32);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
}
