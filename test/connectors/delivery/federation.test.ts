import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { azureAuthorize, azureCredential } from '../../../connectors/delivery/azure.ts';
import {
  azureFederation,
  FEDERATION_VARIABLES,
  federationVariables,
  gcpFederation,
  gcpFederationOf,
} from '../../../connectors/delivery/federation.ts';
import { googleCredentials } from '../../../connectors/delivery/google.ts';
import { FederationServer } from './federation-server.ts';

const TENANT = '33333333-4444-5555-6666-777777777777';
const APPLICATION = '44444444-5555-6666-7777-888888888888';
const GCP = {
  project: 'example-project',
  projectNumber: '123456789012',
  pool: 'akashi',
  provider: 'akashi-aws',
  serviceAccount: 'akashi-reader',
};
const AUDIENCE =
  '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/akashi/providers/akashi-aws';

const server = new FederationServer();
beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.asked.length = 0;
  server.refusal = null;
  server.entraRefusal = null;
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  vi.stubEnv('AWS_ENDPOINT_URL_STS', server.plain);
});
afterEach(() => vi.unstubAllEnvs());

describe('from AWS into Entra', () => {
  const federate = (tenant = TENANT) =>
    vi.stubEnv(
      FEDERATION_VARIABLES.azure,
      JSON.stringify({
        tenant,
        application: APPLICATION,
        authority: server.secure,
        certificates: server.certificates,
      }),
    );

  test("AWS's token on the role is what the application asserts itself with", async () => {
    federate();
    const headers = await azureAuthorize(azureCredential(), 'https://example.com/.default')(false);
    expect(headers).toEqual({ authorization: 'Bearer entra-token' });
    const [sts] = server.asked.filter(({ path }) => path === '/');
    expect(Object.fromEntries(sts!.form)).toMatchObject({
      Action: 'GetWebIdentityToken',
      'Audience.member.1': 'api://AzureADTokenExchange',
      SigningAlgorithm: 'RS256',
      DurationSeconds: '300',
    });
    expect(sts!.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/eu-central-1\/sts\//);
    const exchange = server.asked.find(({ path }) => path.includes('/oauth2/v2.0/token'));
    expect(exchange?.path.split('?')[0]).toBe(`/${TENANT}/oauth2/v2.0/token`);
    expect(Object.fromEntries(exchange!.form)).toMatchObject({
      client_id: APPLICATION,
      client_assertion: 'signed-by-aws',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      grant_type: 'client_credentials',
      scope: 'https://example.com/.default',
    });
    expect(JSON.stringify(server.asked.map(({ body }) => body))).not.toContain('client_secret');
  });

  test.each([
    ['OutboundWebIdentityFederationDisabled', 'aws iam enable-outbound-web-identity-federation'],
    ['AccessDenied', 'sts:GetWebIdentityToken'],
  ])('%s of STS is told with what lacks', async (refusal, said) => {
    federate('33333333-4444-5555-6666-000000000001');
    server.refusal = refusal;
    const asked = azureAuthorize(azureCredential(), 'https://example.com/.default')(false);
    await expect(asked).rejects.toMatchObject({
      code: 'PULL_CREDENTIALS',
      message: expect.stringContaining(said),
    });
  });

  test('what Entra refuses names the template that makes it known', async () => {
    federate('33333333-4444-5555-6666-000000000002');
    server.entraRefusal =
      'AADSTS700213: No matching federated identity record found for presented assertion subject';
    const asked = azureAuthorize(azureCredential(), 'https://example.com/.default')(false);
    await expect(asked).rejects.toMatchObject({
      code: 'PULL_CREDENTIALS',
      message: expect.stringMatching(/AADSTS700213.*akashi connect azure/s),
    });
  });
});

describe('from AWS into Google Cloud', () => {
  test('a signed request of the role is exchanged, and the service account stood in for', async () => {
    const real = gcpFederation(GCP)!;
    vi.stubEnv(
      FEDERATION_VARIABLES.gcp,
      JSON.stringify({
        ...real,
        token_url: `${server.plain}/v1/token`,
        service_account_impersonation_url: real.service_account_impersonation_url!.replace(
          'https://iamcredentials.googleapis.com',
          server.plain,
        ),
      }),
    );
    const headers = await googleCredentials('https://www.googleapis.com/auth/logging.read')(false);
    expect(headers).toMatchObject({ authorization: 'Bearer google-token' });
    const exchange = server.asked.find(({ path }) => path === '/v1/token')!;
    expect(Object.fromEntries(exchange.form)).toMatchObject({
      audience: AUDIENCE,
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    });
    const subject = JSON.parse(decodeURIComponent(exchange.form.get('subject_token')!)) as {
      url: string;
      method: string;
      headers: { key: string; value: string }[];
    };
    expect(subject).toMatchObject({
      method: 'POST',
      url: 'https://sts.eu-central-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    });
    const sent = Object.fromEntries(subject.headers.map(({ key, value }) => [key.toLowerCase(), value]));
    expect(sent['x-goog-cloud-target-resource']).toBe(AUDIENCE);
    expect(sent['x-amz-security-token']).toBe('session');
    expect(sent['authorization']).toContain('Credential=AKIDEXAMPLE/');
    const stood = server.asked.find(({ path }) => path.includes('generateAccessToken'))!;
    expect(stood.path).toContain('akashi-reader@example-project.iam.gserviceaccount.com');
    expect(JSON.parse(stood.body)).toMatchObject({ scope: ['https://www.googleapis.com/auth/logging.read'] });
  });

  test('the configuration is what gcloud would write, and holds no secret', () => {
    expect(gcpFederation(GCP)).toEqual({
      type: 'external_account',
      audience: AUDIENCE,
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
      token_url: 'https://sts.googleapis.com/v1/token',
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/akashi-reader@example-project.iam.gserviceaccount.com:generateAccessToken',
      credential_source: {
        environment_id: 'aws1',
        regional_cred_verification_url:
          'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
      },
    });
  });
});

describe('what a deployment sets', () => {
  test('is read back as it was written, and left out while an identity is not complete', () => {
    const set = federationVariables({ azure: { tenant: TENANT, application: APPLICATION }, gcp: GCP });
    expect(azureFederation(set)).toEqual({ tenant: TENANT, application: APPLICATION });
    expect(gcpFederationOf(set)).toEqual(gcpFederation(GCP));
    const { projectNumber: _, ...without } = GCP;
    expect(federationVariables({ azure: { tenant: TENANT }, gcp: without })).toEqual({});
    expect([azureFederation({}), gcpFederationOf({})]).toEqual([null, null]);
  });

  test.each([
    ['azure', 'nonsense', 'no JSON'],
    ['azure', '[]', 'an object'],
    ['azure', '{"tenant": "x"}', 'application'],
    ['azure', '{"tenant": "x", "application": "y", "authority": "http://example.com"}', 'https'],
    ['gcp', '{"type": "service_account", "private_key": "x"}', 'external_account'],
    [
      'gcp',
      '{"type": "external_account", "audience": "a", "subject_token_type": "b", "token_url": "http://example.com/"}',
      'https',
    ],
  ] as const)('%s %s is refused', (cloud, text, said) => {
    const read = () => {
      const set = { [FEDERATION_VARIABLES[cloud]]: text };
      return cloud === 'azure' ? azureFederation(set) : gcpFederationOf(set);
    };
    expect(read).toThrow(expect.objectContaining({ code: 'FEDERATION_SETTING' }));
    expect(read).toThrow(said);
  });
});
