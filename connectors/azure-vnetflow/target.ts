/** What is logged: a virtual network, a subnet of it, or a network interface. */

import type { Flow } from '../../schema/columns.ts';
import { parseResourceId } from '../parts/azure-resource-id.ts';

const NETWORK = /^(.*\/virtualNetworks\/[^/]+)(\/subnets\/[^/]+)?/i;
const MACHINE = /^(.*\/virtualMachineScaleSets\/[^/]+\/virtualMachines\/[^/]+)\/networkInterfaces\//i;

/** Sets account, vpc, subnet and instance as far as the id of the logged resource tells them. */
export function setTarget(flow: Flow, resource: string | null): void {
  if (resource === null) return;
  flow.account = parseResourceId(resource).subscription?.toLowerCase() ?? null;
  const network = NETWORK.exec(resource);
  if (network !== null) {
    flow.vpc = network[1]!;
    flow.subnet = network[2] === undefined ? null : network[0];
  }
  flow.instance = MACHINE.exec(resource)?.[1] ?? null;
}
