/**
 * The text that a secret of Secrets Manager or a parameter of Systems Manager holds, asked for by its ARN when it is needed:
 * functions keep no secret in their configuration. Two requests of one shape, so that no client has to be loaded for them.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html,
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */

import { STSClient } from '@aws-sdk/client-sts';
import { AkashiError } from '../../schema/error.ts';
import { type AwsCredentials, signedHeaders } from './sigv4.ts';

const LONGEST_MILLIS = 10_000;
const MOST_SHOWN = 300;

interface Service {
  readonly id: 'SECRETS_MANAGER' | 'SSM';
  readonly target: string;
  readonly permission: string;
  readonly body: (arn: string, rest: string) => object;
  readonly text: (answer: Readonly<Record<string, unknown>>) => unknown;
}

const SERVICES: Readonly<Record<string, Service>> = {
  secretsmanager: {
    id: 'SECRETS_MANAGER',
    target: 'secretsmanager.GetSecretValue',
    permission: 'secretsmanager:GetSecretValue',
    body: (arn) => ({ SecretId: arn }),
    text: ({ SecretString }) => SecretString,
  },
  ssm: {
    id: 'SSM',
    target: 'AmazonSSM.GetParameter',
    permission: 'ssm:GetParameter',
    // `parameter/a` is called `a`, and `parameter/a/b` is called `/a/b`.
    body: (_, rest) => {
      const name = rest.slice('parameter/'.length);
      return { Name: name.includes('/') ? `/${name}` : name, WithDecryption: true };
    },
    text: ({ Parameter }) => (Parameter as { Value?: unknown } | undefined)?.Value,
  },
};

/** Throws SECRET_UNREADABLE, which never has a word of the secret. */
export async function secretText(arn: string): Promise<string> {
  const [, partition = '', name = '', region = '', , ...rest] = arn.split(':');
  const service = SERVICES[name];
  if (service === undefined) throw unreadable(arn, 'it is no ARN of Secrets Manager or Systems Manager');
  const url = new URL(
    process.env[`AWS_ENDPOINT_URL_${service.id}`] ??
      `https://${name}.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
  );
  const body = JSON.stringify(service.body(arn, rest.join(':')));
  const headers = signedHeaders(
    { url, region, service: name, body, headers: { 'x-amz-target': service.target } },
    await credentials(),
    new Date(),
  );
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(LONGEST_MILLIS),
    });
    text = await answer.text();
  } catch (cause) {
    throw unreadable(arn, `the service cannot be reached: ${(cause as Error).message}`, cause);
  }
  if (!answer.ok)
    throw unreadable(
      arn,
      `the service answered ${answer.status} ${text.slice(0, MOST_SHOWN)}. It takes ${service.permission} on it, and kms:Decrypt ` +
        'where a key of your own encrypts it',
    );
  const held = service.text(JSON.parse(text) as Record<string, unknown>);
  if (typeof held === 'string' && held !== '') return held;
  throw unreadable(arn, 'it holds no text');
}

/** Those of this process, from wherever AWS's own tools take them. */
const credentials = (): Promise<AwsCredentials> => new STSClient({}).config.credentials();

const unreadable = (arn: string, what: string, cause?: unknown): AkashiError =>
  new AkashiError('SECRET_UNREADABLE', `${arn} cannot be read: ${what}.`, { cause });
