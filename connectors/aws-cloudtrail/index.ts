import type { Source } from '../contract.ts';
import { QUEUE_SETTINGS } from '../delivery/bucket-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { LOOKUP_SETTINGS, TRAIL_BUCKET_SETTINGS } from './delivery/settings.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsCloudTrail: Source = {
  id: 'aws.cloudtrail',
  title: 'AWS CloudTrail',
  cloud: 'aws',
  formatReference:
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
  delay: {
    minutes: 15,
    reference:
      'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html',
  },
  table: 'events',
  delivery: [
    { kind: 'objects', role: roleOfKey },
    feedDelivery({
      id: 'bucket',
      help: "A trail's bucket, of one account or an organisation: logs, Insights and digests, listed day by day.",
      settings: TRAIL_BUCKET_SETTINGS,
      place: ({ bucket, prefix = '' }) => `s3://${bucket}/${prefix}`,
      open: async (settings) => (await import('./delivery/bucket.ts')).trailBucket(settings),
    }),
    feedDelivery({
      id: 'queue',
      help: 'An SQS queue that is told of each new object of a trail.',
      settings: QUEUE_SETTINGS,
      place: () => null,
      open: async (settings) => (await import('../delivery/queue.ts')).objectQueue(settings, roleOfKey),
    }),
    feedDelivery({
      id: 'lookup-events',
      help: 'The LookupEvents API: management events of the last 90 days, for accounts without a trail.',
      settings: LOOKUP_SETTINGS,
      place: ({ account = null }) => account,
      open: async (settings) => (await import('./delivery/lookup-events.ts')).lookupEvents(settings),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
