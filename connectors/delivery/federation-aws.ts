/** What a role in AWS shows other clouds of itself: a token that STS signs, and credentials to sign a request with. */

import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsSecurityCredentialsSupplier } from 'google-auth-library';
import { AkashiError } from '../../schema/error.ts';
import { CLIENT, judgeAws } from './aws.ts';
import { ENTRA_ALGORITHM, ENTRA_AUDIENCE, TOKEN_SECONDS } from './federation.ts';
import { askAgain } from './retry.ts';

/**
 * A token in which AWS says which role asks, for Entra. Throws PULL_CREDENTIALS with what lacks: the feature switched on
 * in the account, or the permission.
 */
export async function awsWebIdentityToken(): Promise<string> {
  const client = new STSClient(CLIENT);
  try {
    const { WebIdentityToken: token } = await askAgain(
      () =>
        client.send(
          new GetWebIdentityTokenCommand({
            Audience: [ENTRA_AUDIENCE],
            SigningAlgorithm: ENTRA_ALGORITHM,
            DurationSeconds: TOKEN_SECONDS,
          }),
        ),
      judgeAws,
      new AbortController().signal,
    );
    if (token === undefined) throw new Error('STS answered without a token');
    return token;
  } catch (cause) {
    const { name = '', message = '' } = cause as Error;
    const wayOut = /OutboundWebIdentityFederation/.test(name)
      ? 'Switch it on in this account: aws iam enable-outbound-web-identity-federation.'
      : /AccessDenied/.test(name)
        ? `The permission is sts:GetWebIdentityToken for the audience ${ENTRA_AUDIENCE}.`
        : 'STS gives it in a region of its own (AWS_REGION), to a role or user.';
    throw new AkashiError(
      'PULL_CREDENTIALS',
      `AWS gives no token for Entra (${name} ${message.slice(0, 300)}). ${wayOut}`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}

/** The credentials of this process in AWS for Google's client, from wherever AWS's own tools take them. */
export function awsSupplier(): AwsSecurityCredentialsSupplier {
  const { config } = new STSClient(CLIENT);
  return {
    getAwsRegion: () => config.region(),
    getAwsSecurityCredentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
      return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) };
    },
  };
}
