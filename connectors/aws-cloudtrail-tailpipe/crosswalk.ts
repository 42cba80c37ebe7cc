/** Column ← column of aws_cloudtrail_log. */
export const crosswalk = {
  time: 'event_time',
  time_original: 'event_time, to the microsecond that Tailpipe keeps',
  uid: 'event_id',
  operation: 'event_name',
  service: 'event_source',
  category: 'event_category',
  read_only: 'read_only',
  status:
    'response_elements.<event_name>, service_event_details.<event_name>; failure when error_code or error_message is there',
  error_code: 'error_code',
  error_message: 'error_message',
  account: 'recipient_account_id; user_identity.account_id',
  region: 'aws_region',
  actor_type: 'user_identity.type and what is beside it',
  actor_name:
    'user_identity.user_name; user_identity.session_context.session_issuer.user_name; the session name; additional_event_data.UserName',
  actor_id: 'user_identity.arn; user_identity.principal_id',
  actor_principal: 'user_identity.principal_id',
  actor_account: 'user_identity.account_id',
  actor_credential: 'user_identity.access_key_id',
  actor_session: 'user_identity.arn, user_identity.principal_id: what follows the role',
  actor_issuer:
    'user_identity.session_context.session_issuer.arn; …web_id_federation_data.federated_provider; identity_provider',
  actor_on_behalf_of:
    '…web_id_federation_data.attributes.*:sub, *:user_id; Tailpipe keeps no source identity',
  mfa: 'user_identity.session_context.attributes.mfa_authenticated; additional_event_data.MFAUsed',
  src_ip: 'source_ip_address',
  src_port: 'source_ip_address',
  src_host: 'source_ip_address when it is no address',
  user_agent: 'user_agent',
  protocol: 'tls_details.tls_version',
  dst_host: 'tls_details.client_provided_host_header',
  target_type: 'resources[0].type; by the request parameter that names it; by the form of its id',
  target_id: 'resources[0].ARN; request_parameters; response_elements of what was made',
  target_name: 'resources[0].ARN; request_parameters',
  targets:
    'resources[].ARN; what names a resource in request_parameters, response_elements, service_event_details and additional_event_data',
  request: 'request_parameters',
  response: 'response_elements; service_event_details',
  request_id: 'request_id',
  correlation_id: 'shared_event_id',
} as const;

/** Rows show through `raw`, under Tailpipe's names. */
export const nativeFields: readonly string[] = [];
