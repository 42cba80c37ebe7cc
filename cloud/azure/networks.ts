/**
 * Networks whose flow logs are switched on, as the configuration names them. Of network security groups none can be: since
 * 30 June 2025 Azure makes no new flow logs of them, and retires those there are on 30 September 2027.
 * https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview
 */

import type { Configuration } from '../../infra/configuration.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Destination } from './plan.ts';

/** A virtual network and where its flow log is written. */
export interface Network {
  /** 1, 2, … in the order of their ids. */
  readonly number: number;
  /** Resource id. */
  readonly id: string;
  readonly subscription: string;
  readonly region: string;
  readonly destination: Destination;
}

const NETWORK =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[\w.()-]{1,90}\/providers\/Microsoft\.Network\/virtualNetworks\/[\w.-]{1,80}$/i;

/** Azure makes one in each region where networks are. https://learn.microsoft.com/en-us/azure/network-watcher/network-watcher-create */
export const WATCHER_GROUP = 'NetworkWatcherRG';
export const watcherOf = ({ region }: Network): string => `NetworkWatcher_${region}`;
export const flowLogOf = (name: string, { number }: Network): string => `${name}-network-${number}`;

/** Throws CONNECT_NETWORK. */
export function networksOf(
  { azure }: Pick<Configuration, 'azure'>,
  destinations: readonly Destination[],
): readonly Network[] {
  const wrong = Object.keys(azure?.networks ?? {}).find((id) => !NETWORK.test(id));
  if (wrong !== undefined)
    throw new AkashiError(
      'CONNECT_NETWORK',
      `"azure.networks" names ${JSON.stringify(wrong)}, which is no virtual network. Write its resource id, ` +
        '/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…; flow logs of network security groups ' +
        'can no longer be made.',
    );
  const stores = destinations.filter(({ flows }) => flows);
  return Object.entries(azure?.networks ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, place], at) => {
      const [region = '', store] = place.split('/');
      const fitting = store === undefined ? stores : stores.filter((one) => one.id === store);
      const [destination, ...others] = fitting;
      if (destination !== undefined && others.length === 0)
        return { number: at + 1, id, subscription: id.split('/')[2]!, region, destination };
      const known = stores.map((one) => one.id).join(', ') || 'none';
      throw new AkashiError(
        'CONNECT_NETWORK',
        `"azure.networks" has ${id} in ${place}, and storage accounts that azure.vnetflow reads blobs of are: ${known}. Name the ` +
          `one in the network’s region: "${region}/<storage account>", and a connector that reads it.`,
      );
    });
}
