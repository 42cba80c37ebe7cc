import type { Source } from '../contract.ts';
import { ACTIVITY_API_SETTINGS, BLOB_SETTINGS, WORKSPACE_SETTINGS } from '../delivery/azure-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
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
  delivery: [
    { kind: 'objects', role: roleOfKey },
    feedDelivery({
      id: 'blobs',
      help: 'The storage account that it is exported to: hourly blobs, what is new of them each time.',
      settings: BLOB_SETTINGS,
      place: ({ url }) => url,
      open: async (settings) =>
        (await import('../delivery/azure-blobs.ts')).azureBlobs(
          settings,
          ['insights-activity-logs'],
          roleOfKey,
        ),
    }),
    feedDelivery({
      id: 'workspace',
      help: 'A Log Analytics workspace: the table AzureActivity.',
      settings: WORKSPACE_SETTINGS,
      place: ({ workspace }) => workspace,
      open: async (settings) =>
        (await import('../delivery/azure-workspace.ts')).azureWorkspace(settings, ['AzureActivity']),
    }),
    feedDelivery({
      id: 'api',
      help: 'The Activity Log API of subscriptions: the last 90 days.',
      settings: ACTIVITY_API_SETTINGS,
      place: () => null,
      open: async (settings) => (await import('./delivery/api.ts')).activityApi(settings),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
