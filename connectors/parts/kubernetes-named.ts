/**
 * What a Kubernetes object names besides itself: the role it binds and to whom, the account its pods run as, the secrets
 * they are given. Audit events hold the object at level Request and above.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-binding-v1/
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */

import { array, isObject, type JsonObject, object, text } from './value.ts';

const RBAC = 'rbac.authorization.k8s.io';
/** Pods have so many only when somebody wants them to. */
const MOST = 100;

/** Ids in the form of target_id, and users and groups as they are called. */
export function namedBy(body: unknown, namespace: string | null): string[] {
  const found: string[] = [];
  if (!isObject(body)) return found;
  const add = (id: string | null): void => {
    if (id !== null && found.length < MOST && !found.includes(id)) found.push(id);
  };
  add(roleOf(object(body['roleRef']), text(body['apiVersion']), namespace));
  for (const subject of array(body['subjects'])) add(subjectOf(object(subject)));
  const pod = podSpecOf(body);
  const inNamespace = (kind: string, name: unknown): void => {
    const said = text(name);
    if (said !== null && namespace !== null) add(`core/v1/namespaces/${namespace}/${kind}/${said}`);
  };
  inNamespace('serviceaccounts', pod['serviceAccountName'] ?? pod['serviceAccount']);
  for (const volume of array(pod['volumes']).map(object)) {
    inNamespace('secrets', object(volume['secret'])['secretName']);
    for (const source of array(object(volume['projected'])['sources']))
      inNamespace('secrets', object(object(source)['secret'])['name']);
  }
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((name) =>
    array(pod[name]),
  );
  for (const container of containers.map(object)) {
    for (const source of array(container['envFrom']))
      inNamespace('secrets', object(object(source)['secretRef'])['name']);
    for (const variable of array(container['env']))
      inNamespace('secrets', object(object(object(variable)['valueFrom'])['secretKeyRef'])['name']);
  }
  return found;
}

/** Of a pod, of what makes pods, and of what makes that at times. */
function podSpecOf(top: JsonObject): JsonObject {
  const spec = object(top['spec']);
  const job = object(object(object(spec['jobTemplate'])['spec'])['template'])['spec'];
  const template = object(spec['template'])['spec'];
  return object(job ?? template ?? spec);
}

/** A binding names its role by kind and name; group and version are its own. */
function roleOf(reference: JsonObject, version: string | null, namespace: string | null): string | null {
  const name = text(reference['name']);
  const group = version?.startsWith(`${RBAC}/`) === true ? version : RBAC;
  if (name === null) return null;
  if (reference['kind'] === 'ClusterRole') return `${group}/clusterroles/${name}`;
  return reference['kind'] === 'Role' && namespace !== null
    ? `${group}/namespaces/${namespace}/roles/${name}`
    : null;
}

/** A service account's user name is made of its namespace and name; with it, it is found as an actor too. */
function subjectOf(subject: JsonObject): string | null {
  const name = text(subject['name']);
  const namespace = text(subject['namespace']);
  if (subject['kind'] !== 'ServiceAccount') return name;
  return name === null || namespace === null ? name : `system:serviceaccount:${namespace}:${name}`;
}
