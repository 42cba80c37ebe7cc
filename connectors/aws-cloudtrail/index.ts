import type { Connector } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsCloudTrail: Connector = {
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
  mappingVersion: 'aws.cloudtrail/1',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
