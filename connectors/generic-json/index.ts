import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const genericJson: Source = {
  id: 'generic.json',
  title: 'Any JSON log',
  cloud: null,
  formatReference: 'https://www.rfc-editor.org/rfc/rfc8259',
  // Nobody states a delay for logs of unknown origin; CloudWatch Logs hands on what it gets within minutes.
  delay: {
    minutes: 60,
    reference: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  lastResort: true,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
