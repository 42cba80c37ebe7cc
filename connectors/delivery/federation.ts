/**
 * Who this process is in other clouds when it runs in AWS: its own role vouches for it, and no secret is kept anywhere.
 *
 * Entra: STS signs a token that says which role asks, and an app registration trusts that role
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html,
 * https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation).
 * Google Cloud: a signed GetCallerIdentity request is exchanged for a token of a workload identity pool
 * (https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds).
 */

import { AkashiError } from '../../schema/error.ts';

/** Environment variables that hold these as JSON. Without one the vendor's default chain of credentials serves. */
export const FEDERATION_VARIABLES = {
  azure: 'AKASHI_AZURE_FEDERATION',
  gcp: 'AKASHI_GCP_FEDERATION',
} as const;

/** Whom Entra takes a token of AWS for. */
export interface AzureFederation {
  readonly tenant: string;
  /** Application (client) id of the app registration. */
  readonly application: string;
  /** https URL of another cloud's or a test's authority; https://login.microsoftonline.com unless given. */
  readonly authority?: string;
  /** File of the certificates (PEM) that vouch for it, beside the usual ones. */
  readonly certificates?: string;
}

/** A credential configuration as `gcloud iam workload-identity-pools create-cred-config --aws` writes it: no secret is in it. */
export interface GcpFederation {
  readonly type: 'external_account';
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url?: string;
  readonly credential_source: Readonly<Record<string, string>>;
}

/** What Entra expects a token to be meant for. */
export const ENTRA_AUDIENCE = 'api://AzureADTokenExchange';
/** What Entra verifies; STS offers ES384 too, which Entra does not take. */
export const ENTRA_ALGORITHM = 'RS256';
/** A token is exchanged at once. STS gives them for 60 to 3600 seconds. */
export const TOKEN_SECONDS = 300;

/** What the role of whoever pulls from Azure needs in AWS, as a statement of a policy: tokens for Entra alone. */
export const WEB_IDENTITY_STATEMENT = {
  Effect: 'Allow',
  Action: 'sts:GetWebIdentityToken',
  Resource: '*',
  Condition: {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': ENTRA_AUDIENCE },
    // Without it a request that names no audience would pass.
    Null: { 'sts:IdentityTokenAudience': 'false' },
    NumericLessThanEquals: { 'sts:DurationSeconds': String(TOKEN_SECONDS) },
  },
} as const;

/** The `azure` and `gcp` members of a deployment's configuration, as far as they say who its role is there. */
export interface Federated {
  readonly azure?: { readonly tenant: string; readonly application?: string };
  readonly gcp?: {
    readonly project: string;
    readonly projectNumber?: string;
    readonly pool: string;
    readonly provider: string;
    readonly serviceAccount: string;
  };
}

/** The variables for whoever pulls in AWS; those of a cloud whose identity is not complete yet are left out. */
export function federationVariables({ azure, gcp }: Federated): Readonly<Record<string, string>> {
  const { tenant, application } = azure ?? {};
  const google = gcp === undefined ? null : gcpFederation(gcp);
  return {
    ...(application === undefined
      ? {}
      : { [FEDERATION_VARIABLES.azure]: JSON.stringify({ tenant, application }) }),
    ...(google === null ? {} : { [FEDERATION_VARIABLES.gcp]: JSON.stringify(google) }),
  };
}

/** The service account's address. */
export const serviceAccountOf = ({ serviceAccount, project }: NonNullable<Federated['gcp']>): string =>
  `${serviceAccount}@${project}.iam.gserviceaccount.com`;

/** Null while the project's number is not known. */
export function gcpFederation(gcp: NonNullable<Federated['gcp']>): GcpFederation | null {
  const { projectNumber, pool, provider } = gcp;
  if (projectNumber === undefined) return null;
  return {
    type: 'external_account',
    audience: `//iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${pool}/providers/${provider}`,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccountOf(gcp)}:generateAccessToken`,
    credential_source: {
      environment_id: 'aws1',
      regional_cred_verification_url:
        'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
/** Tokens go over https; over http to this machine alone, for tests. */
function isTokenUrl(value: unknown): boolean {
  const url = isText(value) && URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}

/** Null where the variable is not set. Throws FEDERATION_SETTING. */
export function azureFederation(environment: Environment): AzureFederation | null {
  const value = jsonOf(environment, FEDERATION_VARIABLES.azure);
  if (value === null) return null;
  const { tenant, application, authority, certificates } = value;
  if (!isText(tenant) || !isText(application))
    throw wrong(FEDERATION_VARIABLES.azure, '"tenant" and "application" must be ids');
  if (authority !== undefined && !(isTokenUrl(authority) && String(authority).startsWith('https:')))
    throw wrong(FEDERATION_VARIABLES.azure, '"authority" must be an https URL');
  return {
    tenant,
    application,
    ...(isText(authority) ? { authority } : {}),
    ...(isText(certificates) ? { certificates } : {}),
  };
}

/** Null where the variable is not set. Throws FEDERATION_SETTING, also for a configuration that holds a key. */
export function gcpFederationOf(environment: Environment): GcpFederation | null {
  const value = jsonOf(environment, FEDERATION_VARIABLES.gcp);
  if (value === null) return null;
  const { type, audience, subject_token_type: token, token_url: url } = value;
  const impersonation = value['service_account_impersonation_url'];
  if (type !== 'external_account' || !isText(audience) || !isText(token))
    throw wrong(
      FEDERATION_VARIABLES.gcp,
      'it must be a configuration of type external_account with an audience',
    );
  if (!isTokenUrl(url) || (impersonation !== undefined && !isTokenUrl(impersonation)))
    throw wrong(FEDERATION_VARIABLES.gcp, 'its URLs must be https');
  return value as unknown as GcpFederation;
}

function jsonOf(environment: Environment, name: string): Record<string, unknown> | null {
  const text = environment[name];
  if (text === undefined || text === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(name, `it is no JSON: ${(cause as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(name, 'it must be an object');
  return value as Record<string, unknown>;
}

const wrong = (name: string, rule: string): AkashiError =>
  new AkashiError(
    'FEDERATION_SETTING',
    `${name}: ${rule}. Unset it to use the vendor's default credentials; docs/pull.md says what it holds.`,
  );
