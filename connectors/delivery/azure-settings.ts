/** What an engineer says of where Azure's logs are had. */

import { RULES, type SettingsOf, type SettingsShape } from './settings.ts';

const OVERLAP_MINUTES = 15;
const FIRST_DAYS = 7;

const GUID = {
  test: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  rule: 'a GUID such as 00000000-0000-0000-0000-000000000000',
};

export const WORKSPACE_SETTINGS = {
  workspace: {
    type: 'text',
    required: true,
    pattern: GUID,
    help: 'Id of the Log Analytics workspace (not its name or resource id).',
  },
  account: {
    type: 'text',
    pattern: GUID,
    help: 'The one subscription or tenant whose logs the workspace gets; with it coverage tells which hours were fetched.',
  },
  overlapMinutes: {
    type: 'number',
    least: 5,
    most: 1440,
    help: `Minutes of ingestion fetched again at every pull; ${OVERLAP_MINUTES} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 730,
    help: `Days that the first pull goes back; ${FIRST_DAYS} by default.`,
  },
  endpoint: {
    type: 'text',
    pattern: { test: /^https:\/\/[^\s@]+$/, rule: 'an https URL without credentials' },
    help: 'URL of the query API; https://api.loganalytics.io/v1 by default.',
  },
  certificates: {
    type: 'text',
    help: 'File of the certificates (PEM) that vouch for the endpoint, beside the usual ones.',
  },
} as const satisfies SettingsShape;

export const ACTIVITY_API_SETTINGS = {
  subscriptions: {
    type: 'texts',
    required: true,
    pattern: GUID,
    help: 'The subscriptions to ask, each on its own.',
  },
  overlapMinutes: {
    type: 'number',
    least: 5,
    most: 1440,
    help: 'Minutes fetched again at every pull, for events that come late; 60 by default.',
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 90,
    help: `Days that the first pull goes back, at most 90; ${FIRST_DAYS} by default.`,
  },
  endpoint: {
    type: 'text',
    pattern: RULES.url,
    help: 'URL of the management API; https://management.azure.com by default.',
  },
} as const satisfies SettingsShape;

const LOOKBACK_DAYS = 2;
const CLOSE_AFTER_HOURS = 3;

export const BLOB_SETTINGS = {
  url: {
    type: 'text',
    required: true,
    pattern: { test: /^https:\/\/[^\s@?]+$/, rule: 'an https URL without credentials' },
    help: 'URL of the storage account, https://example.blob.core.windows.net.',
  },
  containers: { type: 'texts', help: "Containers to read; those that Azure's exports write to by default." },
  lookbackDays: {
    type: 'number',
    least: 1,
    most: 60,
    help: `Days whose blobs are listed again at every pull; ${LOOKBACK_DAYS} by default.`,
  },
  firstDays: {
    type: 'number',
    least: 1,
    most: 3650,
    help: `Days that the first pull goes back; ${FIRST_DAYS} by default.`,
  },
  closeAfterHours: {
    type: 'number',
    least: 1,
    most: 48,
    help: `Hours after its own after which a blob is taken to grow no more, and is proven whole; ${CLOSE_AFTER_HOURS} by default.`,
  },
  certificates: {
    type: 'text',
    help: 'File of the certificates (PEM) that vouch for the account, beside the usual ones.',
  },
} as const satisfies SettingsShape;

export const blobDays = ({
  lookbackDays = LOOKBACK_DAYS,
  firstDays = FIRST_DAYS,
  closeAfterHours = CLOSE_AFTER_HOURS,
}: SettingsOf<typeof BLOB_SETTINGS>) => ({ lookbackDays, firstDays, closeAfterHours });

export const workspaceRange = ({
  overlapMinutes = OVERLAP_MINUTES,
  firstDays = FIRST_DAYS,
}: SettingsOf<typeof WORKSPACE_SETTINGS>) => ({
  overlapMinutes,
  firstDays,
});

export const activityRange = ({
  overlapMinutes = 60,
  firstDays = FIRST_DAYS,
}: SettingsOf<typeof ACTIVITY_API_SETTINGS>) => ({
  overlapMinutes,
  firstDays,
});
