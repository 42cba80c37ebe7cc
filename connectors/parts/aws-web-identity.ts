/**
 * Sessions that an OpenID Connect provider vouched for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html#cloudtrail-integration_examples-sts-api
 */

import { type JsonObject, text } from './value.ts';

/**
 * Hosts of providers that vouch for programs alone, each from its vendor's page on AWS: EKS clusters, GitHub Actions,
 * CircleCI, Terraform Cloud, Buildkite, Bitbucket and Azure Pipelines, Vercel.
 */
const OF_WORKLOADS =
  /(?:^|\/)(?:oidc\.eks(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)|oidc-eks\.[a-z0-9-]+\.api\.aws|token\.actions\.githubusercontent\.com|oidc\.circleci\.com|app\.terraform\.io|agent\.buildkite\.com|api\.bitbucket\.org|vstoken\.dev\.azure\.com|oidc\.vercel\.com)(?:\/|$)/;

/** The provider is a host, or the ARN of what IAM knows it as: `arn:aws:iam::…:oidc-provider/<host>/<path>`. */
export function vouchesForWorkloads(provider: string | null): boolean {
  return provider !== null && provider.length <= 2048 && OF_WORKLOADS.test(provider);
}

/** Whom the provider vouched for: `{"attributes": {"<provider>:sub": …}}`, `user_id` of the oldest providers. */
export function webIdentitySubject(federation: JsonObject): string | null {
  const attributes = federation['attributes'];
  if (typeof attributes !== 'object' || attributes === null) return null;
  for (const [name, value] of Object.entries(attributes as JsonObject))
    if (/:(?:sub|user_id)$/.test(name)) return text(value);
  return null;
}
