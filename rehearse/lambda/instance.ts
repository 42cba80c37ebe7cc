/**
 * One instance of a function: a process that loads the handler once and answers one event after the other, each with a
 * context as Lambda gives it. What it prints goes to the harness as it does to a log group.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */

import { pathToFileURL } from 'node:url';

export interface Request {
  readonly id: string;
  readonly event: unknown;
  /** Milliseconds from now until the instance is killed. */
  readonly millis: number;
}

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: string; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: string | null; readonly type: string; readonly message: string };

type Handler = (event: unknown, context: object) => unknown;

const environment = (name: string): string => process.env[name] ?? '';

// Not the clock's: it may be set wrong on purpose.
const contextOf = ({ id, millis }: Request) => {
  const started = performance.now();
  return {
    awsRequestId: id,
    functionName: environment('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${environment('AWS_LAMBDA_FUNCTION_NAME')}`,
    memoryLimitInMB: environment('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: `/aws/lambda/${environment('AWS_LAMBDA_FUNCTION_NAME')}`,
    logStreamName: environment('AWS_LAMBDA_LOG_STREAM_NAME'),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(millis - (performance.now() - started))),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
};

const say = (reply: Reply): void => void process.send!(reply);

function sayError(id: string | null, error: unknown): void {
  const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>;
  process.stderr.write(
    `${JSON.stringify({ level: 'ERROR', errorType: name, errorMessage: message, stack })}\n`,
  );
  say({ kind: 'error', id, type: name, message });
}

async function main(path: string): Promise<void> {
  let handler: Handler;
  try {
    const module = (await import(pathToFileURL(path).href)) as { handler?: unknown };
    if (typeof module.handler !== 'function') throw new Error(`${path} exports no function "handler"`);
    handler = module.handler as Handler;
  } catch (error) {
    sayError(null, error);
    return;
  }
  process.on('message', (request: Request) => {
    void (async () => handler(request.event, contextOf(request)))().then(
      (result) => say({ kind: 'result', id: request.id, result: result === undefined ? null : result }),
      (error: unknown) => sayError(request.id, error),
    );
  });
  say({ kind: 'ready' });
}

// The harness is gone.
process.on('disconnect', () => process.exit(0));
void main(process.argv[2] ?? '');
