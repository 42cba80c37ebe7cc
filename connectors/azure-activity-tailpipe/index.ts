import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const azureActivityTailpipe: Source = {
  id: 'azure.activity-tailpipe',
  title: 'Azure Activity Log out of Tailpipe',
  cloud: 'azure',
  formatReference: 'https://hub.tailpipe.io/plugins/turbot/azure/tables/azure_activity_log',
  delay: {
    minutes: 20,
    reference: 'https://learn.microsoft.com/en-us/azure/azure-monitor/logs/data-ingestion-time',
  },
  table: 'events',
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
