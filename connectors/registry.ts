/** Every source there is. Adding one is a folder and a line here. */

import { awsCloudTrail } from './aws-cloudtrail/index.ts';
import { awsCloudTrailLake } from './aws-cloudtrail-lake/index.ts';
import { awsCloudTrailTailpipe } from './aws-cloudtrail-tailpipe/index.ts';
import { awsSsmSession } from './aws-ssmsession/index.ts';
import { awsVpcFlow } from './aws-vpcflow/index.ts';
import { awsVpcFlowTailpipe } from './aws-vpcflow-tailpipe/index.ts';
import { azureActivity } from './azure-activity/index.ts';
import { azureActivityTailpipe } from './azure-activity-tailpipe/index.ts';
import { azureAudit } from './azure-audit/index.ts';
import { azureNsgFlow } from './azure-nsgflow/index.ts';
import { azureSignIn } from './azure-signin/index.ts';
import { azureVnetFlow } from './azure-vnetflow/index.ts';
import type { Connector, Source } from './contract.ts';
import { gcpAudit } from './gcp-audit/index.ts';
import { gcpAuditTailpipe } from './gcp-audit-tailpipe/index.ts';
import { gcpVpcFlow } from './gcp-vpcflow/index.ts';
import { genericJson } from './generic-json/index.ts';
import { genericText } from './generic-text/index.ts';
import { k8sAudit } from './k8s-audit/index.ts';
import { linuxAuth } from './linux-auth/index.ts';
import MAPPING_LOCK from './mapping-lock.json' with { type: 'json' };

const SOURCES: readonly Source[] = [
  awsCloudTrail,
  awsVpcFlow,
  awsSsmSession,
  azureActivity,
  azureSignIn,
  azureAudit,
  azureNsgFlow,
  azureVnetFlow,
  gcpAudit,
  linuxAuth,
  gcpVpcFlow,
  k8sAudit,
  // What other tools kept of these: where the vendor's own delivery is held too, that comes first.
  awsCloudTrailLake,
  awsCloudTrailTailpipe,
  awsVpcFlowTailpipe,
  azureActivityTailpipe,
  gcpAuditTailpipe,
  // Whatever nobody else knows, last.
  genericJson,
  genericText,
];

/** Every source with the version of its mapping. */
export const connectors: readonly Connector[] = SOURCES.map((source) => ({
  ...source,
  mappingVersion: `${source.id}/${(MAPPING_LOCK as Record<string, string>)[source.id] ?? 'unlocked'}`,
}));

/** The connector with this id, or undefined. */
export function connectorById(id: string): Connector | undefined {
  return connectors.find((connector) => connector.id === id);
}
