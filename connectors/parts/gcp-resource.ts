/** What was acted on, and every other resource and principal that an audit log names. */

import type { AuditEvent } from '../../schema/columns.ts';
import { type GcpName, parseGcpName, parseGcpNameOf } from '../../schema/scopes/gcp-name.ts';
import { field } from './gcp-entry.ts';
import { namedBy } from './kubernetes-named.ts';
import { array, type JsonObject, object, text } from './value.ts';

/** Requests can name thousands; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const LONGEST_ID = 2048;
const MAX_DEPTH = 8;
/** Values looked at in one record; a request of a million members names its targets among the first. */
const MAX_VALUES = 5000;

/** A service account is called by its address where a request is for it to be used. */
const SERVICE_ACCOUNT = /^[^\s@/:]+@[a-z0-9.:-]+$/;

/** The parts of an audit log in which resources are named. */
export interface Named {
  readonly payload: JsonObject;
  readonly request: unknown;
  readonly response: unknown;
  readonly metadata: JsonObject;
  readonly serviceData: JsonObject;
}

/** Sets target_type, target_id, target_name and targets. */
export function setTargets(event: AuditEvent, named: Named, resourceType: string | null): void {
  const { payload, request, response, metadata, serviceData } = named;
  const targets = new Targets();
  const id = targets.add(text(field(payload, 'resourceName')));
  for (const item of array(field(payload, 'authorizationInfo'))) {
    const checked = object(item);
    targets.add(text(checked['resource']));
    targets.add(text(object(field(checked, 'resourceAttributes'))['name']));
  }
  for (const item of array(field(metadata, 'resourceNames'))) targets.add(text(item));
  addGranted(targets, request, serviceData);
  if (event.service === 'k8s.io') {
    const namespace = id === null ? null : (/(?:^|\/)namespaces\/([^/]+)\/./.exec(id)?.[1] ?? null);
    for (const one of namedBy(request, namespace)) targets.add(one);
  }
  targets.addNames(request);
  // A call that makes something is made on what it is made in; the answer names what was made.
  targets.addNames(response);
  targets.addNames(metadata);
  event.targets = targets.list;
  setMain(event, id ?? targets.list?.[0] ?? null, resourceType);
}

function setMain(event: AuditEvent, id: string | null, resourceType: string | null): void {
  event.target_id = id;
  if (id === null) event.target_type = resourceType;
  else if (event.service === 'k8s.io') setKubernetesObject(event, id, resourceType);
  else {
    const name = parseGcpNameOf(event.service, id);
    event.target_type = name?.type ?? resourceType;
    event.target_name = name?.name ?? lastPart(id);
  }
}

/** Who was given or lost which role, else whom the policy names that was set. */
function addGranted(targets: Targets, request: unknown, serviceData: JsonObject): void {
  const deltas = array(field(object(field(serviceData, 'policyDelta')), 'bindingDeltas')).map(object);
  for (const delta of deltas) {
    targets.add(text(delta['member']));
    targets.add(text(delta['role']));
  }
  if (deltas.length > 0) return;
  for (const binding of array(object(object(request)['policy'])['bindings']).map(object)) {
    targets.add(text(binding['role']));
    for (const member of array(binding['members'])) targets.add(text(member));
  }
}

/** Ids in the order they were found; a resource named in full and in brief is one. */
class Targets {
  readonly #found = new Map<string, string>();
  #values = 0;

  /** Adds an id, relative where it was a URL, and gives it back. */
  add(written: string | null): string | null {
    if (written === null || written.length > LONGEST_ID) return null;
    return this.#put(written, nameOf(written));
  }

  /** Adds every name of a resource in the value. What runs the call itself, and places, are none. */
  addNames(value: unknown, depth = 0): void {
    if (typeof value === 'string') {
      this.#addName(value);
      return;
    }
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
    for (const item of Object.values(value)) {
      if (++this.#values > MAX_VALUES || this.#found.size >= MAX_TARGETS) return;
      if (typeof item === 'object' || typeof item === 'string') this.addNames(item, depth + 1);
    }
  }

  #addName(value: string): void {
    if (value.length > LONGEST_ID) return;
    if (value.endsWith('.gserviceaccount.com') && SERVICE_ACCOUNT.test(value)) this.#put(value, null);
    const name = nameOf(value);
    if (name !== null && name.kind !== 'location' && name.collection !== null && !isPassing(name))
      this.#put(value, name);
  }

  #put(written: string, name: GcpName | null): string {
    const relative = name === null ? written : written.slice(name.prefix.length);
    const id = name?.prefix.startsWith('http') === true ? relative : written;
    if (this.#found.size < MAX_TARGETS && !this.#found.has(relative)) this.#found.set(relative, id);
    return id;
  }

  /** Null where there are none. */
  get list(): string[] | null {
    return this.#found.size === 0 ? null : [...this.#found.values()];
  }
}

/** The same resources come again and again. */
const known = new Map<string, GcpName | null>();
const KNOWN_LIMIT = 10_000;
const LONGEST_REMEMBERED = 512;

function nameOf(text: string): GcpName | null {
  if (!text.includes('/')) return null;
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  const name = parseGcpName(text);
  if (text.length <= LONGEST_REMEMBERED) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(text, name);
  }
  return name;
}

/** Long-running operations. */
function isPassing({ collection }: GcpName): boolean {
  return collection === 'operations';
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

function lastPart(id: string): string {
  const trimmed = id.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1) || id;
}
