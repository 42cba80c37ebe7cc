/** What an engineer says of where Google Cloud's logs are had. */

import { RULES, type SettingsOf, type SettingsShape } from './settings.ts';

const LOOKBACK_DAYS = 3;
const FIRST_DAYS = 7;
const OVERLAP_MINUTES = 60;

export const SINK_SETTINGS = {
  bucket: {
    type: 'text',
    required: true,
    pattern: { test: /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, rule: 'the name of a bucket in Cloud Storage' },
    help: 'The bucket that a log sink writes to.',
  },
  prefix: {
    type: 'text',
    pattern: RULES.prefix,
    help: 'What stands before the names of logs, with its slash; nothing by default.',
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
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of a server that speaks for Cloud Storage; Google by default.',
  },
} as const satisfies SettingsShape;

export const ENTRIES_SETTINGS = {
  resources: {
    type: 'texts',
    required: true,
    pattern: {
      test: /^(?:projects|folders|organizations|billingAccounts)\/[A-Za-z0-9:._-]+(?:\/locations\/[\w-]+\/buckets\/[\w.-]+\/views\/[\w.-]+)?$/,
      rule: 'a resource such as projects/example-project or organizations/123456789012',
    },
    help: 'Whose logs to read: projects, folders, organisations or log views, each on its own.',
  },
  overlapMinutes: {
    type: 'number',
    least: 5,
    most: 1440,
    help: `Minutes fetched again at every pull, for entries that come late; ${OVERLAP_MINUTES} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 3650,
    help: `Days that the first pull goes back; ${FIRST_DAYS} by default.`,
  },
  pageSize: { type: 'number', least: 1, most: 1000, help: 'Entries on a page; 1000 by default.' },
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of a server that speaks for Cloud Logging; Google by default.',
  },
} as const satisfies SettingsShape;

export const sinkDays = ({
  lookbackDays = LOOKBACK_DAYS,
  firstDays = FIRST_DAYS,
}: SettingsOf<typeof SINK_SETTINGS>) => ({
  lookbackDays,
  firstDays,
});

export const entriesRange = ({
  overlapMinutes = OVERLAP_MINUTES,
  firstDays = FIRST_DAYS,
}: SettingsOf<typeof ENTRIES_SETTINGS>) => ({ overlapMinutes, firstDays });
