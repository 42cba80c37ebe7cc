import type { Source } from '../contract.ts';
import { BLOB_SETTINGS, WORKSPACE_SETTINGS } from '../delivery/azure-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const azureVnetFlow: Source = {
  id: 'azure.vnetflow',
  title: 'Azure virtual network flow logs',
  cloud: 'azure',
  formatReference: 'https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview',
  delay: {
    // A flow that goes on is reported at five-minute intervals.
    minutes: 5,
    reference: 'https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview',
  },
  table: 'flows',
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
          ['insights-logs-flowlogflowevent'],
          roleOfKey,
        ),
    }),
    feedDelivery({
      id: 'workspace',
      help: 'A Log Analytics workspace: the table NTANetAnalytics, flows counted together by Traffic Analytics.',
      settings: WORKSPACE_SETTINGS,
      place: ({ workspace }) => workspace,
      open: async (settings) =>
        (await import('../delivery/azure-workspace.ts')).azureWorkspace(settings, ['NTANetAnalytics']),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
