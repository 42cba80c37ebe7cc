/**
 * Who did it, from an audit log's `authenticationInfo`.
 * https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog#AuthenticationInfo
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { field } from './gcp-entry.ts';
import { array, firstText, isObject, type JsonObject, jsonText, object, text } from './value.ts';

/** Google's own limit is far lower; longer text is not searched for parts. */
const LONGEST_PRINCIPAL = 2048;

/** Sets the actor columns. Google leaves the identity out of denied requests by strangers; then they stay empty. */
export function setPrincipal(event: AuditEvent, info: JsonObject): void {
  const email = text(field(info, 'principalEmail'));
  const subject = text(field(info, 'principalSubject'));
  const pool = subject === null ? null : poolSubject(subject);
  event.actor_id = email ?? subject;
  event.actor_name = email ?? pool?.subject ?? subject?.replace(/^(?:user|serviceAccount):/, '') ?? null;
  event.actor_type = principalType(email, subject);
  event.actor_account = projectOfAccount(event.actor_name);
  event.actor_issuer = pool?.pool ?? null;
  event.actor_credential = text(field(info, 'serviceAccountKeyName'));
  event.actor_on_behalf_of = originator(array(field(info, 'serviceAccountDelegationInfo')));
}

/** human, workload, service, anonymous or unknown; null where nobody is named. */
export function principalType(email: string | null, subject: string | null): string | null {
  const name = email ?? subject?.replace(/^(?:user|serviceAccount):/, '') ?? null;
  if (name === null) return null;
  if (name.startsWith('system:')) return kubernetesType(name);
  if (name === 'allUsers' || name === 'anonymous') return 'anonymous';
  if (name.endsWith('gserviceaccount.com')) return isServiceAgent(name) ? 'service' : 'workload';
  if (name === 'system@google.com' || /@(?:[\w-]+\.)+google\.com$/.test(name)) return 'service';
  if (name.includes('/workforcePools/')) return 'human';
  if (name.includes('/workloadIdentityPools/') || name.includes('.svc.id.goog[')) return 'workload';
  if (subject?.startsWith('serviceAccount:') === true) return 'workload';
  return name.includes('@') ? 'human' : 'unknown';
}

/** User names of Kubernetes' own making, in audit logs of GKE. */
export function kubernetesType(name: string): string {
  if (name.startsWith('system:serviceaccount:')) return 'workload';
  return name === 'system:anonymous' || name === 'system:unauthenticated' ? 'anonymous' : 'service';
}

/** Accounts that Google makes and its services use. https://cloud.google.com/iam/docs/service-agents */
function isServiceAgent(email: string): boolean {
  return (
    /^service-(?:\d+|org-\d+|folder-\d+)@/.test(email) ||
    /@(?:cloudservices|system|gcp-sa-[\w-]+|[\w-]+-system|[\w-]+-robot)(?:\.iam)?\.gserviceaccount\.com$/.test(
      email,
    )
  );
}

/** `principal://iam.googleapis.com/<pool>/subject/<subject>`, of workforce and workload identity federation. */
function poolSubject(principal: string): { pool: string; subject: string } | null {
  if (principal.length > LONGEST_PRINCIPAL) return null;
  const match = /^principal(?:Set)?:\/\/iam\.googleapis\.com\/(.+?)\/subject\/(.+)$/.exec(principal);
  return match === null ? null : { pool: match[1]!, subject: match[2]! };
}

/** Project id, or number, that a service account's address names. */
function projectOfAccount(email: string | null): string | null {
  if (email === null || email.length > LONGEST_PRINCIPAL) return null;
  const match =
    /^[^@]+@([a-z0-9][a-z0-9.:-]*)\.iam\.gserviceaccount\.com$/.exec(email) ??
    /^(\d+)(?:-compute@developer|@cloudbuild|@cloudservices)\.gserviceaccount\.com$/.exec(email);
  return match === null || isGoogleProject(match[1]!) ? null : match[1]!;
}

function isGoogleProject(project: string): boolean {
  return /^(?:gcp-sa-[\w-]+|[\w-]+-system|[\w-]+-robot)$/.test(project);
}

/** Delegations are listed in their order, so the first names who started the chain. */
function originator(delegations: readonly unknown[]): string | null {
  const first = object(delegations[0]);
  const firstParty = object(field(first, 'firstPartyPrincipal'));
  const thirdParty = object(field(first, 'thirdPartyPrincipal'));
  const claims = field(thirdParty, 'thirdPartyClaims');
  return firstText(
    field(firstParty, 'principalEmail'),
    field(first, 'principalSubject'),
    isObject(claims) ? firstText(claims['sub'], claims['email'], jsonText(claims)) : null,
  );
}
