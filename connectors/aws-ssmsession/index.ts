import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const awsSsmSession: Source = {
  id: 'aws.ssmsession',
  title: 'AWS Session Manager sessions',
  cloud: 'aws',
  formatReference:
    'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html',
  // A transcript is written to S3 when its session ends, after at most a day (maximum session duration: 1,440 minutes).
  delay: {
    minutes: 1440,
    reference:
      'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-preferences-max-timeout.html',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
