/**
 * Who asks Azure: in AWS the role of this process, which an app registration trusts (federation.ts); elsewhere the
 * environment's own credentials (a managed or federated identity, the CLI's). No secret is kept here.
 * https://learn.microsoft.com/en-us/azure/developer/javascript/sdk/authentication/credential-chains
 */

import { readFileSync } from 'node:fs';
import { ClientAssertionCredential, DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { AkashiError } from '../../schema/error.ts';
import { azureFederation } from './federation.ts';
import { type Authorize, HttpRefusal } from './http.ts';
import { retryAfter, type Verdict } from './retry.ts';

export const RENEW_AZURE =
  'Renew them with `az login`, or check the identity of this machine; for a role in AWS, the federated credential that `akashi connect azure` describes.';

/** Throws FEDERATION_SETTING. */
export function azureCredential(): TokenCredential {
  const federation = azureFederation(process.env);
  if (federation === null) return new DefaultAzureCredential();
  const { tenant, application, authority, certificates } = federation;
  // The SDK is loaded only for who needs it.
  const token = async () => (await import('./federation-aws.ts')).awsWebIdentityToken();
  return new ClientAssertionCredential(tenant, application, token, {
    // Another authority is named by who deploys; the public one need not be asked whether it exists.
    ...(authority === undefined ? {} : { authorityHost: authority, disableInstanceDiscovery: true }),
    ...(certificates === undefined ? {} : { tlsOptions: { ca: readFileSync(certificates, 'utf8') } }),
  });
}

/** The headers that a credential gives for a scope. Throws PULL_CREDENTIALS where there are none. */
export function azureAuthorize(credential: TokenCredential, scope: string): Authorize {
  let token: { token: string; expiresOnTimestamp: number } | null = null;
  return async (again) => {
    if (again || token === null || token.expiresOnTimestamp < Date.now() + 60_000)
      token = await credential.getToken(scope).catch((cause: unknown) => {
        throw noCredentials(cause);
      });
    if (token === null) throw noCredentials(new Error('the credential gave no token'));
    return { authorization: `Bearer ${token.token}` };
  };
}

const noCredentials = (cause: unknown): AkashiError =>
  new AkashiError(
    'PULL_CREDENTIALS',
    `No credentials for Azure could be had: ${reasons(cause)} ${RENEW_AZURE}`,
    { cause },
  );

/** What each link of the chain said, in its first line. */
function reasons(cause: unknown): string {
  const { message = String(cause), errors = [] } = (cause ?? {}) as {
    message?: string;
    errors?: readonly Error[];
  };
  const said = errors.length > 0 ? errors.map((error) => error.message) : [message];
  return said
    .map((text) => text.split('\n')[0] ?? '')
    .join(' ')
    .slice(0, 600);
}

interface RestFailure {
  readonly name?: string;
  readonly statusCode?: number | string;
  readonly message?: string;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** What an SDK of Azure threw, as the refusal that it stands for, so that all interfaces are judged alike. */
export function azureRefusal(error: unknown): unknown {
  if (error instanceof AkashiError) return error;
  const { name = '', statusCode, message = '', response } = (error ?? {}) as RestFailure;
  if (/CredentialUnavailable|AuthenticationError|AuthenticationRequired|AggregateAuthentication/.test(name))
    return noCredentials(error);
  const status = Number(statusCode);
  if (!(status >= 300)) return error;
  return new HttpRefusal(status, message, retryAfter(response?.headers?.get('retry-after'), Date.now()));
}

export function judgeAzure(error: unknown): Verdict {
  const refusal = azureRefusal(error);
  if (refusal instanceof AkashiError) return { again: false };
  if (!(refusal instanceof HttpRefusal)) return { again: true };
  const { status, retryAfterMillis } = refusal;
  const again = status === 408 || status === 429 || status >= 500;
  return retryAfterMillis === undefined ? { again } : { again, retryAfterMillis };
}
