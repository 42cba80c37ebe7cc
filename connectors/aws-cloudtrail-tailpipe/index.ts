import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsCloudTrailTailpipe: Source = {
  id: 'aws.cloudtrail-tailpipe',
  title: 'AWS CloudTrail out of Tailpipe',
  cloud: 'aws',
  formatReference: 'https://hub.tailpipe.io/plugins/turbot/aws/tables/aws_cloudtrail_log',
  delay: {
    minutes: 15,
    reference:
      'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
  imported: {
    from: 'Tailpipe',
    held: 'what Tailpipe collected and kept of it; what it left out or dropped is not known',
  },
};
