import type { Source } from '../contract.ts';
import { BLOB_SETTINGS, WORKSPACE_SETTINGS } from '../delivery/azure-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const azureAudit: Source = {
  id: 'azure.audit',
  title: 'Microsoft Entra directory audits',
  cloud: 'azure',
  formatReference: 'https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit',
  delay: {
    // What the page allows for a destination newly set up; minutes are usual.
    minutes: 1440,
    reference: 'https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-log-latency',
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
          ['insights-logs-auditlogs'],
          roleOfKey,
        ),
    }),
    feedDelivery({
      id: 'workspace',
      help: 'A Log Analytics workspace: the table AuditLogs.',
      settings: WORKSPACE_SETTINGS,
      place: ({ workspace }) => workspace,
      open: async (settings) =>
        (await import('../delivery/azure-workspace.ts')).azureWorkspace(settings, ['AuditLogs']),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
