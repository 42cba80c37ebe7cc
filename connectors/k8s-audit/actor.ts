/**
 * Who did it, from `user` and `impersonatedUser`.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseArn } from '../../schema/scopes/arn.ts';
import { kubernetesType } from '../parts/gcp-principal.ts';
import { array, firstText, type JsonObject, object, text } from '../parts/value.ts';

/**
 * Sets the actor columns. With impersonation the request runs with the rights of the impersonated user, who is the
 * actor here as an assumed role is elsewhere; the one who authenticated stands behind it.
 */
export function setActor(event: AuditEvent, user: JsonObject, impersonated: JsonObject | null): void {
  const actor = impersonated ?? user;
  const extra = object(user['extra']);
  const name = text(actor['username']);
  const arn = impersonated === null ? extraText(extra, 'arn') : null;
  const objectId = impersonated === null ? extraText(extra, 'oid') : null;
  event.actor_name = name;
  event.actor_id = firstText(arn, objectId, name);
  event.actor_principal = text(actor['uid']);
  event.actor_type = actorType(name, arn);
  event.actor_account = parseArn(arn)?.account ?? null;
  // How the one who authenticated did so. EKS: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
  event.actor_credential = firstText(
    extraText(extra, 'accessKeyId'),
    extraText(extra, 'authentication.kubernetes.io/credential-id'),
  );
  event.actor_session = firstText(
    extraText(extra, 'sessionName'),
    extraText(extra, 'authentication.kubernetes.io/pod-name'),
  );
  event.actor_issuer = arn === null ? null : extraText(extra, 'canonicalArn');
  event.actor_on_behalf_of = impersonated === null ? null : text(user['username']);
}

/** Names that control planes give their own components. */
const COMPONENT =
  /^(?:kube-|kubelet|etcd|apiserver|cluster-autoscaler|eks:|aks|acs|hcp|masterclient$|nodeclient$)/;

function actorType(name: string | null, arn: string | null): string | null {
  if (name === null) return null;
  if (name === 'system:admin') return 'human';
  if (name.startsWith('system:')) return kubernetesType(name);
  if (arn?.includes(':assumed-role/') === true) return 'role_session';
  return COMPONENT.test(name) ? 'service' : 'human';
}

/** Values of `extra` are lists of text. */
function extraText(extra: JsonObject, name: string): string | null {
  const value = extra[name];
  return text(array(value)[0]) ?? text(value);
}
