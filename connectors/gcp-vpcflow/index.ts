import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const gcpVpcFlow: Source = {
  id: 'gcp.vpcflow',
  title: 'Google Cloud VPC Flow Logs',
  cloud: 'gcp',
  formatReference: 'https://cloud.google.com/vpc/docs/about-flow-logs-records',
  // Sinks write to buckets in hourly batches; the first may take up to three hours.
  delay: { minutes: 180, reference: 'https://cloud.google.com/logging/docs/export/storage' },
  table: 'flows',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
