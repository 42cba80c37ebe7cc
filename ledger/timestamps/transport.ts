/** Asks servers that may be down, slow, or lie (RFC 3161 section 3.4), and never takes more from them than was meant. */

import { AkashiError } from '../../schema/error.ts';

export interface Limits {
  /** For the whole exchange. */
  readonly millis: number;
  /** Of the answer. */
  readonly bytes: number;
}

/** Tokens with their certificates are about 6 KiB. */
export const TOKEN_LIMITS: Limits = { millis: 30_000, bytes: 256 * 1024 };
/** Those of large authorities reach some MiB. */
export const CRL_LIMITS: Limits = { millis: 30_000, bytes: 16 * 2 ** 20 };

const QUERY_TYPE = 'application/timestamp-query';
const REPLY_TYPE = 'application/timestamp-reply';

/** Throws TSA_URL_INVALID for what is no URL of a server to ask. */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url;
  throw new AkashiError(
    'TSA_URL_INVALID',
    `${JSON.stringify(text)} must be an http or https URL without a user name. ` +
      'Give credentials with AKASHI_TSA_AUTHORIZATION, which is sent as the Authorization header.',
  );
}

export interface Question {
  readonly url: string;
  /** DER of the request. */
  readonly request: Uint8Array;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  readonly limits?: Limits;
}

/**
 * The reply's bytes, whatever they are. Throws TSA_UNREACHABLE, TSA_TIMEOUT, TSA_HTTP_STATUS, TSA_WRONG_TYPE and
 * TSA_ANSWER_TOO_LARGE; after any of them the same can simply be asked again.
 */
export async function askAuthority(question: Question): Promise<Uint8Array> {
  const { authorization, limits = TOKEN_LIMITS } = question;
  const { type, body } = await exchange(question.url, limits, {
    method: 'POST',
    headers: {
      'content-type': QUERY_TYPE,
      accept: REPLY_TYPE,
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: Uint8Array.from(question.request),
  });
  if (type === REPLY_TYPE) return body;
  throw new AkashiError(
    'TSA_WRONG_TYPE',
    `${question.url} answered with ${type === '' ? 'no content type' : JSON.stringify(type)}; a time-stamping ` +
      `authority answers with ${REPLY_TYPE}. Is it the URL of one?`,
  );
}

/** The bytes of a revocation list. Throws as `askAuthority` does. */
export const fetchList = async (url: string, limits: Limits = CRL_LIMITS): Promise<Uint8Array> =>
  (await exchange(url, limits, {})).body;

async function exchange(
  url: string,
  limits: Limits,
  request: RequestInit,
): Promise<{ type: string; body: Uint8Array }> {
  checkUrl(url);
  const signal = AbortSignal.timeout(limits.millis);
  try {
    // Elsewhere than where it was sent nobody vouches for the answer, and credentials must not go there.
    const response = await fetch(url, { ...request, signal, redirect: 'manual' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new AkashiError(
        'TSA_HTTP_STATUS',
        `${url} answered with HTTP status ${response.status}${hint(response)}, not 200.`,
      );
    }
    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    return { type, body: await readLimited(response, url, limits.bytes) };
  } catch (cause) {
    if (cause instanceof AkashiError) throw cause;
    if (signal.aborted)
      throw new AkashiError('TSA_TIMEOUT', `${url} did not answer within ${limits.millis / 1000} s.`, {
        cause,
      });
    throw new AkashiError('TSA_UNREACHABLE', `${url} cannot be reached: ${reasonOf(cause)}.`, { cause });
  }
}

const hint = ({ status, headers }: Response): string => {
  if (status === 401 || status === 403) return ' (it wants credentials: AKASHI_TSA_AUTHORIZATION)';
  const to = headers.get('location');
  return to === null ? '' : ` (it points to ${JSON.stringify(to.slice(0, 200))})`;
};

/** Errors of `fetch` keep what happened in their cause. */
const reasonOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof Error ? cause : error;
  const { code, message } = inner as { code?: string; message?: string };
  return code ?? message ?? String(inner);
};

async function readLimited(response: Response, url: string, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part as Uint8Array);
    length += (part as Uint8Array).length;
    if (length > limit)
      throw new AkashiError(
        'TSA_ANSWER_TOO_LARGE',
        `${url} sent more than ${limit} bytes; none of them were kept.`,
      );
  }
  return Buffer.concat(parts);
}
