/** What nearly all records of a trail look like: read by this layout they need not be parsed. */

import { type MemberShape, type Members, placesOf } from '../parts/member-reader.ts';
import type { JsonObject } from '../parts/value.ts';

const ATTRIBUTE_MEMBERS = {
  creationDate: 'unused',
  mfaAuthenticated: 'value',
} as const satisfies MemberShape;

const SESSION_MEMBERS = {
  sessionIssuer: 'value',
  webIdFederationData: 'value',
  attributes: ATTRIBUTE_MEMBERS,
} as const satisfies MemberShape;

/** Of users, roles and nearly all sessions. */
const IDENTITY_MEMBERS = {
  type: 'value',
  principalId: 'value',
  arn: 'value',
  accountId: 'value',
  accessKeyId: 'value',
  userName: 'value',
  sessionContext: SESSION_MEMBERS,
  invokedBy: 'value',
} as const satisfies MemberShape;

/** Of management, data and network activity events. */
export const TRAIL_MEMBERS = {
  eventVersion: 'unused',
  userIdentity: IDENTITY_MEMBERS,
  eventTime: 'value',
  eventSource: 'value',
  eventName: 'value',
  awsRegion: 'value',
  sourceIPAddress: 'value',
  userAgent: 'value',
  errorCode: 'value',
  errorMessage: 'value',
  requestParameters: 'value',
  responseElements: 'value',
  additionalEventData: 'value',
  requestID: 'unique',
  eventID: 'unique',
  readOnly: 'value',
  resources: 'value',
  eventType: 'unused',
  apiVersion: 'unused',
  managementEvent: 'value',
  recipientAccountId: 'value',
  sharedEventID: 'value',
  vpcEndpointId: 'unused',
  vpcEndpointAccountId: 'unused',
  eventCategory: 'value',
  sessionCredentialFromConsole: 'unused',
  serviceEventDetails: 'value',
  tlsDetails: 'value',
} as const satisfies MemberShape;

const ATTRIBUTE = placesOf(ATTRIBUTE_MEMBERS);
const SESSION = placesOf(SESSION_MEMBERS);
const IDENTITY = placesOf(IDENTITY_MEMBERS);
const TRAIL = placesOf(TRAIL_MEMBERS);

/**
 * The members that `setCall` reads, as an object of one form, or null where it would matter to the mapping that members
 * which the record does not have are there and undefined.
 */
export function plainCall(members: Members): JsonObject | null {
  const userIdentity = identityOf(members[TRAIL.userIdentity] as Members | null | undefined);
  const eventName = members[TRAIL.eventName];
  const eventCategory = members[TRAIL.eventCategory];
  if (userIdentity === null || typeof eventName !== 'string' || eventCategory === 'Aggregated') return null;
  return {
    userIdentity,
    eventTime: members[TRAIL.eventTime],
    eventSource: members[TRAIL.eventSource],
    eventName,
    awsRegion: members[TRAIL.awsRegion],
    sourceIPAddress: members[TRAIL.sourceIPAddress],
    userAgent: members[TRAIL.userAgent],
    errorCode: members[TRAIL.errorCode],
    errorMessage: members[TRAIL.errorMessage],
    requestParameters: members[TRAIL.requestParameters],
    responseElements: members[TRAIL.responseElements],
    additionalEventData: members[TRAIL.additionalEventData],
    requestID: members[TRAIL.requestID],
    eventID: members[TRAIL.eventID],
    readOnly: members[TRAIL.readOnly],
    resources: members[TRAIL.resources],
    managementEvent: members[TRAIL.managementEvent],
    recipientAccountId: members[TRAIL.recipientAccountId],
    sharedEventID: members[TRAIL.sharedEventID],
    eventCategory,
    serviceEventDetails: members[TRAIL.serviceEventDetails],
    tlsDetails: members[TRAIL.tlsDetails],
  };
}

/** Null where no type is said: then it matters which of the others are. */
function identityOf(members: Members | null | undefined): JsonObject | null {
  const type = members?.[IDENTITY.type];
  if (!members || typeof type !== 'string') return null;
  return {
    type,
    principalId: members[IDENTITY.principalId],
    arn: members[IDENTITY.arn],
    accountId: members[IDENTITY.accountId],
    accessKeyId: members[IDENTITY.accessKeyId],
    userName: members[IDENTITY.userName],
    sessionContext: sessionOf(members[IDENTITY.sessionContext] as Members | null | undefined),
    invokedBy: members[IDENTITY.invokedBy],
  };
}

function sessionOf(members: Members | null | undefined): JsonObject | null {
  if (!members) return null;
  const attributes = members[SESSION.attributes] as Members | null | undefined;
  return {
    sessionIssuer: members[SESSION.sessionIssuer],
    webIdFederationData: members[SESSION.webIdFederationData],
    attributes: attributes ? { mfaAuthenticated: attributes[ATTRIBUTE.mfaAuthenticated] } : null,
  };
}
