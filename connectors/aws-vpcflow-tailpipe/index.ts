import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsVpcFlowTailpipe: Source = {
  id: 'aws.vpcflow-tailpipe',
  title: 'AWS VPC flow logs out of Tailpipe',
  cloud: 'aws',
  formatReference: 'https://hub.tailpipe.io/plugins/turbot/aws/tables/aws_vpc_flow_log',
  delay: { minutes: 20, reference: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html' },
  table: 'flows',
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
