import type { BodySample, Recognition } from '../contract.ts';
import { recogniseOnly, roleByKey } from '../parts/azure-recognise.ts';

/**
 * Layout of https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview#storage, and `am-<table>` of
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-data-export
 */
export const roleOfKey = roleByKey(
  /(?:insights-logs-flowlogflowevent\/|flowLogResourceID=\/|am-ntanetanalytics\/).*\.json(?:\.gz)?$/i,
);

export function recognise(sample: BodySample): Recognition | null {
  return recogniseOnly('vnetflow', sample, roleOfKey(sample.path) === 'records');
}
