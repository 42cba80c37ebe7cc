/**
 * A sink's bucket: `<log>/yyyy/mm/dd/HH:MM:SS_HH:MM:SS_Sn.json`, a file an hour and part, and `An:…` for entries that came
 * late. https://cloud.google.com/logging/docs/export/storage
 */

import type { ObjectDelivery } from '../contract.ts';
import { bucketDays, type DayCursor } from './bucket-days.ts';
import type { Feed } from './feed.ts';
import { type SINK_SETTINGS, sinkDays } from './gcp-settings.ts';
import { gcpStorage } from './gcp-storage.ts';
import type { SettingsOf } from './settings.ts';

/** `logs` are the folders of the wanted logs, `cloudaudit.googleapis.com/activity/`. */
export const gcpSink = (
  settings: SettingsOf<typeof SINK_SETTINGS>,
  role: ObjectDelivery['role'],
  logs: readonly string[],
): Feed<DayCursor> =>
  bucketDays({
    open: (request) => gcpStorage(settings, request),
    role,
    streams: async () => logs.map((log) => `${settings.prefix ?? ''}${log}`),
    day: (stream, day) => `${stream}${day.replaceAll('-', '/')}/`,
    ...sinkDays(settings),
  });
