/**
 * Google Cloud resource names: collections and ids by turns, `projects/p/zones/z/instances/i`, alone (relative), after the
 * service that has them (`//compute.googleapis.com/projects/…`, full), or as the URL of Compute Engine's self links.
 * https://cloud.google.com/apis/design/resource_names
 * https://cloud.google.com/iam/docs/full-resource-names
 */

import type { Scope, ScopeKind } from './scope.ts';

export interface GcpName extends Scope {
  readonly cloud: 'gcp';
  /** What stands before the path, as written: nothing, `//<service>/`, or scheme, host, API and version of a URL. */
  readonly prefix: string;
  /** `compute.googleapis.com`, where the name says it. */
  readonly service: string | null;
  /** `instances`: the collection it is of; null for names whose last part is in none. */
  readonly collection: string | null;
  /** The path's parts. An object's name is one, whatever slashes it holds. */
  readonly path: readonly string[];
  readonly folder: string | null;
}

/** An object's name in Cloud Storage may take 1024 bytes, and longer text is not looked at. */
const LONGEST = 4096;

const STORAGE = 'storage.googleapis.com';
const ROOTS: ReadonlySet<string> = new Set(['projects', 'folders', 'organizations', 'billingAccounts']);
/** Ids that stand for any or for the one in question. */
const NOBODY: ReadonlySet<string> = new Set(['_', '-', '*']);
const PLACES: ReadonlySet<string> = new Set(['zones', 'regions', 'locations']);
const CONTAINERS: ReadonlyMap<string, ScopeKind> = new Map([
  ['organizations', 'organization'],
  ['folders', 'folder'],
  ['projects', 'account'],
]);

/** `//host/`, `host.googleapis.com/` as log sinks write it, or a URL with the API's name and version. */
const PREFIX =
  /^(?:\/\/(?<full>[a-z0-9.-]+\.[a-z]+)\/|(?<bare>[a-z0-9-]+\.googleapis\.com)\/|https?:\/\/(?<host>[a-z0-9.-]+\.googleapis\.com)\/(?:\w+\/){0,3}?(?=(?:projects|folders|organizations|billingAccounts)\/))/;

/** Takes a name apart; null for text that is in none of the three forms, or begins with no known collection. */
export function parseGcpName(text: string | null): GcpName | null {
  if (text === null || text.length > LONGEST) return null;
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  if (ROOTS.has(text.slice(0, slash))) return readGcpPath(text, '', null, text);
  const prefix = PREFIX.exec(text);
  if (prefix === null) return null;
  const path = text.slice(prefix[0].length);
  // A full name is known by its service; the others only by where their path begins.
  const { full, bare } = prefix.groups!;
  const isRooted = ROOTS.has(path.slice(0, Math.max(0, path.indexOf('/'))));
  if (path === '' || !(isRooted || full !== undefined || bare === STORAGE)) return null;
  return readGcpPath(text, prefix[0], serviceOf(prefix.groups), path);
}

/** For text that is known to name something of a service, and may begin with any collection: `managedZones/z`. */
export function parseGcpNameOf(service: string | null, text: string | null): GcpName | null {
  if (text === null || text === '' || text.length > LONGEST) return null;
  const prefix = PREFIX.exec(text);
  const named = serviceOf(prefix?.groups) ?? service;
  return readGcpPath(text, prefix?.[0] ?? '', named, text.slice(prefix?.[0].length ?? 0));
}

/** Puts a name together again from its parts. */
export function formatGcpName({ prefix, path }: Pick<GcpName, 'prefix' | 'path'>): string {
  return prefix + path.join('/');
}

/** A host that serves many APIs does not say which of them the name is of. */
function serviceOf(groups: Readonly<Record<string, string | undefined>> | undefined): string | null {
  const host = groups?.['host'];
  if (host === 'www.googleapis.com' || host === 'content.googleapis.com') return null;
  return groups?.['full'] ?? groups?.['bare'] ?? host ?? null;
}

function readGcpPath(id: string, prefix: string, service: string | null, text: string): GcpName {
  const isBucket = service === STORAGE && prefix !== '' && !ROOTS.has(text.split('/', 1)[0]!);
  const path = isBucket ? bucketPartsOf(text) : partsOf(text);
  const pairs = isBucket ? bucketPairsOf(path) : pairsOf(path);
  const [root] = pairs;
  const last = pairs.at(-1);
  const kind = kindOf(pairs, last);
  const rootId = (collection: string) => (root?.collection === collection ? said(root.id) : null);
  const place = pairs.find((pair) => PLACES.has(pair.collection))?.id ?? null;
  const collection = last === undefined || last.id === null ? null : last.collection;
  return {
    cloud: 'gcp',
    kind,
    id,
    type: collection === null ? null : typeOf(kind, collection, service),
    name: last?.id ?? null,
    org: rootId('organizations'),
    account: rootId('projects'),
    region: said(place) ?? (isGlobal(path) ? 'global' : null),
    parent: parentOf(prefix, path, last),
    prefix,
    service,
    collection,
    path,
    folder: rootId('folders'),
  };
}

interface Pair {
  readonly collection: string;
  /** Null for a collection as a whole, or a thing of which there is one only. */
  readonly id: string | null;
  /** Place of the collection in the path. */
  readonly at: number;
}

/** Parts between slashes; `…/buckets/b/objects/…` ends in the object's name, which may hold and end with slashes. */
function partsOf(text: string): string[] {
  const object = /^(?:.*?\/)?buckets\/[^/]+\/objects\/(?=[\s\S])/.exec(text)?.[0];
  if (object !== undefined) return [...object.slice(0, -1).split('/'), text.slice(object.length)];
  const parts = text.split('/');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

/** `global` stands alone where others name a zone. */
function isGlobal(path: readonly string[]): boolean {
  return path[0] === 'projects' && path[2] === 'global' && path.length > 3;
}

/** `//storage.googleapis.com/<bucket>` of Cloud Asset Inventory, and an object's name after it. */
function bucketPartsOf(text: string): string[] {
  const slash = text.indexOf('/');
  return slash < 0 || slash === text.length - 1
    ? [text.slice(0, slash < 0 ? undefined : slash)]
    : [text.slice(0, slash), text.slice(slash + 1)];
}

function bucketPairsOf([bucket, object]: readonly string[]): Pair[] {
  const pairs: Pair[] = [{ collection: 'buckets', id: bucket!, at: 0 }];
  if (object !== undefined) pairs.push({ collection: 'objects', id: object, at: 1 });
  return pairs;
}

function pairsOf(path: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  // What lies in a GKE cluster has API groups between its collections: `…/clusters/c/k8s/namespaces/n/apps/deployments/d`.
  const cluster = path.indexOf('k8s') === 6 ? 6 : path.length;
  for (let at = 0; at < cluster; at += 2) {
    if (at === 2 && isGlobal(path)) at = 3;
    pairs.push({ collection: path[at]!, id: path[at + 1] ?? null, at });
  }
  const inside = path.length - 2;
  if (inside > cluster) pairs.push({ collection: path[inside]!, id: path[inside + 1]!, at: inside });
  return pairs;
}

function kindOf(pairs: readonly Pair[], last: Pair | undefined): ScopeKind {
  if (last === undefined || last.id === null) return 'resource';
  if (pairs.length === 1) return CONTAINERS.get(last.collection) ?? 'resource';
  return pairs.length === 2 && pairs[0]!.collection === 'projects' && PLACES.has(last.collection)
    ? 'location'
    : 'resource';
}

/** Null for what cannot be the name of a collection. */
function typeOf(kind: ScopeKind, collection: string, service: string | null): string | null {
  if (!/^[A-Za-z]\w*$/.test(collection)) return null;
  if (kind === 'organization' || kind === 'folder' || kind === 'account')
    return `cloudresourcemanager.googleapis.com/${collection}`;
  return service === null ? collection : `${service}/${collection}`;
}

function parentOf(prefix: string, path: readonly string[], last: Pair | undefined): string | null {
  const kept = path.slice(0, last?.at ?? 0);
  if (kept.at(-1) === 'global' && isGlobal(path)) kept.pop();
  return kept.length === 0 ? null : prefix + kept.join('/');
}

function said(id: string | null): string | null {
  return id === null || id === '' || NOBODY.has(id) ? null : id;
}
