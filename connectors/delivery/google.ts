/**
 * Who asks Google: the environment's own credentials (a workload identity federation file, gcloud's, or the machine's
 * service account). No key is kept here. https://cloud.google.com/docs/authentication/application-default-credentials
 */

import { GoogleAuth } from 'google-auth-library';
import { AkashiError } from '../../schema/error.ts';
import type { Authorize } from './http.ts';

export const RENEW_GOOGLE =
  'Renew them with `gcloud auth application-default login`, or check the federation file.';

/** `scope` is the narrowest that serves. Throws PULL_CREDENTIALS where there are none. */
export function googleCredentials(scope: string): Authorize {
  // A project is named so that none is looked up, which would take one more permission; requests do not carry it.
  const newAuth = () => new GoogleAuth({ scopes: [scope], projectId: 'none' });
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
