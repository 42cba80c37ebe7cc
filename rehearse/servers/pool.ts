/**
 * Google's workload identity pool, as far as it asks AWS who somebody is: the subject token is a signed request to STS,
 * which the pool sends on. https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */

import type { GcpFederation } from '../../connectors/delivery/federation.ts';

interface SubjectToken {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
}

export const poolOf = (tokenUrl: string): GcpFederation => ({
  type: 'external_account',
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/akashi/providers/aws',
  subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
  token_url: tokenUrl,
  credential_source: {
    environment_id: 'aws1',
    regional_cred_verification_url:
      'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
  },
});

/** Whether STS, at `sts`, says who signed the request. Total. */
export async function googleTakes(subjectToken: string, sts: string): Promise<boolean> {
  try {
    const { url, method, headers } = JSON.parse(decodeURIComponent(subjectToken)) as SubjectToken;
    const { hostname, search } = new URL(url);
    if (!/^sts\.[a-z0-9-]+\.amazonaws\.com$/.test(hostname) || !search.includes('Action=GetCallerIdentity'))
      return false;
    const kept = headers.filter(({ key }) => key.toLowerCase() !== 'host');
    const answer = await fetch(`${sts}/${search}`, {
      method,
      headers: Object.fromEntries(kept.map(({ key, value }) => [key, value])),
    });
    return answer.ok && (await answer.text()).includes(':sts::');
  } catch {
    return false;
  }
}
