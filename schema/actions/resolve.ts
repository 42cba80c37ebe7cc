import { originalOf } from '../copies.ts';
import { deriveAction } from './derive.ts';
import { awsService, foldOperation, LONGEST_NAME, VENDORS, type Vendor } from './fold.ts';
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
const VENDORS_OF_SOURCE = new Map<string, readonly Vendor[]>([
  ['aws.cloudtrail', ['aws']],
  ['aws.ssmsession', ['linux', 'aws']],
  ['azure.activity', ['azure', 'entra']],
  ['azure.audit', ['entra', 'azure']],
  ['azure.signin', ['entra', 'azure']],
  ['gcp.audit', ['gcp', 'k8s']],
  ['k8s.audit', ['k8s', 'gcp']],
  ['linux.auth', ['linux']],
]);

/**
 * Whether a record of unknown make may mean this vendor's operation: its name must have the vendor's form. Plain words
 * such as `export`, `decrypt` or `query` mean too many things in other people's logs.
 */
function hasFormOf(vendor: Vendor, service: string, operation: string): boolean {
  switch (vendor) {
    case 'aws':
      return service.includes('.amazonaws.com');
    case 'azure':
      return operation.includes('/');
    case 'gcp':
      return operation.includes('.') || service.endsWith('.googleapis.com');
    case 'entra':
      return operation.includes(' ');
    case 'linux':
      return operation.includes(':');
    case 'k8s':
      return service === 'k8s.io';
    default:
      return vendor satisfies never;
  }
}

function lookUp(vendor: Vendor, service: string, operation: string): Action | undefined {
  const index = actionIndexes()[vendor];
  const folded = foldOperation(vendor, operation);
  if (vendor === 'aws') return index.get(`${awsService(service.toLowerCase())}:${folded}`);
  if (vendor === 'gcp') return index.get(`${service.toLowerCase()}#${folded}`) ?? index.get(folded);
  return index.get(folded);
}

function resolve(source: string, service: string, operation: string): ResolvedAction {
  const vendors = VENDORS_OF_SOURCE.get(originalOf(source));
  for (const vendor of vendors ?? VENDORS) {
    if (vendors === undefined && !hasFormOf(vendor, service, operation)) continue;
    const found = lookUp(vendor, service, operation);
    if (found) {
      const { action, access, class: ocsfClass, activity, attack } = found;
      return { action, derived: false, access, class: ocsfClass, activity, attack };
    }
  }
  return deriveAction(originalOf(source), service, operation);
}

/** Operation names come from attackers, so what is remembered of them is bounded. */
const MOST_REMEMBERED = 20_000;
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
    resolved = resolve(source, serviceName.slice(0, LONGEST_NAME), operationName.slice(0, LONGEST_NAME));
    if (Math.max(source.length, serviceName.length, operationName.length) > LONGEST_NAME) return resolved;
    if (size >= MOST_REMEMBERED) {
      remembered.clear();
      size = 0;
    }
    inner(inner(remembered, source), serviceName).set(operationName, resolved);
    size += 1;
  }
  return resolved;
}
