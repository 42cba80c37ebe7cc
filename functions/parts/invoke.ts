/** Calling another function and waiting for its answer. */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AkashiError } from '../../schema/error.ts';

const LONGEST_MILLIS = 900_000;
const MOST_SHOWN = 500;

let client: LambdaClient | undefined;
const lambda = (): LambdaClient => {
  client ??= new LambdaClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5000, requestTimeout: LONGEST_MILLIS },
  });
  return client;
};

/**
 * What the function answers. Throws the AkashiError that it threw, and INVOKE_FAILED when it ended otherwise: out of
 * memory, out of time, not there.
 */
export async function invoke(name: string, event: unknown, signal?: AbortSignal): Promise<unknown> {
  const what = `the function ${name}`;
  const answer = await lambda()
    .send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) }),
      signal === undefined ? {} : { abortSignal: signal },
    )
    .catch((cause: unknown) => {
      throw new AkashiError(
        'INVOKE_FAILED',
        `${what} could not be called: ${(cause as Error).message}. Its caller needs lambda:InvokeFunction on it.`,
        { cause },
      );
    });
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError === undefined) return text === '' ? null : JSON.parse(text);
  throw new AkashiError(
    'INVOKE_FAILED',
    `${what} failed (${answer.FunctionError}): ${text.slice(0, MOST_SHOWN)}`,
  );
}

/** Calls it and waits for nothing but that the call was taken. */
export async function invokeLater(name: string, event: unknown): Promise<void> {
  await lambda().send(
    new InvokeCommand({
      FunctionName: name,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );
}
