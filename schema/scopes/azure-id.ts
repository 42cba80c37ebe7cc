/**
 * Azure resource ids, in any casing:
 *
 *     /subscriptions/<id>/resourceGroups/<group>/providers/<provider>/<type>/<name>/<type>/<name>…
 *
 * What extends another resource (a role assignment, a diagnostic setting, a lock) has a second `/providers/…` after that
 * resource's own id. What belongs to no subscription begins with `/providers/` or, in directory logs, `/tenants/<id>`.
 *
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/template-functions-resource#resourceid
 * https://learn.microsoft.com/en-us/azure/role-based-access-control/scope-overview
 */

import { providerName, typeName } from './azure-types.ts';
import type { Scope, ScopeKind } from './scope.ts';

/** `Microsoft.Web`, [`sites`, `config`], [`app`, `web`]; at the end a name may be missing, where a collection is meant. */
export interface ProviderPath {
  /** As written; null for the few things of a subscription that have none, such as `/tagNames/<name>`. */
  readonly provider: string | null;
  /** As written. */
  readonly types: readonly string[];
  readonly names: readonly string[];
}

export interface AzureId extends Scope {
  readonly cloud: 'azure';
  readonly tenant: string | null;
  /** As written. */
  readonly subscription: string | null;
  readonly managementGroup: string | null;
  readonly resourceGroup: string | null;
  /** In Microsoft's casing; of the innermost resource. */
  readonly provider: string | null;
  /** From the outermost resource to the innermost; the last extends the one before it. */
  readonly path: readonly ProviderPath[];
}

/** Longer text is not looked at. */
const LONGEST = 4096;

/** The Resource Manager's own types, of what lies in no provider. */
const MANAGER = 'Microsoft.Resources';

/** Takes an id apart; null for text that does not begin with `/subscriptions/`, `/tenants/` or `/providers/`. */
export function parseAzureId(text: string | null): AzureId | null {
  if (text === null || text.length > LONGEST || !isAzureId(text)) return null;
  const parts = text.split('/');
  while (parts.at(-1) === '') parts.pop();
  const reader = new Reader(parts);
  const subscription = reader.after('subscriptions');
  const tenant = subscription === null ? reader.after('tenants') : null;
  const resourceGroup = subscription === null ? null : reader.after('resourcegroups');
  const path = reader.path();
  const outermost = path[0];
  const managementGroup = isManagementGroup(outermost) ? (outermost.names[0] ?? null) : null;
  const kind = kindOf(path, subscription, resourceGroup);
  return {
    cloud: 'azure',
    kind,
    id: text,
    type: typeOf(path, kind),
    name: nameOf(path, kind, [tenant, subscription, resourceGroup, managementGroup]),
    org: tenant,
    account: subscription,
    region: null,
    parent: parentOf(parts, path, resourceGroup !== null),
    tenant,
    subscription,
    managementGroup,
    resourceGroup,
    provider: providerOf(path.at(-1)),
    path,
  };
}

/** Whether the text begins as an Azure id does. */
export function isAzureId(text: string): boolean {
  return text.charCodeAt(0) === 0x2f && /^\/(?:subscriptions|tenants|providers)\/[^/]/i.test(text);
}

/** Steps through the parts of an id; the first is the nothing before the first slash. */
class Reader {
  readonly #parts: readonly string[];
  #at = 1;

  constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  /** What follows the word, if the word stands here and something follows. */
  after(word: string): string | null {
    const found = this.#isWord(word) ? this.#parts[this.#at + 1] : undefined;
    if (found === undefined || found === '') return null;
    this.#at += 2;
    return found;
  }

  path(): ProviderPath[] {
    const found: ProviderPath[] = [];
    while (this.#at < this.#parts.length) found.push(this.#pairs(this.after('providers')));
    return found;
  }

  /** Types and names by turns, up to the next provider. */
  #pairs(provider: string | null): ProviderPath {
    const types: string[] = [];
    const names: string[] = [];
    while (this.#at < this.#parts.length && !this.#isAtProvider) {
      types.push(this.#parts[this.#at]!);
      if (this.#at + 1 < this.#parts.length) names.push(this.#parts[this.#at + 1]!);
      this.#at += 2;
    }
    return { provider, types, names };
  }

  get #isAtProvider(): boolean {
    return this.#isWord('providers') && (this.#parts[this.#at + 1] ?? '') !== '';
  }

  #isWord(word: string): boolean {
    const part = this.#parts[this.#at];
    return part !== undefined && part.length === word.length && part.toLowerCase() === word;
  }
}

function isManagementGroup(path: ProviderPath | undefined): path is ProviderPath {
  return (
    path?.provider?.toLowerCase() === 'microsoft.management' &&
    path.types[0]?.toLowerCase() === 'managementgroups'
  );
}

function kindOf(
  path: readonly ProviderPath[],
  subscription: string | null,
  resourceGroup: string | null,
): ScopeKind {
  const [outermost] = path;
  if (outermost === undefined) {
    if (resourceGroup !== null) return 'group';
    return subscription === null ? 'organization' : 'account';
  }
  const isGroupAlone = isManagementGroup(outermost) && path.length === 1 && outermost.types.length === 1;
  return isGroupAlone && outermost.names.length === 1 ? 'folder' : 'resource';
}

function typeOf(path: readonly ProviderPath[], kind: ScopeKind): string | null {
  switch (kind) {
    case 'organization':
      return `${MANAGER}/tenants`;
    case 'account':
      return `${MANAGER}/subscriptions`;
    case 'group':
      return `${MANAGER}/subscriptions/resourceGroups`;
    default: {
      const { provider, types } = path.at(-1)!;
      return provider === null ? typeName(`${MANAGER}/subscriptions`, types) : typeName(provider, types);
    }
  }
}

/** A collection has no name of its own. */
function nameOf(
  path: readonly ProviderPath[],
  kind: ScopeKind,
  [tenant, subscription, resourceGroup, managementGroup]: readonly (string | null)[],
): string | null {
  switch (kind) {
    case 'organization':
      return tenant ?? null;
    case 'account':
      return subscription ?? null;
    case 'group':
      return resourceGroup ?? null;
    case 'folder':
      return managementGroup ?? null;
    default: {
      const { types, names } = path.at(-1)!;
      return names.length > 0 && names.length === types.length ? names.at(-1)! : null;
    }
  }
}

/** The resource extended, the resource a nested one lies in, its group, its subscription: the nearest that is named. */
function parentOf(parts: readonly string[], path: readonly ProviderPath[], inGroup: boolean): string | null {
  const innermost = path.at(-1);
  let drop = 2;
  if (innermost === undefined) {
    if (!inGroup) return null;
  } else if (innermost.types.length > 1) {
    drop = innermost.types.length === innermost.names.length ? 2 : 1;
  } else {
    drop = innermost.types.length + innermost.names.length + (innermost.provider === null ? 0 : 2);
  }
  const kept = parts.slice(0, parts.length - drop);
  return kept.length < 3 ? null : kept.join('/');
}

function providerOf(path: ProviderPath | undefined): string | null {
  return path?.provider == null ? null : providerName(path.provider);
}

/** Puts an id together again in Azure's own casing of its keywords; names, types and providers are as they came. */
export function formatAzureId(
  id: Pick<AzureId, 'tenant' | 'subscription' | 'resourceGroup' | 'path'>,
): string {
  let text = '';
  if (id.subscription !== null) text += `/subscriptions/${id.subscription}`;
  else if (id.tenant !== null) text += `/tenants/${id.tenant}`;
  if (id.resourceGroup !== null) text += `/resourceGroups/${id.resourceGroup}`;
  for (const { provider, types, names } of id.path) {
    if (provider !== null) text += `/providers/${provider}`;
    types.forEach((type, index) => {
      text += names[index] === undefined ? `/${type}` : `/${type}/${names[index]}`;
    });
  }
  return text;
}
