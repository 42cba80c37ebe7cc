/** What all AWS clients here share: time-outs, one attempt at a time, errors in our words. */

import { AkashiError } from '../../schema/error.ts';
import { retryAfter, type Verdict } from './retry.ts';

const ignore = (): void => {};

/** Asking again is ours; credentials come as in all AWS tools: environment, profile, role of the machine or function. */
export const CLIENT = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
  logger: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
} as const;

interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

// Throttling comes with HTTP 400 from the JSON services. Of a clock that is wrong the SDK learns by the first refusal.
const PASSING =
  /^(?:Throttling.*|ThrottledException|TooManyRequests.*|RequestLimitExceeded|SlowDown|RequestThrottled.*|RequestTimeout.*|TimeoutError|InternalError|InternalFailure|InternalServerError|ServiceUnavailable.*|InternalServiceException|OverLimit|BandwidthLimitExceeded|ProvisionedThroughputExceededException|LimitExceededException|RequestTimeTooSkewed|RequestInTheFuture)$/;
const NETWORK =
  /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_STREAM_PREMATURE_CLOSE)$/;
const CREDENTIALS =
  /ExpiredToken|TokenRefreshRequired|CredentialsProviderError|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|RequestExpired/;
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|AllAccessDisabled|Forbidden/;
/** What the SDK says where environment and profile name no region, or none that can be one; it has no code. */
const NO_REGION = /^Region (?:is missing|not accepted)/;
const GONE = /NoSuchKey|NoSuchVersion|NotFound/;

const of = (error: unknown): Failure => (typeof error === 'object' && error !== null ? error : {}) as Failure;

/** Whether to ask again. */
export function judgeAws(error: unknown): Verdict {
  const { name = '', code = '', message = '', $metadata, $response } = of(error);
  const status = $metadata?.httpStatusCode ?? 0;
  const again =
    PASSING.test(name) ||
    NETWORK.test(code) ||
    status === 429 ||
    status >= 500 ||
    /socket hang up|aborted|ended early/i.test(message) ||
    // A 200 whose body breaks off.
    (status === 200 && name !== 'AkashiError');
  const after = retryAfter($response?.headers?.['retry-after'], Date.now());
  return after === undefined ? { again } : { again, retryAfterMillis: after };
}

export const isGone = (error: unknown): boolean => {
  const { name = '', $metadata } = of(error);
  return GONE.test(name) || $metadata?.httpStatusCode === 404;
};

/** An AkashiError passes unchanged. `what` reads like `listing s3://bucket/prefix`; `permission` is what it takes. */
export function awsError(error: unknown, what: string, permission: string): AkashiError {
  if (error instanceof AkashiError) return error;
  const { name = '', message = String(error), $metadata } = of(error);
  const said = [$metadata?.httpStatusCode, name, message].filter(Boolean).join(' ').slice(0, 500);
  const make = (code: string, text: string) => new AkashiError(code, text, { cause: error });
  if (CREDENTIALS.test(name))
    return make(
      'PULL_CREDENTIALS',
      `AWS does not take the credentials while ${what} (${said}). Renew them (aws sts get-caller-identity tells whose ` +
        'they are) and pull again: it goes on where it stopped.',
    );
  if (DENIED.test(name) || $metadata?.httpStatusCode === 403)
    return make(
      'PULL_DENIED',
      `AWS refuses ${what} (${said}). The permission is ${permission}; a bucket's or key's own policy may refuse too.`,
    );
  if (name === 'NoSuchBucket')
    return make(
      'PULL_PLACE_MISSING',
      `There is no such bucket: ${what} (${said}). Check its name and region.`,
    );
  if (NO_REGION.test(message))
    return make(
      'PULL_REGION',
      `AWS needs a region, and none is named, while ${what} (${message}). Name one: AWS_REGION, the profile, or the region that the connector has a setting for.`,
    );
  if (judgeAws(error).again)
    return make(
      'PULL_UNAVAILABLE',
      `No clear answer while ${what}, though asked several times (${said}). What was fetched is kept; pull again.`,
    );
  return make('PULL_FAILED', `Failed while ${what}: ${said}`);
}
