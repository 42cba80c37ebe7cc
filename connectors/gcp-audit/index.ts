import type { Source } from '../contract.ts';
import { ENTRIES_SETTINGS, SINK_SETTINGS } from '../delivery/gcp-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

/** Ids of the logs, as sinks name folders and the query language asks for them. */
const LOGS = [
  'cloudaudit.googleapis.com/activity',
  'cloudaudit.googleapis.com/data_access',
  'cloudaudit.googleapis.com/system_event',
  'cloudaudit.googleapis.com/policy',
];

export const gcpAudit: Source = {
  id: 'gcp.audit',
  title: 'Google Cloud Audit Logs',
  cloud: 'gcp',
  formatReference:
    'https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog',
  // Sinks write to buckets in hourly batches; the first may take up to three hours.
  delay: { minutes: 180, reference: 'https://cloud.google.com/logging/docs/export/storage' },
  table: 'events',
  delivery: [
    { kind: 'objects', role: roleOfKey },
    feedDelivery({
      id: 'entries',
      help: 'The Cloud Logging API: audit logs of projects, folders or organisations, page by page.',
      settings: ENTRIES_SETTINGS,
      place: () => null,
      open: async (settings) =>
        (await import('../delivery/gcp-entries.ts')).gcpEntries(
          settings,
          LOGS.map((log) => `log_id("${log}")`).join(' OR '),
          'logging.logEntries.list, and logging.privateLogEntries.list for data access logs',
        ),
    }),
    feedDelivery({
      id: 'sink',
      help: 'The bucket of a log sink in Cloud Storage, listed day by day, late addenda too.',
      settings: SINK_SETTINGS,
      place: ({ bucket, prefix = '' }) => `gs://${bucket}/${prefix}`,
      open: async (settings) =>
        (await import('../delivery/gcp-sink.ts')).gcpSink(
          settings,
          roleOfKey,
          LOGS.map((log) => `${log}/`),
        ),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
