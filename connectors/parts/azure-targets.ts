/** What an Azure record acted on, and every other resource and principal it names. */

import type { AuditEvent } from '../../schema/columns.ts';
import type { AzureId } from '../../schema/scopes/azure-id.ts';
import { Fields, fold } from './azure-fields.ts';
import { isResourceId, parseResourceId } from './azure-resource-id.ts';
import { text } from './value.ts';

/** Records can name thousands; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const LONGEST_ID = 2048;

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Members that hold a principal's object id: of role assignments, and of Privileged Identity Management. */
const PRINCIPALS: ReadonlySet<string> = new Set(['principalid', 'subjectid']);

/** Ids in the order they were found; those that differ in letter case alone are one. */
export class Targets {
  readonly #found = new Map<string, string>();

  add(id: string | null | undefined): void {
    if (id === null || id === undefined || id.length > LONGEST_ID || this.isFull) return;
    const key = id.toLowerCase();
    if (!this.#found.has(key)) this.#found.set(key, id);
  }

  /** An id, and what it extends: role assignments, locks and policies say in their own id what they are for. */
  addResource(id: string | null): void {
    this.add(id);
    const parsed = parseResourceId(id);
    if (parsed !== null && extendsAnother(parsed)) this.add(parsed.parent);
  }

  /** Resource ids and principals anywhere in the value: roles assigned and to whom, rules of alerts, policies. */
  addNamed(value: unknown, depth = 0): void {
    if (isResourceId(value)) {
      if (!/\s/.test(value)) this.add(value);
    } else if (typeof value === 'object' && value !== null && depth < 8 && !this.isFull) {
      for (const [name, item] of Object.entries(value)) {
        if (typeof item === 'string' && PRINCIPALS.has(fold(name)) && GUID.test(item)) this.add(item);
        else this.addNamed(item, depth + 1);
      }
    }
  }

  get isFull(): boolean {
    return this.#found.size >= MAX_TARGETS;
  }

  /** Null where there are none. */
  get list(): string[] | null {
    return this.#found.size === 0 ? null : [...this.#found.values()];
  }
}

function extendsAnother(id: AzureId): boolean {
  return id.path.length > 1 || id.provider === 'Microsoft.Authorization';
}

/** Sets target and account columns of an Activity Log or diagnostic record; `id` is of the resource it is about. */
export function setResourceTarget(
  event: AuditEvent,
  record: Fields,
  { id, scope, properties }: { id: string | null; scope: string | null; properties: Fields },
): void {
  const resource = parseResourceId(id);
  event.target_id = id;
  event.target_type = resource?.type ?? record.label('resourceType');
  event.target_name = resource?.name ?? null;
  const account =
    record.text('subscriptionId') ?? resource?.subscription ?? properties.text('subscriptionId');
  event.account = account?.toLowerCase() ?? null;
  const targets = new Targets();
  targets.addResource(id);
  targets.addResource(scope);
  // The key, secret or certificate, and the blob or file, that a vault or storage account was asked for.
  if (event.category === 'AuditEvent') targets.add(properties.text('id'));
  targets.add(properties.text('objectKey'));
  // What was asked of Microsoft Graph.
  if (event.category === 'MicrosoftGraphActivityLogs')
    targets.add(properties.text('requestUri')?.split('?', 1)[0]);
  targets.addNamed(properties.value);
  event.targets = targets.list;
}

/**
 * Sets target columns of a directory audit: all target resources, what was added to or taken from them, and the ids among
 * the details.
 * https://learn.microsoft.com/en-us/graph/api/resources/targetresource
 */
export function setDirectoryTargets(event: AuditEvent, audit: Fields, details: Fields): void {
  const targets = new Targets();
  const resources = audit.list('targetResources').map((target) => new Fields(target));
  for (const target of resources) {
    targets.add(target.text('id', 'userPrincipalName', 'displayName'));
  }
  const [first] = resources;
  if (first !== undefined) {
    event.target_type = first.text('type');
    event.target_id = first.text('id');
    event.target_name = first.text('userPrincipalName', 'displayName');
  } else {
    setJoinedTarget(event, audit);
    targets.add(event.target_id);
  }
  for (const target of resources)
    for (const change of target.list('modifiedProperties')) addChanged(targets, new Fields(change));
  // An application's object id is in no sign-in; its AppId is.
  for (const name of ['AppId', 'ServicePrincipalId']) {
    const id = details.text(name);
    if (id !== null && GUID.test(id)) targets.add(id);
  }
  targets.addNamed(details.value);
  event.targets = targets.list;
}

/** `Role.ObjectID`, `Group.ObjectID`, `ServicePrincipal.AppId` and the like: values are JSON text, or lists in it. */
function addChanged(targets: Targets, change: Fields): void {
  const name = change.text('displayName', 'Name') ?? '';
  const values = [change.text('newValue') ?? '', change.text('oldValue') ?? ''] as const;
  if (name === 'KeyDescription') addChangedKeys(targets, values);
  if (!/(?:^|\.)(?:ObjectID|AppId)$/i.test(name)) return;
  for (const value of values)
    for (const id of value.split(/[^0-9A-Za-z-]+/)) if (GUID.test(id)) targets.add(id);
}

/** Keys added or removed, of an application or service principal: both values list all there were, by KeyIdentifier. */
function addChangedKeys(targets: Targets, values: readonly [after: string, before: string]): void {
  const [after, before] = values.map(
    (value) => new Set([...value.matchAll(/KeyIdentifier=([0-9A-Fa-f-]{36})/g)].map(([, id]) => id!)),
  ) as [Set<string>, Set<string>];
  for (const id of after.symmetricDifference(before)) targets.add(id);
}

/**
 * The form of 2018: names of parts in targetResourceType and the parts in targetResourceName, each joined by two
 * underscores, a part itself free of them: `UPN__TenantContextID__PUID__ObjectID__ObjectClass`.
 */
function setJoinedTarget(event: AuditEvent, audit: Fields): void {
  const names = audit.text('targetResourceType')?.split('__') ?? [];
  const parts = audit.text('targetResourceName')?.split('__') ?? [];
  if (names.length < 2 || names.length !== parts.length) {
    event.target_name = audit.text('targetResourceName');
    return;
  }
  const part = (name: string) => text(parts[names.indexOf(name)]);
  event.target_type = part('ObjectClass');
  event.target_id = part('ObjectID');
  event.target_name = part('UPN') ?? part('Name');
}
