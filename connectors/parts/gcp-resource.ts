/** What was acted on, from an audit log's `resourceName` and `authorizationInfo`. */

import type { AuditEvent } from '../../schema/columns.ts';
import { field } from './gcp-entry.ts';
import { array, type JsonObject, object, text } from './value.ts';

/** Requests can name thousands; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const LONGEST_ID = 2048;

const CONTAINERS = new Set(['projects', 'folders', 'organizations']);

/** Sets target_type, target_id, target_name and targets. */
export function setTargets(event: AuditEvent, payload: JsonObject, resourceType: string | null): void {
  const name = text(field(payload, 'resourceName'));
  const metadata = object(payload['metadata']);
  const response = object(payload['response']);
  const found: string[] = [];
  const add = (value: unknown): void => {
    if (typeof value !== 'string' || value === '' || value.length > LONGEST_ID) return;
    const id = value.startsWith('https://') ? pathOf(value) : value;
    if (found.length < MAX_TARGETS && !found.includes(id)) found.push(id);
  };
  add(name);
  for (const item of array(field(payload, 'authorizationInfo'))) {
    const checked = object(item);
    add(checked['resource']);
    add(object(field(checked, 'resourceAttributes'))['name']);
  }
  for (const item of array(field(metadata, 'resourceNames'))) add(item);
  // What a Create call made has its own name in the answer, while resourceName is what it was made in.
  for (const made of [response['name'], response['targetLink']]) {
    if (typeof made === 'string' && /(?:^|\/)(?:projects|folders|organizations)\//.test(made)) add(made);
  }
  const id = found[0] ?? null;
  event.target_id = id;
  if (id === null) event.target_type = resourceType;
  else if (event.service === 'k8s.io') setKubernetesObject(event, id, resourceType);
  else {
    event.target_type = typeOf(id, event.service) ?? resourceType;
    event.target_name = lastPart(id);
  }
  if (found.length > 0) event.targets = found;
}

/** `rbac.authorization.k8s.io/v1/clusterroles/c`, `core/v1/namespaces/n/pods/p/exec`: the object, not its subresource. */
function setKubernetesObject(event: AuditEvent, id: string, resourceType: string | null): void {
  const parts = id.split('/');
  const [kind, name, subresource] =
    parts[2] === 'namespaces' && parts.length > 4 ? parts.slice(4) : parts.slice(2);
  event.target_name = name ?? lastPart(id);
  if (kind === undefined) {
    event.target_type = resourceType;
    return;
  }
  const resource = subresource === undefined ? kind : `${kind}/${subresource}`;
  event.target_type = parts[0] === 'core' ? resource : `${parts[0]}/${resource}`;
}

/** `compute.googleapis.com/instances` for `projects/p/zones/z/instances/i`; null where the name has no collection. */
function typeOf(id: string, service: string | null): string | null {
  const parts = pathOf(id)
    .split('/')
    .filter((part, index) => part !== '' && !(index === 2 && part === 'global'));
  if (parts.length < 2 || parts.length % 2 !== 0) return null;
  const collection = parts.at(-2)!;
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(collection)) return null;
  if (parts.length === 2 && CONTAINERS.has(collection))
    return `cloudresourcemanager.googleapis.com/${collection}`;
  return service === null ? collection : `${service}/${collection}`;
}

/** `//compute.googleapis.com/projects/…` and `https://www.googleapis.com/compute/v1/projects/…` → from `projects/` on. */
function pathOf(id: string): string {
  const full = /^(?:https:)?\/\/[^/]+\/(?:.*?\/)??((?:projects|folders|organizations)\/.*)$/.exec(id);
  return full === null ? id : full[1]!;
}

function lastPart(id: string): string {
  const trimmed = id.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1) || id;
}
