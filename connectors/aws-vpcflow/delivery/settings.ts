/** What an engineer says of where flow logs are had. */

import { RULES, type SettingsShape } from '../../delivery/settings.ts';

export const OVERLAP_MINUTES = 60;
export const FIRST_DAYS = 1;

export const LOG_GROUP_SETTINGS = {
  logGroup: {
    type: 'text',
    required: true,
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    pattern: {
      test: /^[\w./#-]{1,512}$/,
      rule: 'the name of a log group such as /vpc/flows, and not its ARN',
    },
    help: 'Name of the log group that flow logs are published to.',
  },
  region: { type: 'text', required: true, pattern: RULES.region, help: 'The region of the log group.' },
  account: {
    type: 'text',
    pattern: RULES.account,
    help: 'The account of the log group; with it coverage tells which hours were fetched.',
  },
  overlapMinutes: {
    type: 'number',
    least: 15,
    most: 1440,
    help: `Minutes fetched again at every pull, for records that come late; ${OVERLAP_MINUTES} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 3650,
    help: `Days that the first pull goes back; ${FIRST_DAYS} by default.`,
  },
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of a server that speaks for AWS; Amazon by default.',
  },
} as const satisfies SettingsShape;
