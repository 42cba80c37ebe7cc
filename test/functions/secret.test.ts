import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretText } from '../../functions/parts/secret.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { codeOf } from '../vault/scratch.ts';

let server: Server;
const asked: { headers: IncomingMessage['headers']; body: unknown }[] = [];
let answer: { status: number; body: object };

beforeAll(async () => {
  useTestCredentials();
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
      response.statusCode = answer.status;
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = url;
  process.env['AWS_ENDPOINT_URL_SSM'] = url;
});
afterAll(() => server.close());

const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tsa-AbCdEf';

test('a secret by its ARN, a parameter by its name, each asked of its own service', async () => {
  answer = { status: 200, body: { SecretString: 'Basic abc' } };
  expect(await secretText(SECRET)).toBe('Basic abc');
  expect(asked.at(-1)).toMatchObject({
    headers: {
      'x-amz-target': 'secretsmanager.GetSecretValue',
      authorization: expect.stringMatching(
        /Credential=[^/]+\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request/,
      ),
    },
    body: { SecretId: SECRET },
  });
  answer = { status: 200, body: { Parameter: { Value: 'Bearer def' } } };
  expect(await secretText('arn:aws:ssm:eu-west-1:123456789012:parameter/tsa/header')).toBe('Bearer def');
  expect(asked.at(-1)!.body).toEqual({ Name: '/tsa/header', WithDecryption: true });
  await secretText('arn:aws:ssm:eu-west-1:123456789012:parameter/tsa');
  expect(asked.at(-1)!.body).toMatchObject({ Name: 'tsa' });
});

test('what cannot be read is said with what lacks', async () => {
  answer = { status: 400, body: { __type: 'AccessDeniedException', Message: 'no' } };
  await expect(secretText(SECRET)).rejects.toThrow(/AccessDenied.*secretsmanager:GetSecretValue/);
  answer = { status: 200, body: { SecretBinary: 'AAAA' } };
  expect(await codeOf(secretText(SECRET))).toBe('SECRET_UNREADABLE');
  expect(await codeOf(secretText('arn:aws:s3:::bucket'))).toBe('SECRET_UNREADABLE');
});
