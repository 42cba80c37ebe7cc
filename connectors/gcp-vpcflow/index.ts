import type { Source } from '../contract.ts';
import { ENTRIES_SETTINGS, SINK_SETTINGS } from '../delivery/gcp-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

/** Ids of the logs, as sinks name folders and the query language asks for them. */
const LOGS = ['compute.googleapis.com/vpc_flows', 'networkmanagement.googleapis.com/vpc_flows'];

export const gcpVpcFlow: Source = {
  id: 'gcp.vpcflow',
  title: 'Google Cloud VPC Flow Logs',
  cloud: 'gcp',
  formatReference: 'https://cloud.google.com/vpc/docs/about-flow-logs-records',
  // Sinks write to buckets in hourly batches; the first may take up to three hours.
  delay: { minutes: 180, reference: 'https://cloud.google.com/logging/docs/export/storage' },
  table: 'flows',
  delivery: [
    { kind: 'objects', role: roleOfKey },
    feedDelivery({
      id: 'entries',
      help: 'The Cloud Logging API: VPC flow logs of projects, folders or organisations, page by page.',
      settings: ENTRIES_SETTINGS,
      place: () => null,
      open: async (settings) =>
        (await import('../delivery/gcp-entries.ts')).gcpEntries(
          settings,
          LOGS.map((log) => `log_id("${log}")`).join(' OR '),
          'logging.logEntries.list',
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
