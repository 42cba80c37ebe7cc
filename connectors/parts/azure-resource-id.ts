/**
 * Azure resource ids taken apart: `/subscriptions/<id>/resourceGroups/<name>/providers/<provider>/<type>/<name>…`, in any
 * casing. https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/template-functions-resource#resourceid
 */

export interface ResourceId {
  /** As written; null for what belongs to a tenant or management group. */
  readonly subscription: string | null;
  readonly tenant: string | null;
  /** `Microsoft.Compute`, as written. */
  readonly provider: string | null;
  /** `Microsoft.Compute/virtualMachines`, as written; of the innermost resource where several are nested. */
  readonly type: string | null;
  readonly name: string | null;
}

const NOTHING: ResourceId = { subscription: null, tenant: null, provider: null, type: null, name: null };

/** The same resources come again and again. */
const known = new Map<string, ResourceId>();
const KNOWN_LIMIT = 10_000;
const LONGEST_REMEMBERED = 1024;

/** Takes an id apart; every part null when the text is no resource id. */
export function parseResourceId(id: string | null): ResourceId {
  if (id === null || id.charCodeAt(0) !== 0x2f) return NOTHING;
  const remembered = known.get(id);
  if (remembered !== undefined) return remembered;
  const parsed = read(id);
  if (id.length <= LONGEST_REMEMBERED) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(id, parsed);
  }
  return parsed;
}

/** Whether the text begins as a resource id does. */
export function isResourceId(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?:subscriptions|tenants|providers)\/[^/]/i.test(value);
}

function read(id: string): ResourceId {
  const parts = id.split('/').filter((part) => part !== '');
  const lower = parts.map((part) => part.toLowerCase());
  const subscription = lower[0] === 'subscriptions' ? (parts[1] ?? null) : null;
  const tenant = lower[0] === 'tenants' ? (parts[1] ?? null) : null;
  const providers = lower.lastIndexOf('providers');
  if (providers >= 0 && parts[providers + 1] !== undefined) {
    const provider = parts[providers + 1]!;
    const rest = parts.slice(providers + 2);
    const types = rest.filter((_, index) => index % 2 === 0);
    const name = rest.length > 0 && rest.length % 2 === 0 ? rest.at(-1)! : null;
    return { subscription, tenant, provider, type: [provider, ...types].join('/'), name };
  }
  // The Resource Manager's own names for what stands above any provider.
  if (lower[2] === 'resourcegroups' && parts[3] !== undefined)
    return {
      subscription,
      tenant,
      provider: null,
      type: 'Microsoft.Resources/subscriptions/resourceGroups',
      name: parts[3],
    };
  if (subscription !== null)
    return {
      subscription,
      tenant,
      provider: null,
      type: 'Microsoft.Resources/subscriptions',
      name: subscription,
    };
  return { ...NOTHING, tenant };
}
