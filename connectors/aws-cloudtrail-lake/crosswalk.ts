/** Column ← column of the event data store; of rows with `eventJson`, the member of that name in the event. */
export const crosswalk = {
  time: 'eventTime',
  end_time: 'timeWindow.windowEnd in eventJson of aggregated events',
  time_original: 'eventTime',
  uid: 'eventID',
  operation: 'eventName; insightEventName',
  service: 'eventSource; insightEventSource',
  category: 'eventCategory',
  read_only: 'readOnly',
  status:
    'errorCode, errorMessage; responseElements.<eventName>, serviceEventDetails.<eventName>; empty where the query did not ask',
  error_code: 'errorCode; insightErrorCode',
  error_message: 'errorMessage',
  count: 'summary.primaryDimension.statistics[].value in eventJson',
  account: 'recipientAccountId',
  region: 'awsRegion',
  actor_type: 'userIdentity.type and what is beside it',
  actor_name: 'userIdentity.userName; userIdentity.sessionContext.sessionIssuer.userName; the session name',
  actor_id: 'userIdentity.arn; userIdentity.principalId',
  actor_principal: 'userIdentity.principalId',
  actor_account: 'userIdentity.accountId',
  actor_credential: 'userIdentity.accessKeyId; userIdentity.credentialId',
  actor_session: 'userIdentity.arn, userIdentity.principalId: what follows the role',
  actor_issuer:
    'userIdentity.sessionContext.sessionIssuer.arn; …webIdFederationData.federatedProvider; identityProvider; onBehalfOf.identityStoreArn',
  actor_on_behalf_of:
    'userIdentity.sessionContext.sourceIdentity; userIdentity.onBehalfOf.userId; userIdentity.inScopeOf.credentialsIssuedTo',
  mfa: 'userIdentity.sessionContext.attributes.mfaAuthenticated; additionalEventData.MFAUsed',
  src_ip: 'sourceIPAddress',
  src_port: 'sourceIPAddress',
  src_host: 'sourceIPAddress when it is no address',
  user_agent: 'userAgent',
  protocol: 'tlsDetails.tlsVersion',
  dst_host: 'tlsDetails.clientProvidedHostHeader',
  target_type: 'resources[0].type',
  target_id: 'resources[0].arn; in eventJson as of aws.cloudtrail',
  target_name: 'resources[0].arn',
  targets: 'resources[].arn; in eventJson as of aws.cloudtrail',
  request: 'requestParameters: the text as it is, where it holds more than one entry',
  response: 'responseElements, likewise',
  request_id: 'requestID',
  correlation_id: 'sharedEventID',
} as const;

/** Rows have whatever columns the query asked for; `raw` has them all. */
export const nativeFields: readonly string[] = [];
