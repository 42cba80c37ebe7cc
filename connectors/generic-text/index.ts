import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const genericText: Source = {
  id: 'generic.text',
  title: 'Any text log',
  cloud: null,
  formatReference: 'https://www.rfc-editor.org/rfc/rfc5424',
  // Nobody states a delay for logs of unknown origin; an hour is what the slowest described here, S3's own, usually keeps.
  delay: { minutes: 60, reference: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html' },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  lastResort: true,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
