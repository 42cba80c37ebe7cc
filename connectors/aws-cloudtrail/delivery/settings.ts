/** What an engineer says of where CloudTrail's events are had. */

import { BUCKET_SETTINGS } from '../../delivery/bucket-settings.ts';
import { RULES, type SettingsShape } from '../../delivery/settings.ts';

export const TRAIL_BUCKET_SETTINGS = {
  ...BUCKET_SETTINGS,
  organization: {
    type: 'text',
    pattern: RULES.organization,
    help: 'Only the trail of this organisation; every folder that is found by default.',
  },
} as const satisfies SettingsShape;

export const OVERLAP_MINUTES = 60;
export const FIRST_DAYS = 7;
/** What CloudTrail keeps. */
export const MOST_DAYS = 90;

export const LOOKUP_SETTINGS = {
  regions: {
    type: 'texts',
    required: true,
    pattern: RULES.region,
    help: 'The regions to ask, each on its own; global services are in us-east-1.',
  },
  account: {
    type: 'text',
    pattern: RULES.account,
    help: 'The account that the credentials are of; with it coverage tells which hours were fetched.',
  },
  overlapMinutes: {
    type: 'number',
    least: 15,
    most: 1440,
    help: `Minutes fetched again at every pull, for events that come late; ${OVERLAP_MINUTES} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: MOST_DAYS,
    help: `Days that the first pull goes back, at most ${MOST_DAYS}; ${FIRST_DAYS} by default.`,
  },
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of a server that speaks for AWS; Amazon by default.',
  },
} as const satisfies SettingsShape;
