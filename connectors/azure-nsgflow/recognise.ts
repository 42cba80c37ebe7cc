import type { BodySample, Recognition } from '../contract.ts';
import { recogniseOnly, roleByKey } from '../parts/azure-recognise.ts';

/** Layout of https://learn.microsoft.com/en-us/azure/network-watcher/nsg-flow-logs-overview#storage */
export const roleOfKey = roleByKey(
  /(?:insights-logs-networksecuritygroupflowevent\/|\/NETWORKSECURITYGROUPS\/[^/]+\/y=\d{4}\/.*macAddress=).*\.json(?:\.gz)?$/i,
);

export function recognise(sample: BodySample): Recognition | null {
  return recogniseOnly('nsgflow', sample, roleOfKey(sample.path) === 'records');
}
