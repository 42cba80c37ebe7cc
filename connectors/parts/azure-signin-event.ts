/**
 * Microsoft Entra sign-ins: of people, interactive or not, of service principals and of managed identities; from blobs
 * and Event Hubs, Microsoft Graph and Log Analytics.
 * https://learn.microsoft.com/en-us/graph/api/resources/signin
 * https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/signinlogs
 */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { Fields, openedDeep } from './azure-fields.ts';
import { parseResourceId } from './azure-resource-id.ts';
import { severityOf, statusOf } from './azure-result.ts';
import { setAzureTime } from './azure-time.ts';
import { boolean, jsonText } from './value.ts';

/** What Microsoft calls every record of these logs; Graph's answers leave it out. */
const OPERATION = 'Sign-in activity';

/** Graph's signInEventTypes and Log Analytics' tables → category of the diagnostic log. */
const CATEGORIES = new Map<string, string>(
  Object.entries({
    interactiveuser: 'SignInLogs',
    noninteractiveuser: 'NonInteractiveUserSignInLogs',
    serviceprincipal: 'ServicePrincipalSignInLogs',
    managedidentity: 'ManagedIdentitySignInLogs',
    signinlogs: 'SignInLogs',
    aadnoninteractiveusersigninlogs: 'NonInteractiveUserSignInLogs',
    aadserviceprincipalsigninlogs: 'ServicePrincipalSignInLogs',
    aadmanagedidentitysigninlogs: 'ManagedIdentitySignInLogs',
  }),
);

/** What a responder asks of a sign-in and no column holds: the client, the policies, the risk, the device. */
const REQUEST = [
  'appId',
  'appDisplayName',
  'clientAppUsed',
  'isInteractive',
  'userType',
  'userDisplayName',
  'authenticationRequirement',
  'authenticationProtocol',
  'authenticationDetails',
  'mfaDetail',
  'incomingTokenType',
  'clientCredentialType',
  'servicePrincipalCredentialThumbprint',
  'uniqueTokenIdentifier',
  'conditionalAccessStatus',
  'appliedConditionalAccessPolicies',
  'riskDetail',
  'riskLevelAggregated',
  'riskLevelDuringSignIn',
  'riskState',
  'riskEventTypes_v2',
  'deviceDetail',
  'networkLocationDetails',
  'autonomousSystemNumber',
  'crossTenantAccessType',
  'resourceTenantId',
  'flaggedForReview',
] as const;

/** What Log Analytics calls them. */
const OTHER_NAMES = new Map([['appliedConditionalAccessPolicies', ['ConditionalAccessPolicies']]]);

export function setSignIn(event: AuditEvent, record: Fields): void {
  // Blobs have the sign-in in `properties`, Graph and Log Analytics in the record itself.
  const inner = record.fields('properties');
  const signIn = inner.isEmpty ? record : inner;
  // when
  setAzureTime(event, [signIn.get('createdDateTime'), record.get('time', 'TimeGenerated')]);
  event.uid = signIn.text('id');
  // did what
  event.class = 'Authentication';
  event.activity = 'Logon';
  event.operation = record.text('operationName') ?? OPERATION;
  event.service = parseResourceId(record.text('resourceId'))?.provider ?? null;
  event.category = categoryOf(record, signIn);
  event.severity = severityOf(record.text('level'));
  event.request = jsonText(requestOf(signIn));
  event.request_id = signIn.text('originalRequestId');
  event.correlation_id = signIn.text('correlationId') ?? record.text('correlationId');
  // who
  setActor(event, record, signIn);
  // to what
  setTarget(event, signIn);
  event.org = tenantOf(record, signIn);
  // from where
  setSource(event, record, signIn);
  // with what result
  setResult(event, record, signIn);
  event.mfa = event.actor_type === 'workload' ? null : mfaOf(signIn, event.status);
  if (event.uid === null) event.identity = identityOf(event, signIn);
}

function categoryOf(record: Fields, signIn: Fields): string | null {
  const named = (name: string | null) => (name === null ? undefined : CATEGORIES.get(name.toLowerCase()));
  const types = signIn.list('signInEventTypes').map((type) => named(typeof type === 'string' ? type : null));
  const written =
    record.text('category') ?? types.find((type) => type !== undefined) ?? named(record.text('Type'));
  if (written !== undefined && written !== null) return written;
  if (isWorkload(signIn)) return 'ServicePrincipalSignInLogs';
  const interactive = boolean(signIn.get('isInteractive'));
  return interactive === null ? null : interactive ? 'SignInLogs' : 'NonInteractiveUserSignInLogs';
}

/** A sign-in of a person also names a service principal in some exports: the resource's. A person wins. */
function isWorkload(signIn: Fields): boolean {
  return (
    signIn.get('userPrincipalName', 'userId') === undefined &&
    signIn.get('servicePrincipalId', 'servicePrincipalName', 'managedServiceIdentity') !== undefined
  );
}

function setActor(event: AuditEvent, record: Fields, signIn: Fields): void {
  const workload = isWorkload(signIn) || /ServicePrincipal|ManagedIdentity/i.test(event.category ?? '');
  if (workload) {
    event.actor_type = 'workload';
    event.actor_name = signIn.text('servicePrincipalName', 'appDisplayName', 'servicePrincipalId', 'appId');
    event.actor_id = signIn.text('servicePrincipalId', 'appId');
    event.actor_principal = signIn.text('appId');
    event.actor_credential = signIn.text(
      'servicePrincipalCredentialKeyId',
      'federatedCredentialId',
      'uniqueTokenIdentifier',
    );
    // The machine or app that a managed identity belongs to.
    event.actor_on_behalf_of = signIn.fields('managedServiceIdentity').text('associatedResourceId');
  } else {
    const name = signIn.text(
      'userPrincipalName',
      'alternateSignInName',
      'signInIdentifier',
      'userDisplayName',
    );
    event.actor_name = name ?? record.text('identity');
    event.actor_id = signIn.text('userId');
    event.actor_type = event.actor_name === null && event.actor_id === null ? null : 'human';
    event.actor_credential = signIn.text('uniqueTokenIdentifier');
  }
  event.actor_account = signIn.text('homeTenantId');
  event.actor_session = signIn.text('sessionId');
  event.actor_issuer = signIn.text('tokenIssuerName', 'tokenIssuerType');
}

/** What was signed in to; the app used for it is named with the request. */
function setTarget(event: AuditEvent, signIn: Fields): void {
  // In blobs and Graph resourceId is the resource's own id; in Log Analytics that is ResourceIdentity.
  const id = signIn.text('resourceIdentity') ?? signIn.text('resourceId');
  event.target_id = id?.startsWith('/') === true ? null : id;
  event.target_name = signIn.text('resourceDisplayName');
  const ids = [event.target_id, signIn.text('resourceServicePrincipalId'), signIn.text('appId')];
  const said = [...new Set(ids.filter((one) => one !== null))];
  if (said.length > 0) event.targets = said;
  if (event.target_id !== null || event.target_name !== null) {
    const service = { uid: event.target_id ?? undefined, name: event.target_name ?? undefined };
    event.ocsf_extra = jsonText({ service, ...endpointOf(signIn) });
  } else {
    event.ocsf_extra = jsonText(endpointOf(signIn));
  }
}

/** Where on earth the client's address is, as Entra looked it up. */
function endpointOf(signIn: Fields): Record<string, unknown> {
  const place = signIn.fields('location', 'locationDetails');
  const location = {
    city: place.text('city') ?? undefined,
    region: place.text('state') ?? undefined,
    country: place.text('countryOrRegion') ?? undefined,
  };
  return place.get('city', 'state', 'countryOrRegion') === undefined ? {} : { src_endpoint: { location } };
}

/** In Log Analytics rows TenantId is the workspace's id, not the directory's. */
function tenantOf(record: Fields, signIn: Fields): string | null {
  if (record.get('TimeGenerated') !== undefined)
    return record.text('AADTenantId') ?? parseResourceId(record.text('resourceId'))?.tenant ?? null;
  return (
    record.text('tenantId') ?? parseResourceId(record.text('resourceId'))?.tenant ?? signIn.text('tenantId')
  );
}

function setSource(event: AuditEvent, record: Fields, signIn: Fields): void {
  const address = parseAddress(signIn.text('ipAddress')) ?? parseAddress(record.text('callerIpAddress'));
  event.src_ip = address?.ip ?? null;
  event.src_port = address?.port ?? null;
  event.user_agent = signIn.text('userAgent');
}

/** The error code settles it: 0 is success. Interrupted sign-ins have a code of their own and are no success. */
function setResult(event: AuditEvent, record: Fields, signIn: Fields): void {
  const status = signIn.fields('status');
  const code = status.text('errorCode') ?? record.text('resultType') ?? signIn.text('resultType');
  if (code === null) {
    event.status = statusOf(record.text('resultSignature'));
    return;
  }
  event.status = /^-?\d+$/.test(code) ? (Number(code) === 0 ? 'success' : 'failure') : statusOf(code);
  if (event.status !== 'failure') return;
  event.error_code = code;
  event.error_message = status.text('failureReason') ?? record.text('resultDescription');
}

/**
 * True when a second factor was given now or is carried by the session, false when the sign-in needed and had one
 * factor, or failed before the second.
 */
function mfaOf(signIn: Fields, status: string | null): boolean | null {
  const steps = signIn.list('authenticationDetails').map((step) => new Fields(step));
  const isSecond = (step: Fields) =>
    /multi-?factor|mfa/i.test(
      `${step.text('authenticationStepRequirement')} ${step.text('authenticationStepResultDetail')}`,
    );
  if (steps.some((step) => isSecond(step) && boolean(step.get('succeeded')) === true)) return true;
  if (signIn.fields('mfaDetail').text('authMethod') !== null && status === 'success') return true;
  const required = signIn.text('authenticationRequirement')?.toLowerCase();
  if (required === 'singlefactorauthentication') return false;
  if (required !== 'multifactorauthentication') return null;
  if (status === 'success') return true;
  return steps.length > 0 ? false : null;
}

function requestOf(signIn: Fields): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const name of REQUEST) {
    const value = openedDeep(signIn.get(name, ...(OTHER_NAMES.get(name) ?? [])));
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) continue;
    request[name] = value;
  }
  return request;
}

/** For exports that drop the id. */
function identityOf(event: AuditEvent, signIn: Fields): string | null {
  if (event.correlation_id === null || event.time === null) return null;
  const parts = ['signin', event.correlation_id, Math.floor(event.time / 1000), event.actor_id];
  return [...parts, signIn.text('appId'), event.error_code]
    .map((part) => part ?? '')
    .join('|')
    .toLowerCase();
}
