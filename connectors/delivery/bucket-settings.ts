/** What is said of a bucket that a service delivers into. */

import type { BucketPlace } from './s3-objects.ts';
import { RULES, type SettingsOf, type SettingsShape } from './settings.ts';

/** Days listed again by default: of an object that comes later only a pull with --since knows. */
const LOOKBACK_DAYS = 3;
const FIRST_DAYS = 7;

export const BUCKET_SETTINGS = {
  bucket: {
    type: 'text',
    required: true,
    pattern: RULES.bucket,
    help: 'The bucket that logs are delivered into.',
  },
  prefix: {
    type: 'text',
    pattern: RULES.prefix,
    help: 'What stands before `AWSLogs/`, with its slash; nothing by default.',
  },
  bucketOwner: {
    type: 'text',
    pattern: RULES.account,
    help: 'Account that must own the bucket; any by default.',
  },
  bucketRegion: {
    type: 'text',
    pattern: RULES.region,
    help: "The bucket's region; from the environment or profile by default.",
  },
  endpoint: { type: 'text', pattern: RULES.url, help: 'URL of an S3-compatible server; Amazon by default.' },
  accounts: {
    type: 'texts',
    pattern: RULES.account,
    help: 'Only these accounts; all that are found by default.',
  },
  regions: {
    type: 'texts',
    pattern: RULES.region,
    help: 'Only these regions; all that are found by default.',
  },
  lookbackDays: {
    type: 'number',
    least: 1,
    most: 60,
    help: `Days whose objects are listed again at every pull; ${LOOKBACK_DAYS} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 3650,
    help: `Days that the first pull goes back; ${FIRST_DAYS} by default.`,
  },
} as const satisfies SettingsShape;

type BucketSettings = SettingsOf<typeof BUCKET_SETTINGS>;

export const placeOf = ({ bucket, bucketOwner, bucketRegion, endpoint }: BucketSettings): BucketPlace => ({
  bucket,
  owner: bucketOwner,
  region: bucketRegion,
  endpoint,
});

export const daysOf = ({ lookbackDays = LOOKBACK_DAYS, firstDays = FIRST_DAYS }: BucketSettings) => ({
  lookbackDays,
  firstDays,
});

/** Whether a name is wanted: all are, unless some are named. */
export const wanted = (names: readonly string[] | undefined, name: string): boolean =>
  names === undefined || names.includes(name);

export const QUEUE_SETTINGS = {
  queue: {
    type: 'text',
    required: true,
    pattern: RULES.url,
    help: 'URL of the SQS queue that S3, SNS or EventBridge tells of new objects.',
  },
  queueRegion: {
    type: 'text',
    pattern: RULES.region,
    help: "The queue's region; from the environment or profile by default.",
  },
  bucketOwner: {
    type: 'text',
    pattern: RULES.account,
    help: 'Account that must own the buckets; any by default.',
  },
  buckets: {
    type: 'texts',
    required: true,
    pattern: RULES.bucket,
    help: 'The buckets that messages may name; others are left in the queue.',
  },
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of a server that speaks for AWS; Amazon by default.',
  },
} as const satisfies SettingsShape;
