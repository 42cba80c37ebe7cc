/** Every property of a deployment's configuration, with its rule, unit and default: docs/deploy.md prints this table. */

import { RULES } from '../connectors/delivery/settings.ts';
import { SECRET_ARN } from '../functions/environment.ts';
import { SEAL_EVERY_SECONDS } from '../functions/list.ts';
import type { Member, Members } from './members.ts';

const GUID = {
  test: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  rule: 'a GUID such as 00000000-0000-0000-0000-000000000000',
};
/** Of any partition: arn:aws, arn:aws-cn, arn:aws-us-gov, arn:aws-eusc. */
const arn = (rest: string, rule: string) => ({ test: new RegExp(`^arn:aws(?:-[a-z]+)*:${rest}$`), rule });
const PRINCIPAL = arn(
  'iam::\\d{12}:(?:role|user)/[\\w+=,.@/-]{1,512}',
  'the ARN of a role or user, such as arn:aws:iam::123456789012:role/audit',
);
const KEY = arn(
  'kms:[a-z0-9-]+:\\d{12}:key/[\\w-]{1,128}',
  'the ARN of a KMS key, such as arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555',
);
const TOPIC = arn(
  'sns:[a-z0-9-]+:\\d{12}:[\\w-]{1,256}',
  'the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:123456789012:audit',
);

const minutes = (of: number, help: string) =>
  ({
    type: 'number',
    least: 1,
    most: 1440,
    default: of,
    help: `${help}, minutes; ${of} by default.`,
  }) as const;
const group = <G extends Members>(help: string, members: G) => ({ type: 'group', help, members }) as const;
/** A group all of whose members may be left out. */
const options = <G extends Members>(help: string, members: G) =>
  ({ ...group(help, members), default: {} }) as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html: at most 100 years. */
const DAYS = { type: 'number', least: 1, most: 36_500 } as const;

export const MEMBERS = {
  name: {
    type: 'text',
    pattern: {
      test: /^[a-z][a-z0-9-]{0,18}[a-z0-9]$/,
      rule: '2 to 20 of a-z, 0-9 and hyphens, beginning with a letter and not ending with a hyphen',
    },
    default: 'akashi',
    help: 'Begins the names of everything that is made; `akashi` by default.',
  },
  region: {
    type: 'text',
    required: true,
    pattern: RULES.region,
    help: 'The region that everything is kept in, such as eu-central-1. There is no default.',
  },
  account: {
    type: 'text',
    pattern: RULES.account,
    help: 'The AWS account to deploy to, 12 digits; the one that credentials are of by default.',
  },
  residency: {
    type: 'texts',
    pattern: RULES.region,
    help: 'The regions that logs may be kept in; any other is refused, for the replica too. `region` alone by default.',
  },
  trial: {
    type: 'flag',
    default: false,
    help: 'true: locked for one day in governance mode, and all of it is deleted with the stack. false by default: nothing that holds evidence can be destroyed.',
  },
  retention: {
    ...DAYS,
    help: 'Days that everything in the vault is locked, 1 to 36500 (2557 is seven years). Needed unless `trial`: it is chosen, never assumed.',
  },
  retentionBySource: {
    type: 'map',
    value: { ...DAYS, help: 'Days from 1 to 36500.' },
    default: {},
    help: 'Days for the evidence of single sources, such as {"linux.auth": 365}; `retention` by default.',
  },
  mode: {
    type: 'choice',
    options: ['compliance', 'governance'],
    help: '`compliance`: nobody can lift the lock, not even the root user. `governance`: a role with s3:BypassGovernanceRetention could, which the bucket policy denies to all. `compliance` by default, and `governance` for a trial.',
  },
  standards: {
    type: 'choices',
    options: ['pci', 'soc2'],
    default: [],
    help: 'Standards whose least retention is asked for: pci (365 days, PCI DSS 4.0.1 requirement 10.5.1) and soc2 (365 days, an examination’s whole period). None by default.',
  },
  connectors: {
    type: 'entries',
    required: true,
    help: 'What is collected: the entries of `akashi pull`, one for each place.',
  },
  schedule: options('How often connectors ask.', {
    everyMinutes: minutes(5, 'Between two pulls of each connector'),
    connectors: {
      type: 'map',
      value: { type: 'number', least: 1, most: 1440, help: 'Minutes from 1 to 1440.' },
      default: {},
      help: 'Minutes for single connectors, by name; `everyMinutes` by default.',
    },
  }),
  notifications: {
    type: 'map',
    value: {
      type: 'text',
      pattern: {
        test: new RegExp(`^(?:eventbridge|listing)$|${TOPIC.test.source}`),
        rule: '`eventbridge`, `listing` or the ARN of an SNS topic in the same region',
      },
      help: '`eventbridge`, `listing` or the ARN of an SNS topic.',
    },
    default: {},
    help: 'How new objects of `bucket` connectors are told, by their name: `eventbridge` (the bucket sends events to EventBridge in the same account and region), the ARN of an SNS topic, or `listing` alone. `eventbridge` by default where account and region may be the same, and otherwise `listing`.',
  },
  trail: {
    type: 'choice',
    options: ['none', 'account', 'organization'],
    default: 'none',
    help: 'A CloudTrail trail made here, with digests, of all regions: of this `account`, or of the `organization` (deployed in its management account or a delegated administrator’s). Its connector is called own-trail, and no other may be: own.trail is the same name. `none` by default.',
  },
  organization: group('The AWS organisation.', {
    id: {
      type: 'text',
      required: true,
      pattern: RULES.organization,
      help: 'Its id, such as o-a1b2c3d4e5: callers of other organisations are refused at the vault.',
    },
    managementAccount: {
      type: 'text',
      pattern: RULES.account,
      help: 'Its management account, 12 digits: owner of the organisation’s trail; `account` by default.',
    },
    units: {
      type: 'texts',
      pattern: {
        test: /^(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
        rule: 'an organisational unit such as ou-ab12-cdefgh34, or the root such as r-ab12',
      },
      help: 'Units whose accounts get a role that `akashi doctor` reads their regions, VPCs and trails with. None by default.',
    },
  }),
  sourceKeys: {
    type: 'texts',
    pattern: KEY,
    default: [],
    help: 'ARNs of KMS keys that logs in other buckets are encrypted with. None by default.',
  },
  encryption: {
    type: 'choice',
    options: ['kms', 's3'],
    default: 'kms',
    help: '`kms`: a key of this deployment encrypts the buckets. `s3`: S3’s own keys do, which nobody can delete. `kms` by default.',
  },
  storage: {
    type: 'choice',
    options: ['instant', 'tiering', 'standard'],
    default: 'instant',
    help: 'All three are read at once. `instant`: bodies move to S3 Glacier Instant Retrieval, which costs little to keep, and 0.03 USD a GB to read (every byte verified, rows derived anew, originals exported); data files, which questions read, move to S3 Intelligent-Tiering, which costs less the longer nobody reads. `tiering`: bodies lie there too. `standard`: all stays in S3 Standard. `instant` by default; chosen once, since the vault refuses changes of its life cycle.',
  },
  keyAdministrators: {
    type: 'texts',
    pattern: PRINCIPAL,
    default: [],
    help: 'ARNs of roles that may change the keys’ policies. None by default: the account’s administrators by IAM. Where any are named, CDK’s execution role must be among them, or no later deployment can change a key. Nobody may delete or disable keys, unless `trial`.',
  },
  writers: {
    type: 'texts',
    pattern: PRINCIPAL,
    default: [],
    help: 'ARNs of roles that may write to the vault beside the functions, such as that of a machine with `akashi collect`. None by default: the bucket refuses all others.',
  },
  holdRelease: {
    type: 'text',
    pattern: PRINCIPAL,
    help: 'ARN of the one role that may clear legal holds. Nobody by default.',
  },
  seal: options('When what waits is made visible.', {
    everySeconds: {
      type: 'number',
      least: 5,
      most: 900,
      default: SEAL_EVERY_SECONDS,
      help: `Between two seals while logs keep coming, seconds, 5 to 900: what is received can be asked for some seconds after the next, and each costs as much however little it holds (docs/cost.md); ${SEAL_EVERY_SECONDS} by default.`,
    },
    everyMinutes: minutes(5, 'Between two looks at what waits, beside the wake-up that every collect sends'),
  }),
  stamp: options('Time-stamps over sealed checkpoints.', {
    authority: {
      type: 'text',
      pattern: RULES.url,
      help: 'URL of the RFC 3161 time-stamping authority. None by default: then there are no time-stamps.',
    },
    roots: {
      type: 'text',
      pattern: { test: /-----BEGIN CERTIFICATE-----/, rule: 'certificates in PEM' },
      help: 'The authority’s root certificates, PEM. None by default: tokens are then kept, and checked in all but whose they are.',
    },
    authorization: {
      type: 'text',
      pattern: {
        test: SECRET_ARN,
        rule: 'the whole ARN of a secret of Secrets Manager, or of a parameter of Systems Manager',
      },
      help: 'ARN of the secret or parameter that holds what the authority is sent as Authorization, such as `Basic …`. None by default. Only the function `stamp` may read it.',
    },
    authorizationKey: {
      type: 'text',
      pattern: KEY,
      help: 'ARN of the KMS key that encrypts it, where it is one of your own. AWS’s own by default.',
    },
    everyMinutes: minutes(60, 'Between two time-stamps'),
  }),
  query: options('Who asks, and how much.', {
    callers: {
      type: 'texts',
      pattern: PRINCIPAL,
      default: [],
      help: 'ARNs of roles and users that may call the query API. None by default: those of this account with lambda:InvokeFunctionUrl.',
    },
    athenaGiB: {
      type: 'number',
      least: 1,
      most: 7168,
      default: 100,
      help: 'The most that one question to Athena may read, GiB; 100 by default.',
    },
  }),
  alarms: options('When somebody is told.', {
    email: {
      type: 'texts',
      pattern: { test: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, rule: 'an address such as audit@example.com' },
      default: [],
      help: 'Mail addresses that alarms go to. None by default: alarms are then seen on the dashboard alone.',
    },
    topic: {
      type: 'text',
      pattern: TOPIC,
      help: 'ARN of an SNS topic that alarms go to as well. None by default.',
    },
    lagMinutes: minutes(30, 'How old what waits to be sealed may become'),
    silenceMinutes: minutes(60, 'How long the sealer may be silent'),
  }),
  replica: group('A second, locked copy in another account.', {
    bucket: {
      type: 'text',
      required: true,
      pattern: RULES.bucket,
      help: 'Name of its bucket, with versioning and Object Lock.',
    },
    account: {
      type: 'text',
      required: true,
      pattern: RULES.account,
      help: 'Account that owns it, 12 digits.',
    },
    region: {
      type: 'text',
      required: true,
      pattern: RULES.region,
      help: 'Its region, which must be one of `residency`.',
    },
    key: {
      type: 'text',
      pattern: KEY,
      help: 'ARN of the KMS key it is encrypted with; needed with `encryption` kms.',
    },
  }),
  azure: group('Whose credentials are asked for in Azure. Needed for its connectors.', {
    tenant: { type: 'text', required: true, pattern: GUID, help: 'Id of the Entra tenant.' },
    application: {
      type: 'text',
      pattern: GUID,
      help: 'Application (client) id of the app registration that `akashi connect azure` describes. Needed before its connectors are deployed.',
    },
    subscriptions: {
      type: 'texts',
      pattern: GUID,
      default: [],
      help: 'Ids of the subscriptions covered. None by default.',
    },
    networks: {
      type: 'map',
      value: {
        type: 'text',
        pattern: {
          test: /^[a-z0-9]{3,40}(?:\/[a-z0-9]{3,24})?$/,
          rule: 'a region such as westeurope, or westeurope/<storage account>',
        },
        help: 'The network’s region, and the storage account there where several are read.',
      },
      default: {},
      help: 'Virtual networks whose flow logs `akashi connect azure` switches on: their resource ids, each with its region. None by default.',
    },
  }),
  gcp: group('Whose credentials are asked for in Google Cloud. Needed for its connectors.', {
    project: {
      type: 'text',
      required: true,
      pattern: { test: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, rule: 'a project id such as example-project' },
      help: 'Id of the project that holds the workload identity pool and the service account.',
    },
    projectNumber: {
      type: 'text',
      pattern: { test: /^\d{6,15}$/, rule: 'a project number: 6 to 15 digits' },
      help: 'Number of that project. Needed before its connectors are deployed.',
    },
    organization: {
      type: 'text',
      pattern: { test: /^\d{6,15}$/, rule: 'an organisation’s number: 6 to 15 digits' },
      help: 'Number of the organisation whose logs are routed. None by default: the projects that connectors name.',
    },
    pool: {
      type: 'text',
      pattern: { test: /^[a-z][a-z0-9-]{2,30}[a-z0-9]$/, rule: '4 to 32 of a-z, 0-9 and hyphens' },
      default: 'akashi',
      help: 'Id of the workload identity pool; `akashi` by default.',
    },
    provider: {
      type: 'text',
      pattern: { test: /^[a-z][a-z0-9-]{2,30}[a-z0-9]$/, rule: '4 to 32 of a-z, 0-9 and hyphens' },
      default: 'akashi-aws',
      help: 'Id of its provider for AWS; `akashi-aws` by default.',
    },
    serviceAccount: {
      type: 'text',
      pattern: { test: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, rule: '6 to 30 of a-z, 0-9 and hyphens' },
      default: 'akashi-reader',
      help: 'Name of the service account that reads, before the @; `akashi-reader` by default.',
    },
  }),
} as const satisfies Readonly<Record<string, Member>>;
