/** What was acted on, from `objectRef`, or `requestURI` where the request was for no resource. */

import type { AuditEvent } from '../../schema/columns.ts';
import { namedBy } from '../parts/kubernetes-named.ts';
import { firstText, type JsonObject, object, text } from '../parts/value.ts';

/** Sets operation, service, read_only, command and the target columns. */
export function setRequest(event: AuditEvent, record: JsonObject, clusterId: string | null): void {
  const reference = object(record['objectRef']);
  const verb = text(record['verb']);
  const resource = text(reference['resource']);
  const subresource = text(reference['subresource']);
  const uri = text(record['requestURI']);
  const kind = resource === null ? null : subresource === null ? resource : `${resource}/${subresource}`;
  event.operation = nonEmpty([verb, kind ?? pathOf(uri)].filter((part) => part !== null).join(' '));
  event.read_only = verb === null ? null : isRead(verb, subresource);
  event.command = subresource === 'exec' ? commandOf(uri) : null;
  if (kind === null) {
    event.target_id = pathOf(uri);
    event.target_name = event.target_id;
  } else {
    setObject(event, record, reference, kind);
  }
  const named = namedBy(record['requestObject'], text(reference['namespace']));
  const targets = [event.target_id, clusterId, ...named].filter((id) => id !== null);
  if (targets.length > 0) event.targets = [...new Set(targets)];
}

/** `core/v1/namespaces/n/pods/p/exec`, as GKE writes it: unlike a request's path the same for every way to reach it. */
function setObject(event: AuditEvent, record: JsonObject, reference: JsonObject, kind: string): void {
  const version = text(reference['apiVersion']);
  // The core group has no name; without a version either, the event does not say which group it is.
  const group = text(reference['apiGroup']) ?? (version === null ? null : 'core');
  const namespace = text(reference['namespace']);
  // A name that the API server makes up is in its answer only.
  const made = object(object(record['responseObject'])['metadata'])['name'];
  const name = firstText(reference['name'], record['verb'] === 'create' ? made : null);
  const [resource, subresource] = kind.split('/');
  event.service = group;
  event.target_type = group === null || group === 'core' ? kind : `${group}/${kind}`;
  event.target_name = name;
  event.target_id = [
    group,
    version,
    ...(namespace === null ? [] : ['namespaces', namespace]),
    resource,
    name,
    subresource,
  ]
    .filter((part) => typeof part === 'string')
    .join('/');
}

/** Subresources that run things whatever the verb: kubectl opens its web sockets with GET. */
const INTERACTIVE = new Set(['exec', 'attach', 'portforward', 'proxy']);
const READS = new Set(['get', 'list', 'watch', 'head', 'options']);

function isRead(verb: string, subresource: string | null): boolean {
  return READS.has(verb) && !(subresource !== null && INTERACTIVE.has(subresource));
}

function pathOf(uri: string | null): string | null {
  return uri === null ? null : nonEmpty(uri.split('?', 1)[0]!);
}

/** The words of `kubectl exec … -- <words>`, one `command` parameter each. */
function commandOf(uri: string | null): string | null {
  const query = uri?.indexOf('?') ?? -1;
  if (uri === null || query < 0) return null;
  return nonEmpty(new URLSearchParams(uri.slice(query + 1)).getAll('command').join(' '));
}

function nonEmpty(value: string): string | null {
  return value === '' ? null : value;
}
