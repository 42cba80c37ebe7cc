import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsCloudTrailLake: Source = {
  id: 'aws.cloudtrail-lake',
  title: 'AWS CloudTrail Lake query results',
  cloud: 'aws',
  formatReference:
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html',
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
    from: 'CloudTrail Lake',
    held: 'what a query selected out of an event data store; what it left out is not known',
  },
};
