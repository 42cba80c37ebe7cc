/** What S3 answers, told apart by what to do about it, and turned into errors a person can act on. */

import { AkashiError } from '../../schema/error.ts';
import { storeError } from '../store-error.ts';

/**
 * `missing` no such key or version · `precondition` somebody else was first · `busy` another request on this key is
 * under way: ask again · `unclear` no answer, or none that says whether it was done: ask again · `denied` · `no-bucket` ·
 * `digest` the bytes arrived changed: send again · `other`.
 */
export type Answer =
  | 'missing'
  | 'precondition'
  | 'busy'
  | 'unclear'
  | 'denied'
  | 'no-bucket'
  | 'digest'
  | 'other';

interface S3Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const BY_CODE: Readonly<Record<string, Answer>> = {
  NoSuchKey: 'missing',
  NoSuchVersion: 'missing',
  NotFound: 'missing',
  NoSuchBucket: 'no-bucket',
  PreconditionFailed: 'precondition',
  ConditionalRequestConflict: 'busy',
  OperationAborted: 'busy',
  SlowDown: 'unclear',
  ServiceUnavailable: 'unclear',
  InternalError: 'unclear',
  RequestTimeout: 'unclear',
  TimeoutError: 'unclear',
  Throttling: 'unclear',
  RequestLimitExceeded: 'unclear',
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  InvalidAccessKeyId: 'denied',
  SignatureDoesNotMatch: 'denied',
  ExpiredToken: 'denied',
  // The SDK has set its clock by the answer: asked again, it is signed as the server wants it.
  RequestTimeTooSkewed: 'unclear',
  CredentialsProviderError: 'denied',
  BadDigest: 'digest',
  XAmzContentChecksumMismatch: 'digest',
  XAmzContentSHA256Mismatch: 'digest',
};
const BY_STATUS: Readonly<Record<number, Answer>> = {
  403: 'denied',
  404: 'missing',
  408: 'unclear',
  409: 'busy',
  412: 'precondition',
  429: 'unclear',
};

/** What kind of answer an error thrown by the SDK stands for. */
export function answerOf(error: unknown): Answer {
  const failure = (typeof error === 'object' && error !== null ? error : {}) as S3Failure;
  const named = BY_CODE[failure.name ?? ''] ?? BY_CODE[failure.code ?? ''];
  if (named !== undefined) return named;
  const status = failure.$metadata?.httpStatusCode;
  // A 200 with an error inside, or with a body that breaks off, says nothing about what was done.
  if (status !== undefined && status >= 400)
    return BY_STATUS[status] ?? (status >= 500 ? 'unclear' : 'other');
  if (NETWORK.has(failure.code ?? '') || /socket hang up|aborted/i.test(failure.message ?? ''))
    return 'unclear';
  return status === 200 ? 'unclear' : 'other';
}

/** Whether to ask again. */
export const isPassing = (answer: Answer): boolean => ['busy', 'unclear', 'digest'].includes(answer);

/** An AkashiError passes unchanged. `what` reads like `storing "key" in s3://bucket`. */
export function s3Error(error: unknown, what: string): AkashiError {
  if (error instanceof AkashiError) return error;
  const { name = '', message = String(error), $metadata } = error as S3Failure;
  const said = [$metadata?.httpStatusCode, name, message].filter(Boolean).join(' ');
  const make = (code: string, text: string) => new AkashiError(code, text, { cause: error });
  switch (answerOf(error)) {
    case 'denied':
      return make(
        'STORE_DENIED',
        `Permission denied while ${what} (${said}). Check which credentials are used (aws sts get-caller-identity) ` +
          'and what policies of the role, the bucket and the KMS key allow; docs/s3.md lists what is needed.',
      );
    case 'no-bucket':
      return make(
        'STORE_GONE',
        `The bucket does not exist: ${what} (${said}). Check its name and region, or make it as docs/s3.md shows.`,
      );
    case 'busy':
      return make(
        'STORE_BUSY',
        `Others write the same key all the time while ${what} (${said}). Nothing was lost: run the command again.`,
      );
    case 'unclear':
      return make(
        'STORE_UNAVAILABLE',
        `No clear answer while ${what}, though asked several times (${said}). Nothing was lost, and what was stored ` +
          'all the same is found again: run the command again once the store answers.',
      );
    case 'digest':
      return make(
        'STORE_DAMAGED_ON_THE_WAY',
        `The bytes arrived changed each time while ${what} (${said}). Nothing was stored; look at what stands ` +
          'between this machine and the store.',
      );
    case 'precondition':
    case 'missing':
    case 'other':
      if (name.startsWith('KMS.'))
        return make(
          'STORE_DENIED',
          `The KMS key refused while ${what} (${said}). Enable the key, or allow this role to use it.`,
        );
      // What the SDK says where environment and profile name none, or none that can be one; it has no code.
      if (/^Region (?:is missing|not accepted)/.test(message))
        return make(
          'STORE_REGION',
          `AWS needs a region, and none is named, while ${what} (${message}). Name one: AWS_REGION, the profile, or region=… in the lake's address, as in "s3://vault?region=eu-central-1".`,
        );
      return $metadata === undefined
        ? storeError(error, what)
        : make('STORE_FAILED', `Failed while ${what}: ${said}`);
  }
}
