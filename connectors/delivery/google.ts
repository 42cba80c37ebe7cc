/**
 * Who asks Google: in AWS the role of this process, which a workload identity pool trusts (federation.ts); elsewhere the
 * environment's own credentials (a workload identity federation file, gcloud's, or the machine's service account). No key
 * is kept here. https://cloud.google.com/docs/authentication/application-default-credentials
 */

import { AwsClient, type AwsSecurityCredentialsSupplier, GoogleAuth } from 'google-auth-library';
import { AkashiError } from '../../schema/error.ts';
import { gcpFederationOf } from './federation.ts';
import type { Authorize } from './http.ts';

export const RENEW_GOOGLE =
  'Renew them with `gcloud auth application-default login`, or check the federation file; for a role in AWS, the pool that `akashi connect gcp` describes.';

/** `scope` is the narrowest that serves. Throws FEDERATION_SETTING; asked, PULL_CREDENTIALS where there are none. */
export function googleCredentials(scope: string): Authorize {
  const federation = gcpFederationOf(process.env);
  const newAuth = () => {
    // A project is named so that none is looked up, which would take one more permission; requests do not carry it.
    if (federation === null) return new GoogleAuth({ scopes: [scope], projectId: 'none' });
    const { credential_source: _, ...options } = federation;
    return new AwsClient({
      ...options,
      scopes: [scope],
      aws_security_credentials_supplier: awsCredentials(),
    });
  };
  let auth = newAuth();
  return async (again) => {
    if (again) auth = newAuth();
    try {
      return Object.fromEntries(await auth.getRequestHeaders());
    } catch (cause) {
      throw new AkashiError(
        'PULL_CREDENTIALS',
        `No credentials for Google could be had: ${(cause as Error).message.slice(0, 300)}. ${RENEW_GOOGLE}`,
        { cause },
      );
    }
  };
}

/** This process's credentials in AWS, to sign the request with that Google takes. The SDK is loaded once they are asked for. */
export function awsCredentials(): AwsSecurityCredentialsSupplier {
  let loaded: Promise<AwsSecurityCredentialsSupplier> | undefined;
  const own = () => {
    loaded ??= import('./federation-aws.ts').then(({ awsSupplier }) => awsSupplier());
    return loaded;
  };
  return {
    getAwsRegion: async (context) => (await own()).getAwsRegion(context),
    getAwsSecurityCredentials: async (context) => (await own()).getAwsSecurityCredentials(context),
  };
}
