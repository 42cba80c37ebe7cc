/** The text that a secret of Secrets Manager or a parameter of Systems Manager holds: functions keep no secret in their configuration. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AkashiError } from '../../schema/error.ts';

const LONGEST_MILLIS = 10_000;

interface Service {
  readonly permission: string;
  readonly read: (arn: string, region: string) => Promise<string | undefined>;
}

const options = (region: string) => ({ region, requestHandler: { requestTimeout: LONGEST_MILLIS } });

const SERVICES: Readonly<Record<string, Service>> = {
  secretsmanager: {
    permission: 'secretsmanager:GetSecretValue',
    async read(arn, region) {
      const client = new SecretsManagerClient(options(region));
      return (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
    },
  },
  ssm: {
    permission: 'ssm:GetParameter',
    async read(arn, region) {
      // `parameter/a` is called `a`, and `parameter/a/b` is called `/a/b`.
      const name = arn.split(':').slice(5).join(':').slice('parameter/'.length);
      const Name = name.includes('/') ? `/${name}` : name;
      const client = new SSMClient(options(region));
      return (await client.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value;
    },
  },
};

/** Throws SECRET_UNREADABLE, which never has a word of the secret. */
export async function secretText(arn: string): Promise<string> {
  const [, , name = '', region = ''] = arn.split(':');
  const service = SERVICES[name];
  if (service === undefined) throw unreadable(arn, 'it is no ARN of Secrets Manager or Systems Manager');
  const held = await service.read(arn, region).catch((cause: unknown) => {
    const { name: code, message } = cause as Error;
    throw unreadable(
      arn,
      `the service answered ${code}: ${message}. It takes ${service.permission} on it, and kms:Decrypt where a key of your own ` +
        'encrypts it',
      cause,
    );
  });
  if (held !== undefined && held !== '') return held;
  throw unreadable(arn, 'it holds no text');
}

const unreadable = (arn: string, what: string, cause?: unknown): AkashiError =>
  new AkashiError('SECRET_UNREADABLE', `${arn} cannot be read: ${what}.`, { cause });
