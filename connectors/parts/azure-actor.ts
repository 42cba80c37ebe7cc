/**
 * Who did it, from the claims of the token that the Resource Manager was called with.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema#administrative-category
 * https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { Fields, opened } from './azure-fields.ts';
import { parseResourceId } from './azure-resource-id.ts';
import { text } from './value.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const TENANT_ID = 'http://schemas.microsoft.com/identity/claims/tenantid';
const PROVIDER = 'http://schemas.microsoft.com/identity/claims/identityprovider';
const METHODS = 'http://schemas.microsoft.com/claims/authnmethodsreferences';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';
const EMAIL = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';
const SPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/spn';

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Sets the actor columns. What neither claims nor caller say stays null. */
export function setActor(event: AuditEvent, record: Fields, properties: Fields): void {
  const identity = record.fields('identity');
  const claims = claimsOf(record, identity);
  if (!claims.isEmpty) setByClaims(event, claims, identity, record);
  else if (!identity.isEmpty && identity.get('requester', 'type', 'tokenHash') !== undefined)
    setByStorage(event, identity);
  setByCallerInfo(event, properties.list('callerInfo'));
  setByCaller(event, record.text('caller'));
  setByCaller(event, text(opened(record.get('identity'))));
  setByGraphActivity(event, properties);
}

/** The tenant that issued the caller's token. */
export function tenantOfClaims(record: Fields): string | null {
  return claimsOf(record, record.fields('identity')).text(TENANT_ID, 'tid');
}

function claimsOf(record: Fields, identity: Fields): Fields {
  // `claim` is Key Vault's spelling, `Claims_d` the parsed column of Log Analytics.
  const inside = identity.fields('claims', 'claim');
  return inside.isEmpty ? record.fields('claims', 'Claims_d') : inside;
}

function setByClaims(event: AuditEvent, claims: Fields, identity: Fields, record: Fields): void {
  const email = claims.text(EMAIL, 'email');
  // Where the claims were cut down, the caller still says whose token it was; an application's is an object id.
  const user =
    person(claims.text(UPN, 'upn')) ??
    person(email) ??
    person(claims.text(NAME, 'unique_name')) ??
    person(record.text('caller'));
  const spn = claims.text(SPN);
  const app = claims.text('appid', 'azp');
  const objectId = claims.text(OBJECT_ID, 'oid');
  const managed = claims.text('xms_mirid');

  event.actor_type = typeOf(claims, user, identity, record);
  event.actor_name =
    user ??
    claims.text('app_displayname') ??
    parseResourceId(managed)?.name ??
    spn ??
    email ??
    claims.text('name', NAME) ??
    app;
  event.actor_id = objectId ?? spn;
  event.actor_principal = claims.text('puid') ?? (event.actor_type === 'human' ? null : app);
  const provider = claims.text(PROVIDER, 'idp');
  event.actor_account = provider === null ? claims.text(TENANT_ID, 'tid') : homeTenant(provider);
  event.actor_credential = claims.text('uti');
  event.actor_session = claims.text('sid');
  event.actor_issuer = claims.text('iss');
  // A managed identity acts for the resource it was given to.
  event.actor_on_behalf_of = claims.text('xms_az_rid') ?? managed;
  if (event.actor_type !== 'workload' && event.actor_type !== 'service')
    event.mfa = mfaOf(claims.get(METHODS, 'amr'));
}

function typeOf(claims: Fields, user: string | null, identity: Fields, record: Fields): string | null {
  const token = claims.text('idtyp')?.toLowerCase();
  if (token === 'app') return 'workload';
  if (token === 'user' || user !== null) return 'human';
  if (claims.get('xms_mirid') !== undefined) return 'workload';
  if (claims.get('puid', 'altsecid', 'wids') !== undefined) return 'human';
  const authorization = identity.fields('authorization');
  const evidence = (authorization.isEmpty ? record.fields('authorization') : authorization).fields(
    'evidence',
  );
  const principal = evidence.text('principalType')?.toLowerCase();
  if (principal === 'user') return 'human';
  if (principal === 'serviceprincipal') return 'workload';
  if (claims.get('appid', 'azp', OBJECT_ID, 'oid') !== undefined) return 'workload';
  // Azure's own services sign as a name alone: `Microsoft.Insights/alertRules`.
  return claims.get(SPN, EMAIL) !== undefined ? 'service' : 'unknown';
}

/** `pwd,mfa` as text, as an array, or as the text of one. */
function mfaOf(methods: unknown): boolean | null {
  const said = opened(methods);
  const words = Array.isArray(said) ? said.map(String) : text(said)?.split(/[\s,]+/);
  if (words === undefined || words.length === 0) return null;
  return words.some((word) => /mfa/i.test(word));
}

/** `https://sts.windows.net/<tenant>/`: where a guest comes from; null for providers that are no tenant (`live.com`). */
function homeTenant(provider: string): string | null {
  return /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.com)\/([^/]+)/i.exec(provider)?.[1] ?? null;
}

/** https://learn.microsoft.com/en-us/azure/storage/blobs/monitor-blob-storage-reference */
function setByStorage(event: AuditEvent, identity: Fields): void {
  const requester = identity.fields('requester');
  const upn = requester.text('upn', 'userName');
  event.actor_type = identity.text('type')?.toLowerCase() === 'anonymous' ? 'anonymous' : 'unknown';
  if (person(upn) !== null) event.actor_type = 'human';
  event.actor_name = upn ?? requester.text('appId');
  event.actor_id = requester.text('objectId');
  event.actor_principal = requester.text('appId');
  event.actor_account = requester.text('tenantId');
  event.actor_credential = identity.text('tokenHash');
}

/** Privileged Identity Management writes who it was as a list of `{CallerIdentityType, CallerIdentityValue}`. */
function setByCallerInfo(event: AuditEvent, entries: readonly unknown[]): void {
  const said = new Map<string, string>();
  for (const entry of entries) {
    const fields = new Fields(entry);
    const type = fields.text('CallerIdentityType');
    const value = fields.text('CallerIdentityValue');
    if (type !== null && value !== null) said.set(type.toLowerCase(), value);
  }
  if (said.size === 0) return;
  const upn = said.get('upn');
  event.actor_name ??= upn ?? said.get('name') ?? said.get('username') ?? null;
  event.actor_id ??= said.get('objectid') ?? null;
  event.actor_type ??= upn === undefined ? 'service' : 'human';
}

/** A caller is a user's name, an app's or user's object id, or a service's name. */
function setByCaller(event: AuditEvent, caller: string | null): void {
  if (caller === null || caller === 'NA') return;
  if (GUID.test(caller)) event.actor_id ??= caller;
  event.actor_name ??= caller;
  event.actor_type ??=
    person(caller) !== null
      ? 'human'
      : /^(?:Microsoft|Windows)(?:\.\w+)+(?:\/[\w/]+)?$/.test(caller)
        ? 'service'
        : 'unknown';
}

/** https://learn.microsoft.com/en-us/graph/microsoft-graph-activity-logs-overview: ids without names. */
function setByGraphActivity(event: AuditEvent, properties: Fields): void {
  if (properties.get('signInActivityId') === undefined) return;
  const user = properties.text('userId');
  event.actor_id ??= user ?? properties.text('servicePrincipalId');
  event.actor_name ??= properties.text('userPrincipalName') ?? event.actor_id;
  event.actor_type ??= user !== null ? 'human' : 'workload';
  event.actor_principal ??= user === null ? properties.text('appId') : null;
  event.actor_credential ??= properties.text('signInActivityId');
}

/** The name if it is a person's: a user principal name or mail address. */
function person(name: string | null): string | null {
  return name?.includes('@') === true ? name : null;
}
