/** The product that wrote a source's records, as `metadata.product` names it. */

import { withCopies } from '../copies.ts';

interface Product {
  readonly name: string;
  readonly vendor: string | null;
}

const OWN: Readonly<Record<string, Product>> = {
  'aws.cloudtrail': { name: 'CloudTrail', vendor: 'AWS' },
  'aws.vpcflow': { name: 'Amazon VPC Flow Logs', vendor: 'AWS' },
  'aws.ssmsession': { name: 'Systems Manager Session Manager', vendor: 'AWS' },
  'azure.activity': { name: 'Azure Activity Log', vendor: 'Microsoft' },
  'azure.signin': { name: 'Microsoft Entra sign-in logs', vendor: 'Microsoft' },
  'azure.audit': { name: 'Microsoft Entra audit logs', vendor: 'Microsoft' },
  'azure.nsgflow': { name: 'Network security group flow logs', vendor: 'Microsoft' },
  'azure.vnetflow': { name: 'Virtual network flow logs', vendor: 'Microsoft' },
  'gcp.audit': { name: 'Cloud Audit Logs', vendor: 'Google Cloud' },
  'gcp.vpcflow': { name: 'VPC Flow Logs', vendor: 'Google Cloud' },
  'k8s.audit': { name: 'Kubernetes audit log', vendor: 'Kubernetes' },
  'linux.auth': { name: 'Linux authentication log', vendor: null },
  'generic.json': { name: 'JSON log', vendor: null },
  'generic.text': { name: 'Text log', vendor: null },
};

export const PRODUCTS: Readonly<Record<string, Product>> = Object.fromEntries(
  withCopies(Object.entries(OWN)),
);
