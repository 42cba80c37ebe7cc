import type { Source } from '../contract.ts';
import { BLOB_SETTINGS, WORKSPACE_SETTINGS } from '../delivery/azure-settings.ts';
import { feedDelivery } from '../delivery/way.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const azureSignIn: Source = {
  id: 'azure.signin',
  title: 'Microsoft Entra sign-ins',
  cloud: 'azure',
  formatReference: 'https://learn.microsoft.com/en-us/graph/api/resources/signin',
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
          [
            'insights-logs-signinlogs',
            'insights-logs-noninteractiveusersigninlogs',
            'insights-logs-serviceprincipalsigninlogs',
            'insights-logs-managedidentitysigninlogs',
          ],
          roleOfKey,
        ),
    }),
    feedDelivery({
      id: 'workspace',
      help: 'A Log Analytics workspace: the four tables of Entra sign-ins.',
      settings: WORKSPACE_SETTINGS,
      place: ({ workspace }) => workspace,
      open: async (settings) =>
        (await import('../delivery/azure-workspace.ts')).azureWorkspace(settings, [
          'SigninLogs',
          'AADNonInteractiveUserSignInLogs',
          'AADServicePrincipalSignInLogs',
          'AADManagedIdentitySignInLogs',
        ]),
    }),
  ],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
