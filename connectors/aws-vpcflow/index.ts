import type { Source } from '../contract.ts';
import { BUCKET_SETTINGS, QUEUE_SETTINGS } from '../delivery/bucket-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { LOG_GROUP_SETTINGS } from './delivery/settings.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsVpcFlow: Source = {
  id: 'aws.vpcflow',
  title: 'AWS VPC and transit gateway flow logs',
  cloud: 'aws',
  formatReference: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html',
  // 10 minutes to collect, then typically about 10 more to reach a bucket.
  delay: { minutes: 20, reference: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html' },
  table: 'flows',
  delivery: [
    { kind: 'objects', role: roleOfKey },
    feedDelivery({
      id: 'bucket',
      help: 'The bucket that flow logs are published to, text or Parquet, listed day by day.',
      settings: BUCKET_SETTINGS,
      place: ({ bucket, prefix = '' }) => `s3://${bucket}/${prefix}`,
      open: async (settings) => (await import('./delivery/bucket.ts')).flowBucket(settings),
    }),
    feedDelivery({
      id: 'queue',
      help: 'An SQS queue that is told of each new flow log object.',
      settings: QUEUE_SETTINGS,
      place: () => null,
      open: async (settings) => (await import('../delivery/queue.ts')).objectQueue(settings, roleOfKey),
    }),
    feedDelivery({
      id: 'log-group',
      help: 'The log group in CloudWatch Logs that flow logs are published to.',
      settings: LOG_GROUP_SETTINGS,
      place: ({ region, logGroup }) => `${region} ${logGroup}`,
      open: async (settings) => (await import('./delivery/log-group.ts')).logGroup(settings),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
