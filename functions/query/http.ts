/**
 * Requests as a Function URL or an HTTP API hands them over, and answers as it takes them.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */

import type { APIGatewayProxyEventV2WithIAMAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export type HttpEvent = APIGatewayProxyEventV2WithIAMAuthorizer;
export type HttpAnswer = APIGatewayProxyStructuredResultV2;

/** Lambda takes no larger one; what JSON adds to it is counted. */
const MOST_ANSWER = 5.8 * 2 ** 20;

export function requestOf({
  rawPath,
  rawQueryString,
  headers,
  body,
  isBase64Encoded,
  requestContext,
}: HttpEvent): Request {
  const { method } = requestContext.http;
  const url = new URL(
    `${rawPath}${rawQueryString === '' ? '' : `?${rawQueryString}`}`,
    'https://akashi.invalid',
  );
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) given.set(name, value);
  const content =
    body === undefined || method === 'GET' || method === 'HEAD'
      ? null
      : isBase64Encoded
        ? Buffer.from(body, 'base64')
        : body;
  return new Request(url, { method, headers: given, body: content });
}

export async function answerOf(response: Response): Promise<HttpAnswer> {
  const body = await response.text();
  const headers = Object.fromEntries(response.headers);
  if (JSON.stringify(body).length <= MOST_ANSWER) return { statusCode: response.status, headers, body };
  const message = 'The answer is larger than a function can give out. Ask for fewer columns or rows.';
  return { statusCode: 413, headers, body: JSON.stringify({ error: { code: 'ANSWER_TOO_LARGE', message } }) };
}

/** Who asks, as IAM says; null where nobody checked. */
export const callerOf = ({ requestContext }: HttpEvent): string | null =>
  requestContext.authorizer?.iam?.userArn ?? null;
