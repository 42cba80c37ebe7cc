import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const linuxAuth: Source = {
  id: 'linux.auth',
  title: 'Linux authentication and system logs',
  cloud: null,
  formatReference: 'https://www.rfc-editor.org/rfc/rfc5424',
  // A host writes its own log at once; the CloudWatch agent sends it on every 5 seconds unless told otherwise.
  delay: {
    minutes: 1,
    reference:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
