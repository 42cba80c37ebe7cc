/** Requests to vendors' REST interfaces: bytes as they come, asked again while that may help, errors in our words. */

import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { AkashiError } from '../../schema/error.ts';
import { askAgain, retryAfter, type Verdict } from './retry.ts';

const SILENCE_MILLIS = 60_000;

/** Headers that say who asks; `again` is true after they were refused, so that an ended token is had anew. */
export type Authorize = (again: boolean) => Promise<Readonly<Record<string, string>>>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came off the wire: no encoding is undone. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What an interface answered instead of what was asked for. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly retryAfterMillis: number | undefined;

  constructor(status: number, text: string, retryAfterMillis: number | undefined) {
    super(`${status} ${text.slice(0, 500)}`);
    this.status = status;
    this.retryAfterMillis = retryAfterMillis;
  }
}

/** Whether to ask again: for refusals of the moment, and wherever the network had no answer. */
export function judgeHttp(error: unknown): Verdict {
  if (error instanceof AkashiError) return { again: false };
  if (!(error instanceof HttpRefusal)) return { again: true };
  const { status, retryAfterMillis } = error;
  const again = status === 401 || status === 408 || status === 429 || status >= 500;
  return retryAfterMillis === undefined ? { again } : { again, retryAfterMillis };
}

/**
 * Asks until there is an answer with a status below 300; `read` takes its body, and a body that breaks off is asked for
 * again. Throws HttpRefusal, or what the network threw.
 */
export async function askHttp<T>(
  request: HttpRequest,
  authorize: Authorize,
  signal: AbortSignal,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  let refused = 0;
  return askAgain(
    async () => {
      const answer = await send(request, await authorize(refused > 0), signal);
      const status = answer.statusCode ?? 0;
      const got: HttpAnswer = { status, headers: answer.headers, chunks: answer };
      if (status < 300) return read(got);
      const text = Buffer.from(await wholeBody(got)).toString('utf8');
      if (status === 401) refused++;
      throw new HttpRefusal(status, text, retryAfter(answer.headers['retry-after'], Date.now()));
    },
    (error) => {
      // An ended token is had anew once; refused again, it is refused.
      if (error instanceof HttpRefusal && error.status === 401) return { again: refused < 2 };
      return judgeHttp(error);
    },
    signal,
  );
}

function send(
  { method, url, headers = {}, body }: HttpRequest,
  authorization: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith('https:') ? secureRequest : plainRequest;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    // Encodings would have to be undone before the bytes are what was written.
    const all = { 'accept-encoding': 'identity', ...length, ...headers, ...authorization };
    const sent = open(url, { method, headers: all, signal, timeout: SILENCE_MILLIS }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no word for ${SILENCE_MILLIS / 1000} seconds`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The whole body. Throws when it is shorter than its stated length. */
export async function wholeBody(answer: HttpAnswer): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of exactly(answer)) parts.push(part);
  return Buffer.concat(parts);
}

/** The body in pieces. Throws at its end when it is shorter than its stated length. */
export async function* exactly({ headers, chunks }: HttpAnswer): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    yield chunk;
  }
  const stated = headers['content-length'];
  if (stated !== undefined && Number(stated) !== size)
    throw new Error(`the body ended early, after ${size} of ${stated} bytes`);
}

/** An AkashiError passes unchanged. `permission` is what it takes, in the vendor's words. */
export function httpError(error: unknown, what: string, permission: string, renew: string): AkashiError {
  if (error instanceof AkashiError) return error;
  const said = (error instanceof Error ? `${error.message} ${causeOf(error)}` : String(error))
    .trim()
    .slice(0, 500);
  const make = (code: string, text: string) => new AkashiError(code, text, { cause: error });
  const status = error instanceof HttpRefusal ? error.status : 0;
  if (status === 401)
    return make(
      'PULL_CREDENTIALS',
      `The credentials are not taken while ${what} (${said}). ${renew} Then pull again: it goes on where it stopped.`,
    );
  if (status === 403)
    return make('PULL_DENIED', `Refused while ${what} (${said}). The permission is ${permission}.`);
  if (status === 404)
    return make(
      'PULL_PLACE_MISSING',
      `There is nothing there: ${what} (${said}). Check the names in the configuration.`,
    );
  if (status === 0 || judgeHttp(error).again)
    return make(
      'PULL_UNAVAILABLE',
      `No clear answer while ${what}, though asked several times (${said}). What was fetched is kept; pull again.`,
    );
  return make('PULL_FAILED', `Failed while ${what}: ${said}`);
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? cause.message : '');
