/**
 * Who did it, from `userIdentity`. `actor_type` is what kind of credentials signed the call, by one rule:
 *
 * - `root`: the account itself, also where AssumeRoot lent its credentials.
 * - `human`: an account made for somebody to sign in with, in IAM, Identity Center, a directory, SAML or a web identity
 *   provider. That a program holds an IAM user's key is not in the record.
 * - `workload`: credentials that AWS or an OIDC provider hands to running programs alone: instances, functions, tasks,
 *   Kubernetes service accounts, pipelines.
 * - `service`: AWS by itself, or through the role it made for that.
 * - `role_session`: every other session of a role or federated user. Who asked for it is in `actor_session`, who stands
 *   behind it in `actor_on_behalf_of`; people who came through Identity Center are called by name all the same.
 * - `anonymous`: no credentials. `unknown`: none of these is said.
 *
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { awsPrincipal, isPersonSession, principalName } from './aws-principal.ts';
import { vouchesForWorkloads, webIdentitySubject } from './aws-web-identity.ts';
import { boolean, firstText, type JsonObject, object, text } from './value.ts';

/** Who asks without credentials, in S3's data events. */
const ANONYMOUS = new Set(['ANONYMOUS_PRINCIPAL', 'anonymous']);

/** Longer ones are nobody's, and only cost time. */
const LONGEST_ARN = 2048;

/** Sets the actor columns. Whatever userIdentity leaves out stays null. */
export function setActor(event: AuditEvent, identity: JsonObject): void {
  const session = object(identity['sessionContext']);
  const issuer = object(session['sessionIssuer']);
  const attributes = object(session['attributes']);
  const federation = object(session['webIdFederationData']);
  const onBehalfOf = object(identity['onBehalfOf']);
  const type = text(identity['type']);
  const principal = text(identity['principalId']);
  const invokedBy = text(identity['invokedBy']);
  const arn = text(identity['arn']);
  const account = text(identity['accountId']);
  const scope = object(identity['inScopeOf']);

  event.actor_type = actorType(type, identity, session, invokedBy);
  event.actor_id = firstText(arn, principal, onBehalfOf['userId'], invokedBy, account);
  event.actor_principal = principal;
  event.actor_account = account === null || ANONYMOUS.has(account) ? text(issuer['accountId']) : account;
  event.actor_credential = text(identity['accessKeyId']) ?? text(identity['credentialId']);
  event.actor_session = sessionName(type, arn, principal);
  event.actor_issuer =
    text(issuer['arn']) ??
    text(federation['federatedProvider']) ??
    text(identity['identityProvider']) ??
    text(onBehalfOf['identityStoreArn']);
  // A person who passed on a source identity, came from Identity Center or from a web identity provider, or the resource
  // that got the credentials.
  event.actor_on_behalf_of =
    text(session['sourceIdentity']) ??
    text(onBehalfOf['userId']) ??
    webIdentitySubject(federation) ??
    text(scope['credentialsIssuedTo']);
  event.actor_name = actorName(type, identity, issuer, event.actor_session, invokedBy);
  event.mfa = boolean(attributes['mfaAuthenticated']);
}

function actorType(
  type: string | null,
  identity: JsonObject,
  session: JsonObject,
  invokedBy: string | null,
): string | null {
  // AssumeRoot gives a member account's root credentials for a while: what it may do is what root may do.
  if ('assumedRoot' in session && String(session['assumedRoot']) === 'true') return 'root';
  switch (type) {
    case 'Root':
      return 'root';
    case 'IAMUser':
    case 'IdentityCenterUser':
    case 'SAMLUser':
    case 'Directory':
      return 'human';
    case 'WebIdentityUser':
      return vouchesForWorkloads(text(identity['identityProvider'])) ? 'workload' : 'human';
    case 'AssumedRole':
    case 'FederatedUser':
    case 'Role':
      return sessionType(identity, session);
    case 'AWSService':
      return 'service';
    case 'Unknown':
      return 'unknown';
    default:
      return (
        typeOfPrincipal(text(identity['principalId']), text(identity['accountId'])) ??
        awsPrincipal(text(identity['arn']))?.type ??
        (invokedBy !== null && type === null ? 'service' : null) ??
        (type === null && Object.keys(identity).length === 0 ? null : 'unknown')
      );
  }
}

/** Sessions of service-linked roles are the service itself; those of instances, functions, tasks and pipelines workloads. */
function sessionType(identity: JsonObject, session: JsonObject): string {
  const issuer = text(object(session['sessionIssuer'])['arn']);
  if (issuer?.includes(':role/aws-service-role/') === true) return 'service';
  if ('ec2RoleDelivery' in session) return 'workload';
  if (vouchesForWorkloads(text(object(session['webIdFederationData'])['federatedProvider'])))
    return 'workload';
  return text(object(identity['inScopeOf'])['credentialsIssuedTo']) === null ? 'role_session' : 'workload';
}

/**
 * By the prefix of a unique id, for callers from another account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
 */
function typeOfPrincipal(principal: string | null, account: string | null): string | null {
  if ((principal !== null && ANONYMOUS.has(principal)) || (account !== null && ANONYMOUS.has(account)))
    return 'anonymous';
  if (principal?.startsWith('AIDA') === true) return 'human';
  return principal?.startsWith('AROA') === true ? 'role_session' : null;
}

/** Part of an assumed role's ARN and principal id after the role: who or what asked for the session. */
function sessionName(type: string | null, arn: string | null, principal: string | null): string | null {
  if (type !== 'AssumedRole' && type !== 'FederatedUser' && type !== 'AWSAccount' && type !== 'Role')
    return null;
  const assumed =
    arn === null || arn.length > LONGEST_ARN
      ? null
      : /:(?:assumed-role\/.+|federated-user)\/([^/]+)$/.exec(arn);
  if (assumed !== null) return assumed[1]!;
  const colon = principal === null ? -1 : principal.indexOf(':');
  return colon < 0 ? null : principal!.slice(colon + 1) || null;
}

function actorName(
  type: string | null,
  identity: JsonObject,
  issuer: JsonObject,
  session: string | null,
  invokedBy: string | null,
): string | null {
  const role = text(issuer['userName']) ?? roleOfArn(text(identity['arn']));
  switch (type) {
    case 'Root':
      return text(identity['userName']) ?? 'root';
    case 'AssumedRole':
    case 'Role':
      if (session !== null && isPersonSession(role, session)) return session;
      return role ?? session;
    case 'FederatedUser':
      return session ?? role ?? text(identity['userName']);
    case 'AWSService':
      return invokedBy ?? text(identity['userName']);
    case 'AWSAccount':
      return text(identity['userName']) ?? session ?? text(identity['accountId']);
    case null: {
      const known = awsPrincipal(text(identity['arn']));
      return text(identity['userName']) ?? (known === null ? invokedBy : principalName(known));
    }
    default:
      return firstText(
        identity['userName'],
        issuer['userName'],
        session,
        invokedBy,
        lastName(text(identity['arn']), '/'),
        lastName(text(identity['principalId']), ':'),
      );
  }
}

/** What stands behind the last mark: a user's name in an ARN, a session's in a principal id. Null without the mark. */
function lastName(id: string | null, mark: string): string | null {
  const at = id?.lastIndexOf(mark) ?? -1;
  return at < 0 ? null : id!.slice(at + 1) || null;
}

/** Sets the actor columns from an ARN alone, as aggregated events name their callers. */
export function setPrincipal(event: AuditEvent, arn: string | null): void {
  const known = awsPrincipal(arn);
  event.actor_id = arn;
  event.actor_name = known === null ? arn : principalName(known);
  event.actor_type = known?.type ?? 'unknown';
  event.actor_account = known?.account ?? null;
  event.actor_session = known?.session ?? null;
}

function roleOfArn(arn: string | null): string | null {
  return arn === null || arn.length > LONGEST_ARN
    ? null
    : (/:(?:assumed-role\/(?:.*\/)?([^/]+)\/[^/]+|role\/(?:.*\/)?([^/]+))$/
        .exec(arn)
        ?.slice(1)
        .find(Boolean) ?? null);
}
