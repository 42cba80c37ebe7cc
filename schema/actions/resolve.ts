import { deriveAction } from './derive.ts';
import { awsService, foldOperation, type Vendor } from './fold.ts';
import { type Access, type Action, actionIndexes } from './table.ts';

/** An operation as a record names it. */
export interface Operation {
  /** Connector id, e.g. `aws.cloudtrail`. */
  readonly source: string;
  /** As in the record: `ec2.amazonaws.com`, `Microsoft.Compute`, `compute.googleapis.com`; null when unsaid. */
  readonly service: string | null;
  /** As in the record: `RunInstances`, `Microsoft.Compute/virtualMachines/write`, `create pods/exec`; null when unsaid. */
  readonly operation: string | null;
}

export interface ResolvedAction {
  /** `domain.object.verb`, never empty. */
  readonly action: string;
  /** True when no table names the operation and the action was made by rule. */
  readonly derived: boolean;
  readonly access: Access | null;
  readonly class: string | null;
  readonly activity: string | null;
  readonly attack: readonly string[];
}

/** Which tables a source's operations are looked up in, in this order. */
const VENDORS_OF_SOURCE: Readonly<Record<string, readonly Vendor[]>> = {
  'aws.cloudtrail': ['aws'],
  'aws.ssmsession': ['linux', 'aws'],
  'azure.activity': ['azure', 'entra'],
  'azure.audit': ['entra', 'azure'],
  'azure.signin': ['entra', 'azure'],
  'gcp.audit': ['gcp', 'k8s'],
  'k8s.audit': ['k8s', 'gcp'],
  'linux.auth': ['linux'],
};
const ANY_VENDOR: readonly Vendor[] = ['aws', 'azure', 'gcp', 'entra', 'k8s', 'linux'];

function lookUp(vendor: Vendor, service: string, operation: string): Action | undefined {
  const index = actionIndexes()[vendor];
  const folded = foldOperation(vendor, operation);
  if (vendor === 'aws') return index.get(`${awsService(service.toLowerCase())}:${folded}`);
  if (vendor === 'gcp') return index.get(`${service.toLowerCase()}#${folded}`) ?? index.get(folded);
  return index.get(folded);
}

function resolve(source: string, service: string, operation: string): ResolvedAction {
  for (const vendor of VENDORS_OF_SOURCE[source] ?? ANY_VENDOR) {
    const found = lookUp(vendor, service, operation);
    if (found) {
      const { action, access, class: ocsfClass, activity, attack } = found;
      return { action, derived: false, access, class: ocsfClass, activity, attack };
    }
  }
  return deriveAction(source, service, operation);
}

/** Operation names come from attackers, so what is remembered of them is bounded. */
const MOST_REMEMBERED = 20_000;
const LONGEST_REMEMBERED = 512;
const remembered = new Map<string, Map<string, Map<string, ResolvedAction>>>();
let size = 0;

function inner<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>();
  map.set(key, found);
  return found;
}

/**
 * The canonical action of one operation: from the tables by exact name, otherwise derived by rule. Total: any text
 * gives an action of the form `domain.object.verb`. Constant time per distinct operation after its first sight.
 */
export function resolveAction({ source, service, operation }: Operation): ResolvedAction {
  const serviceName = service ?? '';
  const operationName = operation ?? '';
  let resolved = remembered.get(source)?.get(serviceName)?.get(operationName);
  if (!resolved) {
    resolved = resolve(source, serviceName, operationName);
    if (source.length + serviceName.length + operationName.length > LONGEST_REMEMBERED) return resolved;
    if (size >= MOST_REMEMBERED) {
      remembered.clear();
      size = 0;
    }
    inner(inner(remembered, source), serviceName).set(operationName, resolved);
    size += 1;
  }
  return resolved;
}
