/** Every source there is. Adding one is a folder and a line here. */

import { awsCloudTrail } from './aws-cloudtrail/index.ts';
import { awsVpcFlow } from './aws-vpcflow/index.ts';
import { azureNsgFlow } from './azure-nsgflow/index.ts';
import { azureVnetFlow } from './azure-vnetflow/index.ts';
import type { Connector } from './contract.ts';
import { gcpAudit } from './gcp-audit/index.ts';
import { gcpVpcFlow } from './gcp-vpcflow/index.ts';

export const connectors: readonly Connector[] = [
  awsCloudTrail,
  awsVpcFlow,
  azureNsgFlow,
  azureVnetFlow,
  gcpAudit,
  gcpVpcFlow,
];

/** The connector with this id, or undefined. */
export function connectorById(id: string): Connector | undefined {
  return connectors.find((connector) => connector.id === id);
}
