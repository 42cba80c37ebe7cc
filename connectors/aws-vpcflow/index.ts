import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
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
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
