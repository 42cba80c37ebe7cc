/**
 * Who did it, from `userIdentity`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { boolean, firstText, type JsonObject, object, text } from '../parts/value.ts';

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

  event.actor_type = actorType(type, identity, session, invokedBy);
  event.actor_id = firstText(
    identity['arn'],
    identity['principalId'],
    onBehalfOf['userId'],
    invokedBy,
    identity['accountId'],
  );
  event.actor_principal = principal;
  event.actor_account = firstText(identity['accountId'], issuer['accountId']);
  event.actor_credential = firstText(identity['accessKeyId'], identity['credentialId']);
  event.actor_session = sessionName(type, text(identity['arn']), principal);
  event.actor_issuer = firstText(
    issuer['arn'],
    federation['federatedProvider'],
    identity['identityProvider'],
  );
  event.actor_on_behalf_of = firstText(session['sourceIdentity'], onBehalfOf['userId']);
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
    case 'WebIdentityUser':
    case 'Directory':
      return 'human';
    case 'AssumedRole':
    case 'FederatedUser':
    case 'Role':
      return 'role_session';
    case 'AWSService':
      return 'service';
    case 'AWSAccount':
      return identity['principalId'] === 'ANONYMOUS_PRINCIPAL' ||
        identity['accountId'] === 'ANONYMOUS_PRINCIPAL'
        ? 'anonymous'
        : 'unknown';
    case 'Unknown':
      return 'unknown';
    case null:
      return invokedBy === null ? null : 'service';
    default:
      return 'unknown';
  }
}

/** Part of an assumed role's ARN and principal id after the role: who or what asked for the session. */
function sessionName(type: string | null, arn: string | null, principal: string | null): string | null {
  if (type !== 'AssumedRole' && type !== 'FederatedUser' && type !== 'AWSAccount' && type !== 'Role')
    return null;
  const assumed = arn === null ? null : /:(?:assumed-role\/.+|federated-user)\/([^/]+)$/.exec(arn);
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
      // People come in through IAM Identity Center's own roles under their user name.
      if (
        session !== null &&
        (role?.startsWith('AWSReservedSSO_') === true || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(session))
      )
        return session;
      return role ?? session;
    case 'FederatedUser':
      return session ?? role ?? text(identity['userName']);
    case 'AWSService':
      return invokedBy ?? text(identity['userName']);
    default:
      return firstText(identity['userName'], issuer['userName'], session, invokedBy);
  }
}

function roleOfArn(arn: string | null): string | null {
  return arn === null
    ? null
    : (/:(?:assumed-role\/(?:.*\/)?([^/]+)\/[^/]+|role\/(?:.*\/)?([^/]+))$/
        .exec(arn)
        ?.slice(1)
        .find(Boolean) ?? null);
}
