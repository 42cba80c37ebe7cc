/** What is logged: a virtual network, a subnet of it, or a network interface. */

import type { Flow } from '../../schema/columns.ts';
import { parseResourceId } from '../parts/azure-resource-id.ts';

const NETWORK = /^(.*\/virtualNetworks\/[^/]+)(\/subnets\/[^/]+)?/i;
const MACHINE = /^(.*\/virtualMachineScaleSets\/[^/]+\/virtualMachines\/[^/]+)\/networkInterfaces\//i;

/** Account, vpc, subnet and instance, as far as the id of the logged resource tells them. */
export function targetColumns(resource: string | null): Partial<Flow> {
  if (resource === null) return {};
  const network = NETWORK.exec(resource);
  return {
    account: parseResourceId(resource)?.subscription?.toLowerCase() ?? null,
    vpc: network?.[1] ?? null,
    subnet: network?.[2] === undefined ? null : network[0],
    instance: MACHINE.exec(resource)?.[1] ?? null,
  };
}
