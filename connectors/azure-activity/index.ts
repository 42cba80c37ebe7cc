import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const azureActivity: Source = {
  id: 'azure.activity',
  title: 'Azure Activity Log',
  cloud: 'azure',
  formatReference: 'https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema',
  delay: {
    minutes: 15,
    reference: 'https://learn.microsoft.com/en-us/azure/azure-monitor/logs/data-ingestion-time',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
